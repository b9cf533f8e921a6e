"""Sentences, with what is quoted in them kept whole: a quotation over three paragraphs is within one sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tallyscope.claims.reading.layout import Block
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.quotations import Quoted
from tallyscope.claims.reading.words import Word, words_of
from tallyscope.claims.registry.index import named_in

__all__ = ["Sentence", "Token", "interrupted", "is_title", "pieces", "sentences_of", "tokens_of"]

#: «Мы ждали 60 %, – признал депутат. – Но и 51 % – победа»: the words of saying stand inside the marks.
_INSIDE = re.compile(r"[,!?…]\s+[–—-]\s+(?P<said>[^«»–—\n]{3,160}?)[.,]\s+[–—-]\s+")

_END = re.compile(
    r"[.!?…]+[\"”»’')\]]*(?=\s+[\"“«‘'(\[—–@#]?\s?[^\W_a-zа-яё]|\s*$|\s+[^\w\s.,;:!?\-–—\"“”«»'’()\[\]%])"
)
_LONGEST = 10_000
_ABBREVIATED = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "sen",
        "gov",
        "gen",
        "rep",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "no",
        "vs",
        "inc",
        "ltd",
        "u.s",
        "u.k",
        "г",
        "гг",
        "в",
        "вв",
        "им",
        "руб",
        "тыс",
        "млн",
        "млрд",
        "проц",
        "долл",
        "ст",
        "ул",
        "стр",
        "т.е",
        "т.д",
        "т.п",
        "др",
        "пр",
        "янв",
        "фев",
        "мар",
        "апр",
        "июн",
        "июл",
        "авг",
        "сен",
        "окт",
        "ноя",
        "дек",
        "проф",
        "акад",
        "депт",
        "пос",
        "обл",
        "респ",
    ]
)


#: Answers to a referendum's question stand in marks, and quote nobody.
_ANSWERS = frozenset(["yes", "no", "да", "нет", "за", "против", "evet", "hayir", "hayır"])


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a mark, or a whole quotation (`quote` is its number in the sentence's quotations)."""

    start: int
    end: int
    text: str
    low: str
    kind: Literal["word", "mark", "quote"]
    quote: Quoted | None = None

    @property
    def key(self) -> str:
        """The word's key for names."""
        return Word(self.start, self.end, self.text, self.low).key if self.kind == "word" else ""


