"""How often somebody may try to sign in, counted in the database so that a restart forgets nothing.

An attempt is written down as failed before the password is looked at, and struck when it was right: a hundred
attempts sent at once are counted as a hundred.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from tallyscope.ledger.accounts.tables import attempts, audit_head

__all__ = ["LIMITS", "Limit", "TooOften", "account_hash", "attempt", "succeeded"]


@dataclass(frozen=True)
class Limit:
    """So many failures of the same account, address or both within a time; then one has to wait."""

    of: tuple[str, ...]
    failures: int
    within: timedelta


_QUARTER = timedelta(minutes=15)
#: An account alone has a high limit: with a low one anybody could keep a commission out of its count on the night.
LIMITS = (
    Limit(("account", "address"), 5, _QUARTER),
    Limit(("address",), 30, _QUARTER),
    Limit(("account",), 60, _QUARTER),
)
_KEPT = timedelta(days=1)


def account_hash(login: str) -> bytes:
    """What is kept of the login that was typed, 32 bytes."""
    return hashlib.sha256(login.encode()).digest()


@dataclass
class TooOften(Exception):
    """There were too many failures; `wait`: how long until the next attempt is looked at."""

    wait: timedelta


def attempt(connection: Connection, login: str, address: str, now: datetime) -> int:
    """Writes an attempt down as failed; its number. Raises TooOften if there were too many."""
    # One at a time: attempts sent at once would not see one another (PostgreSQL; SQLite has one writer anyway).
    connection.execute(select(audit_head.c.id).with_for_update())
    wait = _waiting(connection, login, address, now)
    if wait is not None:
        raise TooOften(wait)
    connection.execute(delete(attempts).where(attempts.c.at < now - _KEPT))
    row = {"account": account_hash(login), "address": address, "at": now, "failed": True}
    return int(connection.execute(insert(attempts).returning(attempts.c.id), [row]).scalar_one())


def succeeded(connection: Connection, number: int) -> None:
    """Strikes an attempt that was right."""
    connection.execute(update(attempts).where(attempts.c.id == number).values(failed=False))


def _waiting(connection: Connection, login: str, address: str, now: datetime) -> timedelta | None:
    """How long this account has to wait from this address, counting the failures there are; None: not at all."""
    values = {"account": account_hash(login), "address": address}
    waits = []
    for limit in LIMITS:
        same = [attempts.c[name] == values[name] for name in limit.of]
        recent = attempts.c.failed, attempts.c.at > now - limit.within
        count, first = connection.execute(select(func.count(), func.min(attempts.c.at)).where(*same, *recent)).one()
        if count >= limit.failures:
            waits.append(first + limit.within - now)
    return max(waits, default=None)
