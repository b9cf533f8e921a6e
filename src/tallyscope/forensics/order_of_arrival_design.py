"""What order-of-arrival compares: stations of the same place, as finely as the file allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.forensics.core.arrival import cut_points, progress
from tallyscope.forensics.finding import Condition
from tallyscope.forensics.stations import Figures, Units, units_at
from tallyscope.returns.table import Returns

__all__ = ["Compared", "Design", "arrivals_known", "design", "informative", "size_controls"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: A level is fine enough where this many of its units hold stations that came in at different times.
_PLACES, _STATIONS = 30, 300
#: Errors are clustered by the level above the places where it has this many units, else by the places.
_CLUSTERS = 100
_DAY = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Design:
    """Arrays are (stations,). `p`: the order (see core.arrival); `cuts`: (cuts,) where jumps are sought.

    `weight`: voters on the list. Weighing by ballots would bring turnout in: where turnout goes with the share and
    with lateness, each for honest reasons, the two would seem to go together.
    """

    share: Floats
    p: Floats
    weight: Floats
    ballots: Floats
    controls: Floats
    #: The units of every level of the returns, the top one first.
    levels: tuple[Units, ...]
    clusters: Units
    cuts: Floats
    arrived: Ints
    #: Depth of the level whose units are the places that are held fixed.
    depth: int

    @property
    def places(self) -> Units:
        """The units that are held fixed."""
        return self.levels[self.depth]

    def moments(self) -> Floats:
        """(stations, 1 + cuts): the trend, then for every cut whether a station came in after it."""
        out = np.empty((self.p.size, 1 + self.cuts.size), order="F")
        out[:, 0] = self.p
        for column, cut in enumerate(self.cuts, start=1):
            out[:, column] = self.p > cut
        return out

    @property
    def straggling(self) -> float:
        """Share of stations that came in more than a day after the middle one."""
        return float(np.mean(self.arrived > np.median(self.arrived) + _DAY))


@dataclass(frozen=True, eq=False)
class Compared:
    """Stations of places in which some came in at another time (stations,) bool; how many such places; their share
    of all ballots, and of the last tenth counted."""

    stations: npt.NDArray[np.bool_]
    places: int
    ballots: float
    late: float


def arrivals_known(figures: Figures) -> Condition:
    """Whether nearly all stations that reported have a time of arrival and the figures."""
    share = figures.rows.size / figures.reported if figures.reported else 0.0
    text = "Stations report votes, voters on the list, and when their protocol came in"
    return Condition(text, share >= 0.9, f"{figures.rows.size:,} of {figures.reported:,} stations")


def size_controls(registered: Ints) -> Floats:
    """(stations, 2): log of voters on the list, standardised, and its square."""
    logs = np.log(np.maximum(registered, 1))
    spread = float(logs.std()) if logs.size else 0.0
    z = (logs - logs.mean()) / spread if spread > 0 else np.zeros(logs.size)
    return np.column_stack([z, z**2])


def design(returns: Returns, used: Figures, base: str, votes: str) -> Design | None:
    """The lowest level of enough places that hold stations of several times; None where no level does, or where
    no moment parts the count."""
    arrived, ballots = used["arrived"], used[base].astype(np.float64)
    cuts = cut_points(arrived, ballots)
    if not returns.levels or cuts.size == 0:
        return None
    p = progress(arrived, ballots)
    named = tuple(units_at(returns, used, depth) for depth in range(len(returns.levels)))
    depth = next((d for d in range(len(named) - 1, -1, -1) if _enough(named[d].of, arrived)), 0)
    above = named[depth - 1] if depth else None
    wide = above is not None and np.unique(above.of[_moving(named[depth].of, arrived)]).size >= _CLUSTERS
    clusters = above if wide and above is not None else named[depth]
    share = 100.0 * used[votes] / ballots
    weight = used["registered"].astype(np.float64)
    controls = size_controls(used["registered"])
    return Design(share, p, weight, ballots, controls, named, clusters, cuts, arrived, depth)


def informative(laid: Design) -> Compared:
    """Which stations are compared with others of their place."""
    moving = _moving(laid.places.of, laid.arrived)
    late = laid.p >= 0.9
    ballots = max(float(laid.ballots.sum()), 1.0)
    of_late = max(float(laid.ballots[late].sum()), 1e-300)
    return Compared(
        moving,
        int(np.unique(laid.places.of[moving]).size),
        float(laid.ballots[moving].sum()) / ballots,
        float(laid.ballots[moving & late].sum()) / of_late,
    )


def _enough(places: Ints, arrived: Ints) -> bool:
    moving = _moving(places, arrived)
    return int(moving.sum()) >= _STATIONS and np.unique(places[moving]).size >= _PLACES


def _moving(places: Ints, arrived: Ints) -> npt.NDArray[np.bool_]:
    """(stations,) whether the stations of its place came in at different times."""
    spans = pl.DataFrame({"place": places, "at": arrived}).select(
        (pl.col("at").max().over("place") > pl.col("at").min().over("place")).alias("moving")
    )
    return spans["moving"].to_numpy()
