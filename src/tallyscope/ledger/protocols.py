"""Protocols of a table as versions of the record: what each says, and why a line of it is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import GAPS, Gap, Source, Stage, Version
from tallyscope.returns.table import Returns

__all__ = ["stations_of", "versions_of", "with_protocol"]


def stations_of(returns: Returns) -> pl.DataFrame:
    """The stations a count of these returns is opened with: levels, `station`, `kind`, `registered_before`."""
    known = ["registered_before"] if returns.has("registered_before") else []
    return returns.table.select(*returns.levels, "station", "kind", *known)


def with_protocol(returns: Returns) -> npt.NDArray[np.int64]:
    """The rows that have a protocol, as indices; an empty row has none, an all-zero one is a protocol."""
    return returns.table.select((pl.col("status") != "empty").arg_true())["status"].cast(pl.Int64).to_numpy()


def versions_of(
    returns: Returns,
    rows: Sequence[int] | npt.NDArray[np.int64] | None = None,
    *,
    source: Source = "official",
    stage: Stage = "first",
    entered_by: str,
    accepted_by: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> list[Version]:
    """One version a row, not yet accepted; `rows`: indices, all that have a protocol unless given.

    A figure of the form that the row does not have becomes a gap: what the table says of it, else "missing".
    `at`: the time they all carry, now unless given.
    """
    chosen = with_protocol(returns) if rows is None else np.asarray(rows, dtype=np.int64)
    columns = figure_columns(returns.election)
    there = [c for c in columns if c in returns.table.columns]
    absent: dict[str, Gap] = {c: "missing" for c in columns if c not in returns.table.columns}
    part = replace(returns, table=returns.table[chosen])
    keys, figures = part.station_names().to_list(), part.table.select(there).iter_rows()
    reasons = _reasons(returns, columns)
    when = datetime.now(UTC) if at is None else at
    form = returns.election.form.id
    return [
        Version(
            station=key,
            form=form,
            source=source,
            stage=stage,
            figures={c: n for c, n in zip(there, row, strict=True) if n is not None},
            gaps=absent | _gaps(there, row, reasons.get(int(i), {})) if absent or None in row else {},
            entered_by=entered_by,
            accepted_by=accepted_by,
            accepted_at=when,
            reason=reason,
        )
        for i, key, row in zip(chosen, keys, figures, strict=True)
    ]


def _gaps(columns: Iterable[str], row: Sequence[int | None], said: dict[str, Gap]) -> dict[str, Gap]:
    return {c: said.get(c, "missing") for c, n in zip(columns, row, strict=True) if n is None}


def _reasons(returns: Returns, columns: Sequence[str]) -> dict[int, dict[str, Gap]]:
    said: dict[int, dict[str, Gap]] = {}
    wanted = returns.gaps.filter(pl.col("column").is_in(list(columns)), pl.col("reason").is_in(list(GAPS)))
    for index, column, reason in wanted.iter_rows():
        said.setdefault(index, {})[column] = reason
    return said
