"""Last digits and pairs of last digits (Beber & Scacco, Political Analysis 20 (2012) 211-234), and second digits
(Mebane 2006-2011) against what the neighbours in size would have reported.

A last digit is uniform where the chances of the counts change little over ten of them. Leaving out counts below
100, as is usual, cuts them off at once, and a falling density then has more 0s than 9s at the edge: on 90,000 clean
stations that alone makes the test cry in a quarter of elections. So counts are weighted instead, from 0 below 50 to
1 above 150, and by their binomial standard deviation from 0 below 5 to 1 above 9: nothing is cut off. Given its
tens digit, a last digit repeats it with chance .1 and neighbours it (0 and 9 are neighbours) with chance .2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "ADJACENT",
    "COUNT_RAMP",
    "REPEATED",
    "SD_RAMP",
    "Pairs",
    "exchanged_digits",
    "pairs",
    "second_digit",
    "second_digit_distance",
    "uniformity",
    "weights",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Between these, counts (and their standard deviations) get weights between 0 and 1.
COUNT_RAMP, SD_RAMP = (50.0, 150.0), (5.0, 9.0)
REPEATED, ADJACENT = 0.1, 0.2


def weights(count: Ints, total: Ints) -> Floats:
    """(counts,) weights 0..1 of counts of `total` ballots or voters; see the module's docstring."""
    sd = np.sqrt(count * (np.maximum(total, count) - count) / np.maximum(total, 1))
    return np.asarray(_ramp(count, *COUNT_RAMP) * _ramp(sd, *SD_RAMP))


def _ramp(value: npt.NDArray[np.generic], low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, half a cosine between: no edge, not even in the slope."""
    place = np.clip((np.asarray(value, dtype=np.float64) - low) / (high - low), 0.0, 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * place))


def uniformity(digit: Ints, weight: Floats, group: Ints, groups: int) -> Floats:
    """Weighted chi-square of digits against equal chances by group, (groups,); 0 without weight.

    sum_d (O_d - W/10)^2 / (sum w^2 / 10) with O_d the weight of digit d and W of all: nine degrees of freedom.
    """
    observed = np.bincount(group * 10 + digit, weights=weight, minlength=groups * 10).reshape(groups, 10)
    square = np.bincount(group, weights=weight**2, minlength=groups) / 10
    difference = observed - observed.sum(axis=1, keepdims=True) / 10
    return np.asarray((difference**2).sum(axis=1) / np.maximum(square, 1e-300))


@dataclass(frozen=True)
class Pairs:
    """Weighted shares of counts that repeat their tens digit, or have a neighbour of it at the end.

    `scores`: standardised differences from the chances .1 and .2, 0 without weight.
    """

    repeated: float
    adjacent: float
    repeated_score: float
    adjacent_score: float


def pairs(count: Ints, weight: Floats) -> Pairs:
    """Pairs of last digits, (counts,) each."""
    gap = np.abs(count % 10 - count // 10 % 10)
    total, sd = float(weight.sum()), float(np.sqrt((weight**2).sum()))
    if not total:
        return Pairs(0.0, 0.0, 0.0, 0.0)
    repeated = float(weight[gap == 0].sum())
    adjacent = float(weight[(gap == 1) | (gap == 9)].sum())
    return Pairs(
        repeated / total,
        adjacent / total,
        (repeated - total * REPEATED) / (sd * (REPEATED * (1 - REPEATED)) ** 0.5),
        (adjacent - total * ADJACENT) / (sd * (ADJACENT * (1 - ADJACENT)) ** 0.5),
    )


def second_digit(count: Floats | Ints) -> Ints:
    """The second significant digit of counts of 10 or more, (counts,)."""
    whole = np.maximum(np.asarray(count, dtype=np.int64), 10)
    power = np.searchsorted(10 ** np.arange(1, 19, dtype=np.int64), whole, side="right") - 1
    return np.asarray(whole // 10**power % 10)


def exchanged_digits(
    rate: Floats, size: Ints, own: Ints, group: Ints, reach: int
) -> tuple[Ints, Ints, Floats, Floats]:
    """Second digits as observed and as neighbours in size would have made them.

    Stations of a group are put in order of size; each is given the rates of the up to `reach` stations on either
    side of it in its group, and reports rate times its own size. If stations of a group that are near in size are
    exchangeable, its own digit is drawn from those. rate: (stations,) votes / voters; size: (stations,) voters;
    own: (stations,) its votes.

    Returns the rows (stations that have a neighbour and 10 votes), their observed digit, the share of each digit
    among their neighbours, (rows, 10), and how many neighbours they have, (rows,).
    """
    order = np.lexsort((size, group))
    sorted_group, sorted_rate, sorted_size = group[order], rate[order], size[order]
    chances = np.zeros((order.size, 10))
    for shift in range(1, reach + 1):
        for here, there in ((slice(None, -shift), slice(shift, None)), (slice(shift, None), slice(None, -shift))):
            same = np.flatnonzero(sorted_group[here] == sorted_group[there])
            rows = np.arange(order.size)[here][same]
            made = np.floor(sorted_rate[there][same] * sorted_size[here][same] + 0.5)
            counted = made >= 10
            chances[rows[counted], second_digit(made[counted])] += 1
    neighbours = chances.sum(axis=1)
    kept = np.flatnonzero((neighbours > 0) & (own[order] >= 10))
    shares = chances[kept] / neighbours[kept, None]
    return order[kept], second_digit(own[order[kept]]), shares, neighbours[kept]


def second_digit_distance(digit: Ints, chance: Floats, effective: Floats) -> tuple[float, Floats]:
    """(O - E)' V^-1 (O - E) of second digits, chi-square with nine degrees of freedom, and E, (10,).

    digit: (stations,); chance: (stations, 10), each a frequency among `effective` draws, (stations,); V is the
    variance of the digits and of those frequencies.
    """
    observed = np.bincount(digit, minlength=10).astype(np.float64)
    expected = chance.sum(axis=0)
    # n/(n-1): the variance of a digit, from frequencies among n; 1 + 1/n: the frequencies vary too.
    weight = np.where(effective > 1, (effective + 1) / np.maximum(effective - 1, 1), 2.0)
    variance = np.diag((chance * weight[:, None]).sum(axis=0)) - (chance * weight[:, None]).T @ chance
    difference = (observed - expected)[:9]
    return float(difference @ np.linalg.solve(variance[:9, :9], difference)), expected
