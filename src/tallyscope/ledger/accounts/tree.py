"""The tree of commissions as the accounts need it: where each commission is, and where each station belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tallyscope.ledger.accounts.roles import Place
from tallyscope.ledger.schema import commissions, stations

__all__ = ["Tree", "read_tree", "station_commission"]


@dataclass(frozen=True)
class Tree:
    """Commissions by id: the one above (None for the root), the name, the level."""

    parents: Mapping[int, int | None]
    names: Mapping[int, str]
    levels: Mapping[int, str]

    @property
    def root(self) -> int:
        """The commission that has none above it."""
        return next(id for id, parent in self.parents.items() if parent is None)

    def place(self, commission: int) -> Place:
        """The path from the root down to a commission. Raises KeyError for one that there is none of."""
        path, here = [commission], self.parents[commission]
        while here is not None:
            path.append(here)
            here = self.parents[here]
        return tuple(reversed(path))

    def path(self, commission: int) -> tuple[str, ...]:
        """Names from below the root down to the commission, as keys of stations write them; () for the root."""
        return tuple(self.names[id] for id in self.place(commission)[1:])

    def title(self, commission: int) -> str:
        """The commission's full name for people."""
        return " / ".join(self.path(commission)) or self.names[commission]

    def within(self, commission: int) -> tuple[int, ...]:
        """The commission and all below it, in the order of their full names."""
        length = len(self.place(commission))
        inside = [id for id in self.parents if self.place(id)[length - 1 : length] == (commission,)]
        return tuple(sorted(inside, key=self.path))


def read_tree(connection: Connection) -> Tree:
    """The tree of a count."""
    rows = connection.execute(select(commissions)).all()
    return Tree(
        {r.id: r.parent for r in rows},
        {r.id: r.name for r in rows},
        {r.id: r.level for r in rows},
    )


def station_commission(connection: Connection, key: str) -> int | None:
    """The commission of a station, by the station's key; None for one that the count does not have."""
    return connection.scalar(select(stations.c.commission).where(stations.c.key == key))
