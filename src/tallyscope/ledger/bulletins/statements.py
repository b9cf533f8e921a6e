"""The statements of the second path: plain SQL, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from tallyscope.election.roles import BEFORE_PROTOCOL
from tallyscope.ledger.bulletins.lines import Lines
from tallyscope.ledger.record import Record

__all__ = [
    "STANDS",
    "grouped",
    "lines_of",
    "of_protocol",
    "quoted",
    "standing_twice",
    "untold_stations",
    "with_gaps",
]

Ints = npt.NDArray[np.int64]
#: What stands after :size versions for :source; a version of which all this is said is called v.
STANDS = (
    "v.source = :source AND v.number < :size AND NOT EXISTS "
    "(SELECT 1 FROM versions w WHERE w.supersedes = v.number AND w.number < :size)"
)
#: What the database counts for each commission, besides figures.
_COUNTS = {
    "listed": "COUNT(*)",
    "listed_stations": "SUM(CASE WHEN s.kind = 'station' THEN 1 ELSE 0 END)",
    "missing": "SUM(CASE WHEN v.number IS NULL THEN 1 ELSE 0 END)",
    "missing_stations": "SUM(CASE WHEN v.number IS NULL AND s.kind = 'station' THEN 1 ELSE 0 END)",
    "voters": "COALESCE(SUM(CASE WHEN v.number IS NULL THEN s.registered_before END), 0)",
    "unlisted": "SUM(CASE WHEN v.number IS NULL AND s.registered_before IS NULL THEN 1 ELSE 0 END)",
    "annulled": "SUM(CASE WHEN v.stage = 'annulled' THEN 1 ELSE 0 END)",
    "annulled_stations": "SUM(CASE WHEN v.stage = 'annulled' AND s.kind = 'station' THEN 1 ELSE 0 END)",
    "lists": "COALESCE(SUM(s.registered_before), 0)",
    "with_list": "COUNT(s.registered_before)",
    "clean": "COUNT(f.version)",
    "clean_stations": "SUM(CASE WHEN s.kind = 'station' AND f.version IS NOT NULL THEN 1 ELSE 0 END)",
}


def lines_of(record: Record) -> Lines:
    """The lines of a record's form."""
    return Lines(record.election, record.columns)


def grouped(
    connection: Connection, record: Record, of: Mapping[str, Any]
) -> tuple[list[int], dict[str, Ints], dict[str, Ints]]:
    """Lowest commissions; what is counted of each; sums of the figures of its protocols without a gap."""
    names, lines = quoted(connection, record), lines_of(record)
    cast = lines.parts("cast") or dict.fromkeys(of_protocol(lines), 1)
    ballots = " + ".join(f"{weight} * {names[column][0]}" for column, weight in cast.items())
    counts = _COUNTS | {"zero": f"SUM(CASE WHEN s.kind = 'station' AND {ballots} = 0 THEN 1 ELSE 0 END)"}
    told = [*counts.values(), *(f"COALESCE(SUM({f}), 0)" for f, _ in names.values())]
    statement = f"""
        SELECT s.commission, {", ".join(f"CAST({one} AS BIGINT)" for one in told)}
        FROM stations s
        LEFT JOIN (SELECT v.station, v.number, v.stage FROM versions v WHERE {STANDS}) v ON v.station = s.id
        LEFT JOIN figures f ON f.version = v.number AND v.stage <> 'annulled'
             AND NOT EXISTS (SELECT 1 FROM gaps g WHERE g.version = v.number)
        GROUP BY s.commission"""
    rows = [tuple(row) for row in connection.execute(text(statement), of)]
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 1 + len(told))
    columns = dict(zip((*counts, *record.columns), table[:, 1:].T, strict=True))
    return table[:, 0].tolist(), {c: columns[c] for c in counts}, {c: columns[c] for c in record.columns}


def with_gaps(connection: Connection, record: Record, of: Mapping[str, Any]) -> Iterator[Mapping[Any, Any]]:
    """Protocols with a gap, by commission, kind and the lines they lack; their number and the sums of the others.

    `lost`: a digit for each figure, 1 where it is not there. `zero`: without a ballot, `all_zero`: without any
    figure but 0. `lists`, `listless`: voters before voting, and stations without a number of them.
    """
    names, lines = quoted(connection, record), lines_of(record)
    lost = " || ".join(f"CASE WHEN {f} IS NULL THEN '1' ELSE '0' END" for f, _ in names.values())
    figures = ", ".join(f"CAST(SUM({f}) AS BIGINT) AS {name}" for f, name in names.values())
    nothing = " + ".join(f"COALESCE({names[c][0]}, 0)" for c in of_protocol(lines))
    cast = lines.parts("cast") or {}
    ballots = " + ".join(f"{weight} * {names[column][0]}" for column, weight in cast.items()) or "NULL"
    statement = f"""
        SELECT s.commission, s.kind, {lost} AS lost, COUNT(*) AS protocols, {figures},
               SUM(CASE WHEN {ballots} = 0 THEN 1 ELSE 0 END) AS zero,
               SUM(CASE WHEN {nothing} = 0 THEN 1 ELSE 0 END) AS all_zero,
               SUM(s.registered_before) AS lists,
               SUM(CASE WHEN s.registered_before IS NULL THEN 1 ELSE 0 END) AS listless
        FROM (SELECT DISTINCT version FROM gaps WHERE version < :size) g
        JOIN versions v ON v.number = g.version AND {STANDS} AND v.stage <> 'annulled'
        JOIN stations s ON s.id = v.station JOIN figures f ON f.version = v.number
        GROUP BY s.commission, s.kind, lost"""
    yield from connection.execute(text(statement), of).mappings()


def untold_stations(connection: Connection, record: Record, of: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    """Stations whose protocol has no figure that can be read."""
    names = quoted(connection, record)
    nothing = " AND ".join(f"{names[c][0]} IS NULL" for c in of_protocol(lines_of(record)))
    statement = f"""SELECT s.commission, s.name FROM versions v JOIN figures f ON f.version = v.number
        JOIN stations s ON s.id = v.station WHERE {STANDS} AND v.stage <> 'annulled' AND {nothing} ORDER BY s.id"""
    return tuple((unit, name) for unit, name in connection.execute(text(statement), of))


def standing_twice(connection: Connection, of: Mapping[str, Any]) -> tuple[str, ...]:
    """Stations for which more than one version stands: somebody has written into the database."""
    which = f"""SELECT s.key FROM versions v JOIN stations s ON s.id = v.station WHERE {STANDS}
        GROUP BY s.key HAVING COUNT(*) > 1 ORDER BY s.key"""
    return tuple(connection.execute(text(which), of).scalars())


def of_protocol(lines: Lines) -> list[str]:
    """The figures that make a row a protocol: not those that are known before there is one."""
    return [c for c in lines.columns if c not in BEFORE_PROTOCOL]


def quoted(connection: Connection, record: Record) -> dict[str, tuple[str, str]]:
    """Column -> how it is written in a statement, of the table f and alone. A colon would begin a parameter."""
    quote = connection.dialect.identifier_preparer.quote
    names = {c: quote(c).replace(":", r"\:") for c in record.columns}
    return {c: (f"f.{name}", name) for c, name in names.items()}
