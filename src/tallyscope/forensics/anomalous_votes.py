"""Method anomalous-votes: ballots stuffed for the leader, against what honest differences of turnout and share
explain."""

from __future__ import annotations

from typing import Any

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.anomalous_details import details_of
from tallyscope.forensics.anomalous_groups import groups_of
from tallyscope.forensics.anomalous_places import places, station_frame
from tallyscope.forensics.anomalous_study import (
    LEVEL,
    Ratio,
    Reference,
    Study,
    headline,
    ratio_study,
    study_stuffing,
)
from tallyscope.forensics.core.anomalous import SMALLEST
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.forensics.stations import Figures, figures_known, station_figures
from tallyscope.returns.table import Returns

__all__ = ["anomalous_votes"]

_FEWEST = 300

_ALTERNATIVES = (
    "A lopsided honest country: the test supposes that honest turnout and support are symmetric, on the logit "
    "scale, around the middle of each region. Mobilised institutions, villages or quarters that vote otherwise "
    "than all around them lean the same way as stuffing.",
    "Whole regions that differ: with one core for the country, or one ratio, a region of high turnout and "
    "one-sided support counts as anomalous as a whole; with a core of its own it does not. Results alone cannot "
    "tell which is right: the details give all three, and the interval reaches from the first to the highest.",
    "What is spread evenly over all stations, a whole region written in one way, and votes moved from others to "
    "the leader leave no trace here: the estimate can also be too low.",
)


def anomalous_votes(returns: Returns) -> Finding:
    """Estimates how many ballots were stuffed for the leader.

    The estimate gives every region a core of its own; the 90 % interval reaches up to what one core for the country
    and a constant ratio to others (Shpilkin) allow. `p_value`: one-sided, that stations lean towards stuffing no
    more than honest ones do. `details.shpilkin`: the published recipe. `where`: regions, whose votes add up to
    the estimate, then units below that stand out.
    """
    leader = returns.leader
    if leader is None or not returns.has("registered", "cast"):
        return _without_figures(returns, leader)
    columns = ("registered", "cast", votes_column(leader.id))
    figures = station_figures(returns, columns)
    used = _used(figures, columns[2])
    asked = _asked(figures, used, columns)
    ratio = ratio_study(used, columns[2], groups_of(returns, used)) if used.rows.size else None
    if ratio is None:
        nothing = "No estimate: no station has ballots for anybody but the leader, so there is no core."
        return _finding(asked, nothing, {"stations_used": int(used.rows.size)})
    study = study_stuffing(returns, used, columns[2]) if asked[1].met else None
    asked += _differ(asked, study)
    details = details_of(returns, ratio, study, leader, int(used.rows.size))
    frame = station_frame(returns, used, columns[2], ratio, study)
    if study is None or not all(c.met for c in asked):
        return _finding(asked, _refusal(asked), details, stations=frame)
    found = headline(study, ratio)
    where, tested = places(study, columns[2])
    return _finding(
        asked,
        _summary(study, ratio, leader, found),
        {**details, "places_tested": tested},
        estimate=Estimate(found.votes, found.low, found.high, LEVEL, "votes"),
        p_value=study.test.p_value,
        where=where,
        stations=frame,
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


def _differ(asked: tuple[Condition, ...], study: Study | None) -> tuple[Condition, ...]:
    if not asked[1].met:
        return ()
    text = "Stations differ in turnout and in the leader's share, and neither is 0 or 100 % in most of them"
    if study is None:
        return (Condition(text, False, "they do not"),)
    t, s = study.axis.turnout, study.axis.share
    return (Condition(text, True, f"the median station: turnout {t:.1%}, share {s:.1%}"),)


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any],
    *,
    estimate: Estimate | None = None,
    p_value: float | None = None,
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
        p_value=p_value,
        details=details,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
    )


def _summary(study: Study, ratio: Ratio, leader: Choice, found: Reference) -> str:
    share = found.votes / float(ratio.curves.leader.sum())
    p = study.test.p_value
    says = "consistent with no anomalous votes"
    if p < 0.01:
        says = "anomalous"
    elif p < 0.05:
        says = "a weak sign"
    return (
        f"With a core for each {study.groups.name}, {leader.name} has {found.votes:+,.0f} votes ({share:.1%}) "
        f"beyond what honest differences explain: {says} (p = {p:.2g}). With one core for all it is "
        f"{study.country.value:+,.0f}; by a constant ratio to other ballots, with the core at "
        f"{ratio.flat.core[0]} % turnout, {ratio.reference.votes:+,.0f}. 90 % interval with the choice of the core "
        f"included: {found.low:,.0f} to {found.high:,.0f}."
    )


def _refusal(asked: tuple[Condition, ...]) -> str:
    failed = "; ".join(f"{c.text}: no, {c.measured}" for c in asked if not c.met)
    return f"No estimate: the method does not apply. {failed}."


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
