"""The stations that the mixture is fitted to, and the levels whose places have effects of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.election.election import Choice
from tallyscope.election.roles import votes_column
from tallyscope.forensics.core.mixture.fit import Places
from tallyscope.forensics.core.mixture.nodes import Station, logits
from tallyscope.forensics.core.mixture.units import differing, sizes
from tallyscope.forensics.finding import Condition
from tallyscope.forensics.stations import Figures, Units, dividing_level, figures_known, station_figures, units_at
from tallyscope.returns.table import Returns

__all__ = ["FEWEST", "Used", "sampled", "used_stations"]

Ints = npt.NDArray[np.int64]

FEWEST, _SMALLEST = 200, 100
#: A level has effects of its own if its units have this many stations on average, and if there are this many units.
_PER_UNIT, _UNITS = 4.0, 5


@dataclass(frozen=True, eq=False)
class Used:
    """`units`: of the level whose votes are told, None where no level divides the election."""

    choice: Choice
    figures: Figures
    station: Station
    places: Places
    units: Units | None


def used_stations(returns: Returns) -> tuple[Used | None, tuple[Condition, ...]]:
    """The usable stations and what was asked of the returns; None where a figure is not in the file at all."""
    leader = returns.leader
    missing = [c for c in ("registered", "cast") if not returns.has(c)]
    if leader is None or missing:
        measured = "not in the file: " + ", ".join(missing) if missing else "no choice has any votes"
        return None, (Condition("Stations report voters on the list, ballots cast, and votes", False, measured),)
    votes = votes_column(leader.id)
    columns = ("registered", "cast", votes)
    known = station_figures(returns, columns)
    n, cast, w = (known[c] for c in columns)
    kept = known.where((n >= _SMALLEST) & (cast > 0) & (cast <= n) & (w <= cast))
    n, cast, w = (kept[c] for c in columns)
    share = kept.rows.size / known.reported if known.reported else 0.0
    asked = (
        figures_known(known, columns),
        Condition(
            f"At least {FEWEST} stations can be used", kept.rows.size >= FEWEST, f"{kept.rows.size:,} stations"
        ),
        Condition(
            f"At least half of the stations have {_SMALLEST} voters or more, ballots, not more than voters",
            share >= 0.5,
            f"{share:.1%} of {known.reported:,}",
        ),
    )
    if not kept.rows.size:
        return None, asked
    top = dividing_level(returns, kept, np.ones(kept.rows.size, dtype=np.int64))
    units = None if top is None else units_at(returns, kept, top)
    station = Station(n - cast, cast - w, w)
    return Used(leader, kept, station, _places(returns, kept, station, top, units), units), asked


def _places(returns: Returns, figures: Figures, station: Station, top: int | None, told: Units | None) -> Places:
    """Effects for the dividing level and for the lowest one below it whose units have stations enough.

    Not for a level whose units do not differ: an effect that is not there cannot be told from a small one, and
    chains that look for its spread do not agree.
    """
    stations = figures.rows.size
    if top is None or told is None:
        return Places((), (), np.zeros(stations, dtype=np.int64))
    chosen: list[Units] = []
    lower = (units_at(returns, figures, depth) for depth in range(len(returns.levels) - 1, top, -1))
    for units in (*lower, told):
        if _UNITS <= len(units.names) <= stations / _PER_UNIT:
            chosen.insert(0, units)
            break
    if chosen and chosen[0] is not told and _UNITS <= len(told.names) < len(chosen[0].names):
        chosen.insert(0, told)
    differ = differing(logits(station), sizes(station.registered), tuple(u.of for u in chosen))
    kept = [u for u, differs in zip(chosen, differ, strict=True) if differs]
    return Places(tuple(u.level for u in kept), tuple(u.of for u in kept), told.of)


def sampled(station: Station, size: int, seed: int) -> Station:
    """At most `size` of the stations, drawn at random."""
    n = station.registered.size
    if n <= size:
        return station
    rows = np.sort(np.random.default_rng(seed).permutation(n)[:size])
    return Station(station.abstain[rows], station.other[rows], station.leader[rows])
