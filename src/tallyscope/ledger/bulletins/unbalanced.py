"""Which protocols do not add up: they break a hard relation of their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from tallyscope.election.relation import Relation
from tallyscope.ledger.bulletins.lines import Lines, weighted
from tallyscope.ledger.bulletins.statements import STANDS, lines_of, quoted
from tallyscope.ledger.record import Record

__all__ = ["Unbalanced", "holds", "unbalanced"]


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
