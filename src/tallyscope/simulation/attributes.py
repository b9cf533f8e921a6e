"""What stands beside a protocol: when it came in, and whether a machine counted its ballots.

Core: pure functions on arrays, one entry a station.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.habits import Arrivals, Scanners, Tied
from tallyscope.simulation.latent import Latent, expit, logit
from tallyscope.simulation.rates import deviations, tied_effect

__all__ = ["arrived", "scanner"]

Floats = npt.NDArray[np.float64]


def arrived(land: Latent, arrivals: Arrivals, rng: np.random.Generator) -> npt.NDArray[np.datetime64]:
    """When each protocol came in, to the second, (stations,) datetime64[us]."""
    log = np.log(arrivals.minutes) + deviations(arrivals.delay, land, rng) + arrivals.urban * urban(land)
    longest = timedelta(days=arrivals.days).total_seconds()
    seconds = np.minimum(np.rint(60.0 * np.exp(log)), longest).astype(np.int64)
    return np.asarray(np.datetime64(arrivals.closes, "us") + seconds.astype("timedelta64[s]"))


def scanner(land: Latent, scanners: Scanners, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which stations count with a machine, (stations,)."""
    codes = land.units[-1] if land.units else np.zeros(land.size.size, dtype=np.int64)
    territories = int(codes.max(initial=-1)) + 1
    # The mean size of a territory, one value each: any station of it carries it.
    means = np.zeros(territories)
    means[codes] = urban(land)
    standard = land.standard[-2] if land.units else np.zeros((territories, 2))
    rho = land.correlations[-2] if land.units else 0.0
    lean = tied_effect(Tied(1.0, share=scanners.share), standard, rho, rng.standard_normal(territories))
    rank = logit(scanners.territories) + scanners.urban * means + lean
    some = rng.random(territories) < expit(rank)
    part = np.where(rng.random(territories) < scanners.full, 1.0, rng.uniform(*scanners.mixed, territories))
    within = np.log(part[codes]) - np.log1p(-np.minimum(part[codes], 1 - 1e-12))
    chance = expit(within + scanners.size * (land.size - means[codes]))
    return np.asarray(some[codes] & (rng.random(codes.size) < chance))


def urban(land: Latent) -> Floats:
    """The mean standardised log size of each station's lowest unit: small in the country, large in cities."""
    if not land.units:
        return np.zeros(land.size.size)
    codes = land.units[-1]
    return np.asarray((np.bincount(codes, weights=land.size) / np.maximum(np.bincount(codes), 1))[codes])
