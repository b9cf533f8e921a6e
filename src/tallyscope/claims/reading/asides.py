"""What a sentence attributes beside its main verb: "who had forecast 53 percent", ", calling it «a farce»"."""

from __future__ import annotations

from collections.abc import Iterator

from tallyscope.claims.claim import Span
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.reading.sides import Raw, right_stripped, span_of
from tallyscope.claims.reading.subjects import opening, subject_before

__all__ = ["asides"]

_WHO = frozenset(["who", "который", "которая", "которые"])


def asides(tokens: list[Token], lex: Lexicon) -> Iterator[Raw]:
    """Claims in relative clauses with a figure, and in participles that name what somebody calls something."""
    for at in range(1, len(tokens)):
        if tokens[at].low in _WHO and tokens[at - 1].text == ",":
            yield from _relative(tokens, at, lex)
        elif tokens[at].low in lex.verbs["calling"] and tokens[at - 1].text == ",":
            yield from _participle(tokens, at, lex)


def _relative(tokens: list[Token], who: int, lex: Lexicon) -> Iterator[Raw]:
    subject = subject_before(tokens, who - 1, lex)
    verb = who + 1
    while verb < len(tokens) and tokens[verb].low in lex.grammar["adverbs"]:
        verb += 1
    if subject is None or verb >= len(tokens) or tokens[verb].low not in lex.verbs["figure"]:
        return
    end = _clause_end(tokens, verb + 1)
    part = tokens[verb + 1 : end]
    if len(part) >= 2 and any(t.text[0].isdigit() for t in part):
        cue = Span(tokens[verb].start, tokens[verb].end)
        frame = (span_of(tokens[who : verb + 1]),)
        said = span_of(tokens[slice(*subject)])
        yield Raw((span_of(part),), "indirect", (cue,), said, frame, verb=tokens[verb].low)


def _participle(tokens: list[Token], at: int, lex: Lexicon) -> Iterator[Raw]:
    end = right_stripped(tokens, at + 1, len(tokens))
    part = tokens[at + 1 : end]
    quotes = [t for t in part if t.kind == "quote"]
    subject = opening(tokens, lex)
    if not quotes or subject is None:
        return
    cue = Span(tokens[at].start, tokens[at].end)
    frame = (span_of(tokens[subject[1] : at + 1]),)
    fragment = Span(quotes[0].start, quotes[-1].end)
    said = span_of(tokens[slice(*subject)])
    yield Raw((span_of(part),), "mixed", (cue,), said, frame, fragment=fragment, verb=tokens[at].low)


def _clause_end(tokens: list[Token], start: int) -> int:
    """The next comma that stands between no two digits."""
    end = start
    while end < len(tokens) and tokens[end].text not in {",", ";", "."}:
        end += 1
    return end
