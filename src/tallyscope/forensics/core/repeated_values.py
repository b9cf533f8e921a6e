"""Values that more stations of a unit share than chance explains.

Within its cell the number of a unit's stations with value v is Poisson-binomial with the chances q_i(v). All
shared values are screened by the Poisson tail of the same mean, which bounds the exact one from above where the
count exceeds the mean by one or more (Hoeffding 1956); those that stand out, and the best of each unit, get the
exact tail. A unit's p-value is its best tail times the number of values that it could have repeated (Bonferroni):
those of the cells in which it has two stations or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.poisson_binomial import upper_tails
from tallyscope.forensics.core.repeated_cells import Cells, cells, chances, places
from tallyscope.forensics.core.repeated_windows import Windows

__all__ = ["Repeats", "repeats", "station_tails", "unit_tails"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Values are examined exactly where the Poisson tail, times the values looked at, is at most this.
_CLOSER = 0.1


@dataclass(frozen=True, eq=False)
class Repeats:
    """Values that two stations or more of a unit share, (repeats,) each.

    unit; station: one of those with the value; count, expected: stations with it, and their mean under the null;
    tail: P(at least count); looked_at: values the unit could have repeated; exact: whether the tail is exact;
    best: whether it is the smallest of its unit.
    group: (stations,) the repeat that a station belongs to, -1 for none.
    """

    unit: Ints
    station: Ints
    count: Ints
    expected: Floats
    tail: Floats
    looked_at: Ints
    exact: npt.NDArray[np.bool_]
    best: npt.NDArray[np.bool_]
    group: Ints

    @property
    def p_value(self) -> Floats:
        """(repeats,) the tail corrected for all values of the unit."""
        return np.minimum(self.tail * self.looked_at, 1.0)


def repeats(unit: Ints, units: int, figures: Sequence[Windows], among: Cells | None = None) -> Repeats:
    """Shared values of one figure, or of two at once; unit: (stations,) in 0 .. units - 1.

    `among`: the stations' cells of these figures, if they are known already.
    """
    from scipy.special import pdtrc

    among = among or cells(unit, figures)
    place, width = places(figures)
    key = among.of * width + place[among.order]
    number = np.bincount(key, minlength=among.size.size * width)
    shared = np.flatnonzero(number > 1)
    cell, at, count = shared // width, shared % width, number[shared]
    expected = _expected(figures, among, cell, at)
    looked_at = (width * np.bincount(among.unit, minlength=units))[among.unit[cell]]
    tail = np.asarray(pdtrc(count - 1, expected), dtype=np.float64)
    best = _best_of_units(tail, among.unit[cell])
    closer = (tail * looked_at <= _CLOSER) | best
    tail[closer] = _exact(figures, among, cell[closer], at[closer], count[closer])
    numbered = np.full(number.size, -1)
    numbered[shared] = np.arange(shared.size)
    group, station = np.full(unit.size, -1), np.zeros(shared.size, dtype=np.int64)
    group[among.order] = numbered[key]
    member = np.flatnonzero(group >= 0)
    station[group[member]] = member
    return Repeats(among.unit[cell], station, count, expected, tail, looked_at, closer, best, group)


def _expected(figures: Sequence[Windows], among: Cells, cell: Ints, at: Ints) -> Floats:
    """(repeats,) sum of q over the stations of the repeat's cell."""
    if len(figures) == 1:
        sums = np.add.reduceat(figures[0].chance[among.order], among.start)
        return np.asarray(sums[cell, at])
    stations, repeat = _members(among, cell)
    total = np.bincount(repeat, weights=chances(figures, stations, at[repeat]), minlength=cell.size)
    return np.asarray(total, dtype=np.float64)


def _members(among: Cells, cell: Ints) -> tuple[Ints, Ints]:
    """The stations of these cells, one after the other, and to which of `cell` each belongs."""
    size = among.size[cell]
    repeat = np.repeat(np.arange(cell.size), size)
    within = np.arange(repeat.size) - np.repeat(np.cumsum(size) - size, size)
    return among.order[among.start[cell][repeat] + within], repeat


def _exact(figures: Sequence[Windows], among: Cells, cell: Ints, at: Ints, count: Ints) -> Floats:
    """(repeats,) exact tails. `upper_tails` counts flags, so the first `count` trials carry one."""
    stations, repeat = _members(among, cell)
    size = among.size[cell]
    within = np.arange(repeat.size) - np.repeat(np.cumsum(size) - size, size)
    return upper_tails(chances(figures, stations, at[repeat]), within < count[repeat], repeat, cell.size)


def _best_of_units(tail: Floats, unit: Ints) -> npt.NDArray[np.bool_]:
    """Which repeats have the smallest tail of their unit, (repeats,); one a unit."""
    order = np.lexsort((tail, unit))
    best = np.zeros(tail.size, dtype=np.bool_)
    best[order[np.flatnonzero(np.diff(unit[order], prepend=-1))]] = True
    return best


def unit_tails(of: Sequence[Repeats], units: int) -> Floats:
    """(units,) p-values: the best of several kinds of values, times their number; 1 for a unit without repeats."""
    p = np.ones(units)
    for one in of:
        np.minimum.at(p, one.unit, one.p_value)
    return np.minimum(p * len(of), 1.0)


def station_tails(of: Repeats, figures: Sequence[Windows]) -> Floats:
    """(stations,) chance that as many others share a station's value, given that it has it; 1 where none does.

    Poisson with the mean of the others: an upper bound where they exceed it by one or more.
    """
    from scipy.special import pdtrc

    p = np.ones(of.group.size)
    known = np.flatnonzero(of.group >= 0)
    repeat = of.group[known]
    own = chances(figures, known, places(figures)[0][known])
    p[known] = pdtrc(of.count[repeat] - 2, np.maximum(of.expected[repeat] - own, 0.0))
    return p
