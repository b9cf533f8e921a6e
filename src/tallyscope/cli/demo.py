"""`tallyscope demo`: a simulated country with known manipulation, examined as if nothing were known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import console

if TYPE_CHECKING:
    import polars as pl

__all__ = ["demo"]


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the report.")] = Path("tallyscope-demo"),
    stations: Annotated[int, typer.Option("--stations", min=1_000, max=200_000, help="How many.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another country.")] = 2024,
) -> None:
    """Simulates a country of 20,000 stations with known manipulation, examines it, shows truth beside finding."""
    from tallyscope.cli.examine import examine_returns
    from tallyscope.cli.summary import print_summary
    from tallyscope.report.demo import compare
    from tallyscope.simulation.demo import demo_election

    screen = console()
    simulation = demo_election(seed=seed, stations=stations)
    examination = examine_returns(simulation.returns, out)
    print_summary(examination, out)
    screen.print("\nTruth beside finding", style="bold")
    screen.print("The country is simulated, so what was done to it is known:", markup=False)
    _print_comparison(compare(simulation, examination.findings))


def _print_comparison(rows: pl.DataFrame) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for column, dtype in rows.schema.items():
        table.add_column(column.replace("_", " "), justify="right" if dtype.is_numeric() else "left")
    for row in rows.iter_rows():
        table.add_row(*[Text(_shown(cell)) for cell in row])
    console().print(table)


def _shown(cell: object) -> str:
    """A cell for people: a dash where there is nothing to say, thousands set apart, few digits."""
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case float():
            return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
        case _:
            return str(cell)
