"""The lists of a report: units by what methods say of them, and the stations that methods point at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tallyscope.election.roles import votes_column
from tallyscope.forensics.ranking import RankedUnit, asked, ranked_units
from tallyscope.report.dossier import POINTS, Dossier, Pointing, pointing
from tallyscope.returns.grouping import upper_level

if TYPE_CHECKING:
    from tallyscope.forensics.finding import Finding
    from tallyscope.report.examination import Examination
    from tallyscope.returns.table import Returns

__all__ = ["RankedLevel", "Ranking", "choice_names", "examination_pointing", "ranking"]

#: Units of a level and stations that the page shows; all are in findings.json and stations.parquet.
UNITS, STATIONS = 25, 25


@dataclass(frozen=True)
class RankedLevel:
    """Units of one level that any method points at; `of`: how many there are, `units` the first of them.

    `columns`: (method, unit of its value) of every mark that points at a unit shown.
    """

    level: str
    units: tuple[RankedUnit, ...]
    of: int
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ranking:
    """`asked`: methods that test units; `stations`: dossiers of the first stations, `of`: of how many."""

    asked: tuple[str, ...]
    levels: tuple[RankedLevel, ...]
    stations: tuple[Dossier, ...]
    of: int
    rate: float = POINTS


def ranking(examination: Examination) -> Ranking | None:
    """Everything that methods point at, for the page; None where no method tests units or stations."""
    findings = examination.findings
    found = examination_pointing(examination)
    if not asked(findings) and not found.rates.width:
        return None
    order = found.order()
    dossiers = tuple(found.dossier(row) for row in order["row"].head(STATIONS))
    levels = tuple(_level(findings, level) for level in _levels(examination.returns))
    return Ranking(asked(findings), tuple(one for one in levels if one.units), dossiers, order.height)


def examination_pointing(examination: Examination) -> Pointing:
    """Which method points at which station of an examination."""
    bayesian = {f.method for f in examination.findings if f.posterior is not None}
    return pointing(examination.stations, choice_names(examination.returns), bayesian)


def choice_names(returns: Returns) -> Mapping[str, str]:
    """The names of the choices, by their votes columns."""
    return {votes_column(c.id): c.name for c in returns.choices}


def _levels(returns: Returns) -> tuple[str, ...]:
    """The level that divides the election, and those below it."""
    top = upper_level(returns)
    return returns.levels[returns.levels.index(top) :] if top is not None else ()


def _level(findings: Sequence[Finding], level: str) -> RankedLevel:
    pointed = [u for u in ranked_units(findings, level) if u.q_value <= POINTS]
    shown = tuple(pointed[:UNITS])
    columns = dict.fromkeys((m.method, m.place.unit_of_value) for u in shown for m in u.pointing(POINTS))
    place = {f.method: i for i, f in enumerate(findings)}
    return RankedLevel(level, shown, len(pointed), tuple(sorted(columns, key=lambda c: place[c[0]])))
