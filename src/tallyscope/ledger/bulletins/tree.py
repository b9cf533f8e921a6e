"""The tree of a count above its stations: the name, level and path of every commission, and what is above it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from tallyscope.ledger import schema

__all__ = ["Commission", "tree"]


@dataclass(frozen=True)
class Commission:
    """`path`: names from the top level down to its own, () for the nation; `above`: ids, itself first."""

    level: str
    path: tuple[str, ...]
    above: tuple[int, ...]


def tree(connection: Connection) -> dict[int, Commission]:
    """Every commission by its id, the nation first."""
    c, found = schema.commissions.c, {}
    for id, parent, level, name in connection.execute(select(c.id, c.parent, c.level, c.name).order_by(c.id)):
        if parent is None:
            found[id] = Commission(level, (), (id,))
        else:
            found[id] = Commission(level, (*found[parent].path, name), (id, *found[parent].above))
    return found
