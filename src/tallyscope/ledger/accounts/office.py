"""What every function of the accounts works with: the database, the tree, passwords, the audit trail, the clock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Connection, Engine

from tallyscope.ledger.accounts.audit import Trail, seal_key
from tallyscope.ledger.accounts.passwords import Passwords
from tallyscope.ledger.accounts.tree import Tree, read_tree
from tallyscope.ledger.database import reading, writing

__all__ = ["Office", "open_office"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """The accounts of one count. The tree is read once: a count's commissions do not change after it is opened."""

    engine: Engine
    trail: Trail
    passwords: Passwords = field(default_factory=Passwords)
    now: Callable[[], datetime] = _now

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one state of the accounts."""
        return reading(self.engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection whose changes are kept when the block ends, all of them or none."""
        return writing(self.engine)

    @cached_property
    def tree(self) -> Tree:
        """The commissions of the count."""
        with self.reading() as connection:
            return read_tree(connection)


def open_office(engine: Engine, secret: bytes, *, passwords: Passwords | None = None) -> Office:
    """The accounts in a database; `secret` is the service's, from which the key of the audit's seals is made."""
    return Office(engine, Trail(seal_key(secret)), passwords or Passwords())
