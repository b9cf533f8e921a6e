"""`tallyscope check FILE`: every protocol against the relations of its form."""

from __future__ import annotations

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
    print_json,
    read_files,
    warn_of_notices,
)

if TYPE_CHECKING:
    from tallyscope.returns.checks import CheckResult
    from tallyscope.returns.table import Returns

__all__ = ["check"]


def check(
    files: Files,
    format: FormatOption = OutputFormat.text,
    limit: Annotated[int, typer.Option("--limit", help="How many protocols to list (text only).")] = 20,
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
) -> None:
    """Checks every protocol: which relation fails, where, by how much, and what would repair it."""
    from tallyscope.returns.checks import check as checked

    returns = read_files(files, mapping=mapping, election=election, drop_totals=drop_totals)
    result = checked(returns)
    if format is OutputFormat.json:
        print_json(_as_json(result, returns))
    elif format is OutputFormat.csv:
        import sys

        from tallyscope.returns.writers import neutralised

        sys.stdout.write(neutralised(_listed(result, returns)).write_csv())
    else:
        warn_of_notices(returns)
        _print(result, returns, limit)


def _listed(result: CheckResult, returns: Returns) -> Any:
    """The violations with the places they are at, for people."""
    import polars as pl

    places = returns.table.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"), *returns.levels, "station", "file", "row"
    )
    return result.violations.join(places, on="index", how="left", maintain_order="left").drop("index")


def _as_json(result: CheckResult, returns: Returns) -> dict[str, Any]:
    relations = [
        {
            "code": r.relation.code,
            "level": r.relation.level,
            "expression": r.relation.expression,
            "text": r.relation.public,
            "checked": r.checked,
            "violations": r.violations,
            "incomplete": r.incomplete,
        }
        for r in result.relations
    ]
    from tallyscope.tally import progress

    done = progress(returns)
    return {
        "election": returns.election.id,
        "form": returns.election.form.id,
        "stations": {"listed": done.listed, "empty": done.empty, "zero": done.zero, "pseudo": done.pseudo},
        "relations": relations,
        "protocols": [
            {**row, "file": returns.sources[row["file"]].name}
            for row in _listed(result, returns).iter_rows(named=True)
        ],
    }


def _print(result: CheckResult, returns: Returns, limit: int) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    out.print(returns.election.title, style="bold", markup=False)
    out.print(f"Form: {returns.election.form.title}. {returns.election.form.source}", markup=False)
    table = Table()
    for column, right in (
        ("code", False),
        ("", False),
        ("relation", False),
        ("checked", True),
        ("violations", True),
    ):
        table.add_column(column, justify="right" if right else "left")
    for r in result.relations:
        text = Text(f"{r.relation.expression}\n{r.relation.public}")
        table.add_row(r.relation.code, r.relation.level, text, count(r.checked), count(r.violations))
    out.print(table)
    rows = _listed(result, returns)
    for row in rows.head(limit).iter_rows(named=True):
        place = " / ".join(str(row[c]) for c in (*returns.levels, "station") if row[c] is not None)
        hint = f"; {row['suggestion']}" if row["suggestion"] else ""
        source = returns.sources[row["file"]].name if returns.sources else ""
        line = f"{row['code']}  {place}: off by {row['residual']:+,} ({source}, row {row['row']:,}){hint}"
        out.print(line, markup=False, soft_wrap=True)
    if rows.height > limit:
        out.print(f"... and {rows.height - limit:,} more; --limit {rows.height} lists them all.")
    if not rows.height:
        out.print("Every relation holds in every protocol.")
