"""Minor choices with ones and twos but hardly a zero: a low-count pattern that no mixture of Poisson counts has.

The votes of a minor choice in a station are Poisson to a very good approximation, with a mean that may differ
from station to station in any way. Then p(k) = a(k) / k! with a(k) the k-th moment of a measure, and by the
inequality of Cauchy and Schwarz a(1)^2 <= a(0) a(2): p(1)^2 <= 2 p(0) p(2). Zeros are as frequent as
p(1)^2 / (2 p(2)) at least. Equality is the case of one Poisson law for all, in which, given how many stations have
0, 1 or 2 votes and the sum of these votes, the number of stations with two is distributed free of any parameter,

    P(n2) proportional to 2^(-n2) / (n0! n1! n2!),   n0 + n1 + n2 = m,   n1 + 2 n2 = s,

so that P(at most the n0 observed) is an exact p-value, and a conservative one for every mixture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["LowCounts", "low_counts", "too_few_zeros"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LowCounts:
    """zero, one, two: (units,) stations with that many votes; p_value: (units,) of so few zeros."""

    zero: Ints
    one: Ints
    two: Ints
    p_value: Floats


def low_counts(votes: Ints, unit: Ints, units: int) -> LowCounts:
    """The pattern in each unit; votes, unit: (stations,), unit in 0 .. units - 1."""
    zero, one, two = (np.bincount(unit[votes == k], minlength=units) for k in range(3))
    return LowCounts(zero, one, two, too_few_zeros(zero, one, two))


def too_few_zeros(zero: Ints, one: Ints, two: Ints) -> Floats:
    """(units,) exact conditional P(at most this many zeros); 1 where one Poisson law has no more of them."""
    p = np.ones(zero.shape)
    some = np.flatnonzero(one**2 > 2 * zero * two)
    if not some.size:
        return p
    stations, total = (zero + one + two)[some], (one + 2 * two)[some]
    lowest = np.maximum(0, total - stations)
    twos = lowest[:, None] + np.arange(int((total // 2 - lowest).max()) + 1)
    possible = twos <= (total // 2)[:, None]
    twos = np.minimum(twos, (total // 2)[:, None])
    table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(stations.max()) + 1)))])
    zeros = stations[:, None] - total[:, None] + twos
    weight = -twos * np.log(2) - table[zeros] - table[total[:, None] - 2 * twos] - table[twos]
    weight = np.where(possible, np.exp(weight - np.where(possible, weight, -np.inf).max(axis=1)[:, None]), 0.0)
    p[some] = np.where(twos <= two[some, None], weight, 0.0).sum(axis=1) / weight.sum(axis=1)
    return np.minimum(p, 1.0)
