"""Verbs of saying, each with its subject: "she said", "and added that", "quoted Churov as saying"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.reading.subjects import LONGEST, opening, subject_after, subject_before

__all__ = ["Cue", "cues_in"]


@dataclass(frozen=True)
class Cue:
    """Tokens `first` to `last` (exclusive) say; tokens `subject` do. `kinds`: classes of the lexicon."""

    first: int
    last: int
    subject: tuple[int, int] | None
    kinds: frozenset[str]
    inverted: bool = False
    #: The subject is that of the cue before: ", adding that", "and said that".
    shared: bool = False

    @property
    def start(self) -> int:
        """The first token of cue and subject."""
        return min(self.first, self.subject[0]) if self.subject and not self.shared else self.first

    @property
    def stop(self) -> int:
        """One after the last token of cue and subject."""
        return max(self.last, self.subject[1]) if self.subject and not self.shared else self.last


def cues_in(tokens: Sequence[Token], lex: Lexicon, headline: bool = False) -> list[Cue]:
    """All that have a subject, or (", adding that") share that of the cue before."""
    found: list[Cue] = []
    at = 0
    while at < len(tokens):
        kinds, last = _verb(tokens, at, lex, headline)
        if kinds and not _negated(tokens, at, lex):
            quoted = _quoted_as(tokens, at, found[-1].stop if found else 0)
            cue = quoted or _with_subject(tokens, at, last, kinds, lex, found[-1].stop if found else 0)
            if cue is None and found and _shares(tokens, at, kinds):
                cue = Cue(at, last, found[-1].subject, kinds, shared=True)
                found.append(cue)
                at = last
                continue
            if cue is None and not found and at > 1 and tokens[at - 1].low in ("and", "и"):
                subject = opening(tokens[:at], lex)
                cue = Cue(at, last, subject, kinds, shared=True) if subject and "say" in kinds else None
            if cue is not None:
                found.append(cue)
                at = max(last, cue.stop if cue.inverted else last)
                continue
        at += 1
    return found


def _verb(tokens: Sequence[Token], at: int, lex: Lexicon, headline: bool) -> tuple[frozenset[str], int]:
    """The classes of the verb at `at`, and where it ends; two words ("pointed out") go before one."""
    if tokens[at].kind != "word":
        return frozenset(), at + 1
    for length in (2, 1):
        if at + length <= len(tokens):
            form = " ".join(t.low for t in tokens[at : at + length])
            kinds = {name for name, forms in lex.verbs.items() if form in forms}
            kinds -= {"impersonal", "calling"}
            if not headline:
                kinds.discard("headline")
            if lex.language == "ru" and at + length < len(tokens) and tokens[at + length].low in ("о", "об"):
                kinds.clear()  # "говорит о нарушениях" names a matter, and claims nothing
            if kinds:
                return frozenset(kinds), at + length
    return frozenset(), at + 1


def _negated(tokens: Sequence[Token], at: int, lex: Lexicon) -> bool:
    """True after "not", "to", "was", or as the noun after an article."""
    before = tokens[at - 1].low if at else ""
    if before in lex.grammar["negations"] or before.endswith("n't") or before in lex.grammar["be"]:
        return True
    return before in lex.grammar["infinitive"] or (lex.language == "en" and before in lex.grammar["articles"])


def _shares(tokens: Sequence[Token], at: int, kinds: frozenset[str]) -> bool:
    """ ", adding that", "and said that": the subject is that of the verb before."""
    return "joined" in kinds or (bool({"say", "that"} & kinds) and tokens[at - 1].low in ("and", "и", "но", "but"))


def _quoted_as(tokens: Sequence[Token], at: int, floor: int) -> Cue | None:
    """ "Interfax quoted Churov as saying": Churov says, "as saying" is the cue."""
    if tokens[at].low not in ("saying", "telling") or at < 3 or tokens[at - 1].low != "as":
        return None
    for i in range(at - 2, max(floor, at - LONGEST) - 1, -1):
        if tokens[i].low in ("quoted", "quotes", "cited", "cites") and i + 1 < at - 1:
            return Cue(at - 1, at + 1, (i + 1, at - 1), frozenset(("say",)))
    return None


def _with_subject(
    tokens: Sequence[Token], first: int, last: int, kinds: frozenset[str], lex: Lexicon, floor: int
) -> Cue | None:
    left = subject_before(tokens, first, lex, floor)
    before = tokens[first - 1] if first else None
    after_mark = before is None or before.kind == "quote" or before.text in ",:;—–-" or before.low in ("как", "as")
    turnable = lex.language == "ru" or (after_mark and not kinds & {"accuse", "dismiss", "call"})
    if turnable:
        right = subject_after(tokens, last, lex)
        turned = lex.language == "ru" or "figure" not in kinds or not left
        if right and turned and (after_mark or not left):
            return Cue(first, last, right, kinds, inverted=True)
    if left:
        return Cue(first, last, left, kinds)
    return None
