"""The interval of an estimate of anomalous votes: the ratio's sampling, and where the core was put.

The election's own ballots are counted completely and stay as they are; what is uncertain is the honest ratio c.
Territorial units are drawn with replacement, the core is found anew in every replicate, and each plausible core
around it gives one c, with equal weights that add up to one a replicate. Curves add, so a replicate is a row of a
matrix product. To be conservative the units are large (regions where there are enough): what the stations of a
region share is not drawn independently.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.anomalous import Curves, anomalous_votes, ratios
from tallyscope.forensics.core.core_finder import CoreFinder, plausible_cores

__all__ = ["Interval", "Replicates", "interval", "resample", "weighted_quantiles"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Replicates:
    """`cores`: (draws,) the core found in each. `estimates`, `weights`: all replicates and their plausible cores.

    `fixed`: (draws,) estimates with the core kept where the whole data have it.
    """

    cores: Ints
    estimates: Floats
    weights: Floats
    fixed: Floats


@dataclass(frozen=True)
class Interval:
    """Lower and upper end in votes, and its coverage."""

    low: float
    high: float
    level: float


def resample(by_unit: Curves, core: int, finder: CoreFinder, *, draws: int, seed: int) -> Replicates:
    """Draws the units (rows of `by_unit`) with replacement `draws` times; see the module's docstring."""
    units = by_unit.leader.shape[0]
    times = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=draws).astype(np.float64)
    drawn = Curves(times @ by_unit.leader, times @ by_unit.others)
    ratio = ratios(drawn)
    found = finder(drawn).core
    plausible = plausible_cores(drawn, found)
    choices = plausible.sum(axis=1)
    weights = plausible / np.maximum(choices, 1)[:, None]
    whole = by_unit.total()
    fixed = ratio[:, core]
    return Replicates(
        found,
        anomalous_votes(whole, ratio[plausible]),
        weights[plausible],
        anomalous_votes(whole, fixed[~np.isnan(fixed)]),
    )


def interval(estimates: Floats, weights: Floats, level: float) -> Interval:
    """The central interval of weighted estimates that leaves (1 - level)/2 of the weight on either side."""
    rest = (1 - level) / 2
    low, high = weighted_quantiles(estimates, weights, np.asarray([rest, 1 - rest]))
    return Interval(float(low), float(high), level)


def weighted_quantiles(values: Floats, weights: Floats, at: Floats) -> Floats:
    """(len(at),) the smallest value at which the weight reached is at least `at` of the whole."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    place = np.searchsorted(reached, at * reached[-1] - 1e-12 * reached[-1])
    return np.asarray(values[order][np.minimum(place, values.size - 1)], dtype=np.float64)
