"""A page that claims are read from: what is to be read of it, and where each character stands in the original."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

from tallyscope.claims.claim import Span

__all__ = ["Page", "moved"]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Page:
    """`original`: what offsets are to point into; `text`: the lines to read.

    `origin`: for each character of `text` its place in `original`; None where they are the same. `stamps`: dates
    that the page carries outside its text (of an HTML head), as written.
    """

    name: str
    original: str
    text: str
    origin: Sequence[int] | None = None
    stamps: tuple[str, ...] = ()

    def place(self, span: Span) -> Span:
        """Where a passage of `text` stands in `original`."""
        if self.origin is None or not self.origin:
            return span
        start = self.origin[min(span.start, len(self.origin) - 1)]
        end = self.origin[min(span.end, len(self.origin)) - 1] + 1 if span.end > span.start else start
        return Span(start, max(start, end))

    @classmethod
    def of(cls, name: str, text: str) -> Page:
        """A plain text."""
        return cls(name, text, text)


def moved(value: T, page: Page) -> T:
    """A claim, a document, or anything they hold, with every span moved into the original."""
    if page.origin is None:
        return value
    return _moved(value, page)  # type: ignore[no-any-return]


def _moved(value: Any, page: Page) -> Any:
    if isinstance(value, Span):
        return page.place(value)
    if isinstance(value, tuple):
        return tuple(_moved(v, page) for v in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _moved(getattr(value, f.name), page) for f in fields(value)}
        return type(value)(**changed)
    return value


def origins(count: int) -> array[int]:
    """An empty list of places, in four bytes each."""
    return array("l", [0]) * count
