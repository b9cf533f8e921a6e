"""Tokens of machines: each belongs to a person, is for some actions at one commission, expires, and can be revoked.

A token does what it was made for and the person may do at that moment: never more than either.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from tallyscope.ledger.accounts.actor import Actor, looked_after, need_commission
from tallyscope.ledger.accounts.faults import FAULTS
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.person import Person, read_person
from tallyscope.ledger.accounts.persons import person_for
from tallyscope.ledger.accounts.roles import SCOPES, Action, Place
from tallyscope.ledger.accounts.sessions import digest
from tallyscope.ledger.accounts.tables import persons, tokens
from tallyscope.ledger.errors import Refused

__all__ = ["PREFIX", "ListedToken", "Token", "find_token", "list_tokens", "make_token", "revoke_token"]

#: What every token begins with, so that one that leaked is recognised.
PREFIX = "tallyscope_"
_LONGEST = 366
_NOTED = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """A token as a request finds it."""

    id: int
    name: str
    person: Person
    place: Place
    scopes: tuple[str, ...]

    def may(self, action: Action, target: Place) -> bool:
        """Whether it was made for this, here, and its person may do it."""
        inside = target[: len(self.place)] == self.place
        return inside and action in self.scopes and self.person.may(action, target)

    @property
    def signature(self) -> str:
        """How the record and the audit trail name it."""
        return f"{self.person.login} ({self.name})"


@dataclass(frozen=True)
class ListedToken:
    """One line of the list of tokens."""

    id: int
    name: str
    login: str
    commission: int
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def make_token(
    office: Office, actor: Actor, login: str, name: str, commission: int, scopes: Sequence[str], days: int
) -> str:
    """A new token of a person; it is shown this once. Raises Refused with everything that is wrong."""
    need_commission(office, actor, "tokens", commission)
    person, place, name = person_for(office, actor, login), office.tree.place(commission), name.strip()
    known = [scope for scope in SCOPES if scope in scopes]
    faults = [
        *([] if 0 < len(name) <= 80 and name.isprintable() else ["token name"]),
        *([] if known and len(known) == len(set(scopes)) else ["token scope"]),
        *([] if 1 <= days <= _LONGEST else ["token days"]),
        *([] if all(person.may(scope, place) for scope in known) else ["token role"]),
    ]
    if faults:
        raise Refused([FAULTS[fault] for fault in faults])
    secret, now = PREFIX + secrets.token_urlsafe(32), office.now()
    row = {"hash": digest(secret), "name": name, "person": person.id, "commission": commission}
    row |= {"scopes": " ".join(known), "created_at": now, "expires_at": now + timedelta(days=days)}
    told = {"token": name, "scopes": " ".join(known), "days": days}
    with office.writing() as connection:
        connection.execute(insert(tokens), [row])
        office.trail.record(
            connection,
            actor.name,
            "make token",
            commission=commission,
            subject=person.login,
            address=actor.address,
            details=told,
        )
    return secret


def find_token(office: Office, secret: str) -> Token | None:
    """The token of a secret, if it is neither expired nor revoked and its person not locked; its use is noted."""
    now = office.now()
    with office.reading() as connection:
        row = connection.execute(select(tokens).where(tokens.c.hash == digest(secret))).one_or_none()
        if row is None or row.revoked_at is not None or now >= row.expires_at:
            return None
        person = read_person(connection, office.tree, row.person)
    if person is None or person.locked:
        return None
    if row.used_at is None or now - row.used_at >= _NOTED:
        with office.writing() as connection:
            connection.execute(update(tokens).where(tokens.c.id == row.id).values(used_at=now))
    return Token(row.id, row.name, person, office.tree.place(row.commission), tuple(row.scopes.split()))


def list_tokens(office: Office, actor: Actor) -> list[ListedToken]:
    """Tokens at the commissions that the actor looks after, the newest first, revoked ones included."""
    wanted = (
        select(tokens, persons.c.login)
        .join_from(tokens, persons, tokens.c.person == persons.c.id)
        .where(tokens.c.commission.in_(looked_after(office, actor, "tokens")))
        .order_by(tokens.c.id.desc())
    )
    with office.reading() as connection:
        return [
            ListedToken(
                r.id,
                r.name,
                r.login,
                r.commission,
                tuple(r.scopes.split()),
                r.created_at,
                r.expires_at,
                r.used_at,
                r.revoked_at,
            )
            for r in connection.execute(wanted)
        ]


def revoke_token(office: Office, actor: Actor, id: int) -> None:
    """Revokes a token at once. Raises Refused for one that the actor does not look after."""
    found = next((t for t in list_tokens(office, actor) if t.id == id and t.revoked_at is None), None)
    if found is None:
        raise Refused([FAULTS["no such token"]])
    with office.writing() as connection:
        connection.execute(update(tokens).where(tokens.c.id == id).values(revoked_at=office.now()))
        office.trail.record(
            connection,
            actor.name,
            "revoke token",
            commission=found.commission,
            subject=found.login,
            address=actor.address,
            details={"token": found.name},
        )
