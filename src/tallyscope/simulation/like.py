"""A clean election on the stations, sizes and tree of a given one, with effects estimated from it.

This is the honest null of that very election: as heterogeneous as it is, and untouched. Where something was done
to the given election, its spread is in the estimates too, so the null is if anything too wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.election import Election
from tallyscope.election.load import load_form
from tallyscope.election.roles import VOTES
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import ATTRIBUTES, Returns
from tallyscope.simulation.clean import Contest, draw_figures
from tallyscope.simulation.habits import Habits
from tallyscope.simulation.like_habits import habits_of
from tallyscope.simulation.like_voters import contest_of, observed, units_of
from tallyscope.simulation.protocol import taking_part
from tallyscope.simulation.spec import Behaviour

__all__ = ["Likeness", "like", "likeness", "usable"]

Ints = npt.NDArray[np.int64]

_ISSUED = ("issued_early", "issued_in_station", "issued_outside")


def usable(returns: Returns) -> Returns:
    """The ordinary stations of `returns` whose voters, ballots cast and votes are all known, with a ballot cast.

    Stations where more ballots were cast than voters stand on the list are left out too, and those where a choice
    has more votes than ballots were cast.
    Raises ValueError when none is left, or when nobody leads.
    """
    needed = {"registered", taking_part(returns), "cast", "invalid", *returns.votes_columns}
    known = returns.reporting().known(*needed)
    most = pl.max_horizontal(returns.votes_columns) if returns.votes_columns else pl.lit(0)
    kept = known.filter(pl.col("cast") > 0, pl.col("cast") <= pl.col("registered"), most <= pl.col("cast"))
    if not len(kept) or kept.leader is None:
        raise ValueError("no station has voters on the list, ballots cast and votes: there is nothing to be like")
    return kept


@dataclass(frozen=True, eq=False)
class Likeness:
    """What was estimated from a given election: draws elections like it without estimating again.

    `table`: levels, station and the attributes that stay with a station (its counting machine). `lines`: what the
    given protocols count; nothing else is drawn.
    """

    election: Election
    table: pl.DataFrame
    levels: tuple[str, ...]
    registered: Ints
    units: tuple[Ints, ...]
    contest: Contest
    behaviour: Behaviour
    habits: Habits
    lines: frozenset[str]
    given: str

    def draw(self, seed: int) -> Returns:
        """A clean election; the same seed gives the same one."""
        figures = draw_figures(self.registered, self.units, self.behaviour, self.habits, self.contest, seed)
        notice = f"A clean election simulated on the stations of {self.given} (seed {seed}): no vote is real."
        table = self.table.with_columns(pl.DataFrame(self._carried(figures)))
        return build_returns(table, self.election, levels=self.levels, notices=(notice,))

    def _carried(self, figures: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """The figures without lines that the given protocols do not have."""
        kept = {c: v for c, v in figures.items() if c in self.lines or c.startswith(VOTES) or c in ATTRIBUTES}
        if "issued" in self.lines:
            kept["issued"] = np.sum([figures[c] for c in _ISSUED], axis=0)
        return kept


def like(returns: Returns, seed: int = 1) -> Returns:
    """Draws a clean election like `returns`: same stations, voters on the list, tree and choices; form "simulated".

    The form keeps the share denominator of the given one. Stations without usable figures are left out (`usable`).
    """
    return likeness(returns).draw(seed)


def likeness(returns: Returns) -> Likeness:
    """Estimates everything that `like` needs, for many draws. Raises ValueError where there is nothing to be like.

    Lines that the protocols carry are drawn with their own rates and spreads, and so are times of arrival; those
    that they do not carry are left out. Machines stay where they are.
    """
    given = usable(returns)
    form = replace(
        load_form("simulated"), denominator=returns.election.form.denominator, levels=returns.election.form.levels
    )
    contest, (behaviour, places) = contest_of(given), observed(given)
    title = f"Simulated, like: {returns.election.title}"
    election = Election(f"simulated-{returns.election.id}", title, form, contest.choices, returns.election.country)
    stays = [c for c in ("scanner",) if c in given.table.columns]
    return Likeness(
        election=election,
        table=given.table.select(*given.levels, "station", *stays),
        levels=given.levels,
        registered=given.counts("registered"),
        # Levels in between (a third one and deeper) have no effect of their own: the lowest is the territory.
        units=units_of(given),
        contest=contest,
        behaviour=behaviour,
        habits=habits_of(given, places),
        lines=frozenset({"registered", "invalid", "valid", *(c for c in given.figures if given.has(c))}),
        given=returns.election.title,
    )
