"""What has a core of its own: the regions of a country, and the units below them that vary together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.stations import Figures, Units, dividing_level, units_at
from tallyscope.returns.table import Returns

__all__ = ["Groups", "groups_of"]

Ints = npt.NDArray[np.int64]

#: Units with cores of their own: at least so many, none with more than this share of the ballots.
_UNITS, _LARGEST = 20, 0.3
#: A unit with fewer stations than this has no core of its own; all such units have one together.
_SMALLEST = 20
#: Fewer groups than this are no sample of groups.
_FEWEST = 10
#: Where no level has such units: so many runs of stations that follow one another in the file, if long enough.
_RUNS = 40


@dataclass(frozen=True, eq=False)
class Groups:
    """`of`: (stations,) group, `count` of them; `cluster`: (stations,) the unit below, or the station itself.

    `units`, `below`: the levels that these are, None where the file has no such level. `name`: what a group is.
    """

    of: Ints
    count: int
    cluster: Ints
    units: Units | None
    below: Units | None
    name: str


def groups_of(returns: Returns, used: Figures) -> Groups:
    """The groups of these stations."""
    depth = dividing_level(returns, used, used["cast"], units=_UNITS, largest=_LARGEST)
    if depth is None:
        return _runs(used)
    units = units_at(returns, used, depth)
    of, count = _merged(units.of)
    if count < _FEWEST:
        return _runs(used)
    below = units_at(returns, used, depth + 1) if depth + 1 < len(returns.levels) else None
    cluster = np.arange(used.rows.size) if below is None else below.of
    return Groups(of, count, cluster, units, below, units.level)


def _runs(used: Figures) -> Groups:
    stations = used.rows.size
    runs = max(1, min(_RUNS, stations // _SMALLEST))
    of = np.arange(stations) * runs // max(stations, 1)
    return Groups(of, runs, np.arange(stations), None, None, "run of neighbouring stations")


def _merged(of: Ints) -> tuple[Ints, int]:
    """Groups numbered anew from 0, with all small ones in one."""
    small = np.bincount(of)[of] < _SMALLEST
    names, numbers = np.unique(np.where(small, -1, of), return_inverse=True)
    return numbers.astype(np.int64), names.size
