"""Method turnout-pace: turnout by hour against territories, queues and arithmetic; late voters and the leader."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.forensics.core.pace import SECONDS
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.movements import Ask, answer, lacking
from tallyscope.forensics.movements_figures import Moved, moved, taking_part, the_others
from tallyscope.forensics.stations import station_figures
from tallyscope.forensics.turnout_pace_day import Day, day_details, late_hour, most_unusual, unusual
from tallyscope.returns.table import Returns

__all__ = ["turnout_pace"]

Floats = npt.NDArray[np.float64]

_HOUR = re.compile(r"voted_by_(\d+)")

_ALTERNATIVES = (
    "Who votes late is of another kind than who votes early: the young and those who work, in cities more than in "
    "villages, and in some territories more than in others.",
    "Counts by hour are told by telephone and are often rounded, guessed, or of another moment than the hour: "
    "falls, round counts and neighbours that are much alike need no other reason.",
    "A factory's shift, a market, a service in church or a bus brings many voters at once.",
    "What the whole country does alike is taken as the way its late voters vote, unless it is too steep to be "
    "likely.",
)


def turnout_pace(returns: Returns) -> Finding:
    """Voters who came late, along with the leader's share; and every interval of the day against its territory.

    The line that is tested is the voters after the last hour told that leaves enough of them. `details` also:
    `intervals`, `falls`, `queue`, `too_regular`, `round_hours`. A station's strength is that of its most unusual
    interval, times the number of intervals, or of the leader's excess there if that is less unusual.
    """
    columns = _columns(returns)
    total = taking_part(returns)
    if not columns or total is None or returns.leader is None or not returns.has("registered"):
        return lacking(returns, "turnout-pace", tuple(columns.values()) or ("voted_by_12",), _ALTERNATIVES)
    hours, told = tuple(columns), tuple(columns.values())
    figures = station_figures(returns, ["registered", *told, total])
    figures = figures.where(figures[total] > 0)
    by_hour, whole = np.column_stack([figures[c] for c in told]), figures[total]
    last = late_hour(hours, by_hour, whole)
    of = moved(returns, columns[last], the_others)
    if of is None:
        return lacking(returns, "turnout-pace", (columns[last],), _ALTERNATIVES)
    place = np.full(len(returns), -1)
    place[of.figures.rows] = np.arange(of.figures.rows.size)
    day = Day(hours, figures, by_hour, whole, place[figures.rows])
    log10_p = unusual(day, of)
    details = day_details(day, of, log10_p)
    ask = Ask("turnout-pace", f"came after {last}:00", columns[last], _ALTERNATIVES, details, _sentence(details))
    found = answer(ask, of)
    if found.stations is None:
        return found
    return replace(found, stations=_stations(of, day, log10_p, found.stations["leader_excess"]))


def _columns(returns: Returns) -> dict[int, str]:
    """Hour -> column, of the hours that the file tells, the first one first."""
    named = {int(m[1]): c for c in returns.table.columns if (m := _HOUR.fullmatch(c)) and returns.has(c)}
    return dict(sorted(named.items()))


def _sentence(details: dict[str, Any]) -> str:
    falling, queue = details["falls"], details["queue"]["stations_beyond"]
    told = (
        f"{details['stations_with_unusual_interval']:,} have some interval of the day far above their territory's"
    )
    if falling["stations"]:
        told += f"; {falling['stations']:,} of {falling['of']:,} tell a later turnout below an earlier one"
    if queue:
        told += f"; {queue:,} are faster than one voter in {SECONDS} seconds at each table"
    return told + ". "


def _stations(of: Moved, day: Day, log10_p: Floats, leader_excess: pl.Series) -> pl.DataFrame:
    """`leader_excess`: (rows of the Returns,) as `movements.answer` has it."""
    most = most_unusual(log10_p)
    known = ~np.isnan(most)
    which = np.where(np.isnan(log10_p), 0.0, log10_p).argmin(axis=1)
    fallen = np.minimum(day.steps, 0).min(axis=1, initial=0) < 0
    frame = pl.DataFrame(
        {
            "row": day.figures.rows,
            "falls": fallen,
            "unusual_interval": np.array(day.names)[which],
            "increment": day.steps[np.arange(which.size), which],
            "concentration": -most,
        }
    )
    told = pl.when(pl.Series(known)).then(pl.col("unusual_interval", "increment", "concentration"))
    every = pl.DataFrame({"row": np.arange(len(of.returns))})
    joined = every.join(frame.with_columns(told), on="row", how="left", maintain_order="left").drop("row")
    known_day = pl.when(pl.col("concentration").is_not_null())
    joined = joined.with_columns(leader_excess).with_columns(known_day.then(pl.col("leader_excess")))
    both = pl.when(pl.col("leader_excess").is_not_null()).then(pl.min_horizontal("concentration", "leader_excess"))
    return joined.with_columns(both.alias("strength"))
