"""Method repeated-shares: stations of one place that report the same share, the same turnout, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.repeated_cells import Cells, cells
from tallyscope.forensics.core.repeated_pairs import SMALLEST_P, Pairs, both_pairs, pairs, summed, upper_tail
from tallyscope.forensics.core.repeated_windows import Windows, windows
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.forensics.repeated_shares_places import levels_of, repeated_places
from tallyscope.forensics.repeated_shares_protocols import identical_details, low_count_details
from tallyscope.forensics.stations import Figures, Units, figures_known, first_known, station_figures
from tallyscope.returns.table import Returns

__all__ = ["repeated_shares"]

_FEWEST, _FEWEST_PAIRS = 100, 20
#: Half a 95 % interval in standard deviations of the null's number of pairs.
_HALF = 1.959964

_ALTERNATIVES = (
    "One commission that typed, copied or averaged the figures of several stations makes them alike without "
    "favouring anybody; so does a file in which one protocol stands more than once.",
    "Values are compared within whole percentage points. An honest reason to prefer one tenth of a point to the "
    "next is hard to think of; votes reckoned back from typed percentages would be one.",
    "A station split into several ballot boxes by lot has parts that are more alike than stations are; that alone "
    "does not bring them to the same tenth of a point.",
    "A number of pairs is not a number of votes: it does not say how many votes changed, or if any did.",
)


@dataclass(frozen=True, eq=False)
class _Examined:
    """The stations used, where each could have ended; pairs are counted at the last of `levels`, in `cells`."""

    used: Figures
    share: Windows
    turnout: Windows
    levels: tuple[Units, ...]
    cells: Mapping[str, Cells]

    @property
    def figures(self) -> dict[str, Windows]:
        """The two figures that can be alike."""
        return {"share": self.share, "turnout": self.turnout}


def repeated_shares(returns: Returns) -> Finding:
    """Counts pairs of stations of one lowest unit with the same share of the leader, or the same turnout, to 0.1.

    The estimate is the excess of such pairs over the null's exact mean, its interval from the null's exact standard
    deviation; the p-value is one-sided (mid-p). `details`: `stations_used`; `pairs` (share, turnout, both);
    `identical_protocols`; `low_counts`; `places_tested`.
    """
    leader, base = returns.leader, _share_base(returns)
    part = first_known(returns, "issued", "voted", "cast")
    if leader is None or part is None or base is None or not returns.has("registered"):
        return _without_figures(returns, leader)
    columns = ("registered", part, base, votes_column(leader.id))
    figures = station_figures(returns, list(dict.fromkeys(columns)))
    kept = _usable(*(figures[c] for c in columns))
    used = figures.where(kept)
    known = _conditions(figures, used, columns)
    if not all(c.met for c in known):
        return _finding(known, _refusal(known), {"stations_used": int(used.rows.size)})
    every = levels_of(returns, figures)
    examined = _examined(used, tuple(Units(x.level, x.of[kept], x.names) for x in every), columns)
    of_share, of_turnout = (pairs(w, examined.cells[k]) for k, w in examined.figures.items())
    total = summed((of_share, of_turnout))
    enough = Condition(
        f"Chance makes at least {_FEWEST_PAIRS} pairs alike",
        total.expected >= _FEWEST_PAIRS,
        f"{total.expected:,.0f} pairs in {len(examined.levels[-1].names):,} places ({examined.levels[-1].level})",
    )
    if not enough.met:
        return _finding((*known, enough), _refusal((enough,)), {"stations_used": int(used.rows.size)})
    places, tested, strength = repeated_places(examined.levels, examined.share, examined.turnout, examined.cells)
    low = low_count_details(returns, figures, every)
    details = {
        "stations_used": int(used.rows.size),
        "leader": leader.id,
        "share_of": base,
        "turnout_of": part,
        "level": examined.levels[-1].level,
        "pairs": _pairs_as_json(examined, of_share, of_turnout, total),
        "places_tested": tested,
        "identical_protocols": identical_details(returns, used, columns, examined.levels[0]),
        "low_counts": low,
    }
    summary = _summary(total, leader, examined.levels[-1].level, places)
    if low:
        summary += f" In {len(low)} places a minor choice has ones and twos, but too few zeros."
    return _finding((*known, enough), summary, details, total, places, _stations(returns, examined, strength))


def _examined(used: Figures, levels: tuple[Units, ...], columns: tuple[str, ...]) -> _Examined:
    registered, part, base, votes = (used[c] for c in columns)
    lowest = levels[-1].of
    share, turnout = windows(votes, base, lowest), windows(part, registered, lowest)
    kinds = {"share": [share], "turnout": [turnout], "both": [share, turnout]}
    return _Examined(used, share, turnout, levels, {k: cells(lowest, figures) for k, figures in kinds.items()})


def _usable(registered: Any, part: Any, base: Any, votes: Any) -> Any:
    """(stations,) sound figures, turnout and share of at most 99 %: beyond, everybody is near everybody."""
    sound = (registered > 0) & (base > 0) & (part >= 0) & (votes >= 0)
    return sound & (100 * part <= 99 * registered) & (100 * votes <= 99 * base)


def _share_base(returns: Returns) -> str | None:
    """What the law reckons shares from; the other one if the file does not carry it."""
    lawful = returns.election.form.denominator
    return first_known(returns, lawful, "valid" if lawful == "cast" else "cast")


def _conditions(figures: Figures, used: Figures, columns: tuple[str, ...]) -> tuple[Condition, ...]:
    stations = used.rows.size
    share = stations / figures.reported if figures.reported else 0.0
    return (
        figures_known(figures, list(dict.fromkeys(columns))),
        Condition(f"At least {_FEWEST} stations can be used", stations >= _FEWEST, f"{stations:,} stations"),
        Condition(
            f"At least half of the stations have turnout ({ROLES[columns[1]]}) and share of at most 99 %",
            share >= 0.5,
            f"{share:.1%} of {figures.reported:,}",
        ),
    )


def _pairs_as_json(examined: _Examined, share: Pairs, turnout: Pairs, total: Pairs) -> dict[str, Any]:
    observed, expected = both_pairs(examined.share, examined.turnout, examined.cells["both"])
    named = {"share": share, "turnout": turnout, "total": total}
    parts = {
        name: {
            "observed": one.observed,
            "expected": one.expected,
            "excess": one.observed - one.expected,
            "sd": one.sd,
            "p_value": upper_tail(one),
        }
        for name, one in named.items()
    }
    return {**parts, "both": {"observed": observed, "expected": expected, "excess": observed - expected}}


def _summary(total: Pairs, leader: Choice, level: str, places: tuple[Place, ...]) -> str:
    p = upper_tail(total)
    tail = f"p = {p:.2g}" if p > SMALLEST_P else f"p < {SMALLEST_P:.0g}"
    verdict = "consistent with chance: a difference"
    if p < 0.05:
        verdict = "an anomalous excess" if p < 0.001 else "a weak sign of an excess"
    standing_out = [x for x in places if x.level == level and x.q_value is not None and x.q_value <= 0.05]
    where = f" {len(standing_out)} places ({level}) stand out." if standing_out else ""
    return (
        f"{total.observed:,} pairs of stations of one place ({level}) report the same share of {leader.name} or "
        f"the same turnout to a tenth of a point; chance explains {total.expected:,.0f} ± {total.sd:,.0f}: "
        f"{verdict} of {total.observed - total.expected:+,.0f} pairs ({tail}).{where}"
    )


def _stations(returns: Returns, examined: _Examined, strength: Any) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "row": examined.used.rows,
            "share_percent": examined.share.value / 10,
            "turnout_percent": examined.turnout.value / 10,
            **strength,
        }
    )
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any],
    total: Pairs | None = None,
    where: tuple[Place, ...] = (),
    stations: pl.DataFrame | None = None,
) -> Finding:
    """The finding; without a number of pairs the method does not apply."""
    about = method("repeated-shares")
    estimate = None
    if total is not None:
        excess, half = total.observed - total.expected, _HALF * total.sd
        estimate = Estimate(excess, excess - half, excess + half, 0.95, "pairs of stations")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=total is not None,
        conditions=asked,
        summary=summary,
        estimate=estimate,
        p_value=None if total is None else upper_tail(total),
        details=details,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
    )


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
