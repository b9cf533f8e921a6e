"""The counts of a table as one matrix, a sample of its rows for guesses, and all of its rows for proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tallyscope.returns.inference.columns import Column

__all__ = ["Bools", "Counts", "Floats", "Held", "Ints", "counts_of"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_SAMPLE = 2_000
#: Letters of a header that are shown in evidence.
_SHOWN = 40


@dataclass(frozen=True)
class Held:
    """A relation between columns, and in how many rows it holds; rows: those in which it can be tested."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    holds: int
    rows: int

    @property
    def share(self) -> float:
        """Rows in which it holds, of those in which it can be tested."""
        return self.holds / self.rows if self.rows else 0.0


@dataclass(frozen=True, eq=False)
class Counts:
    """`x`: (rows, columns) int64, unknown cells 0; `known`: the same shape, None if every cell is known."""

    names: tuple[str, ...]
    x: Ints
    known: Bools | None

    @property
    def width(self) -> int:
        """How many columns."""
        return int(self.x.shape[1])

    @cached_property
    def sample(self) -> Ints:
        """(at most 2,000, columns): rows spread evenly over those that carry at least three figures above zero."""
        rows = np.flatnonzero(np.count_nonzero(self.x, axis=1) >= min(3, self.width))
        if len(rows) > _SAMPLE:
            # A fixed shuffle: neighbouring rows are alike, and the first rows are looked at first.
            rows = np.random.default_rng(20120304).choice(rows, _SAMPLE, replace=False)
        return np.asarray(self.x[rows], dtype=np.int64)

    @cached_property
    def totals(self) -> Ints:
        """(columns,) sum of every column."""
        return np.asarray(self.x.sum(axis=0), dtype=np.int64)

    def sum_of(self, columns: Sequence[int]) -> Ints:
        """(rows,) sum of some columns; an unknown part counts as zero."""
        total = np.zeros(self.x.shape[0], dtype=np.int64)
        for column in columns:
            total += self.x[:, column]
        return total

    def testable(self, columns: Sequence[int], parts: Sequence[int] = ()) -> Bools:
        """(rows,): all of `columns` known, any of `parts` known, and not all of them zero."""
        both = [*columns, *parts]
        some = np.zeros(self.x.shape[0], dtype=np.bool_)
        for column in both:
            some |= self.x[:, column] != 0
        if self.known is not None:
            for column in columns:
                some &= self.known[:, column]
            if parts:
                some &= np.asarray(self.known[:, list(parts)].any(axis=1))
        return some

    def held(self, left: Sequence[int], right: Sequence[int]) -> Held:
        """Tests sum(left) = sum(right) on all rows; long sides may have unknown parts, short ones may not."""
        short = [c for side in (left, right) if len(side) <= 2 for c in side]
        long = [c for side in (left, right) if len(side) > 2 for c in side]
        rows = self.testable(short, long)
        equal = self.sum_of(left) == self.sum_of(right)
        return Held(tuple(left), tuple(right), int(np.count_nonzero(equal & rows)), int(np.count_nonzero(rows)))

    def describe(self, held: Held) -> str:
        """ "c9 + c10 = c7 + c8 in 95,415 of 95,415 rows"."""
        return f"{self._side(held.left)} = {self._side(held.right)} in {held.holds:,} of {held.rows:,} rows"

    def _side(self, columns: Sequence[int]) -> str:
        names = [n if len(n) <= _SHOWN else n[: _SHOWN - 1] + "…" for n in (self.names[c] for c in columns)]
        if len(names) > 4:
            return f"{names[0]} + {names[1]} + ... + {names[-1]} ({len(names)} columns)"
        return " + ".join(names)


def counts_of(columns: Sequence[Column]) -> Counts:
    """The matrix of the columns that hold counts, in file order."""
    with_counts = [c for c in columns if c.counts is not None]
    rows = with_counts[0].series.len() if with_counts else 0
    x = np.zeros((rows, len(with_counts)), dtype=np.int64, order="F")
    unknown = any(c.counts is not None and c.counts.null_count() for c in with_counts)
    known = np.ones((rows, len(with_counts)), dtype=np.bool_, order="F") if unknown else None
    for i, column in enumerate(with_counts):
        counts = column.counts
        assert counts is not None
        x[:, i] = counts.fill_null(0).to_numpy()
        if known is not None:
            known[:, i] = counts.is_not_null().to_numpy()
    return Counts(tuple(c.name for c in with_counts), x, known)
