"""The figures of a movement line: x of n voters of each station came by it, and how the station voted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tallyscope.election.roles import votes_column
from tallyscope.forensics.stations import Figures, Units, dividing_level, first_known, station_figures, units_at
from tallyscope.returns.table import Returns

__all__ = ["Moved", "all_at_most", "as_counted", "base_of_shares", "moved", "taking_part", "the_others", "units_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: The share of the leader is looked at in stations of so many voters and ballots, of whom at most half came by the
#: line: where most did, the station is an institution or a temporary one, without ordinary voters to compare with.
_VOTERS, _BALLOTS, _MOST = 100, 50, 0.5


@dataclass(frozen=True, eq=False)
class Moved:
    """Stations with every figure needed. `count` of `total` came by the line, (stations,); `figures`: all read.

    `territory`, `region`: units of the lowest level, and of the first that divides the election; `ballots`,
    `leader`: what the share is of, and the leader's votes.
    """

    returns: Returns
    figures: Figures
    count: Ints
    total: Ints
    ballots: Ints
    leader: Ints
    territory: Units
    region: Units

    @cached_property
    def compared(self) -> Flags:
        """(stations,) which of them serve to compare the leader's share."""
        registered = self.figures["registered"]
        sound = (self.leader <= self.ballots) & (self.leader >= 0)
        ordinary = self.count <= _MOST * self.total
        return np.asarray(sound & ordinary & (registered >= _VOTERS) & (self.ballots >= _BALLOTS))

    @property
    def registered(self) -> Ints:
        """(stations,) voters on the list."""
        return self.figures["registered"]


def taking_part(returns: Returns) -> str | None:
    """The column that says how many took part, the best there is."""
    return first_known(returns, "issued", "voted", "cast")


def base_of_shares(returns: Returns) -> str | None:
    """The column that shares are of: by law, or the other one if the file does not carry it."""
    lawful = returns.election.form.denominator
    return first_known(returns, lawful, "valid" if lawful == "cast" else "cast")


def as_counted(line: Ints, _total: Ints) -> Ints:
    """Those whom the line counts came by it."""
    return line


def all_at_most(line: Ints, total: Ints) -> Ints:
    """Where the line counts more than took part, all of them came by it: not everybody on a special list votes."""
    return np.minimum(line, total)


def the_others(line: Ints, total: Ints) -> Ints:
    """Those whom the line does not count: who came after the hour until which it counts."""
    return total - line


def moved(
    returns: Returns,
    line: str,
    came: Callable[[Ints, Ints], Ints] = as_counted,
    beside: Sequence[str] = (),
) -> Moved | None:
    """Reads a line and the columns `beside`. None if the file lacks what is needed at all.

    `came`: how many came by it, of the line and of all who took part. Stations where that is not possible are left
    out.
    """
    total, base, leader = taking_part(returns), base_of_shares(returns), returns.leader
    if total is None or base is None or leader is None or not returns.has("registered", line):
        return None
    columns = ("registered", line, total, base, votes_column(leader.id))
    figures = station_figures(returns, list(dict.fromkeys((*columns, *beside))))
    n, x = figures[total], came(figures[line], figures[total])
    sound = (n > 0) & (x >= 0) & (x <= n) & (figures["registered"] > 0)
    figures = figures.where(sound)
    return Moved(
        returns,
        figures,
        x[sound],
        n[sound],
        figures[base],
        figures[votes_column(leader.id)],
        *units_of(returns, figures),
    )


def units_of(returns: Returns, figures: Figures) -> tuple[Units, Units]:
    """The units of the lowest level, and of the first that divides the election; one unit where there is none."""
    one = Units("", np.zeros(figures.rows.size, dtype=np.int64), (("",),))
    if not returns.levels or not figures.rows.size:
        return one, one
    depth = dividing_level(returns, figures, np.ones(figures.rows.size, dtype=np.int64))
    lowest = units_at(returns, figures, len(returns.levels) - 1)
    return lowest, one if depth is None else units_at(returns, figures, depth)
