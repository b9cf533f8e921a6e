"""What fingerprint, nu-shape and turnout-share have in common: their stations, territories and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.fingerprint_mirror import Deviations, deviations
from tallyscope.forensics.finding import Condition
from tallyscope.forensics.stations import Figures, Units, dividing_level, figures_known, station_figures, units_at
from tallyscope.returns.table import Returns

__all__ = ["Stations", "frame_of", "general_conditions", "refusal", "stations_of"]

Ints = npt.NDArray[np.int64]

#: Stations must have so many voters on the list and so many ballots; smaller ones are mostly noise.
_SMALLEST, _BALLOTS = 100, 20
#: A territory is compared within itself from so many stations on.
_PER_TERRITORY = 5
_FEWEST_STATIONS, _FEWEST_PLACES = 300, 12
#: Share of the usable stations that must lie in such territories.
_COVERED = 0.7
#: Mean squared reliability of a station's deviation from its territory.
_TRUST = 0.1
#: Below this nothing but the chance of counting is left to compare.
_LEAST_TRUST = 0.02


@dataclass(frozen=True, eq=False)
class Stations:
    """Stations of territories of five or more; arrays are (stations,).

    `registered`, `cast`, `leader`: voters, ballots that shares are reckoned from, the leader's votes. `territory`:
    units of the deepest level that holds enough stations a unit; `cluster`: the units that vary independently, of
    the level that divides the country into enough of them, else the territories.
    """

    used: Figures
    base: str
    registered: Ints
    cast: Ints
    leader: Ints
    choice: Choice
    territory: Units
    cluster: Units
    deviations: Deviations
    #: Usable stations, those of smaller territories included; and whether figures are known.
    usable: int
    known: Condition


def stations_of(returns: Returns) -> Stations | None:
    """The stations that can be compared with their territory; None where figures or levels are missing."""
    leader, base = returns.leader, _base(returns)
    if leader is None or base is None or not returns.has("registered"):
        return None
    columns = ("registered", base, votes_column(leader.id))
    figures = station_figures(returns, columns)
    usable = _usable(figures, *columns)
    known, every = figures_known(figures, columns), int(usable.rows.size)
    best: Stations | None = None
    for depth in reversed(range(len(returns.levels))):
        used = _in_territories(usable, units_at(returns, usable, depth).of)
        if not every or used.rows.size < _COVERED * every:
            continue
        territory = units_at(returns, used, depth)
        counts = used[columns[0]], used[columns[1]], used[columns[2]]
        off = deviations(*counts, territory.of)
        cluster = _cluster(returns, used, depth) or territory
        best = Stations(used, base, *counts, leader, territory, cluster, off, every, known)
        # Tables of one building differ by little but noise: compare them with more than that building.
        if float(off.trust.mean()) >= _TRUST:
            return best
    return best


def _in_territories(usable: Figures, of: Ints) -> Figures:
    return usable.where(np.bincount(of)[of] >= _PER_TERRITORY)


def _base(returns: Returns) -> str | None:
    """What the law reckons shares from; the other one if the file does not carry it."""
    lawful = returns.election.form.denominator
    return next((c for c in (lawful, "valid", "cast") if returns.has(c)), None)


def _usable(figures: Figures, registered: str, base: str, votes: str) -> Figures:
    n, r, w = figures[registered], figures[base], figures[votes]
    return figures.where((n >= _SMALLEST) & (r >= _BALLOTS) & (r <= n) & (w >= 0) & (w <= r))


def _cluster(returns: Returns, used: Figures, depth: int) -> Units | None:
    """Units above the territories, if some level has enough of them and none is most of the country."""
    weight = np.ones(used.rows.size, dtype=np.int64)
    top = dividing_level(returns, used, weight, units=_FEWEST_PLACES)
    return units_at(returns, used, top) if top is not None and top < depth else None


def general_conditions(returns: Returns, stations: Stations | None) -> tuple[Condition, ...]:
    """What the three methods need, measured."""
    if stations is None:
        return _missing(returns)
    size = stations.used.rows.size
    covered = size / stations.usable if stations.usable else 0.0
    median = int(np.median(stations.registered)) if size else 0
    trust = float(stations.deviations.trust.mean()) if size else 0.0
    places, territories = len(stations.cluster.names), len(stations.territory.names)
    return (
        stations.known,
        Condition(
            f"At least {_FEWEST_STATIONS} stations of {_SMALLEST} voters and {_BALLOTS} ballots or more",
            size >= _FEWEST_STATIONS,
            f"{size:,} stations; the median has {median:,} voters",
        ),
        Condition(
            f"Territories of {_PER_TERRITORY} such stations or more hold {_COVERED:.0%} of them",
            covered >= _COVERED,
            f"{covered:.0%}, in {territories:,} units of the level {stations.territory.level}",
        ),
        Condition(
            "Stations of a territory differ by more than the chance of counting (mean squared reliability)",
            trust >= _LEAST_TRUST,
            f"{trust:.2f}; at least {_LEAST_TRUST} is asked",
        ),
        Condition(
            f"At least {_FEWEST_PLACES} places that vary independently",
            places >= _FEWEST_PLACES,
            f"{places:,} units of the level {stations.cluster.level}",
        ),
    )


def _missing(returns: Returns) -> tuple[Condition, ...]:
    leader = returns.leader
    lacking = [ROLES["registered"]] if not returns.has("registered") else []
    if _base(returns) is None:
        lacking.append(ROLES["cast"])
    told = "not in the file: " + ", ".join(lacking) if lacking else "all are in the file"
    return (
        Condition("Some choice has votes", leader is not None, leader.name if leader else "no votes at all"),
        Condition("Stations report voters on the list and ballots", not lacking, told),
        Condition(
            f"Territories of {_PER_TERRITORY} stations of {_SMALLEST} voters or more hold {_COVERED:.0%} of them",
            None if lacking or leader is None else False,
            "; ".join(returns.levels) + ": none does" if returns.levels else "the file has no levels",
        ),
    )


def refusal(asked: tuple[Condition, ...]) -> str:
    """Why a method does not apply, in a sentence."""
    failed = "; ".join(f"{c.text}: {c.measured}" for c in asked if c.met is False)
    return f"Does not apply to these returns. {failed}."


def frame_of(returns: Returns, used: Figures, values: Mapping[str, npt.NDArray[np.float64]]) -> pl.DataFrame:
    """One row a row of the returns: values at the stations used, null (NaN too) elsewhere."""
    frame = pl.DataFrame({"row": used.rows, **values}).with_columns(pl.col(list(values)).fill_nan(None))
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")
