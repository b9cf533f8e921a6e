"""Sums that have to fit, counts that are too round, and what totals alone say of who voted how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Roundness", "bounds", "roundness", "sums_by_unit"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SMALLEST_ROUND, _TEN, _REACH = 50, 10, 4


@dataclass(frozen=True)
class Roundness:
    """Of `counts` counts within 4 of a multiple of ten `round_` are one; P of at least so many by chance."""

    counts: int
    round_: int
    p_value: float


def sums_by_unit(lines: Mapping[str, Ints], unit: Ints, units: int) -> dict[str, Ints]:
    """Every line, (stations,), summed over the stations of each unit: (units,), exact."""
    sums = {}
    for name, line in lines.items():
        total = np.zeros(units, dtype=np.int64)
        np.add.at(total, unit, line)
        sums[name] = total
    return sums


def roundness(counts: Ints) -> Roundness:
    """Multiples of ten among the counts 4 or less from one, of 50 or more, where chance gives one in nine.

    The counts 10 k - 4 .. 10 k + 4 lie evenly around 10 k, so that a density that falls in a straight line gives
    the middle one a ninth of them. The usual one in ten of all counts of 50 or more does not hold: counts become
    rarer, a cut at 50 begins with a nought, and clean countries then have 11 % of noughts.
    """
    from scipy.special import bdtrc

    near = counts[(counts >= _SMALLEST_ROUND - _REACH) & ((counts + _REACH) % _TEN <= 2 * _REACH)]
    tens = int(np.count_nonzero(near % _TEN == 0))
    p = float(bdtrc(tens - 1, near.size, 1 / (2 * _REACH + 1))) if tens else 1.0
    return Roundness(int(near.size), tens, p)


def bounds(leader: Ints, ballots: Ints, moved: Ints) -> tuple[float, float]:
    """Least and most of the leader's share among those who moved that the totals allow (Duncan & Davis 1953).

    In a station of r ballots, l of them the leader's, of which x came by the line, he has at least max(0, l - r +
    x) and at most min(l, x) of these. Summed over stations, divided by the sum of x; (0, 1) where nobody moved.
    """
    x = np.minimum(moved, ballots)
    all_ = int(x.sum())
    if not all_:
        return 0.0, 1.0
    return float(np.maximum(leader - ballots + x, 0).sum() / all_), float(np.minimum(leader, x).sum() / all_)
