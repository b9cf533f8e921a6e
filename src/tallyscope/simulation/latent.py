"""The latent country: correlated effects of regions, territories and stations on logit turnout and logit share.

Core: pure functions on arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.spec import Behaviour, Effect

__all__ = ["Latent", "effect_of", "expit", "latent", "logit", "standardised_log"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Latent:
    """What the places of a country are like.

    `values`: (stations, 2) logit turnout and logit share. `size`: (stations,) standardised log size. `units`: the
    number of each station's region, then of its territory, (stations,) each; may be shorter. `standard`: for each
    of these levels and then for the stations, the standardised effects on turnout and share, (units, 2), and
    `correlations`: how the two go together at that level.
    """

    values: Floats
    size: Floats
    units: tuple[Ints, ...]
    standard: tuple[Floats, ...]
    correlations: tuple[float, ...]


def logit(p: float) -> float:
    """log(p / (1 - p))."""
    return float(np.log(p) - np.log1p(-p))


def expit(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), element by element."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def standardised_log(sizes: Ints) -> Floats:
    """log of `sizes` (positive counts) with mean 0 and standard deviation 1; zeros where all are alike."""
    logs = np.log(np.maximum(sizes, 1))
    spread = float(logs.std()) if logs.size else 0.0
    return np.asarray((logs - logs.mean()) / spread) if spread else np.zeros(logs.size)


def effect_of(effect: Effect, units: int, rng: np.random.Generator) -> Floats:
    """One standardised bivariate normal effect (turnout, share) for each unit, (units, 2)."""
    first, second = rng.standard_normal((2, units))
    rho = effect.correlation
    return np.column_stack([first, rho * first + np.sqrt(max(0.0, 1.0 - rho**2)) * second])


def latent(behaviour: Behaviour, size: Floats, units: Sequence[Ints], rng: np.random.Generator) -> Latent:
    """Logit turnout and logit share of every station, with the effects they are made of.

    `size`: (stations,) standardised log size. `units`: the number (0, 1, ...) of each station's region, then of
    its territory, each (stations,); levels that a country does not have are left out from the right.
    """
    values = np.array([logit(behaviour.turnout), logit(behaviour.share)])
    values = values + np.outer(size, [behaviour.size_turnout, behaviour.size_share])
    own = np.arange(len(size))
    effects = (*(behaviour.region, behaviour.territory)[: len(units)], behaviour.station)
    standard = []
    for effect, codes in zip(effects, (*units, own), strict=True):
        standard.append(effect_of(effect, int(codes.max(initial=-1)) + 1, rng))
        values += (standard[-1] * [effect.turnout, effect.share])[codes]
    return Latent(values, size, tuple(units), tuple(standard), tuple(e.correlation for e in effects))
