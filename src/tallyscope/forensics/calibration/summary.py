"""What a study says: its answers counted, and put beside what earlier studies said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Any

from tallyscope.forensics.calibration.job import Answer, Row
from tallyscope.forensics.calibration.plan import FIRST_SEED, Job, Plan
from tallyscope.forensics.calibration.rates import COLUMNS, Estimates, Rate, Rates

__all__ = ["Study", "kept_of_more_runs", "merged", "study_rates"]

_VOTES = "votes"
#: Method, structure, mechanism, place, dose.
_Group = tuple[str, str, str, str, float]


@dataclass(frozen=True)
class Study:
    """The provenance of a study. `codes`: digests of the code that answered; several if it changed meanwhile."""

    version: str
    codes: tuple[str, ...]
    commit: str
    date: str
    command: str


@dataclass(frozen=True)
class _Run:
    """One method's row, with the election it is of."""

    row: Row
    leader: int
    gained: int
    stations: int


def study_rates(plan: Plan, answers: Iterable[Answer], study: Study) -> Rates:
    """Counts the answers to the plan's jobs: the same whatever the order in which they came in."""
    jobs = {job.key: job for job in plan.jobs}
    runs: dict[tuple[str, str], _Run] = {}
    for answer in answers:
        if answer.key in jobs:
            runs |= {
                (answer.key, r.method): _Run(r, answer.leader, answer.gained, answer.stations) for r in answer.rows
            }
    groups: dict[_Group, list[_Run]] = {}
    for job in plan.jobs:
        for method in job.methods:
            if (job.key, method) in runs:
                groups.setdefault(_group(job, method), []).append(runs[job.key, method])
    rows = sorted(_rate(group, of).row() for group, of in groups.items())
    structures = {s.key: _described(plan, s.key) for s in sorted(plan.structures, key=lambda s: s.key)}
    return Rates((_study(study, runs.values()),), structures, tuple(map(tuple, rows)))


def merged(before: Rates, new: Rates) -> Rates:
    """`before` with what `new` measured in its place: methods on structures, each mechanism as a whole.

    What rests on more runs stays (`kept_of_more_runs`).
    """
    stays = set(kept_of_more_runs(before, new))
    taken = [row for row in new.rows if row[:3] not in stays]
    replaced = {row[:3] for row in taken}
    kept = [row for row in before.rows if row[:3] not in replaced]
    used = sorted({row[-1] for row in kept})
    place = {old: i for i, old in enumerate(used)}
    rows = [(*row[:-1], place[row[-1]]) for row in kept] + [(*row[:-1], row[-1] + len(used)) for row in taken]
    structures = {**before.structures, **new.structures}
    named = {row[1] for row in rows}
    return Rates(
        (*(before.studies[i] for i in used), *(new.studies if taken else ())),
        {k: structures[k] for k in sorted(structures) if k in named},
        tuple(sorted(rows, key=lambda r: r[:5])),
    )


def kept_of_more_runs(before: Rates, new: Rates) -> list[tuple[str, str, str]]:
    """Method, structure and mechanism of what both measured, `before` with more runs of every dose and place."""
    were, are = _runs(before), _runs(new)
    return sorted(group for group in were.keys() & are.keys() if min(were[group]) > max(are[group]))


def _runs(rates: Rates) -> dict[tuple[str, str, str], list[int]]:
    found: dict[tuple[str, str, str], list[int]] = {}
    at = COLUMNS.index("runs")
    for row in rates.rows:
        found.setdefault(row[:3], []).append(row[at])
    return found


def _group(job: Job, method: str) -> _Group:
    return method, job.structure.key, job.mechanism, job.place, job.dose


def _rate(group: _Group, runs: Sequence[_Run]) -> Rate:
    method, structure, mechanism, place, dose = group
    rows = [r.row for r in runs]
    gained = fmean(r.gained / max(r.leader, 1) for r in runs)
    return Rate(
        method,
        structure,
        mechanism,
        place,
        dose,
        gained=round(gained, 5),
        runs=len(rows),
        applicable=sum(r.applicable for r in rows),
        tested=sum(r.at_5 is not None for r in rows),
        at_5=sum(bool(r.at_5) for r in rows),
        at_1=sum(bool(r.at_1) for r in rows),
        failed=sum(r.error is not None for r in rows),
        estimate=_estimates(runs, clean=not mechanism),
    )


def _estimates(runs: Sequence[_Run], *, clean: bool) -> Estimates | None:
    """Of the runs that gave an estimate with an interval. In votes: as parts of the leader's honest votes.

    None too where something was done and the estimate is not of votes: nothing says what it should be.
    """
    given = [r for r in runs if None not in (r.row.estimate, r.row.low, r.row.high)]
    votes = bool(given) and (given[0].row.unit or "").endswith(_VOTES)
    if not given or not (votes or clean):
        return None
    first = given[0].row
    values = [(r.row.estimate or 0.0) / (max(r.leader, 1) if votes else 1) for r in given]
    return Estimates(
        unit=first.unit or "",
        level=first.level or 0.0,
        answered=len(given),
        mean=_brief(fmean(values)),
        sd=_brief(pstdev(values)),
        covers_truth=sum(_covers(r.row, r.gained) for r in given),
        covers_zero=sum(_covers(r.row, 0) for r in given),
    )


def _covers(row: Row, value: float) -> bool:
    return row.low is not None and row.high is not None and row.low <= value <= row.high


def _brief(value: float) -> float:
    return float(f"{value:.4g}")


def _described(plan: Plan, key: str) -> dict[str, Any]:
    """A structure for the file: never the path of the machine that drew it."""
    s = next(s for s in plan.structures if s.key == key)
    return {"kind": s.kind, "title": s.title, "stations": s.stations, "sha256": s.sha256}


def _study(study: Study, runs: Iterable[_Run]) -> Mapping[str, Any]:
    """The provenance for the file; `seconds`: of CPU for 100,000 stations, by method."""
    of: dict[str, list[_Run]] = {}
    for run in runs:
        of.setdefault(run.row.method, []).append(run)
    cost = {m: round(_cost(of[m]), 3) for m in sorted(of)}
    described = {**vars(study), "codes": list(study.codes)}
    return {**described, "first_seed": FIRST_SEED, "runs": sum(map(len, of.values())), "seconds": cost}


def _cost(runs: Sequence[_Run]) -> float:
    return 1e5 * sum(r.row.seconds for r in runs) / max(sum(r.stations for r in runs), 1)
