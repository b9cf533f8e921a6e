"""What a job examines: a clean country of a design, one like a real election, or a real one nobody disputes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns
    from tallyscope.simulation.like import Likeness

__all__ = ["SIMULATED", "STATIONS", "Structure", "design", "draw", "like_file", "part_names", "undisputed_file"]

Kind = Literal["design", "like", "real", "parts"]

#: How the title of a simulated structure begins; those of real elections begin otherwise.
SIMULATED = "clean simulated countries"
#: Parts of a real election smaller than this are left out: most methods need 300 stations.
SMALLEST_PART = 300
#: Of a design's country.
STATIONS = 90_000
_DESIGNS = {
    "independent": "places alike, turnout and share unrelated",
    "correlated": "places alike, turnout and share correlated at .47",
    "territories": "places that differ, turnout and share unrelated",
    "territories-correlated": "places that differ, turnout and share correlated at .47",
}


@dataclass(frozen=True)
class Structure:
    """Where elections are drawn from. `name`: of the design, or the id of the election whose file `path` is.

    `seed` of a job means, by kind: "design" and "like", the seed of the draw; "real", nothing (it is the election
    as it was counted); "parts", the number of the unit of `level`, which is examined as if it were an election.
    """

    kind: Kind
    name: str
    title: str
    stations: int
    path: str = ""
    #: Of the file; a draw refuses another file under the same path.
    sha256: str = ""
    level: str = ""
    regions: int = 83
    #: How many parts there are; 0 where there are none.
    parts: int = 0

    @property
    def key(self) -> str:
        """The name in studies and in `rates.json`; with the size of a design that is not of `STATIONS`."""
        if self.kind != "design":
            return f"{self.kind} {self.name}"
        return self.name if self.stations == STATIONS else f"{self.name} {self.stations}"


def design(name: str, stations: int = STATIONS) -> Structure:
    """One of the clean designs. Raises LookupError for another name."""
    from tallyscope.simulation.designs import clean_design

    regions = min(83, max(2, stations // 60))
    clean_design(name, stations=stations, regions=regions)
    size = "" if stations == STATIONS else f", {stations:,} stations"
    return Structure("design", name, f"{SIMULATED}: {_DESIGNS[name]}{size}", stations, regions=regions)


def like_file(path: str) -> Structure:
    """Clean countries like the election of this file. Raises ReadError, and ValueError if it cannot be drawn."""
    from tallyscope.simulation.like import usable

    returns = _read(path)
    title = f"{SIMULATED} like {returns.election.title}"
    return Structure("like", returns.election.id, title, len(usable(returns)), path, returns.sources[0].sha256)


def undisputed_file(path: str) -> tuple[Structure, ...]:
    """The election of this file as it was counted; its large units too, where a level has ten of them."""
    returns = _read(path)
    id, title, sha = returns.election.id, returns.election.title, returns.sources[0].sha256
    whole = Structure("real", id, f"{title}, as it was counted", len(returns), path, sha)
    counted = [(len(part_names(returns, level)), level) for level in returns.levels]
    best, level = max(counted, default=(0, ""))
    if best < 10:
        return (whole,)
    text = f"{title}, as it was counted, each {level} as if it were an election"
    return whole, Structure("parts", id, text, len(returns), path, sha, level, parts=best)


def draw(structure: Structure, seed: int) -> Returns:
    """The election of a job, the same for the same structure and seed. Raises ValueError if the file is another."""
    from tallyscope.simulation.clean import clean_election
    from tallyscope.simulation.designs import clean_design

    if structure.kind == "design":
        spec = clean_design(structure.name, stations=structure.stations, regions=structure.regions)
        return clean_election(spec, seed)
    returns = _read(structure.path)
    if returns.sources[0].sha256 != structure.sha256:
        raise ValueError(f"{structure.path} is not the file that the study was planned with")
    if structure.kind == "like":
        return _likeness(structure.path).draw(seed)
    return returns if structure.kind == "real" else _part(returns, structure.level, seed)


def part_names(returns: Returns, level: str) -> list[tuple[str | None, ...]]:
    """The units of a level that have at least 300 stations: names from the top down, sorted."""
    import polars as pl

    path = returns.levels[: returns.levels.index(level) + 1]
    sizes = returns.table.filter(kind="station").group_by(path).len().filter(pl.col("len") >= SMALLEST_PART)
    return sizes.sort(path).select(path).rows()


def _part(returns: Returns, level: str, number: int) -> Returns:
    import polars as pl

    names = part_names(returns, level)[number]
    return returns.filter(*(pl.col(c).eq_missing(pl.lit(n)) for c, n in zip(returns.levels, names, strict=False)))


@lru_cache(maxsize=1)
def _likeness(path: str) -> Likeness:
    from tallyscope.simulation.like import likeness

    return likeness(_read(path))


@lru_cache(maxsize=1)
def _read(path: str) -> Returns:
    """A worker examines many elections like one file in a row: the last file read is kept."""
    from tallyscope.returns.reading.read import read

    return read(path)
