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
    from tallyscope.charts.studio import Studio
    from tallyscope.cli.examine import examine_returns
    from tallyscope.cli.summary import print_summary
    from tallyscope.report.demo import compare
    from tallyscope.simulation.demo import demo_election

    screen = console()
    with Studio() as studio:
        simulation = demo_election(seed=seed, stations=stations)
        examination = examine_returns(simulation.returns, out, studio)
    print_summary(examination, out)
    screen.print("\nTruth beside finding", style="bold")
    screen.print("The country is simulated, so what was done to it is known.", markup=False)
    _print_comparison(compare(simulation, examination.findings))


def _print_comparison(rows: pl.DataFrame) -> None:
    """A table a method: the regions and mechanisms it speaks to, then the country, then its false alarms."""
    import polars as pl

    from tallyscope.report.demo import CLEAN

    for (method,), of_method in rows.group_by(["method"], maintain_order=True):
        shown = of_method.filter(pl.col("speaks_to_it").fill_null(False))
        if shown.is_empty():
            # It speaks to nothing that was done here.
            continue
        # A method without a test by region names none, so it cannot raise a false alarm by region either.
        tested = shown["q_value"].is_not_null().any()
        clean = of_method.filter(pl.col("region") == CLEAN, tested)
        _print_method(str(method), shown)
        for row in clean.iter_rows(named=True):
            alarms = "none of them named" if not row["named"] else f"{row['named']:,} of them named: false alarms"
            console().print(f"  {row['regions']:,} regions were left alone: {alarms}.", markup=False)


def _print_method(method: str, rows: pl.DataFrame) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"\n{method}", title_justify="left", title_style="bold", show_edge=False)
    for column in ("what was done", "where"):
        table.add_column(column)
    for column in ("stations", "votes gained", "found", "q", "named"):
        table.add_column(column, justify="right")
    for row in rows.iter_rows(named=True):
        named = f"{row['named']:,} of {row['regions']:,}" if row["regions"] != 1 else _shown(bool(row["named"]))
        table.add_row(
            Text(row["mechanism"]),
            Text(row["region"]),
            _shown(row["true_stations"]),
            _shown(row["true_votes"]),
            _found(row),
            "–" if row["q_value"] is None else f"{row['q_value']:.2g}",
            named if row["q_value"] is not None else "–",
        )
    console().print(table)


def _found(row: dict[str, object]) -> str:
    """The estimate with its unit, and the interval where there is one."""
    found, low, high = row["found"], row["low"], row["high"]
    if not isinstance(found, float):
        return "–"
    interval = f" [{low:,.0f} to {high:,.0f}]" if isinstance(low, float) and isinstance(high, float) else ""
    return f"{found:+,.0f}{interval} {row['unit']}"


def _shown(cell: object) -> str:
    """A cell for people: a dash where there is nothing to say, thousands set apart."""
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case _:
            return str(cell)
