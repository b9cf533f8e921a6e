"""Things that stand in a text, by place: those of a passage are found without going through all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar, overload

from tallyscope.claims.claim import Span

__all__ = ["Placed"]


class _Spanned(Protocol):
    @property
    def span(self) -> Span: ...


T = TypeVar("T", bound=_Spanned)


class Placed(Sequence[T], Generic[T]):
    """Items by where they begin; none is longer than a few words."""

    #: An item that covers a place begins at most this far before it.
    _LONGEST = 400

    def __init__(self, items: Iterable[T]) -> None:
        self._items = sorted(items, key=lambda item: item.span)
        self._starts = [item.span.start for item in self._items]

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._items[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def within(self, span: Span) -> list[T]:
        """Those that lie in a passage."""
        first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return [item for item in self._items[first:last] if item.span.end <= span.end]

    def before(self, at: int) -> Iterator[T]:
        """Those that end before a place, the nearest first."""
        for n in range(bisect_left(self._starts, at) - 1, -1, -1):
            if self._items[n].span.end <= at:
                yield self._items[n]

    def covers(self, at: int) -> bool:
        """True if one of them stands over this place."""
        first = bisect_left(self._starts, at - self._LONGEST)
        last = bisect_left(self._starts, at + 1)
        return any(item.span.start <= at < item.span.end for item in self._items[first:last])
