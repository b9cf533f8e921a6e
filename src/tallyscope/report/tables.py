"""The tables of a report: sums for tally.csv, and every station with all that is known about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from tallyscope.forensics.finding import Finding
from tallyscope.returns.checks import CheckResult
from tallyscope.returns.table import Returns

__all__ = ["station_table", "tally_table"]


def tally_table(tallies: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """All tallies one below the other; `level` says which one a row is of; names it does not have are empty."""
    parts = [frame.select(pl.lit(level).alias("level"), pl.all()) for level, frame in tallies.items()]
    if not parts:
        return pl.DataFrame(schema={"level": pl.String})
    widest = max(parts, key=lambda p: p.width).columns
    return pl.concat(parts, how="diagonal_relaxed").select(widest)


def station_table(returns: Returns, checks: CheckResult, findings: Sequence[Finding]) -> pl.DataFrame:
    """One row a row of the returns, in their order: figures, violations, and each method's figures.

    `violations`: codes of the relations that the protocol breaks, a list. A method's columns are named
    `<method>.<its name>`.
    """
    broken = checks.violations.group_by("index", maintain_order=True).agg(pl.col("code").alias("violations"))
    numbered = returns.table.with_row_index("__index")
    joined = numbered.join(broken, left_on="__index", right_on="index", how="left", maintain_order="left")
    stations = joined.drop("__index").with_columns(
        pl.col("violations").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    )
    scores = [
        f.stations.rename({c: f"{f.method}.{c}" for c in f.stations.columns})
        for f in findings
        if f.stations is not None and f.stations.height == stations.height
    ]
    return pl.concat([stations, *scores], how="horizontal")
