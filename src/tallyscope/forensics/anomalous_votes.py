"""Method anomalous-votes: the published recipe, whether its core is plausible, and an interval for both."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.anomalous_core import (
    CoreStudy,
    conditions,
    estimate_interval,
    sensitivity,
    study_core,
)
from tallyscope.forensics.core.anomalous import BINS, SMALLEST, turnout_bin
from tallyscope.forensics.core.anomalous_interval import Interval
from tallyscope.forensics.core.core_finder import CoreFinder, shpilkin_core, smoothed
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.forensics.stations import Figures, dividing_level, figures_known, station_figures, units_at
from tallyscope.returns.table import Returns

__all__ = ["anomalous_votes"]

_FEWEST = 300
_FINDER: CoreFinder = shpilkin_core

_ALTERNATIVES = (
    "Support that honestly rises with turnout: villages, small towns and institutions often vote more and vote "
    "otherwise than cities, and a party that brings its own supporters to the polls raises both.",
    "A country of unlike regions: where regions differ in turnout and in support at once, the curves of the whole "
    "country differ from proportion though those of each region do not.",
    "The choice of the core: the ratio is taken at one turnout. The details show the estimate at every other one.",
    "Votes moved from others to the leader, or ballots of the core itself, are not seen: the estimate can also be "
    "too low.",
)


def anomalous_votes(returns: Returns) -> Finding:
    """Estimates the leader's votes beyond a constant ratio to all others (Shpilkin), where the core is plausible.

    The estimate is that of the published recipe; its interval carries both the ratio's sampling, by drawing regions
    anew, and the choice of the core. Where the core found is implausible there is no estimate, only
    `details.shpilkin`: what the recipe says regardless. `details` also: `core`, `sensitivity`, `curves`. `where`:
    votes beyond the national ratio by region, which add up to the estimate.
    """
    leader = returns.leader
    if leader is None or not returns.has("registered", "cast"):
        return _without_figures(returns, leader)
    columns = ("registered", "cast", votes_column(leader.id))
    figures = station_figures(returns, columns)
    used = _used(figures, columns[2])
    asked = _asked(figures, used, columns)
    study = study_core(returns, used, columns[2], _FINDER) if used.rows.size else None
    if study is None:
        nothing = "No estimate: no station has ballots for anybody but the leader, so there is no core."
        return _finding(asked, nothing, {"stations_used": int(used.rows.size)})
    asked += conditions(study)
    details = _details(study, used, leader)
    if not all(c.met for c in asked):
        return _finding(asked, _refusal(asked, study), details, stations=_stations(returns, used, columns[2], None))
    found = estimate_interval(study)
    return _finding(
        asked,
        _summary(study, leader, found),
        details,
        estimate=Estimate(float(study.votes[study.core]), found.low, found.high, found.level, "votes"),
        where=_places(returns, used, columns[2], study),
        stations=_stations(returns, used, columns[2], study),
    )


def _used(figures: Figures, votes: str) -> Figures:
    """Stations with more than `SMALLEST` voters whose leader's votes are a part of the ballots cast."""
    sound = (figures[votes] >= 0) & (figures[votes] <= figures["cast"])
    return figures.where(sound & (figures["registered"] > SMALLEST))


def _asked(figures: Figures, used: Figures, columns: tuple[str, ...]) -> tuple[Condition, ...]:
    stations = used.rows.size
    text = f"At least {_FEWEST} stations have more than {SMALLEST} voters"
    known = figures_known(figures, columns)
    return known, Condition(text, stations >= _FEWEST, f"{stations:,} stations")


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any],
    *,
    estimate: Estimate | None = None,
    where: tuple[Place, ...] = (),
    stations: pl.DataFrame | None = None,
) -> Finding:
    about = method("anomalous-votes")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=estimate is not None,
        conditions=asked,
        summary=summary,
        estimate=estimate,
        details=details,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
    )


