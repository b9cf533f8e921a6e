"""Slopes unit by unit, and whether some territories are steeper than the spread of all explains.

Where a relation of the leader's share and a movement line is honest, its strength differs from territory to
territory about a middle one, as often to this side as to that. Control in some of them makes these, and only these,
steeper. So the scores of the territories about their median are compared: their upper tail with their lower one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.movements_slope import t_tail

__all__ = ["Local", "RegionSlopes", "local_slopes", "region_slopes", "upper_heavier"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Degrees of freedom with which the country's residual variance stands beside a territory's own.
_PRIOR = 10
_FEWEST = 8
#: Scores count from here, and no more than to there.
_FROM, _TO = 1.5, 4.0


@dataclass(frozen=True, eq=False)
class Local:
    """(units,) slope of the residual on the dose, and its score, standard normal where nothing is.

    The score is that of the residuals' ranks, so that neither skewness nor a few outliers decide it. NaN where a
    unit has too few stations, or no differences in the dose.
    """

    slope: Floats
    score: Floats


@dataclass(frozen=True, eq=False)
class RegionSlopes:
    """(units,) slope, error (between lower units), effective lower units less one, P of one at least as steep.

    `middle`, `spread`: of the slopes of all units, robustly; NaN p-values where a unit says too little.
    """

    slope: Floats
    error: Floats
    freedom: Floats
    p_value: Floats
    middle: float
    spread: float


def local_slopes(residual: Floats, dose: Floats, weight: Floats, unit: Ints) -> Local:
    """Weighted least squares within each unit; the variance is the unit's own, shrunk to the country's."""
    from scipy.special import ndtri, stdtr

    plain = _within(residual, weight, unit)
    normal = _normal_scores(plain * np.sqrt(weight)) / np.sqrt(weight)
    d = _within(dose, weight, unit)
    slope, _, usable, _ = _fitted(plain, d, weight, unit)
    ranked, error, _, freedom = _fitted(normal, d, weight, unit)
    chance = stdtr(freedom, ranked / error)
    score = ndtri(np.clip(chance, 1e-16, 1 - 1e-16))
    return Local(*(np.where(usable, v, np.nan) for v in (slope, score)))


def _within(values: Floats, weight: Floats, unit: Ints) -> Floats:
    sums = np.bincount(unit, weight)
    return np.asarray(values - (np.bincount(unit, weight * values) / np.maximum(sums, 1e-300))[unit])


def _normal_scores(values: Floats) -> Floats:
    """Ranks as quantiles of a standard normal (Blom 1958): no skewness is left, and no outlier."""
    from scipy.special import ndtri

    ranks = np.empty(values.size)
    ranks[np.argsort(values, kind="stable")] = np.arange(1, values.size + 1)
    return np.asarray(ndtri((ranks - 0.375) / (values.size + 0.25)))


def _fitted(
    e: Floats, d: Floats, weight: Floats, unit: Ints
) -> tuple[Floats, Floats, npt.NDArray[np.bool_], Floats]:
    """Slope, error, whether it can be told, degrees of freedom, (units,) each; errors shrunk to the country's."""
    information, stations = np.bincount(unit, weight * d * d), np.bincount(unit)
    usable = (information > 1e-9 * max(float(information.max(initial=0.0)), 1e-12)) & (stations >= _FEWEST)
    safe = np.where(usable, information, 1.0)
    slope = np.bincount(unit, weight * d * e) / safe
    own = np.bincount(unit, weight * (e - slope[unit] * d) ** 2)
    freedom = np.maximum(stations - 2.0, 0.0)
    typical = float(np.median(own[usable] / freedom[usable])) if usable.any() else 1.0
    scale = (own + _PRIOR * typical) / (freedom + _PRIOR)
    return slope, np.maximum(np.sqrt(scale / safe), 1e-12), usable, freedom + _PRIOR


def upper_heavier(score: Floats) -> tuple[float, float]:
    """The score of the territories' upper tail beyond the lower one, and P of at least that much.

    T = sum of phi(s - median s), phi(s) = sign(s) (min(|s|, 4) - 1.5)+: under any law symmetric about its middle, T
    has mean 0, and the variance sum (phi(s) - c sign(s))^2, c = E phi'/(2 f(0)) for the median (Huber 1981, sec.
    3.2). NaN scores take no part.
    """
    from scipy.special import ndtr

    s = score[~np.isnan(score)]
    if s.size < 2:
        return 0.0, 1.0
    s = s - np.median(s)
    size = np.abs(s)
    phi = np.sign(s) * np.maximum(np.minimum(size, _TO) - _FROM, 0.0)
    steep = float(np.mean((size > _FROM) & (size < _TO)))
    # The density at the median from the middle half of the scores.
    density = 0.5 / max(float(np.quantile(s, 0.75) - np.quantile(s, 0.25)), 1e-9)
    variance = float(((phi - steep / (2 * density) * np.sign(s)) ** 2).sum())
    z = float(phi.sum()) / np.sqrt(variance) if variance > 0 else 0.0
    return z, float(ndtr(-z))


def region_slopes(residual: Floats, dose: Floats, weight: Floats, lower: Ints, upper: Ints) -> RegionSlopes:
    """Slopes of upper units, errors between their lower units, against the middle and the spread of all slopes.

    `lower`, `upper`: (stations,) units from 0, none empty. A unit's p-value: t = (b - m) / sqrt(error^2 +
    spread^2), with m the median slope, or 0 where that is negative.
    """
    information, score = np.bincount(lower, weight * dose**2), np.bincount(lower, weight * dose * residual)
    of = np.zeros(information.size, dtype=np.int64)
    of[lower] = upper
    units = int(upper.max(initial=-1)) + 1
    whole = np.bincount(of, information, minlength=units)
    safe = np.where(whole > 0, whole, 1.0)
    slope = np.bincount(of, score, minlength=units) / safe
    freedom = safe**2 / np.maximum(np.bincount(of, information**2, minlength=units), 1e-300) - 1
    # Leaving one out inflates each cluster's part by 1 / (1 - leverage).
    leverage = np.minimum(information / safe[of], 0.95)
    parts = ((score - slope[of] * information) / (1 - leverage)) ** 2
    error = np.sqrt(np.bincount(of, parts, minlength=units)) / safe
    told = (freedom >= 3) & (error > 0)
    middle = float(np.median(slope[told])) if told.any() else 0.0
    spread = _spread(slope[told] - middle, error[told])
    p = t_tail(slope - max(middle, 0.0), np.sqrt(error**2 + spread**2), freedom)
    return RegionSlopes(slope, error, freedom, np.where(told, p, np.nan), middle, spread)


def _spread(deviation: Floats, error: Floats) -> float:
    """omega for which half of |deviation| lies below .6745 sqrt(error^2 + omega^2), by bisection; 0 at least."""
    if deviation.size < 5:
        return 0.0
    low, high = 0.0, float(np.abs(deviation).max()) * 2
    for _ in range(40):
        middle = (low + high) / 2
        inside = np.mean(np.abs(deviation) < 0.6745 * np.sqrt(error**2 + middle**2))
        low, high = (middle, high) if inside < 0.5 else (low, middle)
    return (low + high) / 2 if high > 1e-9 else 0.0
