"""A person who may sign in, with the roles held now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from tallyscope.ledger.accounts.roles import Action, Grant, Place, Role, may
from tallyscope.ledger.accounts.tables import grants, persons
from tallyscope.ledger.accounts.tree import Tree

__all__ = ["Person", "find_person", "read_person"]


@dataclass(frozen=True)
class Person:
    """`login` is what the record and the audit trail name a person by."""

    id: int
    login: str
    name: str
    #: The commission that looks after the account.
    commission: int
    locked: bool
    has_password: bool
    grants: tuple[Grant, ...]

    def may(self, action: Action, target: Place) -> bool:
        """Whether any role of the person allows this at that commission."""
        return not self.locked and may(self.grants, action, target)

    def places(self, action: Action) -> tuple[Place, ...]:
        """The commissions at which the person may do this, and below them; the highest first."""
        found = {g.place for g in self.grants if self.may(action, g.place)}
        return tuple(p for p in sorted(found, key=len) if not any(p != q and p[: len(q)] == q for q in found))

    def roles(self) -> tuple[Role, ...]:
        """The roles held anywhere, each once."""
        return tuple(dict.fromkeys(g.role for g in self.grants))


def read_person(connection: Connection, tree: Tree, id: int) -> Person | None:
    """A person by number; None if there is none."""
    row = connection.execute(select(persons).where(persons.c.id == id)).one_or_none()
    return None if row is None else _person(connection, tree, row)


def find_person(connection: Connection, tree: Tree, login: str) -> Person | None:
    """A person by login; None if there is none."""
    row = connection.execute(select(persons).where(persons.c.login == login)).one_or_none()
    return None if row is None else _person(connection, tree, row)


def _person(connection: Connection, tree: Tree, row: Row[tuple[object, ...]]) -> Person:
    wanted = select(grants.c.role, grants.c.commission).where(
        grants.c.person == row.id, grants.c.ended_at.is_(None)
    )
    held = [Grant(r.role, tree.place(r.commission)) for r in connection.execute(wanted.order_by(grants.c.id))]
    return Person(row.id, row.login, row.name, row.commission, row.locked, row.password is not None, tuple(held))
