"""Verbs of saying and their subjects: "the chairman of the council, Jan Petersen, said", "сообщил глава ЦИК"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.registry.index import named_in

__all__ = ["Cue", "cues_in", "is_subject", "opening", "subject_after", "subject_before"]

#: A subject is at most this many words long.
_LONGEST = 14
_DASHES = frozenset("-–—")
_NOMINATIVE = frozenset(["он", "она", "оно", "они"])
#: How verbs end after the subject that opens a sentence.
_FINITE = {"en": ("ed", "s"), "ru": ("л", "ла", "ло", "ли", "лся", "лась", "лись", "ет", "ит")}
#: Russian verbs in the plural, of people who are not named.
_PLURAL = ("ли", "ют", "ят", "ат")
#: "An official who asked not to be named said".
_UNNAMED = frozenset(["named", "identified"])


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
    for i in range(at - 2, max(floor, at - _LONGEST) - 1, -1):
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


def opening(tokens: Sequence[Token], lex: Lexicon) -> tuple[int, int] | None:
    """Who a sentence begins with, up to its first verb in the past or the present."""
    for end in range(1, min(_LONGEST, len(tokens))):
        token = tokens[end]
        if token.kind != "word":
            return None
        verbal = token.low.endswith(_FINITE[lex.language]) and token.text.islower()
        if verbal and token.low not in lex.nouns["person"] | lex.nouns["body"] | lex.grammar["adverbs"]:
            while end > 1 and (tokens[end - 1].low in lex.grammar["adverbs"] | lex.grammar["adjuncts"]):
                end -= 1
            return (0, end) if is_subject(tokens[:end], lex) else None
    return None


def subject_before(tokens: Sequence[Token], at: int, lex: Lexicon, floor: int = 0) -> tuple[int, int] | None:
    """The noun phrase that ends before token `at`; an apposition between commas belongs to it."""
    end = at
    while end > floor and (tokens[end - 1].low in _beside(lex) or _time_before(tokens, end, lex)):
        end -= 1 if tokens[end - 1].low in _beside(lex) else 2
    end = _before_bracket(tokens, end, floor)
    if end <= floor:
        return None
    if tokens[end - 1].text == ",":
        comma = _comma_before(tokens, end - 1, max(floor, end - _LONGEST))
        if comma is None:
            return None
        outer = _phrase_start(tokens, comma, lex, floor)
        relative = tokens[comma + 1].low in lex.grammar["subordinators"]
        if outer < comma and is_subject(tokens[outer:comma], lex):
            return (outer, comma if relative else end - 1)
        return (comma + 1, end - 1) if not relative and is_subject(tokens[comma + 1 : end - 1], lex) else None
    start = _phrase_start(tokens, end, lex, floor)
    if start > floor + 1 and tokens[start - 1].text == "," and _named(tokens[start:end]):
        outer = _phrase_start(tokens, start - 1, lex, floor)
        if outer < start - 1 and _role_only(tokens[outer : start - 1], lex):
            start = outer
    return (start, end) if is_subject(tokens[start:end], lex) else None


def _beside(lex: Lexicon) -> frozenset[str]:
    """What may stand between a subject and its verb; in Russian also whom it is told."""
    return lex.grammar["adverbs"] | (lex.grammar["addressees"] if lex.language == "ru" else frozenset())


def _before_bracket(tokens: Sequence[Token], end: int, floor: int) -> int:
    """ "The commission (CEC) said", "Движение (признано иноагентом) заявило": before what stands in brackets."""
    if end - 3 > floor and tokens[end - 1].text == ")":
        opened = next((i for i in range(end - 2, end - 11, -1) if i > floor and tokens[i].text == "("), None)
        return opened if opened is not None else end
    return end


def _time_before(tokens: Sequence[Token], end: int, lex: Lexicon) -> bool:
    return (
        end >= 2
        and tokens[end - 1].low in lex.dates["weekdays"]
        and tokens[end - 2].low in ("on", "в", "во", "late", "early")
    ) or (end >= 2 and (tokens[end - 2].low, tokens[end - 1].low) == ("только", "что"))


def _comma_before(tokens: Sequence[Token], at: int, floor: int) -> int | None:
    for i in range(at - 1, floor - 1, -1):
        if tokens[i].text == ",":
            return i
        if tokens[i].kind == "quote" or tokens[i].text in ";:":
            return None
    return None


def _phrase_start(tokens: Sequence[Token], end: int, lex: Lexicon, floor: int) -> int:
    """How far left a noun phrase may reach from `end`."""
    start = end
    while start > floor and end - start < _LONGEST:
        token = tokens[start - 1]
        if (
            token.kind == "quote"
            or token.text in ",;:…"
            or (token.text in _DASHES and not _glued(tokens, start - 1))
        ):
            break
        unnamed = token.low == "who" and any(t.low in _UNNAMED for t in tokens[start:end])
        if not unnamed and (token.low in lex.grammar["subordinators"] or token.low in lex.grammar["boundaries"]):
            break
        if token.text in ".!?" or (token.text == ")" and start == end):
            break
        start -= 1
    return start


def _glued(tokens: Sequence[Token], at: int) -> bool:
    """A dash inside a word: "207-му"."""
    if not 0 < at < len(tokens) - 1:
        return False
    return tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start


def _named(tokens: Sequence[Token]) -> bool:
    words = [t for t in tokens if t.kind == "word"]
    return bool(words) and all(t.text[0].isupper() for t in words)


def _role_only(tokens: Sequence[Token], lex: Lexicon) -> bool:
    """A role before a name: "the league's coordinator, Anton Vereshchagin"."""
    lows = [t.low for t in tokens if t.kind == "word"]
    heads = lex.nouns["person"] | lex.nouns["body"]
    if not lows or len(lows) > 9 or not any(low.removesuffix("'s") in heads for low in lows):
        return False
    if any(low in lex.grammar["be"] for low in lows):
        return False
    return lows[0] in lex.grammar["articles"] or lows[0] in heads or lows[-1] in heads


def subject_after(tokens: Sequence[Token], at: int, lex: Lexicon) -> tuple[int, int] | None:
    """The noun phrase after an inverted verb: `said Peskov`, "сообщил в понедельник глава ЦИК Владимир Чуров"."""
    start = at
    skipped = 0
    while start < len(tokens) and skipped < 6 and tokens[start].kind == "word":
        low = tokens[start].low
        timed = low in lex.dates["weekdays"] or low in lex.grammar["addressees"] or low in lex.grammar["adverbs"]
        if low in ("в", "во", "on", "to") and start + 1 < len(tokens):
            following = tokens[start + 1].low
            timed = following in lex.dates["weekdays"] or following in lex.grammar["addressees"]
        if not timed:
            break
        start += 1
        skipped += 1
    start = _past_place(tokens, start, lex)
    end = start
    while end < len(tokens) and end - start < _LONGEST:
        token = tokens[end]
        if token.kind == "quote" or token.text in ",;:.!?…" or token.text in _DASHES:
            break
        if token.low in lex.grammar["subordinators"] or token.low in lex.grammar["boundaries"]:
            break
        inner = token.low in ("от", "из", "по")  # "депутат от партии"
        if end > start and ((token.low in lex.grammar["adjuncts"] and not inner) or _is_verb(token, lex)):
            break
        end += 1
    inside = lex.language == "ru" and at and tokens[at - 1].low.endswith(_PLURAL) and tokens[start : start + 1]
    if inside and tokens[start].low in ("в", "во"):
        return _inside(tokens, start, lex)
    if end > start and tokens[start].low not in lex.grammar["adjuncts"] and is_subject(tokens[start:end], lex):
        return start, end
    return None


def _inside(tokens: Sequence[Token], at: int, lex: Lexicon) -> tuple[int, int] | None:
    """ "подчеркнули в пресс-службе комиссии": people in a body speak for it."""
    end = at + 1
    while (
        end < len(tokens) and end - at < _LONGEST and tokens[end].kind == "word" and not _is_verb(tokens[end], lex)
    ):
        if tokens[end].low in lex.grammar["adjuncts"] or tokens[end].low in lex.grammar["boundaries"]:
            break
        end += 1
    words = tokens[at + 1 : end]
    bodies = any(t.low in lex.nouns["body"] for t in words) or any(not n.alias.adjective for n in named_in(words))
    return (at + 1, end) if bodies and words[0].low not in lex.dates["weekdays"] else None


def _past_place(tokens: Sequence[Token], start: int, lex: Lexicon) -> int:
    """ "признал в эфире CNN депутат ...": past where it was said, up to a role."""
    if start >= len(tokens) or tokens[start].low not in lex.grammar["adjuncts"]:
        return start
    for i in range(start + 1, min(start + 9, len(tokens))):
        if tokens[i].kind != "word":
            return start
        if tokens[i].low in lex.nouns["person"]:
            return i
    return start


def _is_verb(token: Token, lex: Lexicon) -> bool:
    return any(token.low in forms for name, forms in lex.verbs.items() if name != "joined")


def is_subject(tokens: Sequence[Token], lex: Lexicon) -> bool:
    """True if somebody is named or pointed to: a name, a role, a body, a pronoun of the third person."""
    words = [t for t in tokens if t.kind == "word"]
    if not words:
        return False
    lows = [t.low.removesuffix("'s") for t in words]
    if lows[-1] in lex.grammar["first_person"] or (len(lows) == 1 and lows[0] in lex.grammar["subordinators"]):
        return False
    oblique = lex.language == "ru" and len(lows[-1]) > 2 and lows[-1] not in _NOMINATIVE
    pronouns = ("pronouns_m", "pronouns_f", "pronouns_it", "pronouns_they")
    if any(lows[-1] in lex.grammar[p] for p in pronouns):
        return not oblique
    if any(low in lex.nouns[kind] for low in lows for kind in ("person", "body")):
        return True
    if any(low.rpartition("-")[2] in lex.nouns["person"] for low in lows):
        return True
    names = [t for t in words if t.text[0].isupper() and t.low not in lex.grammar["intros"]]
    names = [t for t in names if t.low not in lex.grammar["articles"] and t.low not in lex.dates["weekdays"]]
    if names and names[-1] is words[-1]:
        return True
    return bool(names) and any(not n.alias.adjective and n.last == len(words) for n in named_in(words))
