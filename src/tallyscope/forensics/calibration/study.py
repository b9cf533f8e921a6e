"""From a request to a study, and from its folder to rates: what `tallyscope calibrate` does, without the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tallyscope.forensics.calibration.plan import Job, Plan
from tallyscope.forensics.calibration.plans import Scope, plan
from tallyscope.forensics.calibration.rates import Rates, from_text, packaged, to_text
from tallyscope.forensics.calibration.reference import reference_files, undisputed_files
from tallyscope.forensics.calibration.store import answers_in
from tallyscope.forensics.calibration.structures import design, like_file, undisputed_file
from tallyscope.forensics.calibration.summary import Study, kept_of_more_runs, merged, study_rates
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.version import __version__

__all__ = ["Request", "hours", "planned", "save_rates", "studied"]

#: CPU seconds for 100,000 stations that a job costs before any method runs, and a method that was never timed.
_DRAW, _UNTIMED = 0.35, 0.3


@dataclass(frozen=True)
class Request:
    """What to study. None: all there are (of methods: all that are not run on request only).

    `like`, `undisputed`: files, besides those that the folder of reference elections `data` has.
    """

    plan: str = "small"
    methods: tuple[str, ...] | None = None
    designs: tuple[str, ...] | None = None
    mechanisms: tuple[str, ...] | None = None
    like: tuple[str, ...] = ()
    undisputed: tuple[str, ...] = ()
    data: Path | None = None
    seeds: int | None = None
    stations: int = 90_000

    def command(self) -> str:
        """The command that asks for it, for the provenance: names of files, not where they lie."""
        parts = [f"tallyscope calibrate --plan {self.plan}"]
        parts += ["--data DATA"] if self.data else []
        for name in ("methods", "designs", "mechanisms"):
            chosen = getattr(self, name)
            parts += [f"--{name} '{','.join(chosen) or 'none'}'"] if chosen is not None else []
        for name in ("like", "undisputed"):
            parts += [f"--{name} {Path(file).name}" for file in getattr(self, name)]
        parts += [f"--seeds {self.seeds}"] if self.seeds else []
        parts += [f"--stations {self.stations}"] if self.stations != Request.stations else []
        return " ".join(parts)


def planned(request: Request) -> Plan:
    """The plan of a request.

    Raises LookupError for a name that is not known, FileNotFoundError for reference files that are not there,
    ReadError for files that cannot be read, and ValueError where nothing is left to do.
    """
    from tallyscope.forensics.methods import chosen
    from tallyscope.simulation.designs import CLEAN_DESIGNS

    names = CLEAN_DESIGNS if request.designs is None else request.designs
    like, undisputed = request.like, request.undisputed
    if request.data is not None:
        like, undisputed = (*reference_files(request.data), *like), (*undisputed_files(request.data), *undisputed)
    scope = Scope(
        methods=tuple(m.id for m in chosen(request.methods)),
        designs=tuple(design(n, request.stations) for n in names),
        like=tuple(like_file(f) for f in like),
        undisputed=tuple(s for f in undisputed for s in undisputed_file(f)),
        mechanisms=_doses(request),
    )
    made = plan(request.plan, scope, request.seeds)
    if not made.jobs:
        raise ValueError("nothing is left to do: name designs, files or mechanisms that the plan has")
    return made


def _doses(request: Request) -> Mapping[str, Sequence[float]]:
    wanted = tuple(MECHANISMS) if request.mechanisms is None else request.mechanisms
    unknown = [m for m in wanted if m not in MECHANISMS]
    if unknown:
        raise LookupError(f"there is no mechanism {unknown[0]!r}; there are: {', '.join(MECHANISMS)}")
    doses = {m: MECHANISMS[m].doses for m in wanted}
    if request.plan == "small":
        return {m: d[len(d) // 2 : len(d) // 2 + 1] for m, d in doses.items()}
    return doses


def hours(jobs: Sequence[Job], workers: int) -> float:
    """About how long jobs take on free cores, from what the methods cost in the packaged study."""
    cost: dict[str, float] = {}
    for study in packaged().studies:
        cost |= study["seconds"]
    seconds = 0.0
    for job in jobs:
        size = job.structure.stations / max(job.structure.parts, 1) / 1e5
        seconds += size * (_DRAW + sum(cost.get(m, _UNTIMED) for m in job.methods))
    return seconds / max(workers, 1) / 3600


def studied(request: Request, plan: Plan, folder: Path, commit: str = "") -> Rates:
    """The rates of what the folder has of a plan."""
    given = list(answers_in(folder))
    keys = {job.key for job in plan.jobs}
    codes = tuple(sorted({code for code, answer in given if answer.key in keys}))
    date = datetime.now(UTC).date().isoformat()
    study = Study(__version__, codes, commit, date, request.command())
    return study_rates(plan, (answer for _, answer in given), study)


def save_rates(rates: Rates, file: Path) -> tuple[Rates, list[tuple[str, str, str]]]:
    """Writes rates into a file; what it had of other methods and structures stays, and what rests on more runs.

    Returns what it has now, and the methods, structures and mechanisms of which its own figures stayed. Raises
    OSError, and ValueError if the file is of another format.
    """
    whole, stayed = rates, list[tuple[str, str, str]]()
    if file.is_file():
        before = from_text(file.read_text(encoding="utf-8"))
        whole, stayed = merged(before, rates), kept_of_more_runs(before, rates)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.write_text(to_text(whole), encoding="utf-8")
    new.replace(file)
    return whole, stayed
