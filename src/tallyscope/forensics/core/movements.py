"""The usual rate of a movement line (x of n voters of a station) and how stations honestly spread around it.

Latent model: logit theta_i = mu_t(i) + g(size_i) + N(0, sigma_r(i)^2), territories t, regions r, g quadratic in the
standardised log size. Every part is fitted robustly, so that a few manipulated stations move it little: medians,
residuals clipped at two standard deviations (Huber 1964), and sigma from the share of stations above one standard
deviation. A station's own rate takes no part in the mean it is compared with (leave-one-out).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Usual", "group_medians", "standardised_log", "usual"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CLIP = 2.0
#: P(N(0, 1) > 1), and P(N(0, 1) > .6745).
_ABOVE_ONE = 0.15865525
#: Spread between the territories of a region, on the logit scale, before their stations say anything of it.
_BETWEEN = 0.5
#: A region's spread is at least this part of the median region's.
_LEAST_OF_TYPICAL = 0.75
_SMALLEST_SPREAD, _LARGEST_SPREAD = 0.05, 4.0


@dataclass(frozen=True, eq=False)
class Usual:
    """Per station: `mean` of the logit rate, its own left out; `spread`: sigma, with the error of the mean.

    `region_spread`: (regions,) sigma alone. `slope`: of the logit rate on standardised log size and its square.
    """

    mean: Floats
    spread: Floats
    region_spread: Floats
    slope: tuple[float, float]

    def rate(self, deviations: float) -> Floats:
        """(stations,) the rate so many standard deviations above the usual one."""
        return np.asarray(1 / (1 + np.exp(-self.mean - deviations * self.spread)))


def usual(count: Ints, total: Ints, size: Floats, territory: Ints, region: Ints) -> Usual:
    """Fits the latent model. `count` <= `total`, `size` (standardised log), unit numbers from 0: (stations,).

    Regions and territories need not nest; with one of each, everything is compared with the whole.
    """
    logit = np.log((count + 0.5) / (total - count + 0.5))
    noise = 1 / (count + 0.5) + 1 / (total - count + 0.5)
    slope = _size_slope(logit, noise, size, territory)
    rest = logit - slope[0] * size - slope[1] * size**2
    centre = group_medians(rest, region)
    rough = max(1.4826 * float(np.median(np.abs(rest - centre[region]))), _SMALLEST_SPREAD) if rest.size else 1.0
    weight = 1 / (rough**2 + noise)
    bound = _CLIP / np.sqrt(weight) + _BETWEEN
    deviation = np.clip(rest - centre[region], -bound, bound)
    sums, weights = np.bincount(territory, weight * deviation), np.bincount(territory, weight)
    for _ in range(2):
        own = sums / (weights + _BETWEEN**-2)
        clip = _CLIP / np.sqrt(weight)
        deviation = own[territory] + np.clip(rest - centre[region] - own[territory], -clip, clip)
        sums = np.bincount(territory, weight * deviation)
    left = weights[territory] - weight + _BETWEEN**-2
    around = (sums[territory] - weight * deviation) / left
    residual = rest - centre[region] - around
    spread = _upper_spread(residual, noise + 1 / left, region)
    # Where nearly all stations have none, their spread cannot be seen: to be conservative, not below most others'.
    spread = np.maximum(spread, _LEAST_OF_TYPICAL * np.median(spread))
    mean = centre[region] + around + slope[0] * size + slope[1] * size**2
    return Usual(mean, np.sqrt(spread[region] ** 2 + 1 / left), spread, slope)


def standardised_log(sizes: Ints) -> Floats:
    """log of `sizes` (at least 1), mean 0, standard deviation 1, kept within four; zeros if all are alike."""
    logs = np.log(np.maximum(sizes, 1))
    spread = float(logs.std()) if logs.size else 0.0
    return np.asarray(np.clip((logs - logs.mean()) / spread, -4, 4)) if spread > 1e-9 else np.zeros(logs.size)


def group_medians(values: Floats, group: Ints) -> Floats:
    """(groups,) the (lower) median of each group; 0 for a group without members."""
    sizes = np.bincount(group)
    order = np.argsort(values)
    # Sixteen-bit keys are sorted by their digits, in linear time.
    order = order[np.argsort(group[order].astype(np.uint16 if sizes.size <= 65536 else np.int64), kind="stable")]
    first = np.cumsum(sizes) - sizes
    middle = np.minimum(first + np.maximum(sizes - 1, 0) // 2, max(values.size - 1, 0))
    return np.where(sizes > 0, values[order][middle], 0.0) if values.size else np.zeros(sizes.size)


def _size_slope(logit: Floats, noise: Floats, size: Floats, territory: Ints) -> tuple[float, float]:
    """Weighted least squares within territories on size and its square, the second time on clipped values."""
    weight = 1 / (1 + noise)
    sums = np.bincount(territory, weight)

    def within(v: Floats) -> Floats:
        return np.asarray(v - (np.bincount(territory, weight * v) / sums)[territory])

    design = np.column_stack([within(size), within(size**2)])
    if float(np.abs(design).max(initial=0.0)) < 1e-9:
        return 0.0, 0.0
    response = within(logit)
    slope: Floats = np.zeros(2)
    weighted = design.T * weight
    inverse = np.linalg.pinv(weighted @ design, hermitian=True)
    for _ in range(2):
        slope = inverse @ (weighted @ response)
        fitted = design @ slope
        scale = 1.4826 * float(np.median(np.abs(response - fitted))) + 1e-9
        response = np.asarray(fitted + np.clip(response - fitted, -_CLIP * scale, _CLIP * scale))
    return float(slope[0]), float(slope[1])


def _upper_spread(residual: Floats, noise: Floats, region: Ints) -> Floats:
    """(regions,) sigma for which as many residuals exceed sqrt(sigma^2 + noise) as of a normal would, by bisection.

    The upper side counts, since only that is tested; a sixth of the stations would have to be manipulated to move
    it to them.
    """
    stations = np.maximum(np.bincount(region), 1)
    low = np.full(stations.size, _SMALLEST_SPREAD)
    high = np.full(stations.size, _LARGEST_SPREAD)
    # Sixteen halvings leave 6e-5.
    for _ in range(16):
        middle = (low + high) / 2
        beyond = residual > np.sqrt(middle[region] ** 2 + noise)
        wide = np.bincount(region, beyond) > _ABOVE_ONE * stations
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return np.asarray((low + high) / 2)
