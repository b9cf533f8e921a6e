"""A rewritten protocol: a correct one replaced after it was signed; votes move, and a person writes the new figure.

Ballots, voters and invalid ballots stay, so every control relation holds. What may give it away are a share unlike
the neighbours' and the last digit that the person chose.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import split_rows, spread, until
from tallyscope.simulation.mechanisms.acting import Protocols, Target
from tallyscope.simulation.mechanisms.names import REWRITTEN
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "Digits", "apply"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MECHANISM = REWRITTEN
#: The last digit of the new figure: "fives": 0 or 5; "human": one that people like; "even": as it comes.
Digits = Literal["fives", "human", "even"]
#: Weights of the last digits 0 to 9. People who invent numbers favour some digits over others (Beber & Scacco 2012
#: review the experiments); the weights of "human" are themselves made up.
_WEIGHTS: dict[str, tuple[float, ...]] = {
    "fives": (0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0),
    "human": (0.05, 0.11, 0.13, 0.14, 0.11, 0.09, 0.10, 0.13, 0.08, 0.06),
}


def apply(
    returns: Returns,
    site: Site,
    dose: float,
    seed: int,
    *,
    lift: float = 15.0,
    digits: Digits = "fives",
    liking: float = 0.6,
    choice: str | None = None,
) -> tuple[Returns, Truth]:
    """Moves votes of the others to `choice` (the leader unless given) at some stations of `site`.

    `dose`: votes moved / the choice's votes in all of `returns`; exact to the vote as long as some stations keep
    their last digit. Stations are taken in random order until the dose is reached; in each the choice gains `lift`
    per cent of the ballots, or all there are. The last one gives what is missing. A share `liking` of the new
    figures of the choice is then moved to the nearest one that ends in a digit drawn as `digits` says. Raises
    ValueError when the others have not that many votes there.
    """
    if digits not in get_args(Digits):
        raise ValueError(f"digits are {', '.join(get_args(Digits))}, not {digits!r}")
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    before, column = target.before, target.column
    others = np.delete(before.votes, column, axis=1)
    available = others.sum(axis=1)
    wanted = np.rint(before.cast * lift / 100).astype(np.int64)
    moved = until(target.votes_for(dose), np.minimum(wanted, available)[:, None], rng)[:, 0]
    liked = (rng.random(moved.size) < liking) & (moved > 0) & (digits != "even")
    digit = np.where(liked, rng.choice(10, moved.size, p=_WEIGHTS.get(digits)), -1)
    moved = _ending_in(moved, before.votes[:, column], digit, available)
    votes = np.insert(others - split_rows(moved, others), column, before.votes[:, column] + moved, axis=1)
    keep = moved > 0
    after = Protocols(before.cast, before.invalid, votes).where(keep)
    record = {"votes": dose, "lift": lift, "liking": liking, "share_of_stations": site.share_of_stations}
    return target.answer(MECHANISM, target.rewritten(keep, after), record, seed, digits=digits)


def _ending_in(moved: Ints, own: Ints, digit: Ints, ceiling: Ints) -> Ints:
    """Votes `moved` such that own + moved ends in `digit` (-1: in any), nearest to what they were; the same in all.

    What the digits add or take is made good at stations with any digit, as far as there are any.
    """
    step = (digit - (own + moved)) % 10
    step = np.where(digit < 0, 0, np.where(step > 5, step - 10, step))
    fits = (moved + step >= 0) & (moved + step <= ceiling)
    step = np.where(fits, step, 0)
    result = moved + step
    free = np.where((digit < 0) & (moved > 0), 1.0, 0.0)
    surplus = int(step.sum())
    room = moved if surplus > 0 else ceiling - moved
    room = np.where(free > 0, room, 0)
    sign = 1 if surplus > 0 else -1
    return np.asarray(result - sign * spread(min(abs(surplus), int(room.sum())), free, room))
