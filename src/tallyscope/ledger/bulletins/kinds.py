"""What kinds of station are in: by kind, and by voters on their lists before voting (Honduras 2017)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from tallyscope.ledger.bulletins.statements import STANDS

__all__ = ["SIZES", "Kind", "Missing", "kinds", "listed_kinds", "missing_stations"]

#: Stations by voters on the list before voting: up to so many; the last class is of larger ones.
SIZES = (100, 300, 1_000, 2_000)

#: Kind and class of size -> stations.
Listed = Mapping[tuple[str, int | None], int]


@dataclass(frozen=True)
class Kind:
    """Stations of one kind. `largest`: at most so many voters; 0: more than any class; None: not known."""

    kind: str
    largest: int | None
    stations: int
    processed: int


@dataclass(frozen=True)
class Missing:
    """A station without a protocol; `commission`: the lowest one above it, `voters`: on its list before voting."""

    commission: int
    name: str
    kind: str
    largest: int | None
    voters: int | None


def missing_stations(connection: Connection, of: Mapping[str, Any]) -> list[Missing]:
    """The stations for which nothing stands, by commission, in the order of the list."""
    statement = f"""
        SELECT s.commission, s.name, s.kind, {_LARGEST} AS largest, s.registered_before FROM stations s
        WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.station = s.id AND {STANDS})
        ORDER BY s.commission, s.id"""
    return [Missing(*row) for row in connection.execute(text(statement), of)]


def listed_kinds(connection: Connection) -> Listed:
    """How many stations of each kind and size are on the list."""
    counts = f"SELECT s.kind, {_LARGEST} AS largest, COUNT(*) FROM stations s GROUP BY s.kind, largest"
    return {(kind, largest): n for kind, largest, n in connection.execute(text(counts))}


def kinds(
    connection: Connection,
    listed: Listed,
    size: int,
    missing: Iterable[Missing],
    untold: Iterable[tuple[int, str]],
) -> tuple[Kind, ...]:
    """All stations of the list by kind and size, and how many of them have a protocol that counts."""
    out = Counter((m.kind, m.largest) for m in missing)
    out.update(_annulled(connection, size))
    out.update(_named(connection, untold))
    order = {None: len(SIZES) + 1, 0: len(SIZES)} | {n: i for i, n in enumerate(SIZES)}
    ranked = sorted(listed.items(), key=lambda k: (k[0][0] != "station", k[0][0], order[k[0][1]]))
    return tuple(Kind(kind, largest, n, n - out[kind, largest]) for (kind, largest), n in ranked)


def _annulled(connection: Connection, size: int) -> Iterator[tuple[Any, ...]]:
    statement = f"""SELECT s.kind, {_LARGEST} AS largest FROM versions v JOIN stations s ON s.id = v.station
        WHERE v.stage = 'annulled' AND {STANDS}"""
    rows = connection.execute(text(statement), {"size": size, "source": "official"})
    return (tuple(row) for row in rows)


def _named(connection: Connection, stations: Iterable[tuple[int, str]]) -> Iterator[tuple[Any, ...]]:
    statement = text(
        f"SELECT s.kind, {_LARGEST} AS largest FROM stations s WHERE s.commission = :unit AND s.name = :name"
    )
    for unit, name in stations:
        yield tuple(connection.execute(statement, {"unit": unit, "name": name}).one())


_CASES = " ".join(f"WHEN s.registered_before <= {n} THEN {n}" for n in SIZES)
_LARGEST = f"CASE WHEN s.registered_before IS NULL THEN NULL {_CASES} ELSE 0 END"
