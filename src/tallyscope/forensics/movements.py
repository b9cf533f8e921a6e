"""Methods of voters who move: what they share, from the line of a protocol to a Finding.

Two things are told apart. That a line is far above the usual at single stations is a concentration: railway
stations, hospitals and barracks have it honestly, so it has exact p-values station by station and no p-value of the
country. That of the country rests on how the leader's share goes with the line inside territories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from tallyscope.election.roles import ROLES
from tallyscope.forensics.core.balance import bounds, roundness
from tallyscope.forensics.core.movements_slope import Slope
from tallyscope.forensics.finding import Condition, Estimate, Finding
from tallyscope.forensics.methods import method
from tallyscope.forensics.movements_figures import Moved, base_of_shares, taking_part
from tallyscope.forensics.movements_measure import STANDS_OUT, Measured, measure
from tallyscope.forensics.movements_places import places
from tallyscope.forensics.stations import figures_known
from tallyscope.returns.table import Returns

__all__ = ["Ask", "answer", "lacking"]

#: Hours and lists are missing at some stations of nearly every election that tells them: four fifths are enough.
_KNOWN = 0.8
_STATIONS, _TERRITORIES, _SOME, _RATE = 300, 20, 100, 0.001
#: Stations that stand out are listed in the details up to so many; all are in `stations`.
_LISTED = 50


@dataclass(frozen=True)
class Ask:
    """What a method asks of its line. `people`: what they did, "voted at home"; `line`: the column read."""

    id: str
    people: str
    line: str
    alternatives: tuple[str, ...]
    #: What else the method found out, for the details and the summary.
    details: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""
    conditions: tuple[Condition, ...] = ()


def answer(ask: Ask, of: Moved) -> Finding:
    """The finding on these figures."""
    asked = (*_conditions(of), *ask.conditions)
    if not all(c.met for c in asked):
        return _finding(ask, asked, _refusal(asked), {"stations_used": int(of.count.size), **ask.details})
    measured = measure(of)
    territories = Condition(
        f"At least {_TERRITORIES} territories have stations enough to compare the leader's share",
        int(np.count_nonzero(~np.isnan(measured.local.score))) >= _TERRITORIES,
        f"{np.count_nonzero(~np.isnan(measured.local.score)):,} territories",
    )
    asked = (*asked, territories)
    details = {**_details(ask, measured), **ask.details}
    stations = _stations(measured)
    if not territories.met:
        return _finding(ask, asked, _refusal(asked), details, stations=stations)
    return _finding(ask, asked, _summary(ask, measured), details, measured, stations)


def lacking(returns: Returns, id: str, columns: tuple[str, ...], alternatives: tuple[str, ...] = ()) -> Finding:
    """The finding where the file does not carry what the method needs."""
    leader = returns.leader
    missing = [ROLES[c] for c in ("registered", *columns) if not returns.has(c)]
    if taking_part(returns) is None or base_of_shares(returns) is None:
        missing.append("voters who took part, and ballots cast or valid")
    asked = (
        Condition("Some choice has votes", leader is not None, leader.name if leader else "no votes at all"),
        Condition(
            "The protocols of this election carry the line",
            not missing,
            "not in the file: " + ", ".join(missing) if missing else "all are in the file",
        ),
    )
    return _finding(Ask(id, "", "", alternatives), asked, _refusal(asked), {"stations_used": 0})


def _conditions(of: Moved) -> tuple[Condition, ...]:
    compared, some = int(of.compared.sum()), int(np.count_nonzero(of.count))
    rate = float(of.count.sum() / max(int(of.total.sum()), 1))
    known = figures_known(of.figures, tuple(of.figures.counts))
    return (
        replace(known, met=of.figures.rows.size >= _KNOWN * of.figures.reported),
        Condition(
            f"At least {_STATIONS} stations of 100 voters and 50 ballots, at most half of them by the line",
            compared >= _STATIONS,
            f"{compared:,} stations",
        ),
        Condition(
            f"At least {_SOME} stations have any, and {_RATE:.1%} of all voters",
            some >= _SOME and rate >= _RATE,
            f"{some:,} stations, {rate:.2%} of voters",
        ),
    )


def _finding(
    ask: Ask,
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any],
    measured: Measured | None = None,
    stations: pl.DataFrame | None = None,
) -> Finding:
    about = method(ask.id)
    estimate = None
    if measured is not None:
        high = measured.association.high
        low, up = high.interval(0.95)
        estimate = Estimate(100 * high.value, 100 * low, 100 * up, 0.95, "percentage points")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=measured is not None,
        conditions=asked,
        summary=summary,
        estimate=estimate,
        p_value=None if measured is None else measured.p_value,
        details=details,
        where=() if measured is None else places(measured),
        alternatives=ask.alternatives,
        source=about.source,
        stations=stations,
    )


def _details(ask: Ask, measured: Measured) -> dict[str, Any]:
    of, a = measured.of, measured.association
    out = measured.stands_out
    keep = of.compared
    low, high = bounds(of.leader[keep], of.ballots[keep], of.count[keep])
    leader = of.returns.leader
    return {
        "line": ask.line,
        "leader": leader.id if leader else None,
        "stations_used": int(of.count.size),
        "stations_compared": int(keep.sum()),
        "count": int(of.count.sum()),
        "of": int(of.total.sum()),
        "standing_out": {
            "q": STANDS_OUT,
            "stations": int(out.sum()),
            "count": int(of.count[out].sum()),
            "above_usual": float((of.count - of.total * measured.usual_.rate(0.0))[out].sum()),
            "share": _share(of, out),
            "listed": _listed(measured),
        },
        "spread_between_stations": float(np.median(measured.usual_.region_spread)),
        "share": measured.share,
        "slopes": {name: _as_json(getattr(a, name)) for name in ("overall", "mid", "high")},
        "likely_slope": measured.likely,
        "implied_share": float(np.clip(measured.share + a.high.value, 0.0, 1.0)),
        "bounds_of_share": [low, high],
        "territories": {
            "compared": int(np.count_nonzero(~np.isnan(measured.local.score))),
            "upper_tail": measured.tail[0],
            "p_value": measured.tail[1],
        },
        "too_steep": {"p_value": a.p_steep},
        "round_counts": _roundness(of),
    }


def _share(of: Moved, where: Any) -> float | None:
    ballots = int(of.ballots[where].sum())
    return float(of.leader[where].sum() / ballots) if ballots else None


def _as_json(one: Slope) -> dict[str, float]:
    low, high = one.interval(0.95)
    return {"value": one.value, "error": one.error, "low": low, "high": high, "freedom": one.freedom}


def _roundness(of: Moved) -> dict[str, Any]:
    found = roundness(of.count)
    return {"counts": found.counts, "multiples_of_ten": found.round_, "p_value": found.p_value}


def _listed(measured: Measured) -> list[dict[str, Any]]:
    of, rate = measured.of, measured.usual_.rate(0.0)
    first = np.argsort(measured.log10_p, kind="stable")[:_LISTED]
    first = first[measured.stands_out[first]]
    names = of.returns.station_names().gather(of.figures.rows[first]).to_list()
    return [
        {
            "station": name,
            "row": int(of.figures.rows[i]),
            "count": int(of.count[i]),
            "of": int(of.total[i]),
            "usual": float(rate[i] * of.total[i]),
            "log10_p": float(measured.log10_p[i]),
            "q": float(measured.q[i]),
            "share": float(of.leader[i] / of.ballots[i]) if of.ballots[i] else None,
        }
        for i, name in zip(first, names, strict=True)
    ]


def _stations(measured: Measured) -> pl.DataFrame:
    of = measured.of
    frame = pl.DataFrame(
        {
            "row": of.figures.rows,
            "count": of.count,
            "of": of.total,
            "usual": measured.usual_.rate(0.0) * of.total,
            "q_value": measured.q,
            "concentration": -measured.log10_p,
            "leader_excess": -measured.leader_log10_p,
        }
    ).with_columns(pl.col("leader_excess").fill_nan(None))
    # Both have to be unusual: an honest hospital concentrates, an honest stronghold votes for its leader.
    both = pl.when(pl.col("leader_excess").is_not_null()).then(pl.min_horizontal("concentration", "leader_excess"))
    frame = frame.with_columns(both.alias("strength"))
    every = pl.DataFrame({"row": np.arange(len(of.returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")


def _summary(ask: Ask, measured: Measured) -> str:
    of, high, p = measured.of, measured.association.high, measured.p_value
    leader = of.returns.leader
    low, up = high.interval(0.95)
    says = "consistent with the honest differences between territories"
    if p < 0.001:
        says = "anomalous"
    elif p < 0.05:
        says = "a weak sign of more than the honest differences between territories"
    out = measured.stands_out
    return (
        f"{int(of.count.sum()):,} of {int(of.total.sum()):,} voters {ask.people}. {int(out.sum()):,} stations have "
        f"far more than is usual for such stations (q <= {STANDS_OUT}), {int(of.count[out].sum()):,} voters: a "
        f"concentration, which can be honest. {ask.sentence}Above the usual, {leader.name if leader else ''} has "
        f"{100 * high.value:+.0f} points more among them than among others (95 % interval {100 * low:+.0f} to "
        f"{100 * up:+.0f}). How steeply the share goes with them, territory by territory: {says} (p = {p:.2g})."
    )


def _refusal(asked: tuple[Condition, ...]) -> str:
    failed = "; ".join(f"{c.text}: no, {c.measured}" for c in asked if c.met is False)
    return f"Does not apply to these returns. {failed}."
