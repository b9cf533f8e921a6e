"""Protocols made from a target: turnout and share are a territory's, give or take, and the votes follow from them.

Unlike results written in advance, neither percentage is round, and no two stations have the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.returns.table import Returns
from tallyscope.simulation.mechanisms.acting import Target
from tallyscope.simulation.mechanisms.names import TARGET
from tallyscope.simulation.mechanisms.protocols import whole, with_votes
from tallyscope.simulation.protocol import lowest_cast, room_at, taking_part
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MECHANISM = TARGET


def apply(
    returns: Returns,
    site: Site,
    dose: float,
    seed: int,
    *,
    jitter: float = 0.4,
    unit: str | None = None,
    choice: str | None = None,
) -> tuple[Returns, Truth]:
    """Makes every protocol of `site` from its unit's target turnout and target share of `choice` (the leader).

    `dose`: points by which both targets lie above the unit's own turnout and share. Each station misses them by
    N(0, `jitter`) points, and the votes are reckoned backwards from that: ballots are added or taken away, as far
    as its other lines allow. A unit is one of the level `unit`, of the lowest unless given. The share is of the
    form's denominator.
    """
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    before, column, form = target.before, target.column, returns.election.form
    registered, part, valid = (target.line(c) for c in ("registered", taking_part(returns), "valid"))
    places = target.units_at(unit)
    turnout = _missed(part, registered, places, dose, jitter, rng)
    share = _missed(before.votes[:, column], target.line(form.denominator), places, dose, jitter, rng)
    at = target.chosen.stations
    cast = before.cast + np.rint(turnout * registered).astype(np.int64) - part
    cast = np.clip(cast, lowest_cast(returns, at), before.cast + room_at(returns, at))
    won = np.rint(share * whole(before, valid, cast, form.denominator)).astype(np.int64)
    keep = np.ones(at.size, dtype=bool)
    record = {"lift": dose, "jitter": jitter, "share_of_stations": site.share_of_stations}
    options = {} if unit is None else {"unit": unit}
    after = target.rewritten(keep, with_votes(before, cast, won, column))
    return target.answer(MECHANISM, after, record, seed, **options)


def _missed(part: Ints, total: Ints, unit: Ints, lift: float, jitter: float, rng: np.random.Generator) -> Floats:
    """The unit's quotient plus `lift` points, missed by N(0, `jitter`) points at each station, within [0, 1]."""
    own = np.bincount(unit, weights=part) / np.maximum(np.bincount(unit, weights=total), 1)
    return np.clip(own[unit] + (lift + jitter * rng.standard_normal(unit.size)) / 100, 0.0, 1.0)
