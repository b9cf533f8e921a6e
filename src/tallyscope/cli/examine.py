"""`tallyscope examine FILE...`: everything about an election, on the screen and in one page."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import (
    DropTotals,
    ElectionOption,
    Files,
    MappingOption,
    console,
    fail,
    read_files,
    warn_of_notices,
)
from tallyscope.cli.snapshots import ArrivedIn, with_arrivals

if TYPE_CHECKING:
    from tallyscope.charts.studio import Studio
    from tallyscope.report.examination import Examination
    from tallyscope.returns.table import Returns

__all__ = ["examine", "examine_returns"]


def examine(
    files: Files,
    out: Annotated[Path, typer.Option("--out", help="Folder for report.html and the files beside it.")] = Path(
        "tallyscope-report"
    ),
    methods: Annotated[str | None, typer.Option("--methods", help="Only these, comma-separated.")] = None,
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
    arrived_in: ArrivedIn = None,
) -> None:
    """Tallies, checks and tests an election; writes report.html, findings.json, tally.csv, stations.parquet."""
    # The methods' matrices are small and the other core draws: more threads of the linear algebra would only wait
    # for one another. It has to be said before NumPy is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    chosen = _chosen(methods)
    from tallyscope.charts.studio import Studio

    # The figures are drawn in a process of their own: it starts up while the files are read.
    with Studio() as studio:
        returns = read_files(files, mapping=mapping, election=election, drop_totals=drop_totals)
        returns = with_arrivals(
            returns,
            arrived_in,
            lambda path: read_files([path], mapping=mapping, election=election, drop_totals=drop_totals),
        )
        studio.show(returns)
        warn_of_notices(returns)
        examination = examine_returns(returns, out, studio, chosen)
    from tallyscope.cli.summary import print_summary
    from tallyscope.forensics.finding import OWN_ERROR

    print_summary(examination, out)
    # What the others found is there; but a script must learn that something is missing.
    if any(OWN_ERROR in finding.details for finding in examination):
        raise typer.Exit(1)


def _chosen(methods: str | None) -> tuple[str, ...] | None:
    if methods is None:
        return None
    from tallyscope.forensics.methods import METHODS

    wanted = tuple(m.strip() for m in methods.split(",") if m.strip())
    known = {m.id for m in METHODS}
    unknown = [m for m in wanted if m not in known]
    if unknown or not wanted:
        fail([f"there is no method {m!r}; there are: {', '.join(sorted(known))}" for m in unknown or [""]])
    return wanted


def examine_returns(
    returns: Returns, out: Path, studio: Studio, methods: tuple[str, ...] | None = None
) -> Examination:
    """Examines returns and saves the report, with a progress bar; exit code 2 if it cannot be written."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from tallyscope.report.examine import examine, steps

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=len(steps(methods)) + 1)

        def advance(step: str) -> None:
            bar.update(task, description=step, advance=1)

        def failed(method: str, error: Exception) -> None:
            traceback.print_exception(error)
            typer.echo(f"{method} has no answer, the other methods go on. Please report the lines above.", err=True)

        examination = examine(returns, methods=methods, on_step=advance, on_failure=failed)
        bar.update(task, description="writing the report")
        try:
            examination.save(out, studio=studio)
        except OSError as error:
            fail([f"{out}: the report cannot be written: {error.strerror or error}"])
        bar.update(task, advance=1)
    return examination
