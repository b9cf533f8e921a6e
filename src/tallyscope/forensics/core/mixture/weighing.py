"""Nothing against something: the evidence with and without changed stations, by Laplace's approximation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.curvature import Coordinates
from tallyscope.forensics.core.mixture.modes import Modes
from tallyscope.forensics.core.mixture.nodes import Grid, as_it_is
from tallyscope.forensics.core.mixture.parameters import constrained
from tallyscope.forensics.core.mixture.pilot import Pilot, pilot
from tallyscope.forensics.core.mixture.posterior import honest
from tallyscope.forensics.core.mixture.sample import gradient_of
from tallyscope.forensics.core.mixture.shape import Blocks, Shape, Stations, blocks, shape_of
from tallyscope.forensics.core.mixture.sites import sites
from tallyscope.forensics.core.mixture.start import Start, start

__all__ = ["Weighed", "located", "weigh"]

#: No station changed: the other parameters of change have no bearing then.
_NOTHING = {"manipulated": -25.0, "extreme": 0.0, "switching": 0.0, "theta": 0.0}


@dataclass(frozen=True, eq=False)
class Weighed:
    """`coordinates`, `modes`: of the posterior in which something may have been changed, as in `Pilot`;
    `log_bayes_factor`: of that model against the one in which nothing was."""

    shape: Shape
    data: Blocks
    coordinates: Coordinates
    modes: Modes | None
    log_bayes_factor: float


def weigh(stations: Stations, levels: tuple[str, ...], rounds: int = 2) -> Weighed:
    """Finds the modes of both models and compares their evidence, each on what is exact near its own mode.

    `rounds`: times that the sites are reckoned anew around the mode that they led to.
    """
    shape, data, something = located(stations, levels, rounds)
    begin = start(stations, levels)
    nothing, _ = _mode(shape, stations, begin, _NOTHING)
    exact = _exact_near(stations, shape, nothing.coordinates, as_it_is())
    nothing, _ = _mode(shape, exact, _from(begin, nothing), _NOTHING, again=True)
    factor = something.log_evidence - nothing.log_evidence
    return Weighed(shape, data, something.coordinates, something.modes, factor)


def located(stations: Stations, levels: tuple[str, ...], rounds: int = 2) -> tuple[Shape, Blocks, Pilot]:
    """Where the posterior lies in which something may have been changed, and the data that are exact there."""
    begin = start(stations, levels)
    shape = shape_of(stations.nodes, begin.levels)
    found, data = _mode(shape, stations, begin, {})
    for _ in range(rounds):
        exact = _exact_near(stations, shape, found.coordinates, stations.nodes)
        found, data = _mode(shape, exact, _from(begin, found), {}, again=True)
    return shape, data, found


def _mode(
    shape: Shape, seen: Stations, begin: Start, held: Mapping[str, float], again: bool = False
) -> tuple[Pilot, Blocks]:
    data = blocks(seen)
    gradient = gradient_of(shape, data)
    return pilot(shape, data, seen.parents, gradient, begin, seen.size.size, held, again), data


def _from(begin: Start, at: Pilot) -> Start:
    return replace(begin, raw=at.coordinates.centre, effects=_effects(at.coordinates))


def _exact_near(stations: Stations, shape: Shape, along: Coordinates, nodes: Grid) -> Stations:
    """The stations with the sites of these first nodes where the model is that these coordinates are centred on."""
    raw, effects = jnp.asarray(along.centre), jnp.asarray(_effects(along))
    means, spread = (np.asarray(x, dtype=np.float64) for x in _honest(shape)(raw, effects, blocks(stations)))
    covariance, at = np.array([[spread[0], spread[1]], [spread[1], spread[2]]]), means.T[: stations.size.size]
    wider = float(constrained(along.centre, shape.order)["atypical_scale"]) ** 2
    counts, rough = stations.counts, stations.data
    return replace(
        stations,
        data=rough.beginning_with(sites(counts, nodes, rough, at, covariance)),
        atypical=sites(counts, as_it_is(), rough, at, wider * covariance),
    )


@cache
def _honest(shape: Shape) -> Any:
    return jax.jit(lambda raw, effects, data: honest(raw, effects, shape, data))


def _effects(along: Coordinates) -> npt.NDArray[np.float64]:
    return np.concatenate([np.zeros(0), *(level.centre.ravel() for level in along.levels)])
