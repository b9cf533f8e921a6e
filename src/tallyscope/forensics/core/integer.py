"""Exact probability that a station's percentage is an integer (Kobak, Shpilkin & Pshenichnikov 2016, section 2).

A percentage v = 100 k/n counts as an integer when |v - round(v)| <= 0.05. The published null simulates
k* ~ Bin(n, k/n) at each station; here its probability of an integer is summed instead of simulated:

    q = sum of C(n, j) p^j (1-p)^(n-j) over the counts j with |100 j/n - round(100 j/n)| <= 0.05,   p = k/n.

The integer counts of a size n are listed once for all stations of that size (`integer_counts`). Of them only those
within reach of the mean are summed, so that the sum is short of q by at most `TAIL`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.integer_counts import (
    PERCENTS,
    IntegerCounts,
    LogTables,
    log_tables,
    runs_of_sizes,
)

__all__ = ["TAIL", "expected_by_percent", "integer_probability", "is_integer_percentage"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: No more than this much of a station's probability is left out of q: both tails beyond 6.15 standard deviations.
TAIL = 1e-9
_BOUND = 6.15**2 / 2
#: Pairs of a station and a count summed at once: what fits the processor's cache.
_SUMMED = 40_000


def is_integer_percentage(count: Ints, size: Ints) -> npt.NDArray[np.bool_]:
    """Whether |v - round(v)| <= 0.05 for v = 100 count/size, in exact arithmetic; False where size is 0.

    count, size: (stations,) int. Decided on whole numbers, 20 |100 count - size round(v)| <= size, so that a value
    on the boundary does not depend on rounding.
    """
    rest = (100 * count) % np.maximum(size, 1)
    near = 20 * np.minimum(rest, size - rest) <= size
    return np.asarray(near & (size > 0), dtype=np.bool_)


def integer_probability(count: Ints, size: Ints) -> Floats:
    """(stations,) q, the chance that 100 k*/size is an integer for k* ~ Bin(size, count/size).

    count, size: (stations,) int with 0 <= count <= size and size > 0. Raises ValueError otherwise.
    """
    # Nobody or everybody: k* is certain, and 0 % and 100 % are integers.
    q = np.ones(size.shape)
    for piece in _pieces(count, size):
        q[piece.stations] = piece.probability.sum(axis=0)
    return np.minimum(q, 1.0)


def expected_by_percent(count: Ints, size: Ints) -> Floats:
    """(101,) expected number of stations at each integer percentage 0 .. 100; the q of all stations, by percentage.

    count, size: as in `integer_probability`.
    """
    expected = np.zeros(PERCENTS)
    expected[0], expected[-1] = np.sum(count == 0), np.sum(count == size)
    for piece in _pieces(count, size):
        percent = piece.counts.percent[piece.place]
        expected += np.bincount(percent.ravel(), piece.probability.ravel(), minlength=PERCENTS)
    return expected


class _Desk:
    """Room that every piece is worked out in, one after the other: fresh memory costs more than the sums in it."""

    def __init__(self) -> None:
        self._make_room(_SUMMED)

    def _make_room(self, size: int) -> None:
        self._place = np.empty(size, dtype=np.int64)
        self._probability, self._parts = np.empty(size), np.empty(size)

    def lay_out(self, shape: tuple[int, int]) -> tuple[Ints, Floats, Floats]:
        """Places, probabilities and their parts of one piece, unset; what was laid out before is overwritten."""
        size = shape[0] * shape[1]
        if size > self._place.size:
            self._make_room(size)
        probability, parts = self._probability[:size].reshape(shape), self._parts[:size].reshape(shape)
        return self._place[:size].reshape(shape), probability, parts


@dataclass(frozen=True)
class _Piece:
    """Stations that take equally many integer counts. place, probability: (counts, stations), place in `counts`.

    Both are overwritten by the next piece.
    """

    stations: Ints
    place: Ints
    probability: Floats
    counts: IntegerCounts


def _pieces(count: Ints, size: Ints) -> Iterator[_Piece]:
    """Every pair of a station with 0 < count < size and an integer count within its reach, once."""
    if count.shape != size.shape or np.any(size <= 0) or np.any(count < 0) or np.any(count > size):
        raise ValueError("counts must lie between 0 and their sizes, and sizes above 0")
    inside = np.flatnonzero((count > 0) & (count < size))
    if not inside.size:
        return
    order = inside[_rising(size[inside])]
    tables, desk = log_tables(int(size[order[-1]])), _Desk()
    for run in runs_of_sizes(size[order]):
        yield from _pieces_of_run(count, size, order[run], tables, desk)


def _pieces_of_run(count: Ints, size: Ints, rows: Ints, tables: LogTables, desk: _Desk) -> Iterator[_Piece]:
    """Pieces of the stations `rows`, whose sizes rise."""
    k, n = count[rows], size[rows]
    changes = np.diff(n, prepend=-1) != 0
    edges = np.flatnonzero(changes)
    lowest, highest = _within_reach(k, n)
    counts = tables.integer_counts(
        n[edges], np.minimum.reduceat(lowest, edges), np.maximum.reduceat(highest, edges)
    )
    cell = counts.cell[np.cumsum(changes) - 1]
    first = counts.start[cell + lowest]
    lengths = counts.start[cell + highest + 1] - first
    by_length = _rising(lengths)
    rows, first, lengths, k, n = rows[by_length], first[by_length], lengths[by_length], k[by_length], n[by_length]
    log_odds = tables.log[k] - tables.log[n - k]
    log_none = n * (tables.log[n - k] - tables.log[n]) + tables.log_factorial[n]
    for alike in _alike(lengths):
        shape = (int(lengths[alike.start]), alike.stop - alike.start)
        place, probability, parts = desk.lay_out(shape)
        np.add(first[alike], np.arange(shape[0])[:, None], out=place)
        # mode="clip": without it NumPy fills a buffer of its own first. No place is out of bounds.
        counts.count.take(place, out=probability, mode="clip")
        probability *= log_odds[alike]
        probability += counts.log_parts.take(place, out=parts, mode="clip")
        probability += log_none[alike]
        yield _Piece(rows[alike], place, np.exp(probability, out=probability), counts)


def _within_reach(k: Ints, n: Ints) -> tuple[Ints, Ints]:
    """The lowest and the highest integer percentage worth summing, (stations,) each.

    A binomial tail beyond k is at most Phi(-sqrt(2 n D)), D the divergence of k/n from p (Zubkov & Serov 2013,
    whose bound is off by one count), and n D >= t^2 / (2 np(1-p) + 2bt/3) at a distance t (Bernstein, for trials
    that exceed their mean by at most b: 1 - p upwards, p downwards). Reach is where that is `_BOUND`, plus one.
    """
    per_voter = 100.0 / n
    at = k * per_voter
    down = at * (_BOUND / 300)
    up = _BOUND / 3 - down
    spread = (k * 6.0) * up
    low = at - (1 + down + np.sqrt(down * down + spread)) * per_voter
    high = at + (1 + up + np.sqrt(up * up + spread)) * per_voter
    lowest = np.ceil(np.maximum(low - 0.05, 0)).astype(np.int64)
    return lowest, np.floor(np.minimum(high + 0.05, 100)).astype(np.int64)


def _alike(lengths: Ints) -> Iterator[slice]:
    """Cuts rising lengths into runs of equal ones, of about `_SUMMED` pairs; a run of length 0 sums nothing."""
    edges = np.flatnonzero(np.diff(lengths, prepend=-1))
    for first, last in zip(edges, [*edges[1:], lengths.size], strict=True):
        step = max(1, _SUMMED // max(int(lengths[first]), 1))
        for at in range(int(first), int(last), step):
            yield slice(at, min(at + step, int(last)))


def _rising(values: Ints) -> Ints:
    """Indices in rising order of whole numbers; 16-bit ones are sorted by radix, ten times as fast."""
    small = values.size > 0 and values.max() < 2**16
    return np.argsort(values.astype(np.uint16) if small else values, kind="stable")
