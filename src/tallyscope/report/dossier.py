"""A station's dossier: its protocol, what in it contradicts itself, and what each method says of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tallyscope.election.roles import ROLES, VOTES, role_title
from tallyscope.forensics.pointing import STRENGTH, station_rates

__all__ = ["Dossier", "MethodOnStation", "Pointing", "UnknownStation", "find_station", "pointing"]

#: At this false discovery rate, over all methods, a method points at a station.
POINTS = 0.05


class UnknownStation(LookupError):
    """There is no station of this name, or there are several."""


@dataclass(frozen=True)
class MethodOnStation:
    """What one method says of one station.

    `strength`: -log10 of the chance of a station at least as unusual where nothing was done; `rate`: the false
    discovery rate, over all stations and methods, at which the method points at it. None: it says nothing.
    """

    method: str
    strength: float | None
    rate: float | None
    figures: Mapping[str, Any]

    @property
    def chance(self) -> float | None:
        """Of a station at least as unusual where nothing was done; for a Bayesian method, the posterior of that."""
        return None if self.strength is None else 10.0**-self.strength

    @property
    def points(self) -> bool:
        """Whether the method points at this station."""
        return self.rate is not None and self.rate <= POINTS


@dataclass(frozen=True)
class Dossier:
    """One station. `figures`: its protocol, by what people call a line; None is a figure that is not known."""

    row: int
    name: str
    figures: Mapping[str, int | None]
    violations: tuple[str, ...]
    methods: tuple[MethodOnStation, ...]

    @property
    def pointing(self) -> tuple[MethodOnStation, ...]:
        """The methods that point at it, the strongest first."""
        return tuple(sorted((m for m in self.methods if m.points), key=lambda m: m.rate or 0.0))


@dataclass(frozen=True, eq=False)
class Pointing:
    """All stations with the rate at which each method points at them.

    `stations`: the table as `stations.parquet` has it; `rates`: a column a method, its rows. `choices`: names of
    the choices by their votes columns.
    """

    stations: pl.DataFrame
    rates: pl.DataFrame
    choices: Mapping[str, str]

    def order(self) -> pl.DataFrame:
        """Stations that any method points at: `row`, `methods` (how many), `rate` (smallest).

        Those at which most methods point come first, then those with the smallest rate.
        """
        if not self.rates.width:
            return pl.DataFrame(schema={"row": pl.UInt32, "methods": pl.UInt32, "rate": pl.Float64})
        every = pl.all()
        counted = self.rates.select(
            methods=pl.sum_horizontal((every <= POINTS).fill_null(False).cast(pl.UInt32)),
            rate=pl.min_horizontal(every),
        ).with_row_index("row")
        found = counted.filter(pl.col("methods") > 0)
        return found.sort(["methods", "rate", "row"], descending=[True, False, False])

    def dossier(self, row: int) -> Dossier:
        """The dossier of one row of the table."""
        line = self.stations.row(row, named=True)
        rates = self.rates.row(row, named=True) if self.rates.width else {}
        methods = dict.fromkeys(c.split(".", 1)[0] for c in self.stations.columns if "." in c)
        return Dossier(
            row=row,
            name=station_name(line),
            figures={self._title(c): line[c] for c in self.stations.columns if c in ROLES or c in self.choices},
            violations=tuple(line.get("violations") or ()),
            methods=tuple(_said(method, line, rates) for method in methods if _speaks(method, line)),
        )

    def _title(self, column: str) -> str:
        return self.choices.get(column) or role_title(column)


def pointing(
    stations: pl.DataFrame, choices: Mapping[str, str] | None = None, bayesian: Collection[str] = ()
) -> Pointing:
    """Which method points at which station. `bayesian`: methods whose strength is of a posterior probability.

    `choices`: names by votes column; without them, what is behind the prefix of the column.
    """
    names = choices or {c: c.removeprefix(VOTES) for c in stations.columns if c.startswith(VOTES)}
    return Pointing(stations, station_rates(stations, bayesian), names)


def station_name(line: Mapping[str, Any]) -> str:
    """Levels and station joined with " / "; `line`: a row of the table by column."""
    columns = list(line)
    parts = [line[c] for c in columns[: columns.index("station") + 1]]
    return " / ".join(str(p) for p in parts if p is not None)


def find_station(stations: pl.DataFrame, wanted: str) -> int:
    """The row of the station whose name ends with the parts of `wanted` ("South / District 3 / 114", or less).

    Case and spaces around the strokes do not matter. Raises UnknownStation, which lists the first that fit.
    """
    parts = [p.strip().casefold() for p in wanted.split("/") if p.strip()]
    path = stations.columns[: stations.columns.index("station") + 1]
    if not parts or len(parts) > len(path):
        raise UnknownStation(f"a station is named by up to {len(path)} parts: {' / '.join(path)}")
    rows = _matching(stations, path, parts)
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise UnknownStation(f"there is no station {wanted!r}; names are: {' / '.join(path)}")
    some = "; ".join(station_name(stations.row(r, named=True)) for r in rows[:5])
    raise UnknownStation(f"{len(rows):,} stations are called {wanted!r}: name its place too. They are: {some}")


def _matching(stations: pl.DataFrame, path: Sequence[str], parts: Sequence[str]) -> list[int]:
    """Rows whose station is the last part, and whose levels hold the other parts in their order."""
    last = stations.with_row_index("__row").filter(
        pl.col("station").str.strip_chars().str.to_lowercase() == parts[-1].lower()
    )
    found = []
    for line in last.select("__row", *path[:-1]).iter_rows():
        above = iter([str(p).strip().casefold() for p in line[1:] if p is not None])
        if all(part in above for part in parts[:-1]):
            found.append(int(line[0]))
    return found


def _speaks(method: str, line: Mapping[str, Any]) -> bool:
    return any(value is not None for _, value in _figures(method, line))


def _figures(method: str, line: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    prefix = method + "."
    return ((c.removeprefix(prefix), v) for c, v in line.items() if c.startswith(prefix))


def _said(method: str, line: Mapping[str, Any], rates: Mapping[str, float | None]) -> MethodOnStation:
    strength = line.get(method + STRENGTH)
    figures = {name: value for name, value in _figures(method, line) if name != STRENGTH[1:]}
    return MethodOnStation(method, strength, rates.get(method), figures)
