"""What a bulletin says of stations: which protocols do not add up, and what list they are of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from tallyscope.election.relation import Relation
from tallyscope.ledger import schema
from tallyscope.ledger.bulletins.lines import Lines, weighted
from tallyscope.ledger.bulletins.statements import STANDS, lines_of, quoted
from tallyscope.ledger.bulletins.words import moment, sha256
from tallyscope.ledger.record import Record

__all__ = ["ELECTION", "Unbalanced", "digests", "holds", "unbalanced"]


#: What is hashed of the row of `election`.
ELECTION = ("id", "title", "origin", "definition", "opened_at")


@dataclass(frozen=True)
class Unbalanced:
    """A protocol that breaks a hard relation by `by`, left side minus right side. `commission`: the lowest one."""

    station: str
    commission: int
    version: int
    relation: str
    by: int


def unbalanced(connection: Connection, record: Record, size: int) -> list[Unbalanced]:
    """Official protocols that stand and break a hard relation, in the order of the record."""
    lines = lines_of(record)
    if not lines.hard:
        return []
    names = {c: f for c, (f, _) in quoted(connection, record).items()}
    broken = " OR ".join(f"NOT ({_sql(parts, names)} {relation.operator} 0)" for relation, parts in lines.hard)
    figures = ", ".join(names.values())
    statement = f"""
        SELECT s.key AS station_key, s.commission AS station_unit, f.version, {figures} FROM figures f
        JOIN versions v ON v.number = f.version AND {STANDS} AND v.stage <> 'annulled'
        JOIN stations s ON s.id = v.station WHERE f.version < :size AND ({broken}) ORDER BY f.version"""
    return [
        Unbalanced(row["station_key"], row["station_unit"], row["version"], code, by)
        for row in connection.execute(text(statement), {"size": size, "source": "official"}).mappings()
        for code, by in _broken(lines, row)
    ]


def _sql(parts: Mapping[str, int], names: Mapping[str, str]) -> str:
    return " + ".join(f"{weight} * {names[c]}" for c, weight in parts.items()) or "0"


def _broken(lines: Lines, row: Mapping[Any, Any]) -> list[tuple[str, int]]:
    found = []
    for relation, parts in lines.hard:
        residual = weighted(parts, row)
        if residual is not None and not holds(relation, residual):
            found.append((relation.code, residual))
    return found


def holds(relation: Relation, residual: int) -> bool:
    """Whether left minus right is as the relation wants it."""
    return {
        "=": residual == 0,
        ">=": residual >= 0,
        "<=": residual <= 0,
        ">": residual > 0,
        "<": residual < 0,
    }[relation.operator]


def digests(connection: Connection) -> dict[str, Any]:
    """What the count was opened with: hashes of the columns of `election`; the commissions, as [id, id of the one
    above, level, name]; and for each that has stations, [its id, hash of them].

    A list of stations is hashed as lines, in its order, of id, length of the name, name, kind, and voters before
    voting ("None" for no number), with tabs between them.
    """
    e, s, c = schema.election.c, schema.stations.c, schema.commissions.c
    row = connection.execute(select(e.id, e.title, e.origin, e.definition, e.opened_at)).one()
    said = dict(zip(ELECTION, (*row[:4], moment(row[4])), strict=True))
    hashes: dict[int, Any] = {}
    wanted = select(s.commission, s.id, s.name, s.kind, s.registered_before).order_by(s.id)
    # The driver's own rows, a million of them: all are numbers and texts, which SQLAlchemy would only wrap.
    rows: Any = connection.execute(wanted)
    for commission, id, name, kind, before in rows.cursor:
        hash = hashes.get(commission)
        if hash is None:
            hash = hashes[commission] = hashlib.sha256()
        hash.update(f"{id}\t{len(name)}\t{name}\t{kind}\t{before}\n".encode())
    places = select(c.id, c.parent, c.level, c.name).order_by(c.id)
    return {
        "election": {column: sha256(value).hex() for column, value in said.items()},
        "commissions": [list(row) for row in connection.execute(places)],
        "stations": [[id, hash.hexdigest()] for id, hash in sorted(hashes.items())],
    }
