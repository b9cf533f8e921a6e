"""Counts of how often methods cried, and the file that keeps them with their provenance (`rates.json`).

Counts, not rates: an interval for a rate needs its denominator. The file has a row a line, so that two versions of
it can be compared; one method's rows are read only when that method is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

__all__ = ["COLUMNS", "Estimates", "Rate", "Rates", "from_text", "packaged", "to_text"]

COLUMNS = (
    "method",
    "structure",
    "mechanism",
    "place",
    "dose",
    "gained",
    "runs",
    "applicable",
    "tested",
    "at_5",
    "at_1",
    "failed",
    "estimate",
    "study",
)


@dataclass(frozen=True)
class Estimates:
    """How a method's estimates lay about the truth.

    `mean`, `sd`: of estimates in votes, as parts of the leader's honest votes; else in `unit`.
    `covers_truth`: intervals that held the truth (zero where nothing was done, else the votes gained);
    `covers_zero`: intervals that held zero; both of `answered`.
    """

    unit: str
    level: float
    answered: int
    mean: float
    sd: float
    covers_truth: int
    covers_zero: int


@dataclass(frozen=True)
class Rate:
    """One method on elections drawn from one structure, with one thing done to them, or (`mechanism` "") nothing.

    `gained`: mean votes gained / the gaining choice's honest votes. `runs`: elections examined; `applicable`: those
    in which the method applied; `tested`: those in which it gave a p-value or a posterior; of these `at_5` and
    `at_1` cried at 5 % and at 1 %. `failed`: runs that ended in an error. `study`: place in `Rates.studies`.
    """

    method: str
    structure: str
    mechanism: str
    place: str
    dose: float
    gained: float
    runs: int
    applicable: int
    tested: int
    at_5: int
    at_1: int
    failed: int
    estimate: Estimates | None
    study: int = 0

    def row(self) -> list[Any]:
        """The values of COLUMNS, JSON-ready."""
        return [list(vars(v).values()) if isinstance(v, Estimates) else v for v in vars(self).values()]

    @classmethod
    def from_row(cls, row: Iterable[Any]) -> Rate:
        """Back from `row`."""
        values = list(row)
        values[-2] = Estimates(*values[-2]) if values[-2] is not None else None
        return cls(*values)


@dataclass(frozen=True)
class Rates:
    """All that was measured. `studies`: what ran, when, by which code; `structures`: key -> title, kind, inputs."""

    studies: tuple[Mapping[str, Any], ...]
    structures: Mapping[str, Mapping[str, Any]]
    rows: tuple[tuple[Any, ...], ...]

    def of(self, method: str) -> tuple[Rate, ...]:
        """What was measured of one method."""
        return tuple(map(Rate.from_row, self._by_method.get(method, ())))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that were measured, in the order of the file."""
        return tuple(self._by_method)

    @cached_property
    def _by_method(self) -> dict[str, list[tuple[Any, ...]]]:
        groups: dict[str, list[tuple[Any, ...]]] = {}
        for row in self.rows:
            groups.setdefault(row[0], []).append(row)
        return groups

    def provenance(self, study: int) -> str:
        """How and when a study was made, in one line."""
        s = self.studies[study]
        commit = f", commit {s['commit']}" if s["commit"] else ""
        return f"Tallyscope {s['version']}{commit}, {s['date']}, seeds from {s['first_seed']}: {s['command']}"


def to_text(rates: Rates) -> str:
    """The file's text: one study, one structure, one row a line."""

    def lines(values: Iterable[Any]) -> str:
        return ",\n".join(json.dumps(v, ensure_ascii=False, allow_nan=False, separators=(",", ":")) for v in values)

    structures = ({"key": k, **v} for k, v in rates.structures.items())
    columns = json.dumps(list(COLUMNS))
    return (
        f'{{"format": 1,\n"studies": [\n{lines(rates.studies)}\n],\n"structures": [\n{lines(structures)}\n],\n'
        f'"columns": {columns},\n"rows": [\n{lines(rates.rows)}\n]}}\n'
    )


def from_text(text: str) -> Rates:
    """Back from `to_text`. Raises ValueError for a file of another format."""
    given = json.loads(text)
    if given.get("format") != 1 or tuple(given["columns"]) != COLUMNS:
        raise ValueError("these rates are of another format: rebuild them with `tallyscope calibrate`")
    structures = {s["key"]: {k: v for k, v in s.items() if k != "key"} for s in given["structures"]}
    return Rates(tuple(given["studies"]), structures, tuple(map(tuple, given["rows"])))


@cache
def packaged() -> Rates:
    """The rates that come with this version."""
    return from_text(files("tallyscope.forensics.calibration").joinpath("rates.json").read_text(encoding="utf-8"))
