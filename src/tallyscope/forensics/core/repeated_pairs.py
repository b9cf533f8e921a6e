"""Pairs of stations of one unit with the same value: their number, and its exact mean and variance.

Within a cell (a unit and a window) the stations' values are independent, station i having v with chance q_i(v). The
number M of pairs with equal values has

    E M   = sum over pairs of p_ij,   p_ij = sum_v q_i(v) q_j(v)
    Var M = sum over pairs of p_ij (1 - p_ij) + sum over i and ordered j != k of (sum_v q_i q_j q_k - p_ij p_ik)

and both come from power sums over the stations of a cell, without a loop over pairs. The third cumulant is that of
pairwise independent indicators with triangles, k3 = E M (1 - p)(1 - 2 p) + 6 T (1 - p), T = sum over triples of
sum_v q_i q_j q_k, p the mean p_ij weighted by itself: exact where all values of a window are equally likely. The
tail is that of a Pearson type III (shifted gamma) variable with these three cumulants, at the observed number: half
of it on either side, as a mid-p.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.repeated_cells import Cells
from tallyscope.forensics.core.repeated_windows import Windows

__all__ = ["SMALLEST_P", "Pairs", "both_pairs", "pairs", "summed", "upper_tail"]

Floats = npt.NDArray[np.float64]

#: Smaller tails of the approximation have no meaning as numbers.
SMALLEST_P = 1e-300
#: Cells of more stations are multiplied out one by one.
_SMALL = 32


@dataclass(frozen=True)
class Pairs:
    """Pairs observed; mean, variance and third cumulant of their number under the null."""

    observed: int
    expected: float
    variance: float
    third: float

    @property
    def sd(self) -> float:
        """Standard deviation of the number under the null."""
        return sqrt(self.variance)


def pairs(figure: Windows, among: Cells) -> Pairs:
    """Pairs of stations of one cell with the same value; `among`: cells of this one figure."""
    q = figure.chance[among.order]
    square = q * q
    first, second, third = (np.add.reduceat(power, among.start) for power in (q, square, square * q))
    expected = 0.5 * float((first**2 - second).sum())
    triples = float((first**3 - 3 * first * second + 2 * third).sum())
    with_others = (q * (first[among.of] - q)).sum(axis=1)
    squares = _squares(q, among)
    variance = expected - squares + triples - (float(with_others @ with_others) - 2 * squares)
    p = squares / expected if expected else 0.0
    cumulant = expected * (1 - p) * (1 - 2 * p) + triples * (1 - p)
    return Pairs(_observed(figure, among), expected, max(variance, 0.0), cumulant)


def _observed(figure: Windows, among: Cells) -> int:
    key = among.of * figure.chance.shape[1] + figure.place[among.order]
    number = np.bincount(key)
    return int((number * (number - 1) // 2).sum())


def _squares(q: Floats, among: Cells) -> float:
    """Sum over pairs of p_ij^2, in small cells pair by pair, in large ones by products over values:

    1/2 (sum_uv (sum_i q_i(u) q_i(v))^2 - sum_i (sum_v q_i(v)^2)^2).
    """
    total = 0.0
    for cell in np.flatnonzero(among.size > _SMALL):
        own = q[among.start[cell] : among.start[cell] + among.size[cell]]
        total += 0.5 * float(((own.T @ own) ** 2).sum() - ((own * own).sum(axis=1) ** 2).sum())
    left = np.arange(q.shape[0])[among.size[among.of] <= _SMALL]
    for apart in range(1, _SMALL):
        left = left[left + apart < q.shape[0]]
        left = left[among.of[left] == among.of[left + apart]]
        if not left.size:
            break
        p = np.einsum("iv,iv->i", q[left], q[left + apart])
        total += float(p @ p)
    return total


def both_pairs(share: Windows, turnout: Windows, among: Cells) -> tuple[int, float]:
    """Pairs with both values equal, observed and expected; `among`: cells of both figures."""
    one, other = share.chance[among.order], turnout.chance[among.order]
    width = one.shape[1]
    total = 0.0
    for v in range(width):
        total += float((np.add.reduceat(one[:, v, None] * other, among.start) ** 2).sum())
    own = float(((one * one).sum(axis=1) * (other * other).sum(axis=1)).sum())
    key = (among.of * width + share.place[among.order]) * width + turnout.place[among.order]
    number = np.unique(key, return_counts=True)[1]
    return int((number * (number - 1) // 2).sum()), 0.5 * (total - own)


def summed(parts: Iterable[Pairs]) -> Pairs:
    """The sum of independent numbers of pairs: cumulants add up."""
    known = tuple(parts)
    return Pairs(
        sum(p.observed for p in known),
        sum(p.expected for p in known),
        sum(p.variance for p in known),
        sum(p.third for p in known),
    )


def upper_tail(of: Pairs) -> float:
    """P(at least so many pairs), with half the weight of exactly so many; 1 where nothing can vary."""
    from scipy.special import gammaincc, ndtr

    if of.variance <= 0:
        return 1.0
    z, skew = (of.observed - of.expected) / of.sd, of.third / of.variance**1.5
    if skew < 1e-6:
        return max(float(ndtr(-z)), SMALLEST_P)
    shape = 4 / skew**2
    return max(float(gammaincc(shape, max(shape + z * sqrt(shape), 0.0))), SMALLEST_P)
