"""A result written in advance: turnout and share are round percentages, and the protocol is made to fit them.

The mechanism that integer percentages speak to (Kobak, Shpilkin & Pshenichnikov 2016).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.election.form import Denominator
from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import split_rows
from tallyscope.simulation.mechanisms.names import WRITTEN
from tallyscope.simulation.mechanisms.target import Protocols, Target
from tallyscope.simulation.protocol import taking_part
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply", "of_percent", "round_up", "with_share"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MECHANISM = WRITTEN


def round_up(part: Ints, whole: Ints, lift: float, step: int) -> Ints:
    """The next multiple of `step` at or above 100 part / whole + `lift`, per cent; -1 where it is 100 or more."""
    percent = 100.0 * part / np.maximum(whole, 1)
    target = step * np.ceil((percent + lift) / step).astype(np.int64)
    return np.where((target < 100) & (whole > 0), target, -1)


def of_percent(percent: Ints, total: Ints) -> Ints:
    """`percent` per cent of `total`, to the nearest whole number, halves up; exact in integers."""
    return (2 * percent * total + 100) // 200


def with_share(before: Protocols, cast: Ints, share: Ints, column: int, denominator: Denominator) -> Protocols:
    """Protocols of `cast` ballots in which the choice in `column` has `share` per cent of the denominator.

    Invalid ballots keep their share of ballots cast (or what the choice leaves of it), and the other choices
    divide the rest as they did before.
    """
    invalid = np.rint(before.invalid * (cast / np.maximum(before.cast, 1))).astype(np.int64)
    won = of_percent(share, cast if denominator == "cast" else cast - invalid)
    invalid = np.minimum(invalid, cast - won)
    others = split_rows(cast - invalid - won, np.delete(before.votes, column, axis=1))
    return Protocols(cast, invalid, np.insert(others, column, won, axis=1))


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
    registered, part = target.line("registered"), target.line(taking_part(returns))
    turnout = round_up(part, registered, dose, step)
    share = round_up(target.before.votes[:, column], target.line(denominator), dose, step)
    keep = (turnout >= 0) & (share >= 0)
    before = target.before.where(keep)
    added = of_percent(turnout[keep], registered[keep]) - part[keep]
    after = with_share(before, before.cast + added, share[keep], column, denominator)
    record = {"lift": dose, "step": float(step), "share_of_stations": site.share_of_stations}
    return target.answer(MECHANISM, keep, after, record, seed)
