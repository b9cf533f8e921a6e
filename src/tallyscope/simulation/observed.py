"""What a given election shows of its places, and the rates estimated from it: the other way round from `rates`.

Core: pure functions on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.estimate import Nested, empirical_logit, nested_covariances, within_slope
from tallyscope.simulation.habits import Rate, Tied
from tallyscope.simulation.latent import expit, logit

__all__ = ["Observed", "fitted", "rate_of", "typical_for"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: A station says something of a rate where at least so many cases are expected: the logit of fewer is biased.
_EXPECTED = 3.0
#: With fewer such stations the spreads are left at their defaults.
_STATIONS = 100
#: What does not differ cannot go along with anything.
_NO_SPREAD = 1e-6
#: Stations on which the typical rate is solved for, and quadrature nodes of its distribution.
_SAMPLE, _NODES = 2_000, 15


@dataclass(frozen=True, eq=False)
class Observed:
    """Stations of a given election.

    `rest`, `noise`: (stations, 2) logit turnout and share without their size effect, and the sampling variances;
    `size`: (stations,) standardised log size; `tree`: their places.
    """

    rest: Floats
    noise: Floats
    size: Floats
    tree: Nested

    def at(self, rows: Mask) -> Observed:
        """Some of the stations; their places numbered anew."""
        region, territory = (
            np.unique(c[rows], return_inverse=True)[1].astype(np.int64)
            for c in (self.tree.region, self.tree.territory)
        )
        return Observed(self.rest[rows], self.noise[rows], self.size[rows], Nested(region, territory))


def rate_of(count: Ints, total: Ints, places: Observed, default: Rate) -> Rate:
    """The rate count / total with its spread over places and its ties to turnout and share.

    The typical rate is the one with which the spread gives the pooled rate that was seen. Where too few stations
    have any cases, the spreads are those of `default`.
    """
    pooled = float(count.sum()) / max(float(total.sum()), 1.0)
    if not 0 < pooled < 1:
        return replace(default, typical=0.0 if pooled <= 0 else default.typical)
    enough = (total * pooled >= _EXPECTED) & (total * (1 - pooled) >= _EXPECTED) & (count <= total)
    rate = default
    if enough.sum() >= _STATIONS:
        rate = fitted(*empirical_logit(count[enough], total[enough]), places.at(enough), default)
    return replace(rate, typical=typical_for(pooled, total, places.size, rate))


def fitted(values: Floats, noise: Floats, places: Observed, default: Rate) -> Rate:
    """Spreads, ties and size effect of `values` (stations,) with sampling variances `noise`; `typical` as given."""
    slope = float(within_slope(values[:, None], places.size, places.tree.territory)[0])
    three = np.column_stack([places.rest, values - slope * places.size])
    covariances = nested_covariances(three, np.column_stack([places.noise, noise]), places.tree)
    region, territory, station = (_tied(c) for c in covariances)
    return replace(default, region=region, territory=territory, station=station, size=slope)


def typical_for(pooled: float, total: Ints, size: Floats, rate: Rate) -> float:
    """The typical rate with which sum(total x E[rate]) / sum(total) is `pooled`, by bisection on its logit.

    E over the normal sum of all effects by Gauss-Hermite quadrature; stations are sampled evenly.
    """
    spread = np.sqrt(sum(t.spread**2 for t in rate.effects))
    step = max(1, total.size // _SAMPLE)
    weights, shift = total[::step].astype(np.float64), rate.size * size[::step]
    if not weights.sum():
        return pooled
    nodes, masses = np.polynomial.hermite_e.hermegauss(_NODES)
    low, high = logit(pooled) - 12.0, logit(pooled) + 12.0
    for _ in range(40):
        middle = (low + high) / 2
        expected = expit(middle + shift[:, None] + spread * nodes) @ (masses / masses.sum())
        low, high = (middle, high) if expected @ weights < pooled * weights.sum() else (low, middle)
    return float(expit(np.array(low)))


def _tied(covariance: Floats) -> Tied:
    """From the covariances of (turnout, share, the rate) at one level, (3, 3)."""
    spread = np.sqrt(np.diag(covariance))
    if spread[2] < _NO_SPREAD:
        return Tied(0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ties = covariance[2, :2] / (spread[2] * spread[:2])
    turnout, share = np.clip(np.nan_to_num(ties, posinf=0.0, neginf=0.0), -1, 1)
    return Tied(float(spread[2]), float(turnout), float(share))
