"""A clean election on the stations, sizes and tree of a given one, with effects estimated from it.

This is the honest null of that very election: as heterogeneous as it is, and untouched. Where something was done
to the given election, its spread is in the estimates too, so the null is if anything too wide.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.election import Choice, Election
from tallyscope.election.load import load_form
from tallyscope.election.roles import votes_column
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import Contest, draw_figures
from tallyscope.simulation.estimate import Nested, empirical_logit, nested_covariances, within_slope
from tallyscope.simulation.habits import Habits
from tallyscope.simulation.latent import expit, standardised_log
from tallyscope.simulation.protocol import taking_part
from tallyscope.simulation.spec import Behaviour, Effect

__all__ = ["behaviour_of", "habits_of", "like", "usable"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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


def like(returns: Returns, seed: int = 1) -> Returns:
    """Draws a clean election like `returns`: same stations, voters on the list, tree and choices; form "simulated".

    The form keeps the share denominator of the given one. Stations without usable figures are left out (`usable`).
    """
    given = usable(returns)
    contest, behaviour, habits = _contest(given), behaviour_of(given), habits_of(given)
    units = _units(given)
    registered = given.counts("registered")
    # Levels in between (a third one and deeper) have no effect of their own: the lowest counts as the territory.
    figures = draw_figures(registered, units, behaviour, habits, contest, seed)
    form = replace(
        load_form("simulated"), denominator=returns.election.form.denominator, levels=returns.election.form.levels
    )
    title = f"Simulated, like: {returns.election.title}"
    election = Election(f"simulated-{returns.election.id}", title, form, contest.choices, returns.election.country)
    table = given.table.select(*given.levels, "station").with_columns(pl.DataFrame(figures))
    notice = (
        f"A clean election simulated on the stations of {returns.election.title} (seed {seed}): no vote is real."
    )
    return build_returns(table, election, levels=given.levels, notices=(notice,))


def behaviour_of(returns: Returns) -> Behaviour:
    """How turnout and the leader's share of ballots cast vary in usable `returns`, sampling noise taken out."""
    registered, cast = returns.counts("registered"), returns.counts("cast")
    part = returns.counts(taking_part(returns))
    leader = returns.counts(votes_column(_leader(returns).id))
    turnout, turnout_noise = empirical_logit(np.minimum(part, registered), registered)
    share, share_noise = empirical_logit(leader, cast)
    values, noise = np.column_stack([turnout, share]), np.column_stack([turnout_noise, share_noise])
    region, territory = _two(_units(returns), len(returns))
    size = standardised_log(registered)
    slope = within_slope(values, size, territory)
    rest = values - np.outer(size, slope)
    effects = (_effect(c) for c in nested_covariances(rest, noise, Nested(region, territory)))
    of_region, of_territory, of_station = effects
    typical = expit(np.average(rest, axis=0))
    return Behaviour(float(typical[0]), float(typical[1]), of_region, of_territory, of_station, *map(float, slope))


def habits_of(returns: Returns) -> Habits:
    """Pooled rates of invalid ballots and of early and home voting; the spread around them is the default's."""
    sums = {c: int(returns.table[c].sum()) for c in returns.figures if returns.has(c)}
    early, outside, issued = sums.get("issued_early", 0), sums.get("issued_outside", 0), sums.get("issued", 0)
    habits = replace(_parts(returns), invalid=sums["invalid"] / sums["cast"])
    if not issued:
        return habits
    stations = float((returns.table["issued_early"] > 0).mean() or 0) if early else 0.0  # type: ignore[arg-type]
    return replace(
        habits,
        home=replace(habits.home, typical=outside / issued),
        early_stations=stations,
        early=min(0.9, early / issued / stations) if stations else 0.0,
    )


def _parts(returns: Returns) -> Habits:
    """The default habits without the parts whose lines these returns do not carry."""
    habits, columns = Habits(), returns.table.columns
    hours = None if habits.hours is None else tuple(h for h in habits.hours.by if f"voted_by_{h[0]}" in columns)
    return replace(
        habits,
        added=habits.added if returns.has("added") else None,
        certificates=habits.certificates if returns.has("certificates_used") else None,
        hours=replace(habits.hours, by=hours) if habits.hours and hours else None,
        arrivals=habits.arrivals if "arrived" in columns else None,
        scanners=habits.scanners if "scanner" in columns else None,
    )


def _leader(returns: Returns) -> Choice:
    leader = returns.leader
    if leader is None:
        raise ValueError("nobody has any votes, so there is no leader")
    return leader


def _contest(returns: Returns) -> Contest:
    choices, leader = returns.choices, _leader(returns)
    votes = returns.table.select(pl.col(returns.votes_columns).sum()).row(0)
    others = tuple(max(int(v), 1) for c, v in zip(choices, votes, strict=True) if c.id != leader.id)
    return Contest(choices, choices.index(leader), tuple(o / sum(others) for o in others), 0.35, 0.15)


def _units(returns: Returns) -> tuple[Ints, ...]:
    """Numbers of the highest and of the lowest level above the station; fewer where there are fewer levels."""
    levels = returns.levels
    wanted = [levels[:1], levels] if len(levels) > 1 else [levels] * len(levels)
    return tuple(returns.codes(w)[0] for w in wanted)


def _two(units: tuple[Ints, ...], stations: int) -> tuple[Ints, Ints]:
    """Region and territory of each station; where a level is missing, everything lies in one region."""
    nothing = np.zeros(stations, dtype=np.int64)
    if not units:
        return nothing, nothing
    return units[0], units[-1]


def _effect(covariance: Floats) -> Effect:
    turnout, share = np.sqrt(np.diag(covariance))
    scale = turnout * share
    correlation = float(np.clip(covariance[0, 1] / scale, -1, 1)) if scale > 0 else 0.0
    return Effect(float(turnout), float(share), correlation)
