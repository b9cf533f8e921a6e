"""How a state of the count is shown: progress in integers, shares with their denominator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallyscope.cli.common import console, count

if TYPE_CHECKING:
    import polars as pl

    from tallyscope.returns.table import Returns

__all__ = ["official_frame", "print_official", "state_frame", "state_json"]


def state_json(returns: Returns) -> dict[str, Any]:
    """One state of the count for programs: progress in integers, figures, votes and shares by choice id."""
    from tallyscope.cli.tally import tally_rows
    from tallyscope.tally import progress, tally

    done = progress(returns)
    (row,) = tally_rows(tally(returns), returns)
    row = {k: v for k, v in row.items() if k not in ("unit", "path")}
    return {"processed": done.processed, "of": done.of, "percent": done.percent, **row}


def state_frame(returns: Returns) -> pl.DataFrame:
    """One state of the count as one row of a table."""
    import polars as pl

    from tallyscope.tally import progress, tally

    done = progress(returns)
    return tally(returns).select(pl.lit(done.processed).alias("processed"), pl.lit(done.of).alias("of"), pl.all())


def official_frame(returns: Returns) -> pl.DataFrame:
    """The count beside what the registry knows: what, counted, official, difference; empty if it knows nothing."""
    from tallyscope.tally import compare

    return compare(returns)


def print_official(returns: Returns) -> None:
    """The final comparison with the official result, figure by figure."""
    from rich.table import Table
    from rich.text import Text

    out, found = console(), official_frame(returns)
    if found.is_empty():
        out.print("The registry has no official result of this election to compare with.", markup=False)
        return
    table = Table(title="Beside the official result", title_justify="left")
    for column in found.columns:
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, counted, official, difference in found.iter_rows():
        table.add_row(Text(what), count(counted), count(official), count(difference))
    out.print(table)
    same = all(difference == 0 for difference in found["difference"])
    out.print("Equal to the vote." if same else "Not equal: see the differences.", markup=False)
