"""Method order-of-arrival: drift of the running result, places held fixed; the arithmetic is in `core.arrival`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.arrival import Decomposition, Largest, decompose, largest_of, moments
from tallyscope.forensics.core.arrival_within import Slope, sweep
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.forensics.order_of_arrival_design import Design, arrivals_known, design, informative
from tallyscope.forensics.order_of_arrival_details import details, places, stations, with_interval
from tallyscope.forensics.stations import Figures, first_known, station_figures
from tallyscope.returns.table import Returns

__all__ = ["order_of_arrival"]

_FEWEST, _FEWEST_PLACES, _FEWEST_CLUSTERS = 300, 30, 20

_ALTERNATIVES = (
    "Places are held fixed only as finely as the file names them: where stations of one named place differ (two "
    "ends of a town, a hospital among schools) and the different ones report late, the share drifts honestly.",
    "What makes a protocol late can go with how people vote in the same building: longer queues, more contested "
    "ballots, less practised officials. The size of the list is held fixed, other such things are not known.",
    "Some sources give the time of the last correction instead of arrival: protocols corrected for good reasons "
    "then stand at the end.",
    "A quiet answer says nothing of places that came in late as a whole, or that have one station only: they "
    "have no earlier neighbours to be compared with; nor of what was changed in early and late protocols alike.",
)


def order_of_arrival(returns: Returns) -> Finding:
    """Tests whether the leader's share, place and size held fixed, moves with the order in which protocols came in.

    The estimate is the change within places from the first to the last ballot counted, in points; the p-value is
    of the largest of that trend and of jumps at up to 22 moments. `details`: `drift` (total = composition +
    within), `by_level` (what remains when each level is held fixed), `jump`, `running`.
    """
    leader = returns.leader
    base = _share_base(returns)
    if leader is None or base is None or not returns.has("registered", "arrived"):
        return _without_columns(returns)
    figures = station_figures(returns, ["registered", base, votes_column(leader.id), "arrived"])
    used = figures.where((figures["registered"] > 0) & (figures[base] > 0))
    laid = design(returns, used, base, votes_column(leader.id))
    asked = (arrivals_known(figures), *_conditions(laid, used))
    if laid is None or not all(c.met is not False for c in asked):
        return _finding(asked, _refusal(asked), {"stations_used": int(used.rows.size)})
    drift = decompose(laid.share, laid.p, laid.controls, laid.places.of, laid.weight, laid.clusters.of)
    swept = sweep(laid.share, laid.moments(), laid.controls, laid.places.of, laid.weight)
    largest = largest_of(*moments(swept, laid.clusters.of))
    found, tested = places(returns, used, laid, swept)
    told = {
        **details(laid, drift, swept, largest),
        "leader": leader.id,
        "share_of": base,
        "places_tested": tested,
    }
    return _finding(
        asked,
        _summary(drift, largest, laid, leader.name),
        told,
        drift=drift,
        largest=largest,
        where=found,
        frame=stations(returns, used, laid, swept, largest),
    )


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    told: dict[str, Any],
    *,
    drift: Decomposition | None = None,
    largest: Largest | None = None,
    where: tuple[Place, ...] = (),
    frame: Any = None,
) -> Finding:
    """The finding; without a drift the method does not apply."""
    about = method("order-of-arrival")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=drift is not None,
        conditions=asked,
        summary=summary,
        estimate=None if drift is None else _estimate(drift.within),
        p_value=None if largest is None else largest.p_value,
        details=told,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=frame,
    )


def _estimate(within: Slope) -> Estimate:
    low, high = with_interval(within)[1:]
    return Estimate(within.value, low, high, 0.95, "points of the leader's share, first to last ballot counted")


def _share_base(returns: Returns) -> str | None:
    """What the law reckons shares from; the other one if the file does not carry it."""
    lawful = returns.election.form.denominator
    return first_known(returns, lawful, "valid" if lawful == "cast" else "cast")


def _conditions(laid: Design | None, used: Figures) -> tuple[Condition, ...]:
    if laid is None:
        text = "Protocols came in at different times, and stations stand in places that the file names"
        groups = np.unique(used["arrived"]).size
        return (Condition(text, False, f"{groups:,} different times among {used.rows.size:,} stations"),)
    compared = informative(laid)
    clusters = int(np.unique(laid.clusters.of[compared.stations]).size)
    title = laid.places.level
    return (
        Condition(
            f"At least {_FEWEST} stations share their {title} with one that came in at another time, in at least "
            f"{_FEWEST_PLACES} of them",
            int(compared.stations.sum()) >= _FEWEST and compared.places >= _FEWEST_PLACES,
            f"{int(compared.stations.sum()):,} stations in {compared.places:,}, with {compared.ballots:.0%} of the "
            f"ballots; of the last tenth counted {compared.late:.0%}",
        ),
        Condition(
            f"At least {_FEWEST_CLUSTERS} units over which errors are taken to be independent",
            clusters >= _FEWEST_CLUSTERS,
            f"{clusters:,} of level {laid.clusters.level}",
        ),
        Condition(
            "Times are of arrival, not of a correction",
            None,
            f"{laid.straggling:.1%} came in more than a day after the middle one",
        ),
    )


def _summary(drift: Decomposition, largest: Largest, laid: Design, leader: str) -> str:
    low, high = with_interval(drift.within)[1:]
    verdict = "consistent with an arrival that says nothing more of the votes"
    if largest.p_value < 0.05:
        verdict = "a weak sign of a drift" if largest.p_value >= 0.001 else "an anomalous drift"
    p = f"p = {largest.p_value:.2g}"
    return (
        f"From the first to the last ballot counted the share of {leader} moves by {drift.total.value:+.1f} "
        f"points; which places came in when accounts for {drift.composition.value:+.1f}. Within the same "
        f"{laid.places.level} and at equal size there remain {drift.within.value:+.2f} points "
        f"({low:+.2f} to {high:+.2f}): {verdict} ({p})."
    )


def _without_columns(returns: Returns) -> Finding:
    missing = [c for c in ("registered", "arrived") if not returns.has(c)]
    told = {"arrived": "when protocols came in", "registered": ROLES["registered"]}
    asked = (
        Condition(
            "Stations report votes, voters on the list, and when their protocol came in",
            False,
            "not in the file: " + ", ".join(told[c] for c in missing) if missing else "no votes at all",
        ),
    )
    return _finding(asked, _refusal(asked), {"stations_used": 0})


def _refusal(asked: tuple[Condition, ...]) -> str:
    failed = "; ".join(f"{c.text}: {c.measured}" for c in asked if c.met is False)
    return f"Does not apply to these returns. {failed}."
