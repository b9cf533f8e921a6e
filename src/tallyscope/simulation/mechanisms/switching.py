"""Vote switching: votes of other choices written down for one; the share rises and turnout does not."""

from __future__ import annotations

import numpy as np

from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import split_rows, spread
from tallyscope.simulation.mechanisms.acting import Protocols, Target
from tallyscope.simulation.mechanisms.names import SWITCHING
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

MECHANISM = SWITCHING


def apply(
    returns: Returns, site: Site, dose: float, seed: int, *, unevenness: float = 0.8, choice: str | None = None
) -> tuple[Returns, Truth]:
    """Moves votes of the others to `choice` (the leader unless given) at the stations of `site`.

    `dose`: votes moved / the choice's votes in all of `returns`; exact to the vote. Stations give them in
    proportion to the others' votes times a log-normal weight of spread `unevenness`, and within a station the
    others in proportion to theirs. Raises ValueError when the others have not that many votes there.
    """
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    before, column = target.before, target.column
    others = np.delete(before.votes, column, axis=1)
    available = others.sum(axis=1)
    weights = available * np.exp(unevenness * rng.standard_normal(available.size))
    moved = spread(target.votes_for(dose), weights.astype(np.float64), available)
    votes = np.insert(others - split_rows(moved, others), column, before.votes[:, column] + moved, axis=1)
    keep = moved > 0
    record = {"votes": dose, "unevenness": unevenness, "share_of_stations": site.share_of_stations}
    after = Protocols(before.cast, before.invalid, votes)
    return target.answer(MECHANISM, target.rewritten(keep, after.where(keep)), record, seed)
