"""The resampled kernel density of Rozenas (Political Analysis 25 (2017) 41-56), in expectation instead of by draws.

The published method draws every station's result anew, k* ~ BetaBin(n, k + 1, n - k + 1) (a binomial count whose
rate has the posterior of the observed one), takes the kernel density of all k*/n at the 1,001 points x = 0, .001
... 1 with a normal kernel of bandwidth h = 1e-4, repeats this 1,000 times, and keeps at every x the highest
density. Where the density of the data is higher still, the stations in the bin of x beyond the mean of the draws
count as coarse:

    F = 100 sum over x with f(x) > max f*(x) of (w(x) - mean w*(x))+,   w: shares of stations within .0005 of x.

A density at x is a sum over stations of independent terms K((x - k*/n) / h), and w* of indicators. So the means
and variances are sums of beta-binomial probabilities, exact and free of draws; the highest of many draws is taken
from the shifted gamma distribution with these and the skewness. As 10 h is the distance of two points, a count
touches one point only.

The published program also fits a mixture of beta-binomials, whose components are the posteriors' priors (here they
are flat), draws the sizes n of shares as well, and gets its densities from R's density(), which bins the data on
1,024 points first; these three differ here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
import numpy.typing as npt

__all__ = ["BANDWIDTH", "POINTS", "ResampledDensity", "resampled_density"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

POINTS, BANDWIDTH = 1001, 1e-4
#: Draws reach so many of their standard deviations and counts more (near 0 and 1 their tails fall by halves); less
#: than 1e-7 of a station is left out.
_REACH, _TAIL = 6.5, 25
#: Stations worked out at once: what fits the processor's cache.
_AT_ONCE = 4096
_EULER = 0.5772156649015329


@dataclass(frozen=True, eq=False)
class ResampledDensity:
    """All (POINTS,): densities of the data, their mean and sd over draws, the highest of `draws` draws; shares of
    stations in the bins, of the data and in the mean over draws."""

    density: Floats
    mean: Floats
    sd: Floats
    highest: Floats
    share: Floats
    mean_share: Floats
    draws: int

    @property
    def above(self) -> npt.NDArray[np.bool_]:
        """(POINTS,) where the data are denser than the densest of the draws."""
        return self.density > self.highest

    @property
    def coarse_percent(self) -> float:
        """F: stations with coarse shares, per cent."""
        return 100 * float(np.maximum(self.share - self.mean_share, 0.0)[self.above].sum())


class _Sums:
    """By point, over stations: chances, first three moments of the kernel, squares of the first moments."""

    def __init__(self) -> None:
        self.share, self.first, self.second, self.third, self.squares = (np.zeros(POINTS) for _ in range(5))


def resampled_density(count: Ints, size: Ints, draws: int = 1000) -> ResampledDensity:
    """count, size: (stations,) with 0 <= count <= size and size > 0."""
    sums = _Sums()
    low, steps = _reach(count, size)
    order = np.argsort(-steps, kind="stable")
    table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, 2 * int(size.max()) + 2)))])
    for first in range(0, order.size, _AT_ONCE):
        block = order[first : first + _AT_ONCE]
        _add(sums, count[block], size[block], low[block], steps[block], table)
    scale = count.size * BANDWIDTH * sqrt(2 * pi)
    variance = np.maximum(sums.second - sums.squares, 0.0)
    point, kernel = _kernel(count.astype(np.float64), size.astype(np.float64))
    return ResampledDensity(
        density=np.bincount(point, kernel, POINTS) / scale,
        mean=sums.first / scale,
        sd=np.sqrt(variance) / scale,
        highest=_highest(sums, variance, draws) / scale,
        share=np.bincount(point, minlength=POINTS) / count.size,
        mean_share=sums.share / count.size,
        draws=draws,
    )


def _reach(count: Ints, size: Ints) -> tuple[Ints, Ints]:
    """(stations,) the lowest count worth summing, and how many from there, by beta-binomial mean and variance."""
    n = size.astype(np.float64)
    rate = (count + 1) / (n + 2)
    sd = np.sqrt(n * rate * (1 - rate) * (2 * n + 2) / (n + 3))
    low = np.clip(np.floor(n * rate - _REACH * sd - _TAIL), 0, n).astype(np.int64)
    high = np.clip(np.ceil(n * rate + _REACH * sd + _TAIL), 0, n).astype(np.int64)
    return low, high - low + 1


def _kernel(count: Floats, size: Floats) -> tuple[Ints, Floats]:
    """The point next to each share, and the kernel there; its normalisation is left to the caller."""
    share = count / size
    point = np.floor(1000 * share + 0.5)
    return point.astype(np.int64), np.exp(-0.5 * ((share - point / 1000) / BANDWIDTH) ** 2)


def _add(sums: _Sums, count: Ints, size: Ints, low: Ints, steps: Ints, table: Floats) -> None:
    """Adds the draws of stations, whose `steps` fall, count after count from `low` on.

    P(j + 1) / P(j) = (n - j)(k + j + 1) / ((j + 1)(2 n - k - j)), from P(low) by logarithms of factorials.
    """
    log_p = table[size] - table[low] - table[size - low] + table[count + low] + table[2 * size - count - low]
    log_p += table[size + 1] - table[2 * size + 1] - table[count] - table[size - count]
    p, n, k, j = np.exp(log_p), size.astype(np.float64), count.astype(np.float64), low.astype(np.float64)
    running, before = np.zeros(count.size), np.floor(1000 * j / n + 0.5).astype(np.int64)
    for step in range(int(steps[0])):
        active = int(np.searchsorted(-steps, -step, side="left"))
        if active < p.size:
            sums.squares += np.bincount(before[active:], running[active:] ** 2, POINTS)
            p, n, k, j = p[:active], n[:active], k[:active], j[:active]
            running, before = running[:active], before[:active]
        point, kernel = _kernel(j, n)
        moved = np.flatnonzero(point != before)
        sums.squares += np.bincount(before[moved], running[moved] ** 2, POINTS)
        running[moved] = 0.0
        part = p * kernel
        running += part
        sums.share += np.bincount(point, p, POINTS)
        sums.first += np.bincount(point, part, POINTS)
        part *= kernel
        sums.second += np.bincount(point, part, POINTS)
        sums.third += np.bincount(point, part * kernel, POINTS)
        before = point
        p = p * ((n - j) * (k + j + 1)) / ((j + 1) * (2 * n - k - j) + (j == n))
        j = j + 1
    sums.squares += np.bincount(before, running**2, POINTS)


def _highest(sums: _Sums, variance: Floats, draws: int) -> Floats:
    """(POINTS,) the quantile at exp(-euler / draws), about the mean of the highest of so many (Pearson type III).

    Their third cumulant is that of the third moments, less what a station's own chance takes off the second.
    """
    from scipy.special import gammaincinv

    some = (variance > 1e-12) & (sums.third > 0)
    sd = np.sqrt(variance[some])
    skew = sums.third[some] * (variance[some] / sums.second[some]) / sd**3
    shape = 4 / skew**2
    z = (gammaincinv(shape, exp(-_EULER / draws)) - shape) / np.sqrt(shape)
    highest = sums.first.copy()
    highest[some] += z * sd
    return np.maximum(highest, 0.0)
