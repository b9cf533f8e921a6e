"""`tallyscope calibrate`: how often each method cries where nothing was done, and what it sees of what was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, count, fail, print_json

if TYPE_CHECKING:
    from tallyscope.forensics.calibration.plan import Plan
    from tallyscope.forensics.calibration.runner import Workers
    from tallyscope.forensics.calibration.study import Request

__all__ = ["calibrate"]


def calibrate(
    plan: Annotated[str, typer.Option("--plan", help="small, acceptance, power or full.")] = "small",
    methods: Annotated[str | None, typer.Option("--methods", help="Only these, comma-separated.")] = None,
    designs: Annotated[
        str | None, typer.Option("--designs", help="Only these clean designs, comma-separated; none: no design.")
    ] = None,
    mechanisms: Annotated[
        str | None, typer.Option("--mechanisms", help="Only these, comma-separated; none: clean elections only.")
    ] = None,
    like: Annotated[
        list[Path] | None,
        typer.Option("--like", help="Draw clean elections like this file's (again for more)."),
    ] = None,
    undisputed: Annotated[
        list[Path] | None, typer.Option("--undisputed", help="A real election that nobody disputes, as counted.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder with the files of all reference elections.")
    ] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", min=1, help="Draws of each kind, not the plan's.")] = None,
    stations: Annotated[int, typer.Option("--stations", min=300, help="Stations of a design's country.")] = 90_000,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes on this machine.")] = os.cpu_count() or 1,
    dask: Annotated[
        str | None, typer.Option("--dask", help="Run on this Dask cluster, for example tcp://scheduler:8786.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of the answers; it goes on from what it has.")] = Path(
        "tallyscope-calibration"
    ),
    summary: Annotated[
        Path | None, typer.Option("--summary", help="File for the rates (OUT/rates.json); with --show, to show.")
    ] = None,
    commit: Annotated[str, typer.Option("--commit", help="Of the code, for the provenance.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and how long it may take.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the rates that come with this version.")] = False,
    format: FormatOption = OutputFormat.text,
) -> None:
    """Measures every method on elections whose truth is known; goes on where it was interrupted."""
    if show:
        _show(summary, _names(methods), format)
        return
    from tallyscope.forensics.calibration.runner import Workers
    from tallyscope.forensics.calibration.study import Request

    request = Request(
        plan=plan,
        methods=_names(methods),
        designs=_names(designs),
        mechanisms=_names(mechanisms),
        like=tuple(str(f.resolve()) for f in like or ()),
        undisputed=tuple(str(f.resolve()) for f in undisputed or ()),
        data=data,
        seeds=seeds,
        stations=stations,
    )
    made, workers = _planned(request), Workers(jobs, dask)
    _print_plan(made, workers)
    if not dry_run:
        _run(made, out, workers)
        _save(request, made, out, summary or out / "rates.json", commit)


def _names(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return tuple(n.strip() for n in text.split(",") if n.strip() not in ("", "none"))


def _planned(request: Request) -> Plan:
    from tallyscope.forensics.calibration.study import planned
    from tallyscope.returns.problems import ReadError

    try:
        return planned(request)
    except ReadError as error:
        fail(error.problems)
    except (LookupError, ValueError, FileNotFoundError) as error:
        fail([str(error)])


def _print_plan(plan: Plan, workers: Workers) -> None:
    from tallyscope.forensics.calibration.study import hours

    out = console(stderr=True)
    for part in plan.parts:
        jobs = tuple(part.jobs())
        line = f"{part.name}: {count(len(jobs))} elections, {len(part.methods)} methods"
        out.print(f"  {line}, about {hours(jobs, workers.processes):.1f} hours", markup=False)
    line = f"In all {count(len(plan.jobs))} elections, about {hours(plan.jobs, workers.processes):.1f} hours"
    out.print(f"{line} on {workers.processes} cores", markup=False)


def _run(plan: Plan, folder: Path, workers: Workers) -> None:
    """Runs what is left of a plan; on an interrupt says how to go on, and ends with exit code 130."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from tallyscope.forensics.calibration.runner import run_study, still_to_do

    left = still_to_do(plan, folder)
    done = len(plan.jobs) - len(left)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, TextColumn("left:"), TimeRemainingColumn(), console=console(stderr=True))
    bar.speed_estimate_period = 600.0
    try:
        with bar:
            task = bar.add_task("elections", total=len(plan.jobs), completed=done)
            run_study(left, folder, workers, lambda _: bar.advance(task))
    except KeyboardInterrupt:
        done = len(plan.jobs) - len(still_to_do(plan, folder))
        line = f"Interrupted: {count(done)} of {count(len(plan.jobs))} are done."
        console(stderr=True).print(line, "The same command goes on from there.", markup=False)
        raise typer.Exit(130) from None
    except OSError as error:
        fail([f"the study cannot go on: {error}"])


def _save(request: Request, plan: Plan, folder: Path, file: Path, commit: str) -> None:
    from tallyscope.cli.calibration_table import print_rates
    from tallyscope.forensics.calibration.study import save_rates, studied

    rates = studied(request, plan, folder, commit)
    try:
        _, stayed = save_rates(rates, file)
    except (OSError, ValueError) as error:
        fail([f"{file}: the rates cannot be written: {error}"])
    print_rates(rates)
    console().print(f"\nRates: {file}", style="bold", markup=False, soft_wrap=True)
    for method, structure, mechanism in stayed:
        what = f"{method} on {structure}, {mechanism or 'nothing done'}"
        console().print(f"  {what}: the figures of the file stayed, since they are of more runs.", markup=False)


def _show(file: Path | None, methods: tuple[str, ...] | None, format: OutputFormat) -> None:
    from tallyscope.cli.calibration_table import print_rates
    from tallyscope.forensics.calibration.rates import COLUMNS, from_text, packaged

    try:
        rates = from_text(file.read_text(encoding="utf-8")) if file else packaged()
    except (OSError, ValueError) as error:
        fail([f"{file}: cannot be shown: {error}"])
    if format is OutputFormat.json:
        print_json([dict(zip(COLUMNS, row, strict=True)) for row in rates.rows if not methods or row[0] in methods])
    else:
        print_rates(rates, methods)
