"""Carousel: groups of voters who vote at several stations, each time entered on the list once more.

They leave a trace on the list: voters added on the day, or voters who came by certificate.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from tallyscope.returns.table import Returns
from tallyscope.simulation.mechanisms.acting import Target, needs
from tallyscope.simulation.mechanisms.names import CAROUSEL
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.rewriting import Way
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["MECHANISM", "Entered", "apply"]

Ints = npt.NDArray[np.int64]

MECHANISM = CAROUSEL
#: The line that counts them.
Entered = Literal["added", "certificates_used"]
#: Stations that a group visits, all in one unit of the lowest level.
_VISITS = 5


def apply(
    returns: Returns,
    site: Site,
    dose: float,
    seed: int,
    *,
    entered: Entered = "added",
    group: int = 40,
    choice: str | None = None,
) -> tuple[Returns, Truth]:
    """Adds voters to lists of `site` who all vote for `choice` (the leader unless given), in the line `entered`.

    `dose`: votes gained / the choice's votes in all of `returns`; exact to the vote. Groups of `group` voters each
    visit five stations of one unit of the lowest level, large ones more often; the last visit brings what is
    missing. The list grows by as many, unless the form counts the line beside it. Raises ValueError when the form
    has no such line.
    """
    _sensible(entered, group)
    needs(returns, entered)
    rng = generator(seed, MECHANISM)
    target = Target.at(returns, site, choice, rng)
    voters = target.votes_for(dose)
    visits = -(-voters // group)
    visited = _visited(target, visits, rng)
    sizes = np.full(visits, group, dtype=np.int64)
    if visits:
        sizes[-1] = voters - group * (visits - 1)
    more = np.bincount(visited, weights=sizes, minlength=target.chosen.stations.size).astype(np.int64)
    record = {"votes": dose, "group": float(group), "share_of_stations": site.share_of_stations}
    return target.answer(MECHANISM, target.with_more(more, Way(enters=entered)), record, seed, entered=entered)


def _sensible(entered: str, group: int) -> None:
    if entered not in get_args(Entered):
        raise ValueError(f"voters are entered as {' or '.join(get_args(Entered))}, not as {entered!r}")
    if group < 1:
        raise ValueError(f"a group has at least one voter, not {group}")


def _visited(target: Target, visits: int, rng: np.random.Generator) -> Ints:
    """The station, by its place among those of the target, of each visit, (visits,): group by group."""
    codes = target.returns.codes(target.returns.levels)[0][target.chosen.stations]
    order = np.argsort(codes, kind="stable")
    units, first = np.unique(codes[order], return_index=True)
    listed = target.line("registered").astype(np.float64)
    members = np.split(order, first[1:])
    weights = np.array([listed[m].sum() for m in members])
    groups = -(-visits // _VISITS)
    chosen = rng.choice(units.size, groups, p=weights / weights.sum())
    found = [
        rng.choice(members[u], _VISITS, replace=members[u].size < _VISITS, p=listed[members[u]] / weights[u])
        for u in chosen
    ]
    return np.concatenate(found)[:visits] if found else np.zeros(0, dtype=np.int64)
