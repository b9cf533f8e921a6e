"""Nothing against something: the evidence with and without changed stations, by Laplace's approximation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.curvature import Coordinates
from tallyscope.forensics.core.mixture.nodes import as_it_is
from tallyscope.forensics.core.mixture.parameters import constrained
from tallyscope.forensics.core.mixture.pilot import pilot
from tallyscope.forensics.core.mixture.posterior import honest
from tallyscope.forensics.core.mixture.sample import gradient_of
from tallyscope.forensics.core.mixture.shape import Blocks, Shape, Stations, blocks, shape_of
from tallyscope.forensics.core.mixture.sites import sites
from tallyscope.forensics.core.mixture.start import start

__all__ = ["Weighed", "weigh"]

#: No station changed: the other parameters of change have no bearing then.
_NOTHING = {"manipulated": -25.0, "extreme": 0.0, "switching": 0.0, "theta": 0.0}
#: Times that the sites are reckoned anew around the mode that they led to.
_ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Weighed:
    """`coordinates`: of the posterior in which something may have been changed; `log_bayes_factor`: of that model
    against the one in which nothing was."""

    shape: Shape
    data: Blocks
    coordinates: Coordinates
    log_bayes_factor: float


def weigh(stations: Stations, levels: tuple[str, ...]) -> Weighed:
    """Finds the modes of both models and compares their evidence, on what is exact near the mode of the first."""
    first = start(stations, levels)
    shape, size = shape_of(stations.nodes, first.levels), stations.size.size
    something = pilot(shape, stations.parents, gradient_of(shape, blocks(stations)), first, size)
    for _ in range(_ROUNDS):
        stations = _exact_near(stations, shape, something.coordinates)
        data = blocks(stations)
        gradient = gradient_of(shape, data)
        begin = replace(first, raw=something.coordinates.centre, effects=_effects(something.coordinates))
        something = pilot(shape, stations.parents, gradient, begin, size)
    nothing = pilot(shape, stations.parents, gradient, first, size, _NOTHING)
    return Weighed(shape, data, something.coordinates, something.log_evidence - nothing.log_evidence)


def _exact_near(stations: Stations, shape: Shape, along: Coordinates) -> Stations:
    """The stations with the sites of the model that these coordinates are centred on."""
    raw, effects = jnp.asarray(along.centre), jnp.asarray(_effects(along))
    means, spread = (np.asarray(x, dtype=np.float64) for x in _honest(shape)(raw, effects, blocks(stations)))
    covariance, at = np.array([[spread[0], spread[1]], [spread[1], spread[2]]]), means.T[: stations.size.size]
    wider = float(constrained(along.centre, shape.order)["atypical_scale"]) ** 2
    counts, rough = stations.counts, stations.data
    return replace(
        stations,
        data=sites(counts, stations.nodes, rough, at, covariance),
        atypical=sites(counts, as_it_is(), rough.as_it_is(), at, wider * covariance),
    )


@cache
def _honest(shape: Shape) -> Any:
    return jax.jit(lambda raw, effects, data: honest(raw, effects, shape, data))


def _effects(along: Coordinates) -> npt.NDArray[np.float64]:
    return np.concatenate([np.zeros(0), *(level.centre.ravel() for level in along.levels)])
