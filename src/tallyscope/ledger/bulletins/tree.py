"""The tree of a count above its stations: the name, level and path of every commission, and what is above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tallyscope.ledger import schema

__all__ = ["Commission", "rolled_up", "tree"]


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


def rolled_up(
    lowest: Iterable[tuple[int, Mapping[str, int]]], commissions: Mapping[int, Commission]
) -> dict[int, dict[str, int]]:
    """Sums of every commission from those of the ones that have stations; the same names everywhere."""
    sums: dict[int, dict[str, int]] = {id: {} for id in commissions}
    for id, figures in lowest:
        for unit in commissions[id].above:
            here = sums[unit]
            for name, n in figures.items():
                here[name] = here.get(name, 0) + n
    return sums
