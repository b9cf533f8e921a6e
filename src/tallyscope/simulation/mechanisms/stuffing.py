"""Ballot stuffing: ballots for one choice that no voter cast; turnout and share rise together.

The incremental mechanism of Klimek, Yegorov, Hanel & Thurner (2012).
"""

from __future__ import annotations

import numpy as np

from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import spread
from tallyscope.simulation.mechanisms.names import STUFFING
from tallyscope.simulation.mechanisms.target import Protocols, Target
from tallyscope.simulation.protocol import room_at
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

MECHANISM = STUFFING


def apply(
    returns: Returns, site: Site, dose: float, seed: int, *, unevenness: float = 0.8, choice: str | None = None
) -> tuple[Returns, Truth]:
    """Adds ballots for `choice` (the leader unless given) at the stations of `site`.

    `dose`: ballots added / the choice's votes in all of `returns`; the total is exact to the vote. Stations get
    them in proportion to their voters who stayed at home times a log-normal weight of spread `unevenness`, never
    more than stayed at home. Raises ValueError when the place has not enough of them.
    """
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    room = room_at(returns, target.chosen.stations)
    weights = room * np.exp(unevenness * rng.standard_normal(room.size))
    added = spread(target.votes_for(dose), weights.astype(np.float64), room)
    before = target.before
    votes = before.votes.copy()
    votes[:, target.column] += added
    after = Protocols(before.cast + added, before.invalid, votes)
    keep = added > 0
    record = {"votes": dose, "unevenness": unevenness, "share_of_stations": site.share_of_stations}
    return target.answer(MECHANISM, keep, after.where(keep), record, seed)
