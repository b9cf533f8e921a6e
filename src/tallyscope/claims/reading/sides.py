"""One side of a verb of saying: trimmed, and told whether it quotes, paraphrases, or does both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tallyscope.claims.claim import Form, Span
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.quotations import Quoted
from tallyscope.claims.reading.sentences import Token

__all__ = [
    "DASHES",
    "Raw",
    "claims_of_side",
    "has_quote",
    "left_stripped",
    "right_stripped",
    "span_of",
    "standing_alone",
]

DASHES = frozenset("-–—")


@dataclass(frozen=True)
class Raw:
    """A claim in words only. `subject`: who says it; `frame`: the words of saying, where a date may stand.

    `citing`: whom the subject names as its source. `continued`: a quotation without a verb of its own.
    """

    content: tuple[Span, ...]
    form: Form
    cue: tuple[Span, ...]
    subject: Span | None
    frame: tuple[Span, ...] = ()
    quote: Quoted | None = None
    fragment: Span | None = None
    continued: bool = False
    according: bool = False
    verb: str = ""
    citing: Span | None = None


def span_of(tokens: Sequence[Token]) -> Span:
    """From the first to the last of some tokens."""
    return Span(tokens[0].start, tokens[-1].end)


def has_quote(tokens: list[Token], part: tuple[int, int]) -> bool:
    return any(t.kind == "quote" for t in tokens[slice(*part)])


def right_stripped(tokens: list[Token], start: int, end: int) -> int:
    while end > start and tokens[end - 1].kind == "mark" and tokens[end - 1].text in {",", ".", ":", *DASHES}:
        end -= 1
    return end


def left_stripped(tokens: list[Token], start: int, end: int, lex: Lexicon) -> int:
    while start < end and (
        (tokens[start].kind == "mark" and tokens[start].text in {",", ".", ":", ";", *DASHES})
        or tokens[start].low in lex.grammar["boundaries"]
    ):
        start += 1
    return start


def claims_of_side(tokens: list[Token], part: tuple[int, int], base: Raw, lex: Lexicon) -> list[Raw]:
    """The claims of one side: each quotation that stands for itself, or the clause with what it quotes."""
    own = [t for t in tokens[slice(*part)] if t.kind == "word" and t.low not in lex.that]
    quotes = [t for t in tokens[slice(*part)] if t.kind == "quote"]
    span = span_of(tokens[slice(*part)])
    if not quotes:
        return [replace(base, content=(span,))]
    partial = len(own) > 0 and quotes[0].quote is not None and _fragment(quotes[0])
    if (len(own) <= 2 and not partial) or (
        len(own) <= 5 and sum(len(t.text.split()) for t in quotes) > 4 * len(own)
    ):
        return [_whole(base, t) for t in quotes]
    if _stands_apart(tokens, part) and tokens[part[0]].low in lex.that:
        first = next(i for i in range(*part) if tokens[i].kind == "quote")
        told = span_of(tokens[part[0] : right_stripped(tokens, part[0], first)])
        return [replace(base, content=(told,)), *(_whole(base, t) for t in quotes)]
    if _stands_apart(tokens, part):
        # "He was calm: «...»": the words before the colon are no claim.
        return [_whole(base, t) for t in quotes]
    last = next(i for i in range(part[1] - 1, part[0] - 1, -1) if tokens[i].kind == "quote")
    if last + 2 < part[1] and tokens[last + 1].text == "," and tokens[last + 2].low in lex.grammar["conceding"]:
        span = span_of(tokens[part[0] : last + 1])  # what follows is the text's own
    return [replace(base, content=(span,), form="mixed", fragment=Span(quotes[0].start, quotes[-1].end))]


def _whole(base: Raw, token: Token) -> Raw:
    return replace(base, content=(Span(token.start, token.end),), form="direct", quote=token.quote)


def _fragment(token: Token) -> bool:
    """A quotation that begins in the midst of a sentence."""
    return token.text.lstrip("\"«“„'‘")[:1].islower()


def _stands_apart(tokens: list[Token], part: tuple[int, int]) -> bool:
    """A single quotation of a sentence or more, after a colon."""
    quotes = [i for i in range(*part) if tokens[i].kind == "quote"]
    first = quotes[0]
    return len(quotes) == 1 and first > part[0] and tokens[first - 1].text == ":" and first == part[1] - 1


def standing_alone(tokens: list[Token]) -> list[Raw]:
    """A quotation with no verb of saying: continued, if it is (nearly) the whole sentence or follows a colon."""
    quotes = [i for i, t in enumerate(tokens) if t.kind == "quote"]
    if not quotes:
        return []
    behind = [i for i in quotes if i > 1 and tokens[i - 1].text == ":"]
    if behind and behind[0] != quotes[0]:
        quotes = behind
    own = [t for t in tokens if t.kind == "word"]
    first = quotes[0]
    subject = span_of(tokens[: first - 1]) if first > 1 and tokens[first - 1].text == ":" else None
    if len(own) <= 2 or subject is not None:
        frame = (subject,) if subject else ()
        return [
            Raw(
                (Span(tokens[i].start, tokens[i].end),),
                "direct",
                (),
                subject,
                frame,
                tokens[i].quote,
                continued=subject is None,
            )
            for i in quotes
            if len(tokens[i].text.split()) > 2 or subject is not None
        ]
    return []
