"""Method second-digit: second digits of the leader's votes against those that neighbours in size would have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.digits import exchanged_digits, second_digit_distance
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Condition, Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.forensics.stations import dividing_level, figures_known, station_figures, units_at
from tallyscope.returns.table import Returns

__all__ = ["second_digit"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_REACH = 4
_FEWEST, _FEWEST_OF_UNIT = 1000, 200

#: Chances of second digits after Benford (1938): sum over first digits a of log10(1 + 1 / (10 a + d)).
BENFORD = np.asarray([sum(np.log10(1 + 1 / (10 * a + d)) for a in range(1, 10)) for d in range(10)])

_ALTERNATIVES = (
    "Precinct sizes: second digits follow from the sizes of stations and the level of turnout. The null here is "
    "made from stations of the same place and nearly the same size; where sizes were set in steps, few exist.",
    "Benford's law is no null: it rejects most clean elections, because precincts are drawn to be of like sizes. "
    "Its distance is in the details for comparison with what others publish, without a p-value.",
    "What moves the votes of many stations smoothly leaves second digits as neighbours have them: a quiet answer "
    "says little about stuffing or switching.",
)


@dataclass(frozen=True, eq=False)
class _Digits:
    """Stations with a second digit: rows among the figures, digit, (stations, 10) chances, how many neighbours."""

    rows: Ints
    digit: Ints
    chance: Floats
    neighbours: Floats


def second_digit(returns: Returns) -> Finding:
    """Tests the second digits of the leader's votes against a null made from this election's own sizes and places.

    Each station's digit is compared with those it would have had with the rates (votes / voters) of up to four
    stations on either side in its territory, in order of size. The p-value is of a chi-square with nine degrees of
    freedom. `details`: observed and expected digits, and the distance from Benford's second digits.
    """
    leader = returns.leader
    columns = ("registered", "cast", votes_column(leader.id)) if leader is not None else ()
    if not columns or not returns.has(*columns):
        missing = [ROLES[c] for c in ("registered", "cast") if not returns.has(c)] or ["votes"]
        absent = Condition("Stations report voters and the leader's votes", False, ", ".join(missing))
        return _finding((absent,), "Does not apply to these returns: figures are missing.")
    figures = station_figures(returns, columns)
    sound = (
        (figures["registered"] > 0) & (figures[columns[2]] >= 0) & (figures[columns[2]] <= figures["registered"])
    )
    used = figures.where(sound)
    known = figures_known(figures, columns)
    group = units_at(returns, used, len(returns.levels) - 1).of if returns.levels else np.zeros(used.rows.size, int)
    votes, voters = used[columns[2]], used["registered"]
    rows, digit, chance, neighbours = exchanged_digits(votes / np.maximum(voters, 1), voters, votes, group, _REACH)
    found = _Digits(rows, digit, chance, neighbours)
    asked = (
        known,
        Condition(
            f"At least {_FEWEST:,} stations with 10 votes or more have neighbours in their territory",
            rows.size >= _FEWEST,
            f"{rows.size:,} stations",
        ),
    )
    if not all(c.met for c in asked):
        return _finding(asked, "Does not apply to these returns: too few stations with a second digit.")
    places: tuple[Place, ...] = ()
    top = dividing_level(returns, used, np.ones(used.rows.size, dtype=np.int64))
    if top is not None:
        units = units_at(returns, used, top)
        places = _places(units.level, units.names, units.of[rows], found)
    return _answer(returns, used.rows, found, asked, places)


def _answer(
    returns: Returns, at: Ints, found: _Digits, asked: tuple[Condition, ...], places: tuple[Place, ...]
) -> Finding:
    from scipy.special import chdtrc

    distance, expected = second_digit_distance(found.digit, found.chance, found.neighbours)
    p = float(chdtrc(9, distance))
    observed = np.bincount(found.digit, minlength=10)
    benford = observed.sum() * BENFORD
    details = {
        "stations_used": int(found.rows.size),
        "chi_square": distance,
        "benford_distance": float(((observed - benford) ** 2 / benford).sum()),
        "observed": observed.tolist(),
        "expected": expected.tolist(),
        "benford": benford.tolist(),
    }
    most = int(np.argmax(np.abs(observed - expected)))
    verdict = (
        "anomalous" if p < 0.001 else "a weak sign" if p < 0.05 else "consistent with the sizes of the stations"
    )
    summary = (
        f"Second digits of the leader's votes in {found.rows.size:,} stations: {verdict} (p = {p:.2g}). The "
        f"largest difference is at digit {most}: {observed[most]:,} stations, where neighbours would have "
        f"{expected[most]:,.0f}."
    )
    frame = pl.DataFrame(
        {
            "row": at[found.rows],
            "digit": found.digit.astype(np.int8),
            "digit_chance": found.chance[np.arange(found.digit.size), found.digit],
        }
    )
    every = pl.DataFrame({"row": np.arange(len(returns))})
    stations = every.join(frame, on="row", how="left", maintain_order="left").drop("row")
    return _finding(asked, summary, details, p, places, stations)


def _places(level: str, names: tuple[tuple[str, ...], ...], of: Ints, found: _Digits) -> tuple[Place, ...]:
    """Units with enough stations, by their p-value."""
    from scipy.special import chdtrc

    distance = np.full(len(names), np.nan)
    for i in np.flatnonzero(np.bincount(of, minlength=len(names)) >= _FEWEST_OF_UNIT):
        here = of == i
        distance[i], _ = second_digit_distance(found.digit[here], found.chance[here], found.neighbours[here])
    p = chdtrc(9, distance)
    q = q_values(p)
    return tuple(
        Place(level, names[i], float(distance[i]), "chi-square (9 degrees of freedom)", float(p[i]), float(q[i]))
        for i in np.argsort(p, kind="stable")
        if not np.isnan(p[i])
    )


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any] | None = None,
    p: float | None = None,
    where: tuple[Place, ...] = (),
    stations: pl.DataFrame | None = None,
) -> Finding:
    about = method("second-digit")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=p is not None,
        conditions=asked,
        summary=summary,
        p_value=p,
        details=details or {},
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
    )
