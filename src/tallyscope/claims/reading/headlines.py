"""What a headline attributes: "Churov: No violations", "Kremlin Calls Results Unique", "..., Says Minister".

One that names no speaker is a claim only if the section below it makes the same claim; see `same`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from tallyscope.claims.claim import Span
from tallyscope.claims.reading.cues import cues_in
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.reading.sides import Raw, span_of
from tallyscope.claims.reading.subjects import is_subject
from tallyscope.claims.registry.entities import entities
from tallyscope.claims.registry.index import named_in
from tallyscope.claims.registry.names import name_key, stem

__all__ = ["colon_of", "headline_of", "same"]

#: First and last token of the verb, those of its subject, whether the subject follows.
_Found = tuple[int, int, tuple[int, int], bool]
#: "Leader Claims Landslide as Protesters Clash": what follows is not claimed.
_MEANWHILE = frozenset(["as", "amid", "while", "despite"])
_WORDS = re.compile(r"[^\W\d_]{4,}|\d+(?:[.,]\d+)?")


def headline_of(tokens: Sequence[Token], lex: Lexicon) -> Raw | None:
    """The attributed claim of a headline, or None."""
    tokens = list(tokens)
    colon = colon_of(tokens, lex, 8)
    if colon is not None:
        return colon
    source = _source_at_end(tokens, lex)
    if source is not None:
        return source
    end = next((i for i, t in enumerate(tokens) if t.text in ";|"), len(tokens))
    found = _bare_cue(tokens, end, lex)
    if found is None or not _somebody(tokens[slice(*found[2])], lex):
        found = _first_cue(tokens[:end], lex) or found  # "Belarus Leader", not "Belarus"
    if found is None:
        return None
    first, last, subject, inverted = found
    cue = Span(tokens[first].start, tokens[last - 1].end)
    said = span_of(tokens[slice(*subject)])
    if inverted or (first > 3 and last >= end - 3 and subject[0] > 2):
        stop = min(subject[0], first)
        while stop and tokens[stop - 1].kind == "mark":
            stop -= 1
        content = tokens[:stop]
    else:
        verb = tokens[first].low
        own = verb in lex.verbs["headline"] and verb not in lex.verbs["say"] | lex.verbs["that"] | {
            "calls",
            "назвал",
            "назвала",
        }
        content = tokens[subject[1] if own else last : end]
    cut = next((i for i, t in enumerate(content) if i and t.low in _MEANWHILE), len(content))
    content = content[:cut] if not inverted else content
    if len(content) < 2 - (cut == 1) or not _somebody(tokens[slice(*subject)], lex):
        return None
    return Raw((span_of(content),), "headline", (cue,), said, verb=tokens[first].low)


def _source_at_end(tokens: Sequence[Token], lex: Lexicon) -> Raw | None:
    """ "Putin набирает 76,67% - ЦИК", "Putin wins with 76 % – exit poll": a dash and who says so."""
    dashes = [i for i, t in enumerate(tokens) if t.text in "-–—" and i >= 3]
    if not dashes or len(tokens) - dashes[-1] - 1 not in range(1, 6):
        return None
    content, subject = tokens[: dashes[-1]], tokens[dashes[-1] + 1 :]
    colon = next((i for i, t in enumerate(content[:8]) if t.text == ":"), None)
    if colon is not None:
        content = content[colon + 1 :]
    if len(content) < 3 or not _somebody(subject, lex) or any(t.text[0].isdigit() for t in subject):
        return None
    dash = tokens[dashes[-1]]
    return Raw((span_of(content),), "headline", (Span(dash.start, dash.end),), span_of(subject), verb=":")


def _first_cue(tokens: Sequence[Token], lex: Lexicon) -> _Found | None:
    for cue in cues_in(tokens, lex, headline=True):
        if cue.subject is not None:
            return cue.first, cue.last, cue.subject, cue.inverted
    return None


def _bare_cue(tokens: Sequence[Token], end: int, lex: Lexicon) -> _Found | None:
    """A verb whose subject is a name at the start, an adverb between: "Moscow Categorically Disagrees"."""
    for i in range(1, min(6, end)):
        if tokens[i].low in lex.verbs["headline"] | lex.verbs["say"]:
            named = [n for n in named_in(tokens[:i]) if not n.alias.adjective]
            if named and named[-1].last <= i and i - named[-1].last <= 1:
                return i, i + 1, (0, named[-1].last), False
    return None


def _somebody(tokens: Sequence[Token], lex: Lexicon) -> bool:
    """A name of the registry, a role or a body; capitals alone are no sign of a name in a headline."""
    known = entities()
    named = [n for n in named_in(tokens) if not n.alias.adjective]
    for name in named:
        entity = known[name.alias.ids[0]]
        words = " ".join(t.text for t in tokens[name.first : name.last])
        if entity.kind != "country" or words.title() in entity.metonyms:
            return True
    lows = {t.low.removesuffix("'s") for t in tokens}
    return bool(lows & (lex.nouns["person"] | lex.nouns["body"]))


def colon_of(tokens: Sequence[Token], lex: Lexicon, longest: int) -> Raw | None:
    """ "ЦИК: обработано 99,75% протоколов": somebody, a colon, what they say."""
    for i, token in enumerate(tokens[: longest + 1]):
        if token.text == ":":
            subject, content = tokens[:i], tokens[i + 1 :]
            if i and len(content) >= 3 and is_subject(subject, lex) and _somebody(subject, lex):
                while content and content[-1].text == ".":
                    content = content[:-1]
                return Raw(
                    (span_of(content),), "headline", (Span(token.start, token.end),), span_of(subject), verb=":"
                )
            return None
    return None


@lru_cache(maxsize=512)
def _stems(text: str) -> frozenset[str]:
    return frozenset(name_key(stem(w))[:5] for w in _WORDS.findall(text.lower()))


def same(headline: str, claim: str) -> float:
    """The part of a headline's words (four letters and more, by their first five) that a claim has too."""
    ours = _stems(headline)
    return len(ours & _stems(claim)) / len(ours) if ours else 0.0
