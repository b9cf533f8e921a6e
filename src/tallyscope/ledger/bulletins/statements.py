"""The statements of the second path: plain SQL, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from tallyscope.election.roles import BEFORE_PROTOCOL
from tallyscope.ledger.bulletins.lines import Lines
from tallyscope.ledger.record import Record

__all__ = [
    "STANDS",
    "Pattern",
    "annulled",
    "lines_of",
    "listed",
    "of_protocol",
    "quoted",
    "standing_twice",
    "untold_stations",
    "unusual",
    "usual",
    "usual_columns",
]

Ints = npt.NDArray[np.int64]
#: What stands after :size versions for :source; a version of which all this is said is called v.
STANDS = (
    "v.source = :source AND v.number < :size AND v.number NOT IN "
    "(SELECT w.supersedes FROM versions w WHERE w.supersedes IS NOT NULL AND w.number < :size)"
)
#: Not read from the row of the version, which is long: the few that are annulled are in an index of their own.
_COUNTS = "v.number NOT IN (SELECT a.number FROM versions a WHERE a.stage = 'annulled' AND a.number < :size)"
#: The newest versions tell which lines protocols usually lack.
_NEWEST = 1_000
#: Figures that one whole number can say of whether they are there.
_BITS = 60


@dataclass(frozen=True)
class Pattern:
    """Protocols that have the figures `told` and no others: lowest commissions, and what is counted of each."""

    told: frozenset[str]
    units: list[int]
    #: (units,) by name: those of `_sums`, and a column each.
    sums: Mapping[str, Ints]


def lines_of(record: Record) -> Lines:
    """The lines of a record's form."""
    return Lines(record.election, record.columns)


def listed(connection: Connection, of: Mapping[str, Any]) -> tuple[list[int], dict[str, Ints]]:
    """Lowest commissions; of each the rows of its list, those of stations, voters on them, and what stands.

    A station for which two versions stand is two rows.
    """
    told = {
        "listed": "COUNT(*)",
        "listed_stations": "SUM(CASE WHEN s.kind = 'station' THEN 1 ELSE 0 END)",
        "lists": "COALESCE(SUM(s.registered_before), 0)",
        "with_list": "COUNT(s.registered_before)",
        "standing": "COUNT(v.number)",
    }
    statement = f"""
        SELECT s.commission, {_whole_numbers(told.values())} FROM stations s
        LEFT JOIN (SELECT v.station, v.number FROM versions v WHERE {STANDS}) v ON v.station = s.id
        GROUP BY s.commission"""
    return _columns(connection, statement, of, tuple(told))


def annulled(connection: Connection, of: Mapping[str, Any]) -> list[tuple[int, str, int]]:
    """Commission, kind and number of the stations whose result is annulled."""
    statement = f"""SELECT s.commission, s.kind, COUNT(*) FROM versions v JOIN stations s ON s.id = v.station
        WHERE v.stage = 'annulled' AND {STANDS} GROUP BY s.commission, s.kind"""
    return [(unit, kind, n) for unit, kind, n in connection.execute(text(statement), of)]


def usual_columns(connection: Connection, record: Record, of: Mapping[str, Any]) -> tuple[str, ...]:
    """The figures that most of the newest protocols have: a guess, which changes how fast a count is added up."""
    newest = {"first": max(0, of["size"] - _NEWEST), "size": of["size"]}
    statement = "SELECT figure, COUNT(*) FROM gaps WHERE version >= :first AND version < :size GROUP BY figure"
    lost = {figure: n for figure, n in connection.execute(text(statement), newest)}  # noqa: C416
    most = (of["size"] - newest["first"]) / 2
    return tuple(c for c in record.columns if lost.get(c, 0) <= most)


