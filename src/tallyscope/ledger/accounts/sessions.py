"""Who is signed in: a new secret at every login, over by idleness, age, logout or an administrator."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.person import Person, read_person
from tallyscope.ledger.accounts.tables import persons, sessions

__all__ = [
    "ABSOLUTE",
    "IDLE",
    "OpenSession",
    "Session",
    "end_session",
    "end_sessions",
    "find_session",
    "live",
    "open_session",
]

#: A session nobody used for so long is over: a place left alone at night.
IDLE = timedelta(minutes=30)
#: However busy, a session is over after a shift.
ABSOLUTE = timedelta(hours=12)
#: How often the last use is written down.
_NOTED = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """A session as a request finds it."""

    id: int
    csrf: str
    person: Person


@dataclass(frozen=True)
class OpenSession:
    """One line of the list of who is signed in."""

    id: int
    login: str
    name: str
    commission: int
    address: str
    opened_at: datetime
    seen_at: datetime


def digest(secret: str) -> bytes:
    """What the database keeps of a secret of 256 random bits, 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def open_session(connection: Connection, office: Office, person: int, address: str) -> str:
    """A new session; its secret, which only the browser keeps."""
    secret, now = secrets.token_urlsafe(32), office.now()
    row = {"hash": digest(secret), "person": person, "csrf": secrets.token_urlsafe(32), "address": address}
    connection.execute(insert(sessions), [row | {"opened_at": now, "seen_at": now}])
    return secret


def find_session(office: Office, secret: str | None) -> Session | None:
    """The session of a secret, if it is still open and its person not locked; its use is noted."""
    if not secret:
        return None
    now = office.now()
    with office.reading() as connection:
        row = connection.execute(select(sessions).where(sessions.c.hash == digest(secret))).one_or_none()
        if row is None or row.ended_at is not None or now >= _over(row.opened_at, row.seen_at):
            return None
        person = read_person(connection, office.tree, row.person)
    if person is None or person.locked:
        return None
    if now - row.seen_at >= _NOTED:
        with office.writing() as connection:
            connection.execute(update(sessions).where(sessions.c.id == row.id).values(seen_at=now))
    return Session(row.id, row.csrf, person)


def _over(opened: datetime, seen: datetime) -> datetime:
    return min(opened + ABSOLUTE, seen + IDLE)


def end_session(connection: Connection, office: Office, session: int) -> None:
    """Ends a session; one that is over already stays as it was."""
    open_ = (sessions.c.id == session) & sessions.c.ended_at.is_(None)
    connection.execute(update(sessions).where(open_).values(ended_at=office.now()))


def end_sessions(connection: Connection, office: Office, person: int, *, but: int | None = None) -> None:
    """Ends every session of a person, `but` one: the one in which a password was changed."""
    open_ = (sessions.c.person == person) & sessions.c.ended_at.is_(None)
    if but is not None:
        open_ &= sessions.c.id != but
    connection.execute(update(sessions).where(open_).values(ended_at=office.now()))


def live(connection: Connection, office: Office) -> list[OpenSession]:
    """Every open session, the latest used first."""
    now = office.now()
    wanted = (
        select(sessions, persons.c.login, persons.c.name, persons.c.commission)
        .join_from(sessions, persons, sessions.c.person == persons.c.id)
        .where(
            sessions.c.ended_at.is_(None), sessions.c.opened_at > now - ABSOLUTE, sessions.c.seen_at > now - IDLE
        )
        .order_by(sessions.c.seen_at.desc(), sessions.c.id)
    )
    return [
        OpenSession(r.id, r.login, r.name, r.commission, r.address, r.opened_at, r.seen_at)
        for r in connection.execute(wanted)
    ]
