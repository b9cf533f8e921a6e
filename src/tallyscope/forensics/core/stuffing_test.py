"""Tests of stuffing: for the election, for each group, for the units of the groups, for each station.

Where nothing was done positions are symmetric about the centre of each group, so the mean third Hermite
polynomial of a group is zero on average whatever the group's centre, spread, and size; groups differ honestly and
independently.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.stuffing_evidence import Skewness

__all__ = ["Test", "UnitTest", "group_tests", "overall_test", "unit_tests"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LOWER = 0.15865525393145707


@dataclass(frozen=True)
class Test:
    """One-sided: `p_value` of a skewness at least so far towards stuffing. `t` with groups - 1 degrees of
    freedom."""

    t: float
    groups: int
    skewness: float
    p_value: float


@dataclass(frozen=True, eq=False)
class UnitTest:
    """`position`: (units,) mean position; `between`: sd of the units' own positions where nothing was done."""

    position: Floats
    between: float
    p_value: Floats


def overall_test(skew: Skewness) -> Test:
    """t = sum_g S_g / sqrt(n/(n-1) sum_g (S_g - W_g S/W)^2), S_g the weighted sum of H3 in group g, W_g its
    weight."""
    groups = skew.sum.size
    mean = float(skew.sum.sum() / skew.weight.sum())
    t, p = _t_test(skew.sum, skew.sum - mean * skew.weight, groups)
    return Test(t, groups, mean, p)


def group_tests(skew: Skewness, group: Ints, cluster: Ints) -> Floats:
    """(groups,) p-values: the same within a group, over its clusters (numbered from 0, each within one group)."""
    clusters = int(cluster.max(initial=-1)) + 1
    sums = np.bincount(cluster, skew.each, clusters)
    of = np.zeros(clusters, dtype=np.int64)
    of[cluster] = group
    shares = np.bincount(cluster, minlength=clusters) / np.maximum(np.bincount(group), 1)[of]
    out = np.full(skew.sum.size, np.nan)
    squares = np.bincount(of, (sums - shares * skew.sum[of]) ** 2, out.size)
    counts = np.bincount(of, minlength=out.size)
    known = (counts >= 5) & (squares > 0)
    from scipy.special import stdtr

    n = counts[known]
    out[known] = stdtr(n - 1, -skew.sum[known] / np.sqrt(squares[known] * n / (n - 1)))
    return out


def _t_test(sums: Floats, deviations: Floats, groups: int) -> tuple[float, float]:
    from scipy.special import stdtr

    squares = float(deviations @ deviations)
    if groups < 2 or squares <= 0:
        return 0.0, 1.0
    t = float(sums.sum() / np.sqrt(squares * groups / (groups - 1)))
    return t, float(stdtr(groups - 1, -t))


def unit_tests(position: Floats, weight: Floats, unit: Ints, units: int) -> UnitTest:
    """Units (territories) that stand higher on the axis than units honestly differ.

    The mean position of a unit has variance T^2 + (1 - T^2) sum w^2 / (sum w)^2: what units share, and what
    stations have of their own; position has unit variance. T is such that the lower half of the units is as
    spread as a normal distribution: stuffed units are in the upper half.
    """
    total = np.bincount(unit, weight, units)
    mean = np.bincount(unit, weight * np.clip(position, -6, 6), units) / total
    noise = np.bincount(unit, weight**2, units) / total**2
    middle = float(np.median(mean))

    def standardised(between: float) -> Floats:
        return np.asarray((mean - middle) / np.sqrt(between + max(1 - between, 0.0) * noise))

    low, high = 0.0, 4.0
    for _ in range(40):
        half = (low + high) / 2
        wider = np.quantile(standardised(half), _LOWER) < -1
        low, high = (half, high) if wider else (low, half)
    from scipy.special import ndtr

    return UnitTest(mean, float(np.sqrt(high)), np.asarray(ndtr(-standardised(high))))
