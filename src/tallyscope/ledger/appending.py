"""Accepts versions: one transaction, all of them or none, on the disk when it has ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import Connection, and_, bindparam, select, update

from tallyscope.ledger import schema
from tallyscope.ledger.bulk import insert_rows
from tallyscope.ledger.checking import Place, problems_of
from tallyscope.ledger.core.merkle import filled, leaf_hash
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.record import Record
from tallyscope.ledger.sums import add_to_sums
from tallyscope.ledger.tree import tiles
from tallyscope.ledger.version import Version

__all__ = ["append"]

#: Names in one question to the database: both have a limit of parameters.
_NAMES = 1_000
_Places = Mapping[tuple[str, str], Place]


def append(
    connection: Connection, record: Record, versions: Sequence[Version], at: datetime | None
) -> list[Version]:
    """Accepts versions in a transaction of `database.writing`; returns them numbered, with the time they carry.

    `at`: that time, the clock's unless given. Raises Refused with every problem; then nothing was changed.
    """
    size = connection.scalars(select(schema.head.c.size).where(schema.head.c.id == 1).with_for_update()).one()
    places = _places(connection, versions)
    problems = problems_of(versions, record, places)
    moment, late = _moment(connection, size, at)
    if problems or late:
        raise Refused([*late, *problems])
    accepted = [replace(v, number=size + i, accepted_at=moment) for i, v in enumerate(versions)]
    for source in dict.fromkeys(v.source for v in accepted):
        some = [v for v in accepted if v.source == source]
        add_to_sums(connection, record, source, *_changes(connection, record, some, places))
    _write(connection, record, accepted, places)
    connection.execute(update(schema.head).where(schema.head.c.id == 1).values(size=size + len(accepted)))
    return accepted


def _moment(connection: Connection, size: int, at: datetime | None) -> tuple[datetime, list[str]]:
    """The time of the batch. Times never go back, so that what stood at a time is the beginning of the record."""
    if at is not None and at.tzinfo is None:
        return at, [f"the time {at} has no time zone."]
    v = schema.versions.c
    last = connection.scalar(select(v.accepted_at).where(v.number == size - 1))
    if at is None:
        now = datetime.now(UTC)
        # Another machine's clock may be ahead of this one's.
        return (now if last is None else max(now, last)), []
    if last is not None and at < last:
        return at, [
            f"the time {at:%Y-%m-%d %H:%M:%S %Z} is before that of the last version, {last:%Y-%m-%d %H:%M:%S %Z}."
        ]
    return at.astimezone(UTC), []


def _places(connection: Connection, versions: Sequence[Version]) -> dict[tuple[str, str], Place]:
    """Where each version goes, and what stands there."""
    found: dict[tuple[str, str], Place] = {}
    s, t = schema.stations.c, schema.standing.c
    asked: dict[str, list[str]] = {}
    for version in versions:
        asked.setdefault(version.source, []).append(version.station)
    for source, keys in asked.items():
        stands = and_(t.station == s.id, t.source == source)
        wanted = select(s.key, s.id, s.commission, s.kind, t.version, t.counted).outerjoin_from(
            schema.stations, schema.standing, stands
        )
        for start in range(0, len(keys), _NAMES):
            some = [key for key in keys[start : start + _NAMES] if "\x00" not in key]
            for key, id, commission, kind, number, counted in connection.execute(wanted.where(s.key.in_(some))):
                found[key, source] = Place(id, commission, kind, number, bool(counted))
    return found


def _changes(
    connection: Connection, record: Record, versions: Sequence[Version], places: _Places
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The stations of these versions as they stood, and as they stand now: one row each."""
    where = [places[v.station, v.source] for v in versions]
    old = _figures(connection, record, [p.standing for p in where if p.standing is not None and p.counted])
    none = dict.fromkeys(record.columns)
    before = [old.get(p.standing, none) if p.counted and p.standing is not None else none for p in where]
    after = [none if v.stage == "annulled" else v.figures for v in versions]
    return _frame(record, where, before), _frame(record, where, after)


def _figures(connection: Connection, record: Record, numbers: Sequence[int]) -> dict[int, Mapping[str, int | None]]:
    found: dict[int, Mapping[str, int | None]] = {}
    for start in range(0, len(numbers), _NAMES):
        wanted = select(record.figures).where(record.figures.c.version.in_(numbers[start : start + _NAMES]))
        found |= {row["version"]: dict(row) for row in connection.execute(wanted).mappings()}
    return found


def _frame(record: Record, where: Sequence[Place], rows: Sequence[Mapping[str, int | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "commission": [p.commission for p in where],
            "station": [str(p.station) for p in where],
            "kind": [p.kind for p in where],
        }
        | {name: pl.Series([row.get(name) for row in rows], dtype=pl.Int64) for name in record.columns}
    )


def _write(connection: Connection, record: Record, versions: Sequence[Version], places: _Places) -> None:
    columns = [c.name for c in schema.versions.columns]
    leaves = [v.leaf() for v in versions]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    at = [places[v.station, v.source] for v in versions]
    rows = [
        (
            v.number,
            p.station,
            v.source,
            v.stage,
            v.accepted_at,
            v.entered_by,
            v.accepted_by,
            v.reason,
            v.evidence,
            v.supersedes,
            leaf,
            hash,
        )
        for v, p, leaf, hash in zip(versions, at, leaves, hashes, strict=True)
    ]
    insert_rows(connection, schema.versions, columns, rows)
    figures = ((v.number, *(v.figures.get(c) for c in record.columns)) for v in versions)
    insert_rows(connection, record.figures, ("version", *record.columns), figures)
    gaps = [(v.number, figure, reason) for v in versions for figure, reason in v.gaps.items()]
    insert_rows(connection, schema.gaps, ("version", "figure", "reason"), gaps)
    _stand(connection, list(zip(versions, at, strict=True)))
    first = versions[0].number if versions else 0
    # All of them first: the connection cannot be asked for tiles while it takes rows.
    nodes = list(filled(tiles(connection), first or 0, hashes))
    insert_rows(connection, schema.nodes, ("level", "index", "hash"), nodes)


def _stand(connection: Connection, versions: Iterable[tuple[Version, Place]]) -> None:
    """Each version stands now: beside nothing, or instead of the one it supersedes."""
    new, again = [], []
    for version, place in versions:
        counted = version.stage != "annulled"
        if place.standing is None:
            new.append((place.station, version.source, version.number, counted))
        else:
            again.append({"here": place.station, "by": version.source, "number": version.number, "is": counted})
    insert_rows(connection, schema.standing, ("station", "source", "version", "counted"), new)
    if again:
        t = schema.standing
        here = and_(t.c.station == bindparam("here"), t.c.source == bindparam("by"))
        change = update(t).where(here).values(version=bindparam("number"), counted=bindparam("is"))
        connection.execute(change, again)
