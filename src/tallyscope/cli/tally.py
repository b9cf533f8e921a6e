"""`tallyscope tally FILE --by region`: sums at a level, turnout, shares, progress, official totals beside."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import (
    DropTotals,
    ElectionOption,
    Files,
    FormatOption,
    MappingOption,
    OutputFormat,
    console,
    count,
    fail,
    percent,
    print_json,
    read_files,
    warn_of_notices,
)
from tallyscope.election.form import DENOMINATORS

if TYPE_CHECKING:
    import polars as pl

    from tallyscope.returns.table import Returns

__all__ = ["tally", "tally_rows"]


def tally(
    files: Files,
    by: Annotated[str, typer.Option("--by", help="nation, station, or a level: region, territory ...")] = "nation",
    format: FormatOption = OutputFormat.text,
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
) -> None:
    """Adds the protocols up, at any level."""
    from tallyscope.tally import UnknownLevel
    from tallyscope.tally import tally as summed

    returns = read_files(files, mapping=mapping, election=election, drop_totals=drop_totals)
    try:
        sums = summed(returns, by)
    except UnknownLevel as error:
        fail([str(error)])
    if format is OutputFormat.json:
        print_json({"election": returns.election.id, "by": by, "rows": tally_rows(sums, returns)})
    elif format is OutputFormat.csv:
        from tallyscope.returns.writers import neutralised

        sys.stdout.write(neutralised(sums).write_csv())
    else:
        warn_of_notices(returns)
        _print(sums, returns)


def tally_rows(sums: pl.DataFrame, returns: Returns) -> list[dict[str, Any]]:
    """The rows of a tally as JSON objects: unit, counts, figures, votes and shares by choice id, turnout."""
    ids = [c.id for c in returns.choices]
    levels = [c for c in sums.columns if c in (*returns.levels, "station")]
    rows = []
    for row in sums.iter_rows(named=True):
        path = [row[level] for level in levels]
        plain = {k: v for k, v in row.items() if k not in levels and not k.startswith(("votes_", "share_"))}
        rows.append(
            {
                "unit": (path[-1] if path else "nation"),
                "path": path,
                **plain,
                "votes": {i: row[f"votes_{i}"] for i in ids},
                "share": {i: row[f"share_{i}"] for i in ids},
                "share_of": returns.election.form.denominator,
            }
        )
    return rows


def _print(sums: pl.DataFrame, returns: Returns) -> None:
    from rich.table import Table

    from tallyscope.tally import progress

    out = console()
    out.print(returns.election.title, style="bold", markup=False)
    done = progress(returns)
    out.print(f"{count(done.processed)} of {count(done.of)} protocols ({percent(done.percent)})", markup=False)
    if done.empty or done.zero or done.pseudo:
        out.print(
            f"{count(done.empty)} stations without figures, {count(done.zero)} without a ballot, "
            f"{count(done.pseudo)} rows that are not stations",
            markup=False,
        )
    if sums.height == 1:
        _print_unit(sums, returns)
        return
    shares = DENOMINATORS[returns.election.form.denominator]
    levels = [c for c in sums.columns if c in (*returns.levels, "station")]
    leading = sorted(returns.choices, key=lambda c: -(sums[f"votes_{c.id}"].sum() or 0))[:5]
    table = Table(caption=f"Turnout: ballots cast, % of registered voters. Shares: % of {shares}.")
    for column in levels:
        table.add_column(column.replace("_", " "))
    for column in ("stations", "registered", "cast", "turnout", *[c.name for c in leading]):
        table.add_column(column, justify="right")
    from rich.text import Text

    for row in sums.iter_rows(named=True):
        names = [Text(str(row[level] or "–")) for level in levels]
        cells = [count(row[c]) for c in ("stations", "registered", "cast")]
        shown = [percent(row[f"share_{c.id}"]) for c in leading]
        table.add_row(*names, *cells, percent(row["turnout"]), *shown)
    out.print(table)


def _print_unit(sums: pl.DataFrame, returns: Returns) -> None:
    from rich.table import Table
    from rich.text import Text

    from tallyscope.tally import compare

    row = sums.row(0, named=True)
    out = console()
    denominator = DENOMINATORS[returns.election.form.denominator]
    for name, label in (
        ("registered", "registered voters"),
        ("cast", "ballots cast"),
        ("invalid", "invalid ballots"),
    ):
        out.print(f"{count(row[name])} {label}")
    out.print(f"turnout {percent(row['turnout'])} (ballots cast, of registered voters)")
    official = {r["what"]: r["official"] for r in compare(returns).iter_rows(named=True)}
    table = Table()
    for column, justify in (("choice", "left"), ("votes", "right"), (f"% of {denominator}", "right")):
        table.add_column(column, justify="right" if justify == "right" else "left")
    if official:
        table.add_column("official", justify="right")
        table.add_column("difference", justify="right")
    for choice in sorted(returns.choices, key=lambda c: -(row[f"votes_{c.id}"] or 0)):
        votes = row[f"votes_{choice.id}"]
        extra = []
        if official:
            known = official.get(choice.name)
            extra = [count(known), "–" if known is None or votes is None else f"{votes - known:+,}"]
        table.add_row(Text(choice.name), count(votes), percent(row[f"share_{choice.id}"]), *extra)
    out.print(table)
