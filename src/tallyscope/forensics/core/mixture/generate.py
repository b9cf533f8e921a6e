"""Counts drawn from the territorial mixture: what its likelihood is checked against.

Exact where the likelihood is not: multinomial counts, a continuous amount of stuffing, one station at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.nodes import EXTREME_FROM, EXTREME_SCALE, Station

__all__ = ["Drawn", "generate"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """`station`: the counts; `gained`: votes that came from abstainers or others, (stations,); `changed`: bool."""

    station: Station
    gained: Ints
    changed: npt.NDArray[np.bool_]


def generate(
    values: Mapping[str, float],
    registered: Ints,
    units: tuple[tuple[str, Ints], ...],
    rng: np.random.Generator,
) -> Drawn:
    """Draws every station. `values`: global parameters on their own scales; `units`: each level's name and the
    number of each station's unit, (stations,), the top level first."""
    n = registered.size
    logs = np.log(registered)
    size = (logs - logs.mean()) / logs.std()
    mean = np.column_stack([np.full(n, values["mu_turnout"]), np.full(n, values["mu_share"])])
    for name, unit in units:
        mean += _effects(values, f"{name}_", int(unit.max()) + 1, rng)[unit]
    slopes = [[values[f"{k}_{what}"] for what in ("turnout", "share")] for k in ("size", "size2")]
    mean += np.column_stack([size, size**2 - 1.0]) @ np.array(slopes)
    changed = rng.random(n) < values["manipulated"]
    # In the model a station is honest, and then it may be atypical, or it was changed.
    atypical = ~changed & (rng.random(n) < values["atypical"])
    logits = mean + np.where(atypical, values["atypical_scale"], 1.0)[:, None] * _effects(values, "", n, rng)
    tau, nu = (1.0 / (1.0 + np.exp(-logits))).T
    return _count(registered, tau, nu, changed, values, rng)


def _effects(values: Mapping[str, float], prefix: str, n: int, rng: np.random.Generator) -> Floats:
    first, second = rng.standard_normal((2, n))
    rho = values[f"{prefix}correlation"]
    share = rho * first + np.sqrt(1.0 - rho**2) * second
    return np.column_stack([values[f"{prefix}sd_turnout"] * first, values[f"{prefix}sd_share"] * share])


def _count(
    registered: Ints,
    tau: Floats,
    nu: Floats,
    changed: npt.NDArray[np.bool_],
    values: Mapping[str, float],
    rng: np.random.Generator,
) -> Drawn:
    n = registered.size
    extreme = changed & (rng.random(n) < values["extreme"])
    switching = rng.random(n) < values["switching"]
    x = np.where(extreme, 1.0 - _half_normal(EXTREME_SCALE, 1.0 - EXTREME_FROM, n, rng), 0.0)
    x = np.where(changed & ~extreme, _half_normal(values["theta"], EXTREME_FROM, n, rng), x)
    voted = rng.binomial(registered, tau)
    votes = rng.binomial(voted, nu)
    stuffed = rng.binomial(registered - voted, x)
    switched = rng.binomial(voted - votes, np.where(switching, x, 0.0))
    station = Station(registered - voted - stuffed, voted - votes - switched, votes + stuffed + switched)
    return Drawn(station, stuffed + switched, changed)


def _half_normal(scale: float, most: float, n: int, rng: np.random.Generator) -> Floats:
    """|N(0, scale)| given that it is below `most`."""
    from scipy.special import erf, erfinv

    top = erf(most / (scale * np.sqrt(2.0)))
    return np.asarray(scale * np.sqrt(2.0) * erfinv(top * rng.random(n)))
