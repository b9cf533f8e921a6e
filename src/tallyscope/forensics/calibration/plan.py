"""A study as a frozen list of jobs: what is drawn, what is done to it, which methods are asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from tallyscope.forensics.calibration.structures import Structure

__all__ = ["FIRST_SEED", "Job", "Part", "Plan"]

#: Seeds of a study begin here, away from the small ones that methods are written and tried on.
FIRST_SEED = 10_001


@dataclass(frozen=True)
class Job:
    """One election and the methods that are asked of it. `mechanism` "": it is left clean (or as counted)."""

    structure: Structure
    seed: int
    methods: tuple[str, ...]
    mechanism: str = ""
    place: str = ""
    dose: float = 0.0

    @property
    def key(self) -> str:
        """Names the election, whatever the methods; what is written under it is not done again."""
        done = f"|{self.mechanism}|{self.place}|{self.dose:g}" if self.mechanism else ""
        return f"{self.structure.key}|{self.structure.stations}|{self.seed}{done}"


@dataclass(frozen=True)
class Part:
    """A block of a study: every structure with every seed; with `doses`, every dose at every place.

    `doses`: pairs of a mechanism and a dose; empty for elections left as they are.
    """

    name: str
    structures: tuple[Structure, ...]
    seeds: int
    methods: tuple[str, ...]
    doses: tuple[tuple[str, float], ...] = ()
    places: tuple[str, ...] = ()

    def jobs(self) -> Iterator[Job]:
        """In order: structures first, then seeds, so that a worker draws and reads the same thing once."""
        for structure in self.structures:
            for seed in self._seeds(structure):
                clean = Job(structure, seed, self.methods)
                if not self.doses:
                    yield clean
                for (mechanism, dose), place in product(self.doses, self.places):
                    yield replace(clean, mechanism=mechanism, place=place, dose=dose)

    def _seeds(self, structure: Structure) -> range:
        match structure.kind:
            case "real":
                return range(1)
            case "parts":
                return range(structure.parts)
        return range(FIRST_SEED, FIRST_SEED + self.seeds)


@dataclass(frozen=True)
class Plan:
    """A study. Jobs of several parts that examine the same election are one job with the methods of them all."""

    name: str
    parts: tuple[Part, ...]

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Every job once, in order."""
        merged: dict[str, Job] = {}
        for part in self.parts:
            for job in part.jobs():
                before = merged.get(job.key)
                methods = dict.fromkeys((*(before.methods if before else ()), *job.methods))
                merged[job.key] = replace(job, methods=tuple(methods))
        return tuple(merged.values())

    @property
    def structures(self) -> tuple[Structure, ...]:
        """Every structure once, in order."""
        return tuple(dict.fromkeys(s for p in self.parts for s in p.structures))

    def only(self, methods: Sequence[str]) -> Plan:
        """The same with these methods only; parts that ask none of them are left out."""
        kept = (replace(p, methods=tuple(m for m in p.methods if m in methods)) for p in self.parts)
        return replace(self, parts=tuple(p for p in kept if p.methods))
