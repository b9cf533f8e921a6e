"""A result written in advance: turnout and share are round percentages, and the protocol is made to fit them.

The mechanism that integer percentages speak to (Kobak, Shpilkin & Pshenichnikov 2016).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.returns.table import Returns
from tallyscope.simulation.mechanisms.acting import Target
from tallyscope.simulation.mechanisms.names import WRITTEN
from tallyscope.simulation.mechanisms.protocols import of_part, whole, with_votes
from tallyscope.simulation.protocol import taking_part
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply", "round_up"]

Ints = npt.NDArray[np.int64]

MECHANISM = WRITTEN


def round_up(part: Ints, whole: Ints, lift: float, step: int) -> Ints:
    """The next multiple of `step` at or above 100 part / whole + `lift`, per cent; -1 where it is 100 or more."""
    percent = 100.0 * part / np.maximum(whole, 1)
    target = step * np.ceil((percent + lift) / step).astype(np.int64)
    return np.where((target < 100) & (whole > 0), target, -1)


def apply(
    returns: Returns, site: Site, dose: float, seed: int, *, step: int = 5, choice: str | None = None
) -> tuple[Returns, Truth]:
    """Writes turnout and the share of `choice` (the leader unless given) as multiples of `step` per cent.

    `dose`: points by which both are lifted before they are rounded up to the next multiple. Ballots are added to
    reach the turnout. Stations whose turnout or share would come to 100 % stay as they are. Turnout is of voters
    on the list, the share of the form's denominator.
    """
    target = Target.at(returns, site, choice, generator(seed, MECHANISM))
    column, denominator = target.column, returns.election.form.denominator
    registered, part, valid = (target.line(c) for c in ("registered", taking_part(returns), "valid"))
    turnout = round_up(part, registered, dose, step)
    share = round_up(target.before.votes[:, column], target.line(denominator), dose, step)
    keep = (turnout >= 0) & (share >= 0)
    before = target.before.where(keep)
    cast = before.cast + of_part(turnout[keep], 100, registered[keep]) - part[keep]
    won = of_part(share[keep], 100, whole(before, valid[keep], cast, denominator))
    record = {"lift": dose, "step": float(step), "share_of_stations": site.share_of_stations}
    after = target.rewritten(keep, with_votes(before, cast, won, column))
    return target.answer(MECHANISM, after, record, seed)
