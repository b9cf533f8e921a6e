"""Claims that a preposition attributes: "According to the CEC, ...", "..., по данным комиссии, ..."."""

from __future__ import annotations

from dataclasses import replace

from tallyscope.claims.claim import Form, Span
from tallyscope.claims.reading.cues import cues_in
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.reading.sides import (
    DASHES,
    Raw,
    claims_of_side,
    has_quote,
    left_stripped,
    right_stripped,
    span_of,
)
from tallyscope.claims.reading.subjects import is_subject
from tallyscope.claims.registry.index import named_in

__all__ = ["according"]


def according(tokens: list[Token], lex: Lexicon) -> list[Raw] | None:
    """ "According to the CEC, ...", "..., по данным комиссии, ...", "По его словам, ..."; None without one."""
    for at in range(len(tokens)):
        last = _preposition(tokens, at, lex)
        if last is None:
            continue
        subject, after = _source(tokens, at, last, lex)
        if subject is None:
            continue
        left = (left_stripped(tokens, 0, at, lex), right_stripped(tokens, 0, at))
        right = (left_stripped(tokens, after, len(tokens), lex), right_stripped(tokens, after, len(tokens)))
        parts = [p for p in (left, right) if p[1] - p[0] >= 2 or (p[1] > p[0] and has_quote(tokens, p))]
        if right in parts and left not in parts and _begins(tokens[slice(*left)], lex):
            parts.insert(0, left)  # "Выборы, как сообщил ..., прошли"
        elif left in parts and right in parts and _reminds(tokens[slice(*left)], lex):
            parts.remove(left)  # "We remind, that according to ..."
        parts = [p for p in parts if not _mere_cue(tokens, p, lex)]
        if not parts:
            return None
        cue = (Span(tokens[at].start, tokens[last - 1].end),)
        base = Raw(
            (), "indirect", cue, span_of(tokens[slice(*subject)]), (span_of(tokens[at:after]),), according=True
        )
        return _of_source(tokens, parts, base, lex)
    return None


def _begins(left: list[Token], lex: Lexicon) -> bool:
    """A single word that the clause goes on from: "The vote, according to her, was fair"."""
    if len(left) != 1 or left[0].kind != "word":
        return False
    return left[0].low not in lex.grammar["adverbs"] | lex.grammar["intros"] | lex.grammar["boundaries"]


def _reminds(left: list[Token], lex: Lexicon) -> bool:
    """Words that only lead on: "We remind, that", "Meanwhile, also"."""
    words = [t for t in left if t.kind == "word"]
    if not words or any(t.kind == "quote" for t in left) or len(words) > 4:
        return False
    known = lex.grammar["adverbs"] | lex.grammar["intros"] | lex.grammar["first_person"]
    return words[-1].low in lex.that or words[0].low in known


def _of_source(tokens: list[Token], parts: list[tuple[int, int]], base: Raw, lex: Lexicon) -> list[Raw]:
    first = claims_of_side(tokens, parts[0], base, lex)
    if len(parts) == 1:
        return first
    second = claims_of_side(tokens, parts[1], base, lex)
    if len(first) == len(second) == 1 and "direct" not in (first[0].form, second[0].form):
        form: Form = "mixed" if "mixed" in (first[0].form, second[0].form) else "indirect"
        fragment = first[0].fragment or second[0].fragment
        return [replace(first[0], content=(*first[0].content, *second[0].content), form=form, fragment=fragment)]
    return [*first, *second]


def _mere_cue(tokens: list[Token], part: tuple[int, int], lex: Lexicon) -> bool:
    """A side with nothing but a verb of saying and its subject."""
    words = [t for t in tokens[slice(*part)] if t.kind == "word"]
    return len(words) <= 4 and bool(cues_in(tokens[slice(*part)], lex))


def _preposition(tokens: list[Token], at: int, lex: Lexicon) -> int | None:
    """Where "according to" or "по данным" ends that begins at `at`; "по его словам" has its source inside."""
    for length in (4, 3, 2, 1):
        if at + length <= len(tokens) and " ".join(t.low for t in tokens[at : at + length]) in lex.before:
            return at + length
    if lex.language == "ru" and at + 3 <= len(tokens) and tokens[at].low == "по":
        pronouns = lex.grammar["articles"] | lex.grammar["pronouns_m"] | lex.grammar["pronouns_f"]
        if tokens[at + 1].low in pronouns and f"по {tokens[at + 2].low}" in lex.before:
            return at + 3
    return None


def _source(tokens: list[Token], at: int, last: int, lex: Lexicon) -> tuple[tuple[int, int] | None, int]:
    """Tokens of the source, and where the phrase ends."""
    if (
        lex.language == "ru"
        and last - at == 3
        and tokens[at].low == "по"
        and f"по {tokens[at + 2].low}" in lex.before
    ):
        return (at + 1, at + 2), last
    end = last
    while end < len(tokens) and tokens[end].kind != "quote" and tokens[end].text not in {",", ";", ":", *DASHES}:
        if tokens[end].text == "." and end + 1 == len(tokens):
            break
        end += 1
    if end < len(tokens) and tokens[end].text == "," and end + 1 < len(tokens):
        end = _apposed(tokens, last, end, lex)
    if end <= last or not is_subject(tokens[last:end], lex):
        named = _last_name(tokens, last, end)
        if named is None:
            return None, last
        return (last, named), named
    named = _last_name(tokens, last, end)
    return (last, named or end), (named or end)


def _apposed(tokens: list[Token], last: int, comma: int, lex: Lexicon) -> int:
    """ "according to the head of the mission, Jan Petersen, ...": past a name between commas."""
    stop = comma + 1
    while stop < len(tokens) and tokens[stop].kind == "word" and tokens[stop].text[0].isupper():
        stop += 1
    named = stop - comma - 1
    if 1 < named <= 4 and stop < len(tokens) and tokens[stop].text == ",":
        heads = [t.low for t in tokens[last:comma]]
        if any(low in lex.nouns["person"] for low in heads):
            return stop
    return comma


def _last_name(tokens: list[Token], start: int, end: int) -> int | None:
    """Where the last name of the registry ends in a phrase: what follows it ("after processing ...") is content."""
    part = tokens[start:end]
    named = [n for n in named_in(part) if not n.alias.adjective]
    if not named:
        return None
    stop = start + named[-1].last
    rest = tokens[stop:end]
    if rest and rest[0].low in {"after", "with", "once", "после", "при"}:
        return stop
    return None
