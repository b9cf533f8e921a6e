"""Sums that have to fit, counts that are too round, and what totals alone say of who voted how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Roundness", "bounds", "roundness", "sums_by_unit"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SMALLEST_ROUND, _TEN = 50, 10


@dataclass(frozen=True)
class Roundness:
    """Of `counts` counts of 50 or more `round_` are multiples of ten; P of at least so many, of Bin(counts, .1)."""

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
    """Last digit nought among counts of 50 or more, where chance gives one in ten (Beber & Scacco 2012)."""
    from scipy.special import bdtrc

    large = counts[counts >= _SMALLEST_ROUND]
    tens = int(np.count_nonzero(large % _TEN == 0))
    p = float(bdtrc(tens - 1, large.size, 1 / _TEN)) if tens else 1.0
    return Roundness(int(large.size), tens, p)


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
