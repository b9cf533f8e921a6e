"""Ballot stuffing: ballots for one choice that no voter cast; turnout and share rise together.

The incremental mechanism of Klimek, Yegorov, Hanel & Thurner (2012).
"""

from __future__ import annotations

import numpy as np

from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import spread
from tallyscope.simulation.mechanisms.acting import Target, needs
from tallyscope.simulation.mechanisms.names import STUFFING
from tallyscope.simulation.protocol import room_at
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.rewriting import Way
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

MECHANISM = STUFFING


def apply(
    returns: Returns,
    site: Site,
    dose: float,
    seed: int,
    *,
    unevenness: float = 0.8,
    since: int | None = None,
    choice: str | None = None,
) -> tuple[Returns, Truth]:
    """Adds ballots for `choice` (the leader unless given) at the stations of `site`.

    `dose`: ballots added / the choice's votes in all of `returns`; the total is exact to the vote. Stations get
    them in proportion to their voters who stayed at home times a log-normal weight of spread `unevenness`, never
    more than stayed at home. They come throughout the day, or after the hour `since`, if turnout by that hour is
    known. Raises ValueError when the place has not enough of them.
    """
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    way = Way(since=None if since is None else f"voted_by_{since:02d}")
    if way.since is not None:
        needs(returns, way.since)
    room = room_at(returns, target.chosen.stations)
    weights = room * np.exp(unevenness * rng.standard_normal(room.size))
    added = spread(target.votes_for(dose), weights.astype(np.float64), room)
    record = {"votes": dose, "unevenness": unevenness, "share_of_stations": site.share_of_stations}
    if since is not None:
        record["since"] = float(since)
    return target.answer(MECHANISM, target.with_more(added, way), record, seed)
