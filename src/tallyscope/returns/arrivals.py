"""When protocols came in, where the count was saved at several moments: a station arrived by the first it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl

from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns

__all__ = ["SnapshotError", "arrived_from_snapshots"]


class SnapshotError(ValueError):
    """Snapshots that do not belong to the final count, or of which nobody can say which came first."""


def arrived_from_snapshots(
    final: Returns, snapshots: Sequence[tuple[datetime, Returns]], closed: datetime | None = None
) -> Returns:
    """`final` with the column `arrived`: the time of the earliest snapshot in which a station has reported.

    Stations that are in none arrived with the final count, at `closed`; where that is not given, a second after the
    last snapshot: what counts is the order. Stations that `final` itself has no figures for have no time. Times
    with a zone become UTC, others are taken as UTC. Stations are matched by number alone where `final` has each
    number once (levels may be spelled differently), else by levels and number. A notice says how many came when.
    Figures are those of `final`. Raises SnapshotError: no snapshot, two of one moment, `closed` not after them,
    another election, or a snapshot of which fewer than nine tenths of the stations are in `final`.
    """
    if not snapshots:
        raise SnapshotError("no snapshot was given: name at least one, with its time.")
    saved = sorted(((_utc(at), one) for at, one in snapshots), key=lambda pair: pair[0])
    end = saved[-1][0] + timedelta(seconds=1) if closed is None else _utc(closed)
    _refuse(final, saved, end)
    key = _key(final)
    times = [
        one.table.filter(pl.col("status") != "empty").select(
            *key, pl.lit(at).dt.cast_time_unit("us").alias("arrived")
        )
        for at, one in saved
    ]
    known = pl.concat(times).group_by(key).agg(pl.col("arrived").min())
    table = final.table.drop("arrived", strict=False)
    table = table.join(known, on=key, how="left", nulls_equal=True, maintain_order="left")
    late = pl.lit(end).dt.cast_time_unit("us")
    arrived = pl.when(pl.col("status") != "empty").then(pl.col("arrived").fill_null(late))
    built = build_returns(
        table.with_columns(arrived.alias("arrived")),
        final.election,
        levels=final.levels,
        sources=final.sources,
        gaps=final.gaps,
    )
    return replace(built, notices=(*final.notices, *_told(built.table, saved, end)))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _key(final: Returns) -> list[str]:
    if not final.table["station"].is_duplicated().any():
        return ["station"]
    return [*final.levels, "station"]


def _refuse(final: Returns, saved: Sequence[tuple[datetime, Returns]], end: datetime) -> None:
    times = [at for at, _ in saved]
    if len(set(times)) < len(times):
        raise SnapshotError("two snapshots are of the same moment: nobody can say which came first.")
    if end <= times[-1]:
        raise SnapshotError(f"the count closed at {end}, which is not after the last snapshot, {times[-1]}.")
    key = _key(final)
    for at, one in saved:
        if {c.id for c in one.choices} != {c.id for c in final.choices}:
            raise SnapshotError(f"the snapshot of {at} is of {one.election.title}, not of {final.election.title}.")
        missing = [c for c in key if c not in one.table.columns]
        if missing:
            raise SnapshotError(f"the snapshot of {at} has no column {', '.join(missing)} to find its stations by.")
        found = one.table.join(final.table.select(key).unique(), on=key, how="semi", nulls_equal=True).height
        if found < 0.9 * len(one):
            raise SnapshotError(
                f"of the {len(one):,} stations in the snapshot of {at} the final count has {found:,}."
            )


def _told(table: pl.DataFrame, saved: Sequence[tuple[datetime, Returns]], end: datetime) -> tuple[str, ...]:
    """How many stations came by each snapshot, in one sentence."""
    counts = {at: int((table["arrived"] == at).sum()) for at, _ in saved}
    parts = ", ".join(f"{n:,} by {at}" for at, n in counts.items())
    return (
        f"Arrival is told by snapshots: {parts}, {int((table['arrived'] == end).sum()):,} in the final count only.",
    )
