"""Rates that differ from place to place, and that go along with how people vote there.

Core: pure functions on arrays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.habits import Rate, Tied
from tallyscope.simulation.latent import Latent, expit, logit

__all__ = ["deviations", "rates", "tied_effect"]

Floats = npt.NDArray[np.float64]


def tied_effect(
    tied: Tied, standard: Floats, correlation: float, noise: Floats, codes: npt.NDArray[np.int64] | None = None
) -> Floats:
    """spread x (b z + sqrt(1 - c'b) noise), where z = `standard` (units, 2), c its wanted correlations, b = R^-1 c.

    R is the correlation matrix of z. Where c is out of reach (c'b > 1), it is shortened until it is not.
    `codes`: spreads the units' effects over their stations.
    """
    if not tied.spread:
        return np.zeros(len(standard) if codes is None else len(codes))
    wanted = np.array([tied.turnout, tied.share])
    loading = np.linalg.pinv(np.array([[1.0, correlation], [correlation, 1.0]])) @ wanted
    explained = float(wanted @ loading)
    if explained > 1.0:
        loading, explained = loading / np.sqrt(explained), 1.0
    effect = standard @ (tied.spread * loading) + tied.spread * np.sqrt(1.0 - explained) * noise
    return np.asarray(effect if codes is None else effect[codes])


def deviations(rate: Rate, land: Latent, rng: np.random.Generator) -> Floats:
    """How far each station is from the typical one on the scale of the effects, (stations,)."""
    above, stations = len(land.units), land.size.size
    total = rate.size * land.size
    effects = (*rate.effects[:above], rate.station)
    codes = (*land.units, None)
    for tied, standard, rho, unit in zip(effects, land.standard, land.correlations, codes, strict=True):
        heavy = rate.tail if unit is None else None
        total += tied_effect(tied, standard, rho, _noise(len(standard), heavy, rng), unit)
    return total if stations else np.zeros(0)


def rates(rate: Rate, land: Latent, rng: np.random.Generator) -> Floats:
    """The rate of every station, (stations,)."""
    if rate.typical <= 0:
        return np.zeros(land.size.size)
    return expit(logit(rate.typical) + deviations(rate, land, rng))


def _noise(units: int, tail: float | None, rng: np.random.Generator) -> Floats:
    """Standard deviation 1: normal, or Student's t of `tail` > 2 degrees of freedom."""
    if tail is None:
        return rng.standard_normal(units)
    return np.asarray(rng.standard_t(tail, units) * np.sqrt((tail - 2.0) / tail))
