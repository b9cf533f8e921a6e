"""`tallyscope dossier REPORT STATION...`: what every method says of a station, from a saved report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, count, fail, print_json

if TYPE_CHECKING:
    from tallyscope.report.dossier import Dossier

__all__ = ["dossier"]


def dossier(
    report: Annotated[Path, typer.Argument(help="Folder that `examine` wrote, or its stations.parquet.")],
    stations: Annotated[list[str] | None, typer.Argument(help='For example "South / District 3 / 114".')] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Without a station: how many to list.")] = 25,
    format: FormatOption = OutputFormat.text,
) -> None:
    """Tells what each method says of stations; without a station, lists those at which most methods point."""
    from tallyscope.report.dossier import UnknownStation, find_station
    from tallyscope.report.saved import NoReport, read_pointing

    problems: list[str] = []
    rows: list[int] = []
    try:
        found = read_pointing(report)
    except NoReport as error:
        fail([str(error)])
    for wanted in stations or ():
        try:
            rows.append(find_station(found.stations, wanted))
        except UnknownStation as error:
            problems.append(str(error))
    if problems:
        fail(problems)
    dossiers = [found.dossier(row) for row in rows or found.order()["row"].head(top)]
    if format is OutputFormat.json:
        print_json([_plain(d) for d in dossiers])
    elif rows:
        for one in dossiers:
            _print(one)
    else:
        _print_list(dossiers)


def _plain(one: Dossier) -> dict[str, object]:
    from tallyscope.report.findings_json import plain

    methods = [
        {"method": m.method, "strength": m.strength, "q_value": m.rate, "points": m.points, "figures": m.figures}
        for m in one.methods
    ]
    whole = {"station": one.name, "row": one.row, "figures": one.figures, "violations": one.violations}
    answer: dict[str, object] = plain({**whole, "methods": methods})
    return answer


def _print(one: Dossier) -> None:
    from rich.table import Table
    from rich.text import Text

    from tallyscope.report.words import amount

    screen = console()
    screen.print(f"\n{one.name}", style="bold", markup=False)
    figures = Table(show_edge=False, show_header=False)
    figures.add_column()
    figures.add_column(justify="right")
    for line, value in one.figures.items():
        figures.add_row(Text(line), count(value))
    screen.print(figures)
    if one.violations:
        screen.print(f"Breaks {', '.join(one.violations)}.", markup=False)
    table = Table(show_edge=False)
    for heading, right in (("method", False), ("chance", True), ("q", True), ("figures", False)):
        table.add_column(heading, justify="right" if right else "left")
    for m in one.methods:
        said = "; ".join(f"{k.replace('_', ' ')} {amount(v)}" for k, v in m.figures.items() if v is not None)
        table.add_row(
            Text(m.method, style="bold" if m.points else ""), _small(m.chance), _small(m.rate), Text(said)
        )
    screen.print(table)


def _print_list(dossiers: list[Dossier]) -> None:
    from rich.table import Table
    from rich.text import Text

    screen = console()
    if not dossiers:
        screen.print("No method points at any station.")
        return
    table = Table(show_edge=False)
    for heading in ("station", "methods", "which, with q over all stations and methods"):
        table.add_column(heading)
    for one in dossiers:
        which = ", ".join(f"{m.method} ({_small(m.rate)})" for m in one.pointing)
        table.add_row(Text(one.name), str(len(one.pointing)), Text(which))
    screen.print(table)


def _small(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}"
