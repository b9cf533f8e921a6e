"""Extreme stuffing: at some stations nearly everybody "voted", nearly everybody for one choice.

The extreme mechanism of Klimek, Yegorov, Hanel & Thurner (2012): the part of the non-voters, and of the others'
voters, that is counted for the choice is 1 - |N(0, .075)|.
"""

from __future__ import annotations

import numpy as np

from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import split_rows, until
from tallyscope.simulation.mechanisms.acting import Protocols, Target
from tallyscope.simulation.mechanisms.names import EXTREME_STUFFING
from tallyscope.simulation.protocol import room_at
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

MECHANISM = EXTREME_STUFFING


def apply(
    returns: Returns, site: Site, dose: float, seed: int, *, spread: float = 0.075, choice: str | None = None
) -> tuple[Returns, Truth]:
    """Counts nearly all who stayed at home, and nearly all others' votes, for `choice` (the leader unless given).

    `dose`: votes gained / the choice's votes in all of `returns`; exact to the vote. Stations of `site` are taken
    in random order, each with the part 1 - |N(0, `spread`)| of both, until the dose is reached; the last gives what
    is missing. Raises ValueError when the place has not that many votes.
    """
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    before, column = target.before, target.column
    room = room_at(returns, target.chosen.stations)
    others = np.delete(before.votes, column, axis=1)
    available = np.column_stack([room, others.sum(axis=1)])
    part = np.clip(1.0 - spread * np.abs(rng.standard_normal(room.size)), 0.0, 1.0)
    taken = np.floor(available * part[:, None]).astype(np.int64)
    taken = until(target.votes_for(dose), taken, rng)
    added, moved = taken.T
    votes = np.insert(others - split_rows(moved, others), column, before.votes[:, column] + added + moved, axis=1)
    keep = taken.sum(axis=1) > 0
    after = Protocols(before.cast + added, before.invalid, votes).where(keep)
    record = {"votes": dose, "spread": spread, "share_of_stations": site.share_of_stations}
    return target.answer(MECHANISM, target.rewritten(keep, after), record, seed)
