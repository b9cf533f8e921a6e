"""One percentage for a territory: every station reports the same share of one choice, to one decimal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.returns.table import Returns
from tallyscope.simulation.mechanisms.acting import Target
from tallyscope.simulation.mechanisms.names import SHARED_PERCENTAGE
from tallyscope.simulation.mechanisms.protocols import of_part, with_votes
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "apply"]

Ints = npt.NDArray[np.int64]

MECHANISM = SHARED_PERCENTAGE
#: A percentage to one decimal is so many thousandths; none is written above 99.9 %.
_OF, _MOST = 1000, 999


def apply(
    returns: Returns, site: Site, dose: float, seed: int, *, unit: str | None = None, choice: str | None = None
) -> tuple[Returns, Truth]:
    """Gives `choice` (the leader unless given) one percentage at all stations of `site` in the same unit.

    `dose`: points by which it lies above the unit's own share, before it is rounded to one decimal. A unit is one
    of the level `unit`, of the lowest unless given. Every station gets the nearest whole number of votes, which in
    stations of less than 500 ballots may show as a neighbouring decimal; ballots stay as they are, and a station
    whose share was higher loses votes. The share is of the form's denominator.
    """
    target = Target.at(returns, site, choice, generator(seed, MECHANISM))
    before, column = target.before, target.column
    total = target.line(returns.election.form.denominator)
    own, places = before.votes[:, column], target.units_at(unit)
    parts = np.bincount(places, weights=own) / np.maximum(np.bincount(places, weights=total), 1)
    thousandths = np.minimum(np.rint(_OF * parts + 10 * dose).astype(np.int64), _MOST)
    won = of_part(np.maximum(thousandths, 0)[places], _OF, total)
    keep = (won != own) & (total > 0)
    after = with_votes(before.where(keep), before.cast[keep], won[keep], column)
    record = {"lift": dose, "share_of_stations": site.share_of_stations}
    options = {} if unit is None else {"unit": unit}
    return target.answer(MECHANISM, target.rewritten(keep, after), record, seed, **options)