def usual(
    connection: Connection, record: Record, of: Mapping[str, Any], told: Collection[str], units: tuple[int, int]
) -> Pattern:
    """The protocols that have the figures `told` and no others, of the commissions from one id to another."""
    statement = f"""
        SELECT s.commission, {_whole_numbers(_sums(connection, record).values())}
        FROM stations s CROSS JOIN versions v CROSS JOIN figures f
        WHERE v.station = s.id AND {STANDS} AND {_COUNTS} AND f.version = v.number
          AND s.commission BETWEEN :first_unit AND :last_unit AND {_has(quoted(connection, record), told)}
        GROUP BY s.commission"""
    within = {**of, "first_unit": units[0], "last_unit": units[1]}
    return Pattern(frozenset(told), *_columns(connection, statement, within, tuple(_sums(connection, record))))


def unusual(
    connection: Connection, record: Record, of: Mapping[str, Any], told: Collection[str]
) -> Iterator[Pattern]:
    """All other protocols, those that have the same figures together."""
    names, sums = quoted(connection, record), _sums(connection, record)
    bits = [f"CASE WHEN {f} IS NULL THEN {1 << i % _BITS} ELSE 0 END" for i, (f, _) in enumerate(names.values())]
    lost = [" + ".join(bits[i : i + _BITS]) for i in range(0, len(bits), _BITS)]
    statement = f"""
        SELECT {", ".join(lost)}, s.commission, {_whole_numbers(sums.values())}
        FROM versions v CROSS JOIN figures f CROSS JOIN stations s
        WHERE f.version = v.number AND s.id = v.station AND {STANDS} AND {_COUNTS} AND NOT ({_has(names, told)})
        GROUP BY {", ".join(lost)}, s.commission ORDER BY {", ".join(lost)}"""
    rows = (tuple(row) for row in connection.execute(text(statement), of))
    for pattern, some in groupby(rows, key=lambda row: row[: len(lost)]):
        gone = [pattern[i // _BITS] >> i % _BITS & 1 for i in range(len(bits))]
        has = frozenset(c for c, lacks in zip(names, gone, strict=True) if not lacks)
        yield Pattern(has, *_by_name([row[len(lost) :] for row in some], tuple(sums)))


def _sums(connection: Connection, record: Record) -> dict[str, str]:
    """What is counted of protocols in the table f: their number, that of stations' among them, those of stations
    without a ballot, voters before voting, stations without a number of them, and the sum of every figure.
    """
    names, lines = quoted(connection, record), lines_of(record)
    nothing = " + ".join(f"COALESCE({names[c][0]}, 0)" for c in of_protocol(lines)) or "0"
    cast = lines.parts("cast") or {}
    ballots = " + ".join(f"{weight} * {names[column][0]}" for column, weight in cast.items()) or "NULL"
    # Where the ballots cast are not told, a protocol without any figure but 0 is without one.
    none = f"s.kind = 'station' AND COALESCE({ballots}, {nothing}) = 0"
    return {
        "protocols": "COUNT(*)",
        "of_stations": "SUM(CASE WHEN s.kind = 'station' THEN 1 ELSE 0 END)",
        "zero": f"SUM(CASE WHEN {none} THEN 1 ELSE 0 END)",
        "lists": "COALESCE(SUM(s.registered_before), 0)",
        "listless": "COUNT(*) - COUNT(s.registered_before)",
        **{c: f"COALESCE(SUM({f}), 0)" for c, (f, _) in names.items()},
    }


def _has(names: Mapping[str, tuple[str, str]], told: Collection[str]) -> str:
    """A protocol has these figures and no others."""
    return " AND ".join(f"{f} IS NOT NULL" if c in told else f"{f} IS NULL" for c, (f, _) in names.items())


def _whole_numbers(sums: Iterable[str]) -> str:
    # The sum of large whole numbers is of another type in PostgreSQL.
    return ", ".join(f"CAST({one} AS BIGINT)" for one in sums)


def _columns(
    connection: Connection, statement: str, of: Mapping[str, Any], names: Sequence[str]
) -> tuple[list[int], dict[str, Ints]]:
    return _by_name([tuple(row) for row in connection.execute(text(statement), of)], names)


def _by_name(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> tuple[list[int], dict[str, Ints]]:
    """The first column, and the others by name, (rows,) each."""
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 1 + len(names))
    return table[:, 0].tolist(), dict(zip(names, table[:, 1:].T, strict=True))


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
