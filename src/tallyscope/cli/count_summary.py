"""`tallyscope count summary COMMISSION`: every line of every protocol below a commission, and their sum."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, count, fail, print_json
from tallyscope.cli.count_common import DatabaseOption, opened

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns
    from tallyscope.tally.summary_table import SummaryTable

__all__ = ["summary"]

#: Units side by side in one table of a terminal.
_WIDE = 6


def summary(
    database: DatabaseOption,
    commission: Annotated[
        str, typer.Argument(help='Its name, or all of its names: "Region / Territory"; the nation unless given.')
    ] = "",
    format: FormatOption = OutputFormat.text,
) -> None:
    """Prints the summary table of a commission, as it stands."""
    from tallyscope.tally.summary_table import UnknownCommission, commission_path, summary_table

    with opened(database) as ledger:
        returns = ledger.returns()
    try:
        found = summary_table(returns, commission_path(returns, commission))
    except UnknownCommission as error:
        fail([f"{error}."])
    if format is OutputFormat.json:
        *units, sums = found.table.to_dicts()
        sums.pop("unit")
        print_json({"commission": list(found.path), "level": found.level, "units": units, "sums": sums})
    elif format is OutputFormat.csv:
        from tallyscope.returns.writers import neutralised

        sys.stdout.write(neutralised(found.table).write_csv())
    else:
        _print(found, returns)


def _print(found: SummaryTable, returns: Returns) -> None:
    """As the paper form has it: lines below one another, units side by side, their sum first."""
    from rich.table import Table
    from rich.text import Text

    from tallyscope.election.roles import VOTES, role_title

    out = console()
    *units, sums = found.table.to_dicts()
    out.print(" / ".join(found.path) or returns.election.title, style="bold", markup=False)
    out.print(f"{count(sums['processed'])} of {count(sums['stations'])} protocols", markup=False)
    names = {f"{VOTES}{c.id}": c.name for c in returns.choices}
    for first in range(0, max(len(units), 1), _WIDE):
        part = units[first : first + _WIDE]
        table = Table()
        table.add_column("line")
        for name in ("sum", *(unit["unit"] for unit in part)):
            table.add_column(Text(str(name)), justify="right")
        for figure in found.table.columns[1:]:
            title = names.get(figure, role_title(figure))
            table.add_row(Text(title), *(count(unit[figure]) for unit in (sums, *part)))
        out.print(table)
