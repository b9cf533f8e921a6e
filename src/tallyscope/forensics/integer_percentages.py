"""Method integer-percentages: whole-number turnouts and shares; the arithmetic is in `core.integer_test`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.integer_test import (
    STATISTICS,
    Excess,
    Percentages,
    Profile,
    excess,
    percentages,
    profile,
    usable_stations,
    weighted_excess,
)
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.integer_places import integer_places
from tallyscope.forensics.methods import method
from tallyscope.forensics.stations import Figures, figures_known, first_known, station_figures
from tallyscope.returns.table import Returns

__all__ = ["integer_percentages"]

_FEWEST = 300
_SWEEP = (100, 250, 500, 1000)
#: Half a 95 % interval in standard deviations of the null's count.
_HALF = 1.959964

_ALTERNATIVES = (
    "Rounding by hand: a commission that estimates a figure it has not counted, without favouring anybody, also "
    "produces round percentages.",
    "Turnout and share are taken as settled in the null, so that stations of nearly equal sizes and results are "
    "treated as independent; copied or averaged protocols would break this without being written to a target.",
    "Small stations have few possible percentages. The null reckons with each station's own size; the size sweep "
    "in the details shows whether the excess remains among stations of 250, 500 and 1,000 voters.",
    "An excess is a number of stations, not of votes: it does not say how many votes changed, or if any did. A "
    "figure that was rounded may lie near the true one, and a figure that was written need not be round.",
)


def integer_percentages(returns: Returns) -> Finding:
    """Tests the number of stations with an integer turnout or share of the leader against its exact null.

    The estimate is the excess of such stations over what chance explains, its interval from the null's standard
    deviation; the p-value is one-sided. `details`: `stations_used`; `union`, `share`, `turnout`; `weighted` by
    voters, ballots issued and the leader's votes; `size_sweep`; `by_percent`.
    """
    leader = returns.leader
    issued = first_known(returns, "issued", "voted", "cast")
    base = _share_base(returns)
    if leader is None or issued is None or base is None or not returns.has("registered"):
        return _without_figures(returns, leader)
    columns = ("registered", issued, base, votes_column(leader.id))
    figures = station_figures(returns, list(dict.fromkeys(columns)))
    registered, given, cast, votes = (figures[c] for c in columns)
    used = figures.where(usable_stations(registered, given, cast, votes))
    asked = _conditions(figures, used, columns)
    if not all(c.met for c in asked):
        return _finding(asked, _refusal(asked), {"stations_used": int(used.rows.size)})
    of = percentages(*(used[c] for c in columns))
    union = excess(of.integer["union"], of.chance["union"])
    places, tested = integer_places(returns, used, of)
    return _finding(
        asked,
        _summary(union, used, leader),
        {**_details(used, of, columns), "leader": leader.id, "places_tested": tested},
        union=union,
        where=places,
        stations=_stations(returns, used, of, columns),
    )


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any],
    *,
    union: Excess | None = None,
    where: tuple[Place, ...] = (),
    stations: pl.DataFrame | None = None,
) -> Finding:
    """The finding; without a test of the union the method does not apply."""
    about = method("integer-percentages")
    estimate = None
    if union is not None:
        half = _HALF * union.sd
        estimate = Estimate(union.excess, union.excess - half, union.excess + half, 0.95, "stations")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=union is not None,
        conditions=asked,
        summary=summary,
        estimate=estimate,
        p_value=None if union is None else union.p_value,
        details=details,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
    )


def _details(used: Figures, of: Percentages, columns: tuple[str, ...]) -> dict[str, Any]:
    return {
        "stations_used": int(used.rows.size),
        **{name: _as_json(excess(of.integer[name], of.chance[name])) for name in STATISTICS},
        "turnout_of": columns[1],
        "share_of": columns[2],
        "weighted": _weighted(used, of, columns),
        "size_sweep": _size_sweep(used, of),
        "by_percent": _by_percent(used, columns),
    }


def _share_base(returns: Returns) -> str | None:
    """What the law reckons shares from; the other one if the file does not carry it."""
    lawful = returns.election.form.denominator
    return first_known(returns, lawful, "valid" if lawful == "cast" else "cast")


def _conditions(figures: Figures, used: Figures, columns: tuple[str, ...]) -> tuple[Condition, ...]:
    registered, stations = figures["registered"], used.rows.size
    share = stations / figures.reported if figures.reported else 0.0
    below = int(np.sum(registered < _SWEEP[0]))
    median = int(np.median(used["registered"])) if stations else 0
    turnout = ROLES[columns[1]]
    return (
        figures_known(figures, columns),
        Condition(f"At least {_FEWEST} stations can be used", stations >= _FEWEST, f"{stations:,} stations"),
        Condition(
            f"At least half of the stations have {_SWEEP[0]} voters or more, and turnout ({turnout}) and share "
            "of at most 99 %",
            share >= 0.5,
            f"{share:.1%} of {figures.reported:,}; {below:,} have fewer voters; "
            f"the median station used has {median:,}",
        ),
    )


def _summary(union: Excess, used: Figures, leader: Choice) -> str:
    p = union.p_value or 0.0
    tail = f"p = {p:.2g}" if p > 0 else f"p = 1e{union.log10_p:.0f}"
    verdict = "an anomalous excess" if p < 0.001 else "consistent with chance: a difference"
    if 0.001 <= p < 0.05:
        verdict = "a weak sign of an excess"
    return (
        f"{union.observed:,.0f} of {used.rows.size:,} stations report a whole-number turnout or share of "
        f"{leader.name}; chance explains {union.expected:,.0f} ± {union.sd:,.0f}: {verdict} of "
        f"{union.excess:+,.0f} stations ({tail})."
    )


def _as_json(one: Excess) -> dict[str, float | int | None]:
    whole: dict[str, float | int | None] = {
        "observed": int(one.observed),
        "expected": one.expected,
        "excess": one.excess,
        "sd": one.sd,
    }
    return whole if one.p_value is None else {**whole, "p_value": one.p_value, "log10_p": one.log10_p}


def _weighted(used: Figures, of: Percentages, columns: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    names = ("registered", "issued", "leader")
    weights = (used[columns[0]], used[columns[1]], used[columns[3]])
    return {
        by: {name: _as_json(weighted_excess(of.integer[name], of.chance[name], weight)) for name in STATISTICS}
        for by, weight in zip(names, weights, strict=True)
    }


def _size_sweep(used: Figures, of: Percentages) -> list[dict[str, Any]]:
    rows = []
    for smallest in _SWEEP:
        large = used["registered"] >= smallest
        tests = {name: _as_json(excess(of.integer[name][large], of.chance[name][large])) for name in STATISTICS}
        rows.append({"smallest": smallest, "stations": int(large.sum()), **tests})
    return rows


def _by_percent(used: Figures, columns: tuple[str, ...]) -> dict[str, dict[str, list[float]]]:
    registered, issued, base, leader = (used[c] for c in columns)
    profiles: Mapping[str, Profile] = {"turnout": profile(issued, registered), "share": profile(leader, base)}
    return {
        name: {"observed": one.observed.tolist(), "expected": one.expected.tolist()}
        for name, one in profiles.items()
    }


def _stations(returns: Returns, used: Figures, of: Percentages, columns: tuple[str, ...]) -> pl.DataFrame:
    registered, issued, base, leader = (used[c] for c in columns)
    values: dict[str, npt.NDArray[Any]] = {
        "turnout_percent": 100 * issued / registered,
        "share_percent": 100 * leader / base,
        "turnout_is_integer": of.integer["turnout"],
        "share_is_integer": of.integer["share"],
        "integer_chance": of.chance["union"],
        "strength": _strength(of),
    }
    frame = pl.DataFrame({"row": used.rows, **values})
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")


def _strength(of: Percentages) -> npt.NDArray[np.float64]:
    """-log10 of the chance of at least as many integers among the station's turnout and share, (stations,)."""
    both = of.integer["turnout"] & of.integer["share"]
    chance = np.where(of.integer["union"], of.chance["union"], 1.0)
    chance = np.where(both, of.chance["turnout"] * of.chance["share"], chance)
    return np.asarray(-np.log10(np.maximum(chance, 1e-300)) + 0.0)


def _without_figures(returns: Returns, leader: Choice | None) -> Finding:
    missing = [c for c in ("registered", "issued", "cast") if not returns.has(c)]
    asked = (
        Condition("Some choice has votes", leader is not None, leader.name if leader else "no votes at all"),
        Condition(
            "Stations report voters on the list, ballots issued or cast, and votes",
            False if missing else None,
            "not in the file: " + ", ".join(ROLES[c] for c in missing) if missing else "all are in the file",
        ),
    )
    return _finding(asked, _refusal(asked), {"stations_used": 0})


def _refusal(asked: tuple[Condition, ...]) -> str:
    failed = "; ".join(f"{c.text}: {c.measured}" for c in asked if c.met is False)
    return f"Does not apply to these returns. {failed}."
