"""Method machine-gap: stations counted by hand against machine-counted ones of the same place, at equal size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.arrival_units import conformal_chance, unit_slopes
from tallyscope.forensics.core.arrival_within import Slope
from tallyscope.forensics.core.machine_gap import Gap, counterparts, gap
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Condition, Estimate, Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.forensics.order_of_arrival_design import size_controls
from tallyscope.forensics.order_of_arrival_details import with_interval
from tallyscope.forensics.stations import Figures, Units, dividing_level, first_known, station_figures, units_at
from tallyscope.returns.table import Returns

__all__ = ["machine_gap"]

Floats = npt.NDArray[np.float64]

#: Places with both kinds of stations, and stations of each kind in them that have a counterpart.
_PLACES, _STATIONS = 5, 50
_FEWEST_OF_UNIT = 20
_STANDS_OUT = 0.05
_UNIT = "points of the leader's share, counted by hand minus by machine"

_ALTERNATIVES = (
    "Machines are given to some stations for a reason. Their place and the size of their list are held fixed; that "
    "they stand in newer or more central buildings of the same place is not, and voters may differ there.",
    "Machines read some marks differently from people: ballots that a hand count calls invalid, or does not, shift "
    "shares a little without anybody's will.",
    "A gap says that the two kinds of stations differ, not which of them is right, nor that votes were changed.",
    "A quiet answer says nothing of what is done to both kinds alike (pressure, carousels), nor of places in which "
    "all stations count one way.",
)


@dataclass(frozen=True, eq=False)
class _Compared:
    """Stations with a counterpart of the other kind and of their size; arrays are (stations,).

    `units`: their places; `depth`: the level of those.
    """

    used: Figures
    units: Units
    depth: int
    base: str
    took_part: str
    votes: str

    @property
    def hand(self) -> npt.NDArray[np.bool_]:
        """Whether ballots were counted by hand."""
        return np.asarray(self.used["scanner"] == 0)

    @property
    def ballots(self) -> Floats:
        """What shares are reckoned from."""
        return self.used[self.base].astype(np.float64)

    def gap(self) -> Gap:
        """Both differences, in points."""
        voters = self.used["registered"].astype(np.float64)
        share = 100.0 * self.used[self.votes] / self.ballots
        turnout = 100.0 * self.used[self.took_part] / voters
        controls = size_controls(self.used["registered"])
        return gap(share, turnout, ~self.hand, controls, self.units.of, voters)


def machine_gap(returns: Returns) -> Finding:
    """Tests whether share and turnout differ between hand- and machine-counted stations of the same place and size.

    The estimate is the leader's share at stations counted by hand minus that at machine-counted ones, in points;
    the p-value asks of share and turnout together, two-sided. `details`: `share`, `turnout`, `votes` (the gap times
    the ballots counted by hand there), what is compared. `where`: places and units above them, by the share's gap.
    """
    leader = returns.leader
    lawful = returns.election.form.denominator
    base = first_known(returns, lawful, "valid" if lawful == "cast" else "cast")
    took_part = first_known(returns, "issued", "voted", "cast")
    if leader is None or base is None or took_part is None or not returns.has("registered", "scanner"):
        return _without_columns(returns)
    columns = ("registered", base, took_part, votes_column(leader.id), "scanner")
    figures = station_figures(returns, list(dict.fromkeys(columns)))
    known = _known(figures)
    used = figures.where((figures["registered"] > 0) & (figures[base] > 0))
    compared = _compared(returns, used, (base, took_part, votes_column(leader.id)))
    asked = (known, *_conditions(compared, used))
    if compared is None or not all(c.met for c in asked):
        return _finding(asked, _refusal(asked), {"stations_used": 0})
    found = compared.gap()
    places, tested = _places(returns, compared, found)
    told = {**_details(compared, found), "leader": leader.id, "places_tested": tested}
    frame = _stations(returns, compared, found)
    return _finding(asked, _summary(found, compared, leader.name), told, found, places, frame)


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    told: dict[str, Any],
    found: Gap | None = None,
    where: tuple[Place, ...] = (),
    frame: pl.DataFrame | None = None,
) -> Finding:
    """The finding; without a gap the method does not apply."""
    about = method("machine-gap")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=found is not None,
        conditions=asked,
        summary=summary,
        estimate=None if found is None else Estimate(*with_interval(found.share), 0.95, _UNIT),
        p_value=None if found is None else found.p_value,
        details=told,
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=frame,
    )


def _known(figures: Figures) -> Condition:
    share = figures.rows.size / figures.reported if figures.reported else 0.0
    text = "Stations report votes, voters on the list, turnout, and whether a machine counted them"
    return Condition(text, share >= 0.9, f"{figures.rows.size:,} of {figures.reported:,} stations")


def _compared(returns: Returns, used: Figures, columns: tuple[str, str, str]) -> _Compared | None:
    """Stations with a counterpart in places of the lowest level that has enough of them; None where none has."""
    scanner = used["scanner"] == 1
    for depth in range(len(returns.levels) - 1, -1, -1):
        both = used.where(counterparts(scanner, units_at(returns, used, depth).of, used["registered"]))
        units = units_at(returns, both, depth)
        machines = int(both["scanner"].sum())
        if len(units.names) >= _PLACES and min(machines, both.rows.size - machines) >= _STATIONS:
            return _Compared(both, units, depth, *columns)
    return None


def _conditions(compared: _Compared | None, used: Figures) -> tuple[Condition, ...]:
    text = (
        f"At least {_PLACES} places have stations of both kinds and of like size (within a quarter), with at least "
        f"{_STATIONS} of each kind in all"
    )
    machines = int(used["scanner"].sum())
    if compared is None:
        measured = (
            f"{machines:,} of {used.rows.size:,} stations count by machine; too few beside others of their size"
        )
        return (Condition(text, False, measured),)
    hand = int(compared.hand.sum())
    measured = (
        f"{len(compared.units.names):,} of level {compared.units.level}, with {compared.used.rows.size - hand:,} "
        f"stations that count by machine (of {machines:,}) and {hand:,} by hand"
    )
    return (Condition(text, True, measured),)


def _details(compared: _Compared, found: Gap) -> dict[str, Any]:
    by_hand = float(compared.ballots[compared.hand].sum())
    points, low, high = with_interval(found.share)
    sizes = compared.used["registered"]
    return {
        "stations_used": int(compared.used.rows.size),
        "by_hand": int(compared.hand.sum()),
        "by_machine": int((~compared.hand).sum()),
        "places": compared.units.level,
        "places_compared": len(compared.units.names),
        "voters_by_hand": float(np.mean(sizes[compared.hand])),
        "voters_by_machine": float(np.mean(sizes[~compared.hand])),
        "share_of": compared.base,
        "turnout_of": compared.took_part,
        "share": _as_json(found.share),
        "turnout": _as_json(found.turnout),
        "ballots_by_hand": int(by_hand),
        "votes": {"votes": points * by_hand / 100, "low": low * by_hand / 100, "high": high * by_hand / 100},
    }


def _as_json(one: Slope) -> dict[str, float]:
    value, low, high = with_interval(one)
    return {"points": value, "low": low, "high": high, "se": one.se}


def _summary(found: Gap, compared: _Compared, leader: str) -> str:
    points, low, high = with_interval(found.share)
    more, less, most = with_interval(found.turnout)
    verdict = "consistent with counts that do not depend on who counts"
    if found.p_value < 0.05:
        verdict = "a weak sign of a gap" if found.p_value >= 0.001 else "an anomalous gap"
    return (
        f"Beside machine-counted stations of the same {compared.units.level} and size, those counted by hand "
        f"report {points:+.2f} points ({low:+.2f} to {high:+.2f}) of the share of {leader} and {more:+.2f} "
        f"({less:+.2f} to {most:+.2f}) of turnout: {verdict} (p = {found.p_value:.2g}, both together)."
    )


def _places(returns: Returns, compared: _Compared, found: Gap) -> tuple[tuple[Place, ...], dict[str, int]]:
    """Units of the first level that divides these stations, by their gap; then the places that stand out.

    Within a place stations are taken to be independent. The q-values are over all tested units of a level.
    """
    top = dividing_level(returns, compared.used, compared.used["registered"])
    own = np.arange(compared.used.rows.size, dtype=np.int64)
    places: list[Place] = []
    tested: dict[str, int] = {}
    for depth in dict.fromkeys(d for d in (top, compared.depth) if d is not None and d <= compared.depth):
        units = units_at(returns, compared.used, depth)
        one = unit_slopes(found.swept, units.of, own, fewest=_FEWEST_OF_UNIT)
        q = q_values(one.p_value)
        tested[units.level] = int(np.isfinite(one.p_value).sum())
        most = 1.0 if depth == top else _STANDS_OUT
        places += [
            Place(
                level=units.level,
                unit=units.names[i],
                value=float(one.value[i]),
                unit_of_value=_UNIT,
                p_value=float(one.p_value[i]),
                q_value=float(q[i]),
                details={"se": float(one.se[i]), "effective_stations": float(one.clusters[i])},
            )
            for i in np.argsort(one.p_value, kind="stable")
            if q[i] <= most
        ]
    return tuple(places), tested


def _stations(returns: Returns, compared: _Compared, found: Gap) -> pl.DataFrame:
    """One row a row of the returns: who counted, the share, what place and size explain; strength where by hand."""
    hand, voters = compared.hand, compared.used["registered"].astype(np.float64)
    leverage = voters / np.bincount(compared.units.of, weights=voters)[compared.units.of]
    sign = 1.0 if found.share.value >= 0 else -1.0
    chance = conformal_chance(found.swept.y, compared.ballots, leverage, hand, sign)
    share = 100.0 * compared.used[compared.votes] / compared.ballots
    values: dict[str, npt.NDArray[Any]] = {
        "by_machine": ~hand,
        "share_percent": share,
        "expected_percent": share - found.swept.y,
        "strength": -np.log10(chance),
    }
    frame = pl.DataFrame({"row": compared.used.rows, **values}).with_columns(pl.col("strength").fill_nan(None))
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")


def _without_columns(returns: Returns) -> Finding:
    told = {**ROLES, "scanner": "whether a machine counted the ballots"}
    missing = [c for c in ("scanner", "registered", "cast") if not returns.has(c)]
    asked = (
        Condition(
            "Stations report votes, voters on the list, turnout, and whether a machine counted them",
            False,
            "not in the file: " + ", ".join(told[c] for c in missing) if missing else "no votes at all",
        ),
    )
    return _finding(asked, _refusal(asked), {"stations_used": 0})


def _refusal(asked: tuple[Condition, ...]) -> str:
    failed = "; ".join(f"{c.text}: {c.measured}" for c in asked if c.met is False)
    return f"Does not apply to these returns. {failed}."
