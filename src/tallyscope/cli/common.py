"""What every command shares: its options, reading its files, and telling a person what is wrong with them."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tallyscope.report.words import count, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from tallyscope.returns.mapping import ColumnMapping
    from tallyscope.returns.problems import Problem
    from tallyscope.returns.table import Returns

__all__ = [
    "DropTotals",
    "ElectionOption",
    "Files",
    "FormatOption",
    "MappingOption",
    "console",
    "count",
    "fail",
    "percent",
    "print_json",
    "read_files",
    "warn_of_notices",
]

Files = Annotated[
    list[Path], typer.Argument(help="CSV, XLSX or Parquet; gz and zip too. Several are read as one election.")
]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", help="How to understand the columns (TOML, as `inspect` writes it).")
]
ElectionOption = Annotated[
    str | None, typer.Option("--election", help="Read as this registered election, for example RU-PRES-2012.")
]
DropTotals = Annotated[bool, typer.Option("--drop-totals", help="Leave out rows that are the sums of other rows.")]


class OutputFormat(StrEnum):
    """How a command prints its answer."""

    text = "text"
    json = "json"
    csv = "csv"


FormatOption = Annotated[OutputFormat, typer.Option("--format", help="For people, or for programs.")]


def console(*, stderr: bool = False) -> Console:
    """A Rich console; plain when the output is not a terminal."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 120
    return Console(stderr=stderr, highlight=False, width=wide)


def fail(problems: Iterable[Problem | str]) -> NoReturn:
    """Prints every problem to stderr, a line each, and ends with exit code 2."""
    lines = [str(p) for p in problems]
    out = console(stderr=True)
    noun = "problem" if len(lines) == 1 else "problems"
    out.print(f"{len(lines)} {noun}; nothing was written.", style="bold red", markup=False)
    for line in lines:
        # Names come from files: control characters must not reach the terminal.
        out.print("  " + "".join(c if c.isprintable() else "\ufffd" for c in line), markup=False, soft_wrap=True)
    raise typer.Exit(2)


def load_mapping(path: Path) -> ColumnMapping:
    """Reads a mapping file, or ends with exit code 2 and everything that is wrong with it."""
    from tallyscope.returns.mapping_file import MappingError, read_mapping

    try:
        return read_mapping(path.read_text(encoding="utf-8"), path.name)
    except MappingError as error:
        fail(error.problems)
    except (OSError, UnicodeDecodeError) as error:
        fail([f"{path}: cannot be read as a mapping: {error}"])


def read_files(files: Sequence[Path], *, mapping: Path | None, election: str | None, drop_totals: bool) -> Returns:
    """Reads the files of a command, or ends with exit code 2 and everything that is wrong with them."""
    from tallyscope.election.load import UnknownElection
    from tallyscope.returns.problems import ReadError
    from tallyscope.returns.reading.read import read

    columns = load_mapping(mapping) if mapping else None
    try:
        return read(*files, mapping=columns, election=election, totals="drop" if drop_totals else "refuse")
    except ReadError as error:
        fail(error.problems)
    except UnknownElection as error:
        fail([str(error)])


def warn_of_notices(returns: Returns) -> None:
    """Says on stderr how the files were read, where that is not obvious."""
    for notice in returns.notices:
        console(stderr=True).print(f"Note: {notice}", markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """JSON on stdout, UTF-8, readable."""
    import json

    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