def _details(study: CoreStudy, used: Figures, leader: Choice) -> dict[str, Any]:
    core, curves = study.core, study.curves
    ratio = float(study.ratio[core])
    return {
        "shpilkin": {"votes": round(study.votes[core]), "core": core},
        "stations_used": int(used.rows.size),
        "leader": leader.id,
        "core": {
            "core": core,
            "ratio": ratio,
            "leader_share": ratio / (1 + ratio),
            "window": list(study.window),
            "mean": study.mean if study.fitted else None,
            "width": study.width if study.fitted else None,
        },
        "leader_votes": int(curves.leader.sum()),
        "sensitivity": sensitivity(study),
        "curves": {
            "turnout": list(range(BINS)),
            "leader": curves.leader[0].tolist(),
            "others": curves.others[0].tolist(),
            "others_smoothed": smoothed(curves.others)[0].tolist(),
            "others_scaled": (ratio * curves.others[0]).tolist(),
        },
    }


def _summary(study: CoreStudy, leader: Choice, found: Interval) -> str:
    core, votes = study.core, float(study.votes[study.core])
    share = votes / float(study.curves.leader.sum())
    says = "consistent with no anomalous votes"
    if found.low > 0:
        says = "anomalous: more votes than that ratio explains"
    elif found.high < 0:
        says = "no excess: fewer votes than that ratio would give"
    return (
        f"{leader.name} has {votes:+,.0f} votes beyond {study.ratio[core]:.3g} times all other ballots, the ratio "
        f"in the core (turnout {core} to {core + 1} %); that is {share:.1%} of the leader's votes, 95 % interval "
        f"{found.low:,.0f} to {found.high:,.0f} with the choice of the core included. {says.capitalize()}."
    )


def _refusal(asked: tuple[Condition, ...], study: CoreStudy) -> str:
    failed = "; ".join(f"{c.text}: no, {c.measured}" for c in asked if not c.met)
    return (
        f"No estimate: the method does not apply. The published recipe puts the core at a turnout of {study.core} "
        f"to {study.core + 1} %. {failed}."
    )


def _places(returns: Returns, used: Figures, votes: str, study: CoreStudy) -> tuple[Place, ...]:
    """Votes beyond the national ratio by unit of the first level that divides the election, most first."""
    depth = dividing_level(returns, used, used["cast"])
    if depth is None:
        return ()
    units = units_at(returns, used, depth)
    leader = np.bincount(units.of, weights=used[votes])
    others = np.bincount(units.of, weights=used["cast"] - used[votes])
    beyond = leader - study.ratio[study.core] * others
    stations = np.bincount(units.of)
    return tuple(
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(beyond[i]),
            unit_of_value="votes",
            details={"stations": int(stations[i]), "leader": int(leader[i]), "others": int(others[i])},
        )
        for i in np.argsort(-beyond, kind="stable")
    )


def _stations(returns: Returns, used: Figures, votes: str, study: CoreStudy | None) -> pl.DataFrame:
    """Turnout bin of every used station; votes beyond the ratio of those above the core, if there is one."""
    at = turnout_bin(used["registered"], used["cast"])
    beyond = np.full(at.size, np.nan)
    if study is not None:
        others = used["cast"] - used[votes]
        beyond = np.where(at > study.core, used[votes] - study.ratio[study.core] * others, np.nan)
    frame = pl.DataFrame({"row": used.rows, "turnout_bin": at, "votes_beyond_ratio": beyond})
    frame = frame.with_columns(pl.col("votes_beyond_ratio").fill_nan(None))
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")


def _without_figures(returns: Returns, leader: Choice | None) -> Finding:
    missing = [ROLES[c] for c in ("registered", "cast") if not returns.has(c)]
    asked = (
        Condition("Some choice has votes", leader is not None, leader.name if leader else "no votes at all"),
        Condition(
            "Stations report voters on the list and ballots cast",
            not missing,
            "not in the file: " + ", ".join(missing) if missing else "both are in the file",
        ),
    )
    failed = "; ".join(f"{c.text}: {c.measured}" for c in asked if not c.met)
    return _finding(asked, f"Does not apply to these returns. {failed}.", {"stations_used": 0})