@dataclass(frozen=True)
class Sentence:
    """`tokens` with quotations collapsed. `block`: in which it begins; `paragraph_start`: it is the first there."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    block: Block
    paragraph_start: bool


def tokens_of(text: str, start: int, end: int, quotes: Sequence[Quoted]) -> list[Token]:
    """Words, marks, and each of `quotes` as one token."""
    found: list[Token] = []
    at = start
    for quote in quotes:
        if quote.start < at or quote.end > end:
            continue
        found += _plain(text, at, quote.start)
        words = text[quote.start : quote.end]
        found.append(Token(quote.start, quote.end, words, words.lower(), "quote", quote))
        at = quote.end
    return found + _plain(text, at, end)


def _plain(text: str, start: int, end: int) -> list[Token]:
    return [
        Token(w.start, w.end, w.text, w.low, "word" if w.text[0].isalnum() else "mark")
        for w in words_of(text, start, end)
    ]


def sentences_of(text: str, blocks: Sequence[Block], quotes: Sequence[Quoted]) -> list[Sentence]:
    """Of all body paragraphs and posts. `quotes`: outermost quotations that are no titles, by start."""
    found: list[Sentence] = []
    for block, end in _flows(text, blocks, quotes):
        first, last = (bisect_left(quotes, at, key=lambda q: q.start) for at in (block.start, end))
        inside = [q for q in quotes[first:last] if q.end <= end]
        cuts = _bounded([block.start, *_ends(text, block.start, end, inside), end])
        for a, b in pairwise(cuts):
            start, stop = _trimmed(text, a, b)
            if start < stop:
                tokens = tuple(tokens_of(text, start, stop, inside))
                found.append(Sentence(start, stop, tokens, block, a == block.start))
    return found


def _bounded(cuts: list[int]) -> list[int]:
    """Passages without an end are cut: nobody writes a sentence of ten thousand letters."""
    return [at for a, b in pairwise(cuts) for at in range(a, b, _LONGEST)] + cuts[-1:]


def _flows(text: str, blocks: Sequence[Block], quotes: Sequence[Quoted]) -> Iterator[tuple[Block, int]]:
    """Paragraphs, those that one quotation runs through joined: (the first, where the last ends)."""
    crossing = [q for q in quotes if q.closed]
    i = q = 0
    while i < len(blocks):
        block, end = blocks[i], blocks[i].end
        i += 1
        if block.kind not in ("body", "post"):
            continue
        while q < len(crossing) and crossing[q].start < block.start:
            q += 1
        while q < len(crossing) and crossing[q].start < end:
            while crossing[q].end > end and i < len(blocks):
                end = blocks[i].end
                i += 1
            q += 1
        if i < len(blocks) and _continues(text, blocks[i], crossing, end):
            end = blocks[i].end
            i += 1
        yield block, end


def _continues(text: str, following: Block, quotes: Sequence[Quoted], end: int) -> bool:
    """True where a quotation ends a line and its attribution (", she said.") stands on the next."""
    starts = text[following.start]
    attributes = starts in ",–—-" or (starts.islower() and following.kind == "body")
    return attributes and any(q.end == end for q in quotes)


def _ends(text: str, start: int, end: int, quotes: Sequence[Quoted]) -> list[int]:
    """Where sentences end, outside quotations or with them."""
    found, n = [], 0
    for match in _END.finditer(text, start, end):
        at = match.end()
        while n < len(quotes) and quotes[n].end < at:
            n += 1
        within = n < len(quotes) and quotes[n].start < match.start() + 1 and at < quotes[n].end
        if not within and not _abbreviation(text, start, match):
            found.append(at)
    return found


def _abbreviation(text: str, start: int, match: re.Match[str]) -> bool:
    if match.group()[0] != "." or len(match.group()) > 1:
        return False
    word = re.search(r"[^\W\d_][\w.]*$", text[max(start, match.start() - 12) : match.start()])
    if word is None:
        return False
    return word[0].lower() in _ABBREVIATED or (len(word[0]) == 1 and word[0].isupper())


def _trimmed(text: str, a: int, b: int) -> tuple[int, int]:
    piece = text[a:b]
    return a + len(piece) - len(piece.lstrip()), a + len(piece.rstrip())


def pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of a passage that is itself one quotation or one clause."""
    cuts = [start, *(m.end() for m in _END.finditer(text, start, end) if not _abbreviation(text, start, m))]
    return [(a, b) for a, b in (_trimmed(text, a, b) for a, b in pairwise([*cuts, end])) if a < b]


def interrupted(text: str, quotes: Sequence[Quoted], lex: Lexicon) -> list[Quoted]:
    """Quotations with what stands inside their marks and is not quoted left out: each is then two."""
    found: list[Quoted] = []
    for quote in quotes:
        start, inner = quote.start, quote.inner_start
        for match in _INSIDE.finditer(text, quote.inner_start, quote.inner_end):
            first = match["said"].lower().split()[:2]
            if any(word in forms for word in first for forms in lex.verbs.values()):
                end = match.start() + 1
                found.append(Quoted(start, end, inner, end, quote.depth, quote.closed))
                start = inner = match.end()
        found.append(Quoted(start, quote.end, inner, quote.inner_end, quote.depth, quote.closed))
    return found


def is_title(text: str, quote: Quoted, lex: Lexicon) -> bool:
    """True if the marks stand around a name ("A Just World", «Единая Россия», "Yes") and quote nobody."""
    inner = text[quote.inner_start : quote.inner_end]
    words = [w for w in words_of(inner) if w.text[0].isalnum()]
    if not words or len(words) > 7 or "\n" in inner or not quote.closed:
        return not words
    if len(words) == 1 and words[0].low in _ANSWERS and inner.rstrip(" ,.") == words[0].text:
        return True  # "yes" stood at 51 percent
    if not words[0].capital or inner.rstrip()[-1] in ".,!?…":
        return False
    named = named_in(words)
    if named and named[0].first == 0 and named[-1].last == len(words):
        return True
    if len(words) == 1 and re.match(r"\s*[\d(]|\s+\w", text[quote.end : quote.end + 4]):
        return True  # "Yes" 51.9%
    before = text[max(0, quote.start - 3) : quote.start].rstrip()
    if before.endswith(":") or len(words) > 5:
        return False
    follows = re.match(r"\s*[,–—-][\s,–—-]*((?:[\w'’-]+\s*){1,7})", text[quote.end : quote.end + 90])
    if not follows:
        return True
    return not any(word in forms for word in follows[1].lower().split() for forms in lex.verbs.values())
