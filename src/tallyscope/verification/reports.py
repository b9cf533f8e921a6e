"""Stations of which observers reported something, beside the others of the same territories.

Observers go where they can, and report what they choose to: a difference here describes these stations, no more.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import votes_column
from tallyscope.returns.table import Returns

__all__ = ["reported_beside"]


def reported_beside(returns: Returns, reports: pl.DataFrame, kinds: Sequence[str], choice: Choice) -> pl.DataFrame:
    """One row a kind of report, most frequent first.

    `reports`: `station` as in the returns and a Boolean column for each of `kinds`. Columns: `report`; `stations`
    with such a report; `protocols` of them that are known (with votes and ballots of the form's denominator);
    `share`, the choice's there in per cent; `elsewhere`, its share in the other known protocols of the same top
    units, each weighed by the ballots of the reported stations; `difference` in points. Null where there is none.
    """
    votes, whole = pl.col(votes_column(choice.id)), pl.col(returns.election.form.denominator)
    known = returns.known(votes_column(choice.id), returns.election.form.denominator).table
    unit = returns.levels[0] if returns.levels else None
    place = pl.col(unit) if unit else pl.lit("")
    table = known.select("station", place.alias("unit"), votes.alias("votes"), whole.alias("whole"))
    joined = table.join(reports.select("station", *kinds), on="station", how="inner")
    rows = [_row(joined, kind, int(reports[kind].sum() or 0)) for kind in kinds]
    columns = {"share": pl.Float64, "elsewhere": pl.Float64, "difference": pl.Float64}
    frame = pl.DataFrame(rows, schema_overrides=columns, orient="row")
    return frame.sort("stations", descending=True, maintain_order=True)


def _row(joined: pl.DataFrame, kind: str, stations: int) -> dict[str, object]:
    there, others = joined.filter(pl.col(kind)), joined.filter(~pl.col(kind))
    by_unit = others.group_by("unit").agg(pl.col("votes").sum(), pl.col("whole").sum()).filter(pl.col("whole") > 0)
    # Only units that have both kinds of stations can be compared.
    both = there.join(by_unit.select("unit", (pl.col("votes") / pl.col("whole")).alias("rate")), on="unit")
    votes, whole, expected = both.select(
        pl.col("votes").sum(), pl.col("whole").sum().alias("w"), (pl.col("rate") * pl.col("whole")).sum().alias("e")
    ).row(0)
    share = 100 * votes / whole if whole else None
    elsewhere = 100 * expected / whole if whole else None
    return {
        "report": kind,
        "stations": stations,
        "protocols": both.height,
        "share": share,
        "elsewhere": elsewhere,
        "difference": None if share is None or elsewhere is None else share - elsewhere,
    }
