"""All versions of the record as one table: what came in when, what replaced what, and which figures differ.

Columns: `number` (place in the record), `station` (its key), `source`, `stage`, `at` (UTC), `reason`, `evidence`,
`supersedes` (number or null), then every figure of the election, null where the version has none (why stands in the
table of gaps: `version`, `figure`, `reason`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tallyscope.election.election import Election
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import Version

__all__ = ["TIME", "Change", "changes", "history_of"]

TIME = pl.Datetime("us", "UTC")
_SAID: dict[str, pl.DataType | type[pl.DataType]] = {
    "number": pl.Int64,
    "station": pl.String,
    "source": pl.String,
    "stage": pl.String,
    "at": TIME,
    "reason": pl.String,
    "evidence": pl.String,
    "supersedes": pl.Int64,
}
_GAPS: dict[str, type[pl.DataType]] = {"version": pl.Int64, "figure": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Change:
    """A version that replaced another: `figures` has what differs, figure -> (before, after); None is not known."""

    number: int
    supersedes: int
    station: str
    source: str
    stage: str
    at: datetime
    reason: str
    figures: Mapping[str, tuple[int | None, int | None]]


def history_of(versions: Iterable[Version], election: Election) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table of versions and the table of their gaps, in the order given."""
    columns = figure_columns(election)
    said: list[tuple[object, ...]] = []
    figures: list[tuple[int | None, ...]] = []
    gaps: list[tuple[int | None, str, str]] = []
    for v in versions:
        said.append((v.number, v.station, v.source, v.stage, v.accepted_at, v.reason, v.evidence, v.supersedes))
        figures.append(tuple(map(v.figures.get, columns)))
        gaps.extend((v.number, figure, reason) for figure, reason in v.gaps.items())
    frame = pl.DataFrame(said, schema=_SAID, orient="row")
    counts = pl.DataFrame(figures, schema=dict.fromkeys(columns, pl.Int64), orient="row")
    return pl.concat([frame, counts], how="horizontal"), pl.DataFrame(gaps, schema=_GAPS, orient="row")


def changes(history: pl.DataFrame, first: int = 0, stop: int | None = None) -> list[Change]:
    """The versions numbered `first` ... `stop` - 1 that replaced another one, the newest first."""
    figures = [c for c in history.columns if c not in _SAID]
    wanted = pl.col("supersedes").is_not_null() & (pl.col("number") >= first)
    if stop is not None:
        wanted &= pl.col("number") < stop
    new = history.filter(wanted).sort("number", descending=True)
    old = history.select(pl.col("number").alias("supersedes"), *(pl.col(c).alias(f"old {c}") for c in figures))
    both = new.join(old, on="supersedes", how="left", maintain_order="left")
    return [_change(row, figures) for row in both.iter_rows(named=True)]


def _change(row: Mapping[str, object], figures: Iterable[str]) -> Change:
    said = {name: row[name] for name in ("number", "supersedes", "station", "source", "stage", "at", "reason")}
    differ = {c: (row[f"old {c}"], row[c]) for c in figures if row[f"old {c}"] != row[c]}
    return Change(**said, figures=differ)  # type: ignore[arg-type]
