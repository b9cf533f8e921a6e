"""Absentee voting under control: certificates taken out all over a place and voted with at a few stations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import spread, until
from tallyscope.simulation.mechanisms.acting import Target, needs
from tallyscope.simulation.mechanisms.names import ABSENTEE
from tallyscope.simulation.protocol import changeable, known_at, room_at
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.rewriting import Way, add_to, paper_for
from tallyscope.simulation.site import Chosen, Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

Ints = npt.NDArray[np.int64]

MECHANISM = ABSENTEE
_USED, _ISSUED, _UNUSED = "certificates_used", "certificates_issued", "certificates_unused"


def apply(
    returns: Returns,
    site: Site,
    dose: float,
    seed: int,
    *,
    group: int = 100,
    unevenness: float = 0.5,
    choice: str | None = None,
) -> tuple[Returns, Truth]:
    """Votes by certificate for `choice` (the leader unless given) at some stations of `site`.

    `dose`: such votes / the choice's votes in all of `returns`; exact to the vote. Stations are taken in random
    order until the dose is reached; to each come `group` voters, give or take a log-normal factor of spread
    `unevenness`, and its list grows by as many. The last one gets what is missing. As many certificates more are
    issued over all stations of the units, to voters who would have stayed at home and who leave the lists there:
    the balance of the country holds as well as before. Raises ValueError when the form has no certificates, or the
    place not that many voters at home.
    """
    needs(returns, _USED, _ISSUED)
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    groups = group * np.exp(unevenness * rng.standard_normal(target.chosen.stations.size))
    used = until(target.votes_for(dose), np.ceil(groups).astype(np.int64)[:, None], rng)[:, 0]
    after = _issued(target.with_more(used, Way(enters=_USED)), returns, target.chosen, int(used.sum()))
    record = {"votes": dose, "group": float(group), "unevenness": unevenness}
    record["share_of_stations"] = site.share_of_stations
    return target.answer(MECHANISM, after, record, seed)


def _issued(after: Returns, before: Returns, chosen: Chosen, total: int) -> Returns:
    """Takes out `total` certificates at all stations of the units, in proportion to those who stayed at home."""
    codes, names = before.codes(before.levels[: before.levels.index(chosen.level) + 1])
    units = [i for i, row in enumerate(names.rows()) if row in chosen.units]
    at = np.flatnonzero(np.isin(codes, units) & changeable(before))
    room = room_at(before, at)
    issued = spread(total, room.astype(np.float64), room)
    deltas = {_ISSUED: issued, "registered": -issued}
    deltas |= paper_for(issued, _left(before, at), _UNUSED, "certificates_received")
    return add_to(after, at, deltas)


def _left(before: Returns, at: Ints) -> Ints:
    """Certificates that the stations had over, (at,)."""
    return known_at(before, _UNUSED, at) if before.has(_UNUSED) else np.zeros_like(at)
