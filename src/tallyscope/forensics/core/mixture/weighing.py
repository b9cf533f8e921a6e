"""Nothing against something: the evidence with and without changed stations, by Laplace's approximation."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.forensics.core.mixture.curvature import Coordinates
from tallyscope.forensics.core.mixture.pilot import pilot
from tallyscope.forensics.core.mixture.sample import gradient_of
from tallyscope.forensics.core.mixture.shape import Blocks, Shape, Stations, blocks, shape_of
from tallyscope.forensics.core.mixture.start import start

__all__ = ["Weighed", "weigh"]

#: No station changed: the other parameters of change have no bearing then.
_NOTHING = {"manipulated": -25.0, "extreme": 0.0, "switching": 0.0, "theta": 0.0}


@dataclass(frozen=True, eq=False)
class Weighed:
    """`coordinates`: of the posterior in which something may have been changed; `log_bayes_factor`: of that model
    against the one in which nothing was."""

    shape: Shape
    data: Blocks
    coordinates: Coordinates
    log_bayes_factor: float


def weigh(stations: Stations, levels: tuple[str, ...]) -> Weighed:
    """Finds the modes of both models and compares their evidence."""
    begin = start(stations, levels)
    shape, data = shape_of(stations.nodes, begin.levels), blocks(stations)
    gradient = gradient_of(shape, data)
    size = stations.size.size
    something = pilot(shape, stations.parents, gradient, begin, size)
    nothing = pilot(shape, stations.parents, gradient, begin, size, _NOTHING)
    return Weighed(shape, data, something.coordinates, something.log_evidence - nothing.log_evidence)
