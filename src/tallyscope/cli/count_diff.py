"""`tallyscope count diff 41 42`: the protocols between two bulletins, and what they change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, count, fail, print_json
from tallyscope.cli.count_common import DatabaseOption, opened
from tallyscope.report.words import several, signed

if TYPE_CHECKING:
    from tallyscope.ledger.bulletins import Difference
    from tallyscope.returns.table import Returns

__all__ = ["diff"]

#: Protocols told one by one.
_SHOWN = 20


def diff(
    database: DatabaseOption,
    a: Annotated[int, typer.Argument(help="The earlier bulletin; 0 is before the first protocol.")],
    b: Annotated[int, typer.Argument(help="The later bulletin.")],
    commission: Annotated[str, typer.Option("--in", help='Only below a commission: "Region / Territory".')] = "",
    format: FormatOption = OutputFormat.text,
) -> None:
    """Lists the protocols that came in or were corrected between two bulletins; their sum is the difference."""
    from tallyscope.tally.summary_table import UnknownCommission, commission_path

    with opened(database) as ledger:
        from tallyscope.ledger.bulletins import difference

        found, empty = difference(ledger, a, b), ledger.returns(as_of=0)
    try:
        found = found.within(commission_path(empty, commission))
    except UnknownCommission as error:
        fail([f"{error}."])
    if format is OutputFormat.csv:
        from tallyscope.returns.writers import neutralised

        sys.stdout.write(neutralised(found.protocols).write_csv())
    elif format is OutputFormat.json:
        rows = found.protocols.to_dicts()
        print_json(
            {
                "a": a,
                "b": b,
                "difference": found.sums().row(0, named=True),
                "protocols": [{**row, "at": row["at"].isoformat()} for row in rows],
            }
        )
    else:
        _print(found, empty, commission)


def _print(found: Difference, returns: Returns, commission: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from tallyscope.election.roles import role_title

    out, protocols = console(), found.protocols
    out.print(
        f"From bulletin {found.a} to bulletin {found.b}{f', {commission}' if commission else ''}",
        style="bold",
        markup=False,
    )
    kinds = dict(protocols["what"].value_counts().iter_rows())
    told = ", ".join(f"{count(kinds[k])} {k}" for k in ("new", "corrected", "annulled", "restored") if k in kinds)
    out.print(f"{several(protocols.height, 'protocol')}: {told or 'none'}", markup=False)
    names = {f"votes_{c.id}": c.name for c in returns.choices}
    table = Table(title="Difference of the totals: the sum of these protocols", title_justify="left")
    table.add_column("figure")
    table.add_column("difference", justify="right")
    for figure, n in found.sums().row(0, named=True).items():
        if not n:
            continue
        table.add_row(Text(names.get(figure, role_title(figure))), signed(n))
    out.print(table)
    for row in protocols.head(_SHOWN).iter_rows(named=True):
        out.print(f"  {_line(found, row)}", markup=False, soft_wrap=True)
    if protocols.height > _SHOWN:
        out.print(f"  and {count(protocols.height - _SHOWN)} more: --format csv has them all.", markup=False)


def _line(found: Difference, row: dict[str, Any]) -> str:
    """One protocol: when, what, where, why, and what a correction changed."""
    changes = [
        f"{f} {count(row[f'before_{f}'])} -> {count(row[f'after_{f}'])}"
        for f in found.figures
        if row["what"] != "new" and row[f"before_{f}"] != row[f"after_{f}"]
    ]
    reason = f" ({row['stage']}: {row['reason']})" if row["reason"] else ""
    return f"{row['at']:%H:%M:%S} {row['what']} {row['key']}{reason}{': ' if changes else ''}{', '.join(changes)}"
