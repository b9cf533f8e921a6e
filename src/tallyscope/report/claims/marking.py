"""An article as paragraphs with its claims marked in place: nested and overlapping passages become flat."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from tallyscope.claims.claim import Claim, Document, Span

__all__ = ["Paragraph", "Segment", "paragraphs"]

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_MARKUP = re.compile(r"\s*(?:<!doctype|<html|<\?xml|<head|<body|<article|<div|<p)\b", re.I)
_UNSEEN = re.compile(
    r"<!--.*?-->|<(script|style|head|noscript|svg|template)\b.*?</\1\s*>|<[a-z/!?][^>]*>", re.I | re.S
)
_BREAK = re.compile(r"</?(?:p|div|h[1-6]|li|ul|ol|br|tr|table|section|article|blockquote|header|footer)\b", re.I)
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
    """The lines of the text that have something to read; of HTML, what a reader of the page sees."""
    text = document.text
    found = []
    for runs in _lines(text):
        segments = [s for run in runs for s in _segments(text, run, document.claims)]
        start, end = runs[0].start, runs[-1].end
        begins = tuple(c.id for c in _in_order(document.claims) if start <= c.start < end)
        if any(s.text.strip() for s in segments):
            headline = document.headline is not None and start <= document.headline.start < end
            found.append(Paragraph(tuple(segments), begins, headline))
    return tuple(found)


def _in_order(claims: Sequence[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda c: (c.start, -c.end))


def _lines(text: str) -> list[list[Span]]:
    """Every line as the runs of it that are seen."""
    if not _MARKUP.match(text):
        return [[Span(*line.span())] for line in _LINE.finditer(text)]
    lines: list[list[Span]] = [[]]
    at = 0
    for tag in [*_UNSEEN.finditer(text), None]:
        seen = Span(at, tag.start() if tag is not None else len(text))
        if seen.of(text).strip():
            lines[-1].append(seen)
        if tag is not None:
            at = tag.end()
            if _BREAK.match(tag[0]) and lines[-1]:
                lines.append([])
    return [line for line in lines if line]


def _segments(text: str, run: Span, claims: Sequence[Claim]) -> list[Segment]:
    here = [(c, s) for c in claims for s in c.content if s.start < run.end and run.start < s.end]
    edges = {run.start, run.end}
    for _, span in here:
        edges |= {max(span.start, run.start), min(span.end, run.end)}
    size: Mapping[str, int] = {c.id: sum(map(len, c.content)) for c, _ in here}
    cuts, found = sorted(edges), []
    for start, end in pairwise(cuts):
        held = {c.id for c, s in here if s.start < end and start < s.end}
        ends = tuple(c.id for c in _in_order([c for c, _ in here]) if c.end == end)
        found.append(Segment(_shown(text, start, end), tuple(sorted(held, key=lambda i: (size[i], i))), ends))
    return found


def _shown(text: str, start: int, end: int) -> str:
    words = text[start:end]
    if _MARKUP.match(text):
        words = re.sub(r"\s+", " ", unescape(words))
    return _CONTROL.sub("\ufffd", words)
