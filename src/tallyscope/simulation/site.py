"""Where a mechanism acts: which units of the tree, and how many of their stations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.returns.table import Returns
from tallyscope.simulation.protocol import changeable

__all__ = ["Chosen", "Site"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Chosen:
    """The units of `level` that a mechanism acts in, and the rows of the stations it changes, in order."""

    level: str
    units: tuple[tuple[str, ...], ...]
    stations: Ints


@dataclass(frozen=True)
class Site:
    """A place: named units, or a share of all units; all their stations, or a share of them.

    `level`: a level of the tree, the top one unless given. `units`: names from the top down to that level,
    ("Glenfield",) or ("Glenfield", "District 03"); None means any. Shares lie in (0, 1].
    """

    level: str | None = None
    units: tuple[tuple[str, ...], ...] | None = None
    share_of_units: float = 1.0
    share_of_stations: float = 1.0

    def __post_init__(self) -> None:
        for name in ("share_of_units", "share_of_stations"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} lies in (0, 1], not at {getattr(self, name)}")

    @classmethod
    def regions(cls, *names: str, share_of_stations: float = 1.0) -> Site:
        """These units of the top level."""
        return cls(units=tuple((n,) for n in names), share_of_stations=share_of_stations)

    def choose(self, returns: Returns, rng: np.random.Generator) -> Chosen:
        """Draws units and stations that can be changed (see `changeable`).

        Raises ValueError for a level or a unit that is not there, or when there is no station to change.
        """
        level = self._level(returns)
        path = returns.levels[: returns.levels.index(level) + 1]
        codes, names = returns.codes(path)
        drawn = self._units(names, level, rng)
        candidates = np.flatnonzero(np.isin(codes, drawn) & changeable(returns))
        if not candidates.size:
            raise ValueError(f"no station of the chosen units of level {level!r} has figures that can be changed")
        wanted = max(1, round(self.share_of_stations * candidates.size))
        stations = np.sort(rng.choice(candidates, wanted, replace=False))
        return Chosen(level, tuple(tuple(names.row(int(i))) for i in drawn), stations)

    def _level(self, returns: Returns) -> str:
        if not returns.levels:
            raise ValueError("these returns have no level above the station: there is no place to name")
        level = self.level or returns.levels[0]
        if level not in returns.levels:
            raise ValueError(f"there is no level {level!r}; there are: {', '.join(returns.levels)}")
        return level

    def _units(self, names: pl.DataFrame, level: str, rng: np.random.Generator) -> Ints:
        rows = names.rows()
        known = {row: i for i, row in enumerate(rows)}
        if self.units is not None:
            missing = [" / ".join(u) for u in self.units if u not in known]
            if missing:
                raise ValueError(f"no unit of level {level!r} is named: {', '.join(missing)}")
        pool = np.array(sorted(known[u] for u in self.units) if self.units is not None else range(len(rows)))
        wanted = max(1, round(self.share_of_units * pool.size))
        return np.sort(rng.choice(pool, wanted, replace=False))
