"""Stations whose share is a coarse fraction, and the chance of that within the fraction's window.

A share k/n is at the fraction a/b when |k/n - a/b| <= 1/2000, the bin of Rozenas's grid of 1,001 points (Political
Analysis 25 (2017) 41-56). The window of a/b is |k/n - a/b| <= 19/2000, that is 19 bins with a/b in the middle, and
nearly two percentage points. Given that a station lies in the window, its count is one of the counts that do. A
density that rises or falls puts more of them on one side of the middle and as many fewer on the other, so that

    q = counts n has within 1/2000 of a/b  /  counts n has within 19/2000 of a/b

needs no model of shares, and the number of coarse stations is Poisson-binomial. Small numbers have few fractions,
which is why halves and quarters are frequent among small stations (Rozenas, section 2): q reckons with that station
by station. Outside all windows a station says nothing.

The published null draws each station anew around its own share (`fractions_density`). That smooths the distribution
of shares by more than a window is wide: where a peak lies on a fraction, it expects too few there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["COARSE", "CONTROL", "Coarse", "coarse"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Halves, quarters, fifths, tenths and twentieths: the multiples of 5 per cent, (numerator, denominator).
COARSE = tuple((k, 20) for k in range(1, 20))
#: Thirds, sixths and sevenths: as simple as numbers, but nobody's percentages. Faults of the null show here.
CONTROL = tuple((a, b) for b in (3, 6, 7) for a in range(1, b) if b != 6 or a in (1, 5))
_BIN, _WINDOW = 1, 19


@dataclass(frozen=True, eq=False)
class Coarse:
    """at: (stations,) which of the fractions a station lies in the window of, -1 for none; hit: whether it is at
    the fraction; chance: q, 0 outside all windows."""

    at: Ints
    hit: Bools
    chance: Floats


def coarse(count: Ints, size: Ints, fractions: Sequence[tuple[int, int]] = COARSE) -> Coarse:
    """count, size: (stations,) with 0 <= count <= size and size > 0; fractions: with windows that do not overlap.

    Exact: counts within c/2000 of a/b lie between n (2000 a - c b) / 2000 b and n (2000 a + c b) / 2000 b.
    """
    at = np.full(count.shape, -1)
    hit = np.zeros(count.shape, dtype=np.bool_)
    chance = np.zeros(count.shape)
    order = np.argsort(count / size, kind="stable")
    share = (count / size)[order]
    for number, (a, b) in enumerate(fractions):
        # A little wider than the window, which is then decided exactly.
        first, last = np.searchsorted(share, [a / b - 0.0096, a / b + 0.0096])
        near = order[first:last]
        low, high = _between(size[near], a, b, _WINDOW)
        inside = (count[near] >= low) & (count[near] <= high)
        near, low, high = near[inside], low[inside], high[inside]
        nearest, farthest = _between(size[near], a, b, _BIN)
        at[near] = number
        hit[near] = (count[near] >= nearest) & (count[near] <= farthest)
        chance[near] = (farthest - nearest + 1) / (high - low + 1)
    return Coarse(at, hit, chance)


def _between(size: Ints, a: int, b: int, c: int) -> tuple[Ints, Ints]:
    """The lowest and the highest count within c/2000 of a/b, (stations,) each; no count: the lowest is higher."""
    low = np.maximum(-((-size * (2000 * a - c * b)) // (2000 * b)), 0)
    return low, np.minimum(size * (2000 * a + c * b) // (2000 * b), size)
