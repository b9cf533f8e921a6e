"""Turnout by hour: how many had taken part by each hour of the day.

Core: pure functions on arrays, one entry a station.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.habits import Hours
from tallyscope.simulation.latent import Latent, expit, logit
from tallyscope.simulation.rates import deviations

__all__ = ["hour_lines"]

Ints = npt.NDArray[np.int64]


def hour_lines(early: Ints, issued: Ints, land: Latent, hours: Hours, rng: np.random.Generator) -> dict[str, Ints]:
    """Voters who had taken part by each hour, never fewer than by the hour before: role -> (stations,).

    `early`: those who voted before the day; they have come by any hour. From the last hour back to the first, those
    who came by one are a binomial part of those who came by the next: F(h) / F(h'), its logit scattered anew.
    """
    shift = deviations(hours.early, land, rng)
    come, cumulative, lines = issued - early, np.ones(issued.size), {}
    spreads = np.broadcast_to(hours.hourly, len(hours.by)).tolist()
    for (hour, typical), spread in sorted(zip(hours.by, spreads, strict=True), reverse=True):
        before = expit(logit(typical) + shift)
        part = np.clip(before / cumulative, 1e-9, 1.0 - 1e-9)
        part = expit(np.log(part) - np.log1p(-part) + spread * rng.standard_normal(issued.size))
        come, cumulative = rng.binomial(come, part), before
        lines[f"voted_by_{hour:02d}"] = early + come
    return dict(reversed(lines.items()))
