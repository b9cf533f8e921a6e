"""What the standing figures add up to, kept for every commission: a tally of a million stations in milliseconds.

A sum is never computed anew: whoever accepts versions takes the parts (`tally.parts`) of the stations as they stood
before from those as they stand after, and adds the difference to every commission above, in the same transaction.
The parts are those that `tally.tally` is made of, so both say the same to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from tallyscope.ledger import schema
from tallyscope.ledger.bulk import insert_rows
from tallyscope.ledger.errors import Unavailable
from tallyscope.ledger.record import Record
from tallyscope.ledger.version import SOURCES, Source
from tallyscope.tally.parts import finished, parts
from tallyscope.tally.sums import NATION, STATION, level_named

__all__ = ["add_to_sums", "begin_sums", "live_tally", "not_whole", "regular"]

_UNIT = "commission"
#: 1 for rows that are added, -1 for rows that are taken off.
_TIMES = "times"


def begin_sums(connection: Connection, record: Record, stations: pl.DataFrame) -> None:
    """The sums of a count without a protocol: every station is empty.

    `stations`: `commission` (the lowest above it), `station`, `kind`, `registered_before`.
    """
    sums = _above(connection, record, _parts(record, stations.select(_UNIT, "station", "kind", *record.before)))
    for source in SOURCES:
        rows = sums.select(_UNIT, pl.lit(source).alias("source"), *record.parts).iter_rows()
        insert_rows(connection, record.sums, (_UNIT, "source", *record.parts), rows)


def add_to_sums(
    connection: Connection, record: Record, source: Source, before: pl.DataFrame, after: pl.DataFrame
) -> None:
    """Adds what changes when these stations stand as `after` and no longer as `before`.

    Both: one row a station with `commission`, `station`, `kind` and the figures that count, null for none.
    """
    both = pl.concat([after.with_columns(pl.lit(1).alias(_TIMES)), before.with_columns(pl.lit(-1).alias(_TIMES))])
    found = _parts(record, both).with_columns(pl.col(record.parts) * pl.col(_TIMES))
    changes = _above(connection, record, found)
    # Written out: SQLAlchemy would take longer to name seventy parameters a row than the database to add them.
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    quote = connection.dialect.identifier_preparer.quote
    added = ", ".join(f"{quote(name)} = {quote(name)} + {mark}" for name in record.parts)
    rows = changes.select(*record.parts, _UNIT, pl.lit(source)).rows()
    connection.exec_driver_sql(f"UPDATE sums SET {added} WHERE commission = {mark} AND source = {mark}", rows)


def _parts(record: Record, rows: pl.DataFrame) -> pl.DataFrame:
    """The parts of every lowest commission, and of what is added and taken off: keys, then `record.parts`."""
    absent = [c for c in (*record.before, *record.columns) if c not in rows.columns]
    table = rows.with_columns(*[pl.lit(None, dtype=pl.Int64).alias(c) for c in absent])
    keys = tuple(key for key in (_UNIT, _TIMES) if key in rows.columns)
    return parts(record.returns(table, keys), keys)


def _above(connection: Connection, record: Record, found: pl.DataFrame) -> pl.DataFrame:
    """The parts of every commission above, itself included, in order of the ids."""
    paths = _paths(connection, record)
    links = [(low, high) for low in found[_UNIT].unique() for high in paths[low]]
    above = pl.DataFrame(links, schema={_UNIT: pl.Int64, "above": pl.Int64}, orient="row")
    summed = found.join(above, on=_UNIT).group_by("above").agg(pl.col(record.parts).sum())
    return summed.rename({"above": _UNIT}).sort(_UNIT)


def _paths(connection: Connection, record: Record) -> dict[int, tuple[int, ...]]:
    """Commission -> itself and every one above it. Read once: the tree never changes."""
    if not record.paths:
        c = schema.commissions.c
        for id, parent in connection.execute(select(c.id, c.parent).order_by(c.id)):
            record.paths[id] = (id,) if parent is None else (id, *record.paths[parent])
    return record.paths


def regular(connection: Connection, record: Record) -> bool:
    """True if every station has a commission at every level, as nearly every tree has."""
    if not record.depths:
        s, c = schema.stations.c, schema.commissions.c
        lowest = select(c.id).where(select(s.id).where(s.commission == c.id).exists())
        record.depths.update(len(_paths(connection, record)[id]) for id in connection.scalars(lowest))
    return record.depths == {len(record.levels) + 1}


def live_tally(connection: Connection, record: Record, by: str, source: Source) -> pl.DataFrame:
    """The tally of a level above the station as `tally.tally` would have it, from the sums that are kept.

    Raises UnknownLevel; Unavailable if the sums are not numbers any more.
    """
    level = level_named(record.empty, by)
    if level == STATION:
        raise ValueError("there are no sums of stations: a station's figures are those of its protocol")
    depth = 0 if level == NATION else record.levels.index(level) + 1
    c, sums = schema.commissions.c, record.sums
    where = c.parent.is_(None) if depth == 0 else (c.level == level) & c.parent.is_not(None)
    wanted = select(c.id, *(sums.c[name] for name in record.parts)).join_from(
        schema.commissions, sums, (sums.c.commission == c.id) & (sums.c.source == source)
    )
    rows = [tuple(row) for row in connection.execute(wanted.where(where).order_by(c.id))]
    for unit, sentence in not_whole(record, rows):
        raise Unavailable(f"commission {unit}: {sentence}")
    types = dict.fromkeys((_UNIT, *record.parts), pl.Int64)
    found = pl.DataFrame(rows, schema=types, orient="row")
    names = _names(connection, record, found[_UNIT].to_list(), depth)
    keys = record.levels[:depth]
    return finished(pl.concat([names, found], how="horizontal"), record.empty, keys)


def not_whole(record: Record, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, str]]:
    """Commission of a row of `sums`, and a sentence on what is no whole number in it: somebody wrote it there.

    `rows`: commission, then `record.parts`. SQLite takes a text in a column of numbers.
    """
    if set(map(type, chain.from_iterable(rows))) <= {int}:
        return
    for unit, *values in rows:
        for part, value in zip(record.parts, values, strict=True):
            if type(value) is not int:
                said = f"{part} by the sums that are kept is {value!r:.60}, no whole number"
                yield unit, f"{said}: somebody wrote it there. `tallyscope count verify` tells all that is so."


def _names(connection: Connection, record: Record, units: list[int], depth: int) -> pl.DataFrame:
    """The names of units, one column a level down to theirs."""
    schema_of = dict.fromkeys(record.levels[:depth], pl.String)
    if not depth:
        return pl.DataFrame(schema=schema_of)
    paths, c = _paths(connection, record), schema.commissions.c
    name = {row.id: row.name for row in connection.execute(select(c.id, c.name))}
    rows = [tuple(name[id] for id in reversed(paths[unit][:-1])) for unit in units]
    return pl.DataFrame(rows, schema=schema_of, orient="row")
