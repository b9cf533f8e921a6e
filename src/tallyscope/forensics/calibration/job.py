"""One job of a study: draw, change, ask. The same job gives the same rows, wherever and whenever it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from time import process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallyscope.forensics.calibration.plan import Job
    from tallyscope.forensics.calibration.structures import Structure
    from tallyscope.forensics.finding import Finding
    from tallyscope.returns.table import Returns
    from tallyscope.simulation.truth import Truth

__all__ = ["Answer", "Row", "run_job"]


@dataclass(frozen=True)
class Row:
    """What one method said of one election. `seconds` (of CPU) is all that another run may give differently."""

    method: str
    applicable: bool = False
    p_value: float | None = None
    posterior: float | None = None
    #: Whether it cried at 5 % and at 1 %; None where it does not apply, or has no test.
    at_5: bool | None = None
    at_1: bool | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    unit: str | None = None
    seconds: float = 0.0
    #: The error that the method ended with.
    error: str | None = None

    def brief(self) -> dict[str, Any]:
        """JSON-ready, without what is None."""
        return {k: v for k, v in asdict(self).items() if v is not None}


@dataclass(frozen=True)
class Answer:
    """What a job found. `leader`: votes that the gaining choice had before; `gained`: votes it gained.

    `impossible`: why there is no such election (the place has not enough voters for the dose); then no rows.
    """

    key: str
    rows: tuple[Row, ...]
    stations: int = 0
    leader: int = 0
    gained: int = 0
    impossible: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "rows": [r.brief() for r in self.rows]}

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Answer:
        """Back from `as_dict`."""
        return cls(**{**given, "rows": tuple(Row(**r) for r in given["rows"])})


def run_job(job: Job) -> Answer:
    """Draws the election, does to it what the job says, and asks its methods one by one."""
    try:
        clean = _clean(job.structure, job.seed)
        returns, truth = _changed(clean, job)
    except ValueError as error:
        return Answer(job.key, (), impossible=str(error))
    rows = tuple(_ask(id, returns) for id in job.methods)
    gained = truth.votes_gained if truth else 0
    return Answer(job.key, rows, len(returns), _votes(clean, truth.choice if truth else None), gained)


def _changed(clean: Returns, job: Job) -> tuple[Returns, Truth | None]:
    from tallyscope.forensics.calibration.places import site
    from tallyscope.simulation.mechanisms import MECHANISMS

    if not job.mechanism:
        return clean, None
    return MECHANISMS[job.mechanism].apply(clean, site(job.place, clean), job.dose, job.seed)


@lru_cache(maxsize=1)
def _clean(structure: Structure, seed: int) -> Returns:
    """Doses of a mechanism follow one another on the same clean election: the last one drawn is kept."""
    from tallyscope.forensics.calibration.structures import draw

    return draw(structure, seed)


def _votes(returns: Returns, choice: str | None) -> int:
    from tallyscope.election.roles import votes_column

    leader = returns.leader
    column = votes_column(choice or (leader.id if leader else ""))
    return int(returns.table[column].sum()) if column in returns.table.columns else 0


def _ask(id: str, returns: Returns) -> Row:
    from tallyscope.forensics.methods import method

    start = process_time()
    try:
        finding = method(id).run(returns)
    except Exception as error:  # noqa: BLE001  a study of days must survive one method's error, and tell it
        return Row(id, error=f"{type(error).__name__}: {error}"[:300], seconds=_since(start))
    return _row(finding, _since(start))


def _since(start: float) -> float:
    return round(process_time() - start, 4)


def _row(finding: Finding, seconds: float) -> Row:
    e = finding.estimate if finding.applicable else None
    return Row(
        method=finding.method,
        applicable=finding.applicable,
        p_value=_number(finding.p_value),
        posterior=_number(finding.posterior),
        at_5=finding.cries(0.05),
        at_1=finding.cries(0.01),
        estimate=_number(e.value) if e else None,
        low=_number(e.low) if e else None,
        high=_number(e.high) if e else None,
        level=e.level if e else None,
        unit=e.unit if e else None,
        seconds=seconds,
    )


def _number(value: float | None) -> float | None:
    """A Python float for JSON; what is not a number is None."""
    from math import isfinite

    return float(value) if value is not None and isfinite(value) else None
