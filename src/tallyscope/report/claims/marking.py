"""An article as paragraphs with its claims marked in place: nested and overlapping passages become flat."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tallyscope.claims.claim import Claim, Document, Span
from tallyscope.claims.reading.html import looks_like_html, page_of_html

__all__ = ["Paragraph", "Segment", "paragraphs"]

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
#: Nothing of an article is lost; what nobody can read is shown as such.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Segment:
    """Words that the same claims hold. `ends`: claims that end here, whose numbers follow."""

    text: str
    claims: tuple[str, ...]
    ends: tuple[str, ...] = ()

    @property
    def innermost(self) -> str | None:
        """The shortest claim that holds it."""
        return self.claims[0] if self.claims else None


@dataclass(frozen=True)
class Paragraph:
    """`begins`: claims whose first words are in it, in order. `heading`: it is a headline."""

    segments: tuple[Segment, ...]
    begins: tuple[str, ...]
    heading: bool = False


def paragraphs(document: Document) -> tuple[Paragraph, ...]:
    """The lines of the text that have something to read; of HTML, those of the article."""
    page = page_of_html(document.text, document.name) if looks_like_html(document.text) else None
    text = page.text if page is not None else document.text
    origin = page.origin if page is not None else None
    passages = sorted(
        (_Passage(c, _place(s, origin)) for c in document.claims for s in c.content), key=lambda p: p.span
    )
    headline = _place(document.headline, origin) if document.headline is not None else None
    found, told, here, coming = [], set[str](), list[_Passage](), deque(passages)
    for line in _LINE.finditer(text):
        whole = Span(*line.span())
        here = [p for p in here if whole.start < p.span.end]
        while coming and coming[0].span.start < whole.end:
            if (passage := coming.popleft()).span.end > whole.start:
                here.append(passage)
        if whole.of(text).strip():
            begins = [c.id for c in _in_order([p.claim for p in here]) if c.id not in told]
            told |= set(begins)
            heading = headline is not None and whole.start <= headline.start < whole.end
            found.append(Paragraph(tuple(_segments(text, whole, here)), tuple(dict.fromkeys(begins)), heading))
    return tuple(found)


@dataclass(frozen=True)
class _Passage:
    claim: Claim
    span: Span


def _place(span: Span, origin: Sequence[int] | None) -> Span:
    """Where a passage of the document stands among the lines that are shown."""
    if origin is None:
        return span
    return Span(bisect_left(origin, span.start), bisect_left(origin, span.end))


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda c: (c.start, -c.end))


def _segments(text: str, line: Span, here: Sequence[_Passage]) -> list[Segment]:
    edges = {line.start, line.end}
    for p in here:
        edges |= {max(p.span.start, line.start), min(p.span.end, line.end)}
    size: Mapping[str, int] = {p.claim.id: sum(map(len, p.claim.content)) for p in here}
    last = {p.claim.id: p.span.end for p in sorted(here, key=lambda p: p.span.end)}
    found = []
    for start, end in pairwise(sorted(edges)):
        held = {p.claim.id for p in here if p.span.start < end and start < p.span.end}
        ended = [p.claim for p in here if p.span.end == end and last[p.claim.id] == end]
        words = _CONTROL.sub("\ufffd", text[start:end])
        ends = tuple(dict.fromkeys(c.id for c in _in_order(ended)))
        found.append(Segment(words, tuple(sorted(held, key=lambda i: (size[i], i))), ends))
    return found
