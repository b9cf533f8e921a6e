"""The counts of a given size whose percentage is an integer, with the parts of log C(n, j) that depend on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import lgamma

import numpy as np
import numpy.typing as npt

__all__ = ["PERCENTS", "IntegerCounts", "LogTables", "log_tables", "runs_of_sizes"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: The integer percentages 0 .. 100.
PERCENTS = 101
#: Counts listed at once: bounds the memory (some 15 MB); fewer runs cost less than a better fit of the cache gains.
_LISTED = 400_000


@dataclass(frozen=True)
class IntegerCounts:
    """The integer counts j of several sizes n, one size after the other, in rising order.

    count: (listed,) j as floats; log_parts: (listed,) -log j! - log (n - j)!. A cell is a size and a percentage:
    the counts of size i at percentage v are those from start[cell[i] + v] to start[cell[i] + v + 1].
    """

    count: Floats
    log_parts: Floats
    start: Ints
    cell: Ints
    percent_of_cell: Ints

    @cached_property
    def percent(self) -> Ints:
        """(listed,) 100 j/n rounded."""
        return np.repeat(self.percent_of_cell, np.diff(self.start))


@dataclass(frozen=True)
class LogTables:
    """(largest + 1,) log j (0 at j = 0) and log j! for j = 0 .. largest."""

    log: Floats
    log_factorial: Floats

    def integer_counts(self, sizes: Ints, lowest: Ints, highest: Ints) -> IntegerCounts:
        """The counts j of each size n with |2000 j - 20 v n| <= n for a percentage v of lowest .. highest.

        sizes, lowest, highest: (sizes,) int, 0 <= lowest, highest <= 100.
        """
        # One cell more a size, without counts: where the last percentage ends.
        cells = np.maximum(highest - lowest, -1) + 2
        ends = np.cumsum(cells)
        cell = ends - cells - lowest
        percent = np.arange(ends[-1]) - np.repeat(cell, cells)
        # In floats, which divide faster: whole numbers below 2^40 over 2000 are never rounded across a whole one.
        n = np.repeat(sizes, cells).astype(np.float64)
        low = np.maximum(np.ceil((20.0 * percent - 1) * n / 2000), 0).astype(np.int64)
        high = np.minimum(np.floor((20.0 * percent + 1) * n / 2000), n).astype(np.int64)
        lengths = high - low + 1
        lengths[ends - 1] = 0
        start = np.concatenate([[0], np.cumsum(lengths)])
        count = np.repeat(low - start[:-1], lengths) + np.arange(start[-1])
        rest = np.repeat(np.repeat(sizes, cells), lengths) - count
        log_parts = -self.log_factorial.take(count) - self.log_factorial.take(rest)
        return IntegerCounts(count.astype(np.float64), log_parts, start, cell, percent)


def log_tables(largest: int) -> LogTables:
    """Tables up to `largest`; log j! by Stirling's series from 16 on, where its first left-out term is below 1e-15.

    SciPy's would do; loading it costs a cold process several times what the whole test takes.
    """
    x = np.arange(largest + 1, dtype=np.float64)
    x[:16] = 16.0
    z = 1.0 / (x * x)
    log = np.log(x)
    series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / x
    log_factorial = (x + 0.5) * log - x + 0.5 * np.log(2 * np.pi) + series
    few = min(16, x.size)
    log_factorial[:few] = [lgamma(j + 1.0) for j in range(few)]
    log[:few] = np.log(np.maximum(np.arange(few), 1))
    return LogTables(log, log_factorial)


def runs_of_sizes(sizes: Ints) -> Iterator[slice]:
    """Cuts rising sizes into runs whose lists stay small; stations of one size are never parted."""
    first = np.flatnonzero(np.diff(sizes, prepend=-1))
    listed = np.cumsum(sizes[first] // 10 + PERCENTS) // _LISTED
    starts = first[np.flatnonzero(np.diff(listed, prepend=-1))]
    for start, stop in zip(starts, [*starts[1:], sizes.size], strict=True):
        yield slice(int(start), int(stop))
