"""Method coarse-fractions: shares at multiples of five per cent; the arithmetic is in `core.fractions_coarse`."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.fractions_coarse import COARSE, CONTROL, Coarse, coarse
from tallyscope.forensics.core.integer_test import Excess, Percentages, excess
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.integer_places import integer_places
from tallyscope.forensics.methods import method
from tallyscope.forensics.stations import Figures, figures_known, first_known, station_figures
from tallyscope.returns.table import Returns

__all__ = ["coarse_fractions"]

_FEWEST = 300
#: Coarse stations that chance has to make for a number of them to say anything.
_FEWEST_EXPECTED = 5
#: Half a 95 % interval in standard deviations of the null's count.
_HALF = 1.959964

_ALTERNATIVES = (
    "A commission that estimates a share it has not counted, without favouring anybody, also produces coarse "
    "fractions.",
    "Halves and quarters are frequent among small stations by arithmetic alone. The null reckons with each "
    "station's size; thirds, sixths and sevenths, which nobody writes, are tested beside it.",
    "An excess is a number of stations, not of votes: a figure that was rounded may lie near the true one, and a "
    "figure that was written need not be coarse.",
)


def coarse_fractions(returns: Returns) -> Finding:
    """Tests the number of stations whose share of the leader is a multiple of 5 % (to 0.05) against its exact null.

    The estimate is the excess over chance in per cent of the stations used, its interval from the null's standard
    deviation; the p-value is one-sided and exact. `details`: `share`, `control` (thirds, sixths, sevenths),
    `turnout`, where the file has it; `by_fraction`; `places_tested`.
    """
    leader, base = returns.leader, _share_base(returns)
    if leader is None or base is None:
        return _without_figures(returns, leader)
    columns = (base, votes_column(leader.id))
    figures = station_figures(returns, list(columns))
    cast, votes = (figures[c] for c in columns)
    used = figures.where((cast > 0) & (votes >= 0) & (100 * votes <= 99 * cast))
    found = coarse(used[columns[1]], used[base])
    share = excess(found.hit, found.chance)
    asked = _conditions(figures, used, columns, share)
    if not all(c.met for c in asked):
        return _finding(asked, _refusal(asked), {"stations_used": int(used.rows.size)})
    of = Percentages({"union": found.hit}, {"union": found.chance})
    places, tested = integer_places(returns, used, of)
    control = coarse(used[columns[1]], used[base], CONTROL)
    details = {
        "stations_used": int(used.rows.size),
        "leader": leader.id,
        "share_of": base,
        "in_windows": int((found.at >= 0).sum()),
        "share": _as_json(share),
        "control": _as_json(excess(control.hit, control.chance)),
        **_turnout(returns),
        "by_fraction": _by_fraction(found),
        "places_tested": tested,
    }
    stations = _stations(returns, used, found, columns)
    return _finding(asked, _summary(share, used, leader), details, share, places, used.rows.size, stations)


def _share_base(returns: Returns) -> str | None:
    """What the law reckons shares from; the other one if the file does not carry it."""
    lawful = returns.election.form.denominator
    return first_known(returns, lawful, "valid" if lawful == "cast" else "cast")


def _conditions(figures: Figures, used: Figures, columns: tuple[str, str], share: Excess) -> tuple[Condition, ...]:
    stations = used.rows.size
    part = stations / figures.reported if figures.reported else 0.0
    return (
        figures_known(figures, columns),
        Condition(f"At least {_FEWEST} stations can be used", stations >= _FEWEST, f"{stations:,} stations"),
        Condition(
            "At least half of the stations have a share of at most 99 %",
            part >= 0.5,
            f"{part:.1%} of {figures.reported:,}",
        ),
        Condition(
            f"Chance makes at least {_FEWEST_EXPECTED} stations coarse",
            share.expected >= _FEWEST_EXPECTED,
            f"{share.expected:,.1f} stations",
        ),
    )


def _turnout(returns: Returns) -> dict[str, Any]:
    """The same of turnout, which is not part of the p-value; nothing if the file does not carry it."""
    part = first_known(returns, "issued", "voted", "cast")
    if part is None or not returns.has("registered"):
        return {}
    figures = station_figures(returns, ["registered", part])
    registered, count = figures["registered"], figures[part]
    kept = (registered > 0) & (count >= 0) & (100 * count <= 99 * registered)
    found = coarse(count[kept], registered[kept])
    return {"turnout_of": part, "turnout": _as_json(excess(found.hit, found.chance))}


def _by_fraction(found: Coarse) -> list[dict[str, Any]]:
    """Each fraction with the stations in its window and at it, and how many chance puts there."""
    inside = found.at >= 0
    at, hit, chance = found.at[inside], found.hit[inside], found.chance[inside]
    window, observed = np.bincount(at, minlength=len(COARSE)), np.bincount(at, hit, len(COARSE))
    expected, variance = (np.bincount(at, w, len(COARSE)) for w in (chance, chance * (1 - chance)))
    return [
        {
            "percent": 100 * a / b,
            "in_window": int(window[i]),
            "observed": int(observed[i]),
            "expected": float(expected[i]),
            "sd": float(np.sqrt(variance[i])),
        }
        for i, (a, b) in enumerate(COARSE)
    ]


def _as_json(one: Excess) -> dict[str, float | int | None]:
    return {
        "observed": int(one.observed),
        "expected": one.expected,
        "excess": one.excess,
        "sd": one.sd,
        "p_value": one.p_value,
        "log10_p": one.log10_p,
    }


def _summary(share: Excess, used: Figures, leader: Choice) -> str:
    p = share.p_value or 0.0
    tail = f"p = {p:.2g}" if p > 0 else f"p = 1e{share.log10_p:.0f}"
    verdict = "consistent with chance: a difference"
    if p < 0.05:
        verdict = "an anomalous excess" if p < 0.001 else "a weak sign of an excess"
    return (
        f"{share.observed:,.0f} of {used.rows.size:,} stations report a share of {leader.name} that is a multiple "
        f"of 5 %; chance explains {share.expected:,.0f} ± {share.sd:,.0f}: {verdict} of {share.excess:+,.0f} "
        f"stations, {share.excess / used.rows.size:+.2%} of all ({tail})."
    )


def _stations(returns: Returns, used: Figures, found: Coarse, columns: tuple[str, str]) -> pl.DataFrame:
    inside = found.at >= 0
    percent = np.asarray([100 * a / b for a, b in COARSE])[found.at]
    strength = np.where(found.hit, -np.log10(np.where(found.hit, found.chance, 1.0)) + 0.0, 0.0)
    frame = pl.DataFrame(
        {
            "row": used.rows,
            "share_percent": 100 * used[columns[1]] / used[columns[0]],
            "coarse_percent": np.where(inside, percent, np.nan),
            "is_coarse": found.hit,
            "coarse_chance": np.where(inside, found.chance, np.nan),
            "strength": np.where(inside, strength, np.nan),
        }
    ).with_columns(pl.col("coarse_percent", "coarse_chance", "strength").fill_nan(None))
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any],
    share: Excess | None = None,
    where: tuple[Place, ...] = (),
    used: int = 0,
    stations: pl.DataFrame | None = None,
) -> Finding:
    """The finding; without a test of the shares the method does not apply."""
    about = method("coarse-fractions")
    estimate = None
    if share is not None:
        percent = 100 / used
        low, high = share.excess - _HALF * share.sd, share.excess + _HALF * share.sd
        estimate = Estimate(percent * share.excess, percent * low, percent * high, 0.95, "per cent of stations")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=share is not None,
        conditions=asked,
        summary=summary,
        estimate=estimate,
        p_value=None if share is None else share.p_value,
        details=details,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
    )


def _without_figures(returns: Returns, leader: Choice | None) -> Finding:
    known = any(returns.has(c) for c in ("cast", "valid"))
    asked = (
        Condition("Some choice has votes", leader is not None, leader.name if leader else "no votes at all"),
        Condition(
            "Stations report the ballots that shares are reckoned from",
            known or None if leader is None else known,
            "in the file" if known else f"not in the file: {ROLES['cast']}, {ROLES['valid']}",
        ),
    )
    return _finding(asked, _refusal(asked), {"stations_used": 0})


def _refusal(asked: tuple[Condition, ...]) -> str:
    failed = "; ".join(f"{c.text}: {c.measured}" for c in asked if c.met is False)
    return f"Does not apply to these returns. {failed}."
