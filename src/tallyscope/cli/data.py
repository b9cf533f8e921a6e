"""`tallyscope data list` and `data fetch NAME`: public data sets, so that published figures can be repeated."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, count, fail, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tallyscope.returns.datasets import Dataset, DatasetFile

__all__ = ["app", "fetch", "list_", "make"]

app = typer.Typer(help="Public data sets, with source, licence and checksum.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="As `tallyscope data list` shows it.", metavar="NAME")]
To = Annotated[Path | None, typer.Option("--to", help="The folder to put it in, instead of the usual one.")]
Given = Annotated[
    list[Path] | None,
    typer.Option("--from", help="Without a network: the downloaded file, or a folder with it; may be repeated."),
]


@app.command("list")
def list_(format: FormatOption = OutputFormat.text) -> None:
    """Lists the data sets there are, and which of them can be fetched."""
    from tallyscope.returns.datasets import datasets

    if format is OutputFormat.json:
        print_json({"datasets": [_as_json(d) for d in datasets()]})
    elif format is OutputFormat.csv:
        fail(["the list is for people (--format text) or for programs (--format json); there is no CSV of it"])
    else:
        _print_list(datasets())


@app.command()
def fetch(name: Name, to: To = None, given: Given = None) -> None:
    """Fetches a data set, verifies its checksum, and says what to run next."""
    from tallyscope.returns.datasets import UnknownDataset, find_dataset
    from tallyscope.returns.datasets.fetch import fetch_dataset, install_dataset
    from tallyscope.returns.datasets.transport import FetchError

    try:
        dataset = find_dataset(name)
        if given:
            paths = install_dataset(dataset, given, to)
        else:
            with _progress() as bar:
                paths = fetch_dataset(dataset, to, progress=bar)
    except (UnknownDataset, FetchError) as error:
        fail([str(error)])
    out = console()
    out.print(dataset.title, style="bold", markup=False)
    out.print(f"Source: {dataset.source}. Licence: {dataset.licence}.", markup=False, soft_wrap=True)
    for path in paths:
        typer.echo(path)
    # `examine` reads elections of the registry; what else there is has to be worked out first.
    command = "examine" if dataset.election else "inspect"
    typer.echo(f"Next: tallyscope {command} {' '.join(shlex.quote(str(p)) for p in paths)}")


@app.command()
def make(
    name: Name,
    folder: Annotated[Path, typer.Argument(help="The folder with the tables of the set.", metavar="FOLDER")],
    to: Annotated[Path, typer.Option("--to", help="The table to write, CSV, gzipped.")] = Path("stations.csv.gz"),
) -> None:
    """Makes one table of stations out of a data set that comes as several tables."""
    from importlib import import_module

    from tallyscope.returns.datasets import UnknownDataset, find_dataset
    from tallyscope.returns.datasets.transport import FetchError

    try:
        dataset = find_dataset(name)
        if not dataset.made_by:
            fail([f"{name} is one table as it comes; give its file to `tallyscope examine`"])
        import_module(dataset.made_by).make(folder, to)
    except (UnknownDataset, FetchError) as error:
        fail([str(error)])
    except OSError as error:
        fail([f"{to}: cannot be written: {error.strerror or error}"])
    typer.echo(to)
    typer.echo(f"Next: tallyscope examine {shlex.quote(str(to))}")


@contextmanager
def _progress() -> Iterator[Callable[[DatasetFile], Callable[[int, int], None]]]:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    # On stderr, so that the path is alone on stdout; a program that reads stderr sees no bar.
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:

        def bar_of(file: DatasetFile) -> Callable[[int, int], None]:
            what = file.wheel.filename if file.wheel else file.name
            task = bar.add_task(what, total=file.size)
            return lambda received, total: bar.update(task, completed=received, total=total)

        yield bar_of


def _as_json(dataset: Dataset) -> dict[str, Any]:
    return {
        "id": dataset.id,
        "title": dataset.title,
        "election": dataset.election or None,
        "rows": dataset.rows,
        "source": dataset.source,
        "page": dataset.page,
        "licence": dataset.licence,
        "fetchable": bool(dataset.files),
        "not_fetchable": dataset.not_fetchable or None,
        "files": [_file_as_json(file) for file in dataset.files],
    }


def _file_as_json(file: DatasetFile) -> dict[str, Any]:
    where: dict[str, Any] = {"url": file.url}
    if file.wheel:
        wheel = file.wheel
        where = {
            "wheel": {"project": wheel.project, "version": wheel.version, "filename": wheel.filename},
            "content_sha256": file.content_sha256,
        }
    return {"name": file.name, "bytes": file.size, "sha256": file.sha256, **where}


def _print_list(found: tuple[Dataset, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(caption="Fetch one with: tallyscope data fetch NAME")
    for column in ("name", "what", "rows", "download", "licence"):
        right = column in {"rows", "download"}
        table.add_column(column, justify="right" if right else "left", no_wrap=column == "name")
    for d in found:
        size = f"{sum(f.size for f in d.files) / 1e6:.1f} MB" if d.files else "no"
        table.add_row(d.id, Text(d.title), count(d.rows), size, Text(d.licence))
    out = console()
    out.print(table)
    out.print("Listed, not fetchable:", style="bold")
    for d in found:
        if not d.files:
            out.print(f"  {d.id}: {d.not_fetchable}. {d.page}", markup=False, soft_wrap=True)
