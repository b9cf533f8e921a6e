"""Home voting under control: ballots issued outside the station at few stations, all for one choice."""

from __future__ import annotations

import numpy as np

from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import until
from tallyscope.simulation.mechanisms.acting import Target, needs
from tallyscope.simulation.mechanisms.names import HOME
from tallyscope.simulation.protocol import room_at
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.rewriting import OUTSIDE
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

MECHANISM = HOME


def apply(
    returns: Returns,
    site: Site,
    dose: float,
    seed: int,
    *,
    part: float = 0.3,
    unevenness: float = 0.5,
    choice: str | None = None,
) -> tuple[Returns, Truth]:
    """Adds ballots from outside the station for `choice` (the leader unless given) at some stations of `site`.

    `dose`: such ballots / the choice's votes in all of `returns`; exact to the vote. Stations are taken in random
    order until the dose is reached; in each a `part` of those who stayed at home "votes" there, give or
    take a log-normal factor of spread `unevenness`. The last one gives what is missing. Raises ValueError when the
    form has no such line, or the place not enough of them.
    """
    needs(returns, OUTSIDE.issued)
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    room = room_at(returns, target.chosen.stations)
    parts = np.clip(part * np.exp(unevenness * rng.standard_normal(room.size)), 0.0, 1.0)
    added = until(target.votes_for(dose), np.floor(room * parts).astype(np.int64)[:, None], rng)[:, 0]
    record = {"votes": dose, "part": part, "unevenness": unevenness, "share_of_stations": site.share_of_stations}
    return target.answer(MECHANISM, target.with_more(added, OUTSIDE), record, seed)
