"""From many methods to places: which units methods point at, with the false discovery rate held over all of them.

No score is made of the methods. A unit is listed with what each method says of it; its own q-value is the smallest
q-value that any method gives it, times the number of methods that were asked. That holds the false discovery rate
over all methods together at any dependence between them: the false share V/R of a union of lists is at most the
sum of V_m/R_m over the lists, each of expectation at most its own level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallyscope.forensics.finding import Finding, Place

__all__ = ["Mark", "RankedUnit", "asked", "ranked_units"]


@dataclass(frozen=True)
class Mark:
    """What one method says of a unit; `q_value` is over all methods, `place` as the method gave it."""

    method: str
    place: Place
    q_value: float


@dataclass(frozen=True)
class RankedUnit:
    """A unit with the marks of every method that gives it a q-value, the strongest first."""

    level: str
    unit: tuple[str, ...]
    marks: tuple[Mark, ...]

    @property
    def q_value(self) -> float:
        """The smallest of its marks', over all methods."""
        return self.marks[0].q_value

    def pointing(self, at: float = 0.05) -> tuple[Mark, ...]:
        """The marks of the methods that point at it at this false discovery rate."""
        return tuple(m for m in self.marks if m.q_value <= at)


def asked(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The methods that test units: those that apply and give any place a q-value."""
    return tuple(f.method for f in findings if f.applicable and any(p.q_value is not None for p in f.where))


def ranked_units(findings: Sequence[Finding], level: str) -> tuple[RankedUnit, ...]:
    """Units of a level by their q-value over all methods, then by how many methods point at them, then by name.

    A method that lists a unit more than once at a level (in several respects) counts with its strongest, times the
    number of respects, so that the rate still holds.
    """
    methods = asked(findings)
    marks: dict[tuple[str, ...], list[Mark]] = {}
    for finding in findings:
        if finding.method in methods:
            for place, q in _strongest(finding, level):
                marks.setdefault(place.unit, []).append(Mark(finding.method, place, min(1.0, q * len(methods))))
    units = [RankedUnit(level, unit, tuple(sorted(m, key=lambda k: k.q_value))) for unit, m in marks.items()]
    return tuple(sorted(units, key=lambda u: (u.q_value, -len(u.pointing()), u.unit)))


def _strongest(finding: Finding, level: str) -> list[tuple[Place, float]]:
    """For each unit its place with the smallest q-value, and that q-value times how often units are listed."""
    tested = [p for p in finding.where if p.level == level and p.q_value is not None]
    respects = len({p.unit_of_value for p in tested})
    best: dict[tuple[str, ...], Place] = {}
    for place in tested:
        known = best.get(place.unit)
        if known is None or (place.q_value or 0.0) < (known.q_value or 0.0):
            best[place.unit] = place
    return [(p, min(1.0, (p.q_value or 0.0) * respects)) for p in best.values()]
