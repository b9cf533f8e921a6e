"""Corrections: versions that replace others, each with the figures that it changes, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from tallyscope.ledger import schema
from tallyscope.ledger.record import Record

__all__ = ["Correction", "corrections"]


@dataclass(frozen=True)
class Correction:
    """A protocol that was replaced: when, why, and figure -> (before, after) of what is different.

    None is a figure that is not known, or that does not count because the station's result is annulled. `version`
    replaced `supersedes`; both stay in the record.
    """

    station: str
    at: datetime
    stage: str
    reason: str
    changes: Mapping[str, tuple[int | None, int | None]]
    version: int
    supersedes: int


def corrections(connection: Connection, record: Record, old: int, new: int) -> list[Correction]:
    """The corrections of official protocols among the versions old ... new - 1, in the order they were accepted."""
    v, before = schema.versions.alias("v"), schema.versions.alias("b")
    f, g = record.figures.alias("f"), record.figures.alias("g")
    figures = [f.c[c].label(f"after {c}") for c in record.columns] + [
        g.c[c].label(f"before {c}") for c in record.columns
    ]
    wanted = (
        select(
            schema.stations.c.key,
            *(v.c[n] for n in ("number", "accepted_at", "stage", "reason", "supersedes")),
            before.c.stage.label("stage_before"),
            *figures,
        )
        .select_from(v)
        .join(schema.stations, schema.stations.c.id == v.c.station)
        .join(before, before.c.number == v.c.supersedes)
        .join(f, f.c.version == v.c.number)
        .join(g, g.c.version == v.c.supersedes)
        .where(v.c.source == "official", v.c.number.in_(_replacing(old, new)))
        .order_by(v.c.number)
    )
    return [_correction(row, record.columns) for row in connection.execute(wanted).mappings()]


def _replacing(old: int, new: int) -> Select[tuple[int]]:
    """Versions old ... new - 1 that replace others: few, and in an index of their own."""
    v = schema.versions.alias("r").c
    # A bare range of numbers would be read from the table, which is long.
    return select(v.number).where(v.supersedes.is_not(None), v.number + 0 >= old, v.number + 0 < new)


def _correction(row: Mapping[Any, Any], columns: tuple[str, ...]) -> Correction:
    changes = {}
    for c in columns:
        was = None if row["stage_before"] == "annulled" else row[f"before {c}"]
        now = None if row["stage"] == "annulled" else row[f"after {c}"]
        if was != now:
            changes[c] = (was, now)
    return Correction(
        row["key"], row["accepted_at"], row["stage"], row["reason"], changes, row["number"], row["supersedes"]
    )
