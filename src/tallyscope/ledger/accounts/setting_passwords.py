"""Passwords are set by the person: at a one-time link, with the present one, or at an administrator's desk."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, insert, select, update

from tallyscope.ledger.accounts import limits
from tallyscope.ledger.accounts.actor import Actor
from tallyscope.ledger.accounts.faults import FAULTS
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.passwords import weakness
from tallyscope.ledger.accounts.person import Person, read_person
from tallyscope.ledger.accounts.persons import person_for
from tallyscope.ledger.accounts.sessions import Session, digest, end_sessions, open_session
from tallyscope.ledger.accounts.tables import links, persons
from tallyscope.ledger.errors import Refused

__all__ = ["LINK", "change_password", "link_person", "make_link", "set_password", "use_link"]

#: How long a one-time link is good for.
LINK = timedelta(hours=24)


def make_link(office: Office, actor: Actor, login: str) -> str:
    """The secret of a new one-time link for a person; earlier ones are void. Raises Refused."""
    person, secret, now = _another(office, actor, login), secrets.token_urlsafe(32), office.now()
    with office.writing() as connection:
        _void(connection, office, person.id)
        connection.execute(insert(links), [{"hash": digest(secret), "person": person.id, "expires_at": now + LINK}])
        _record(connection, office, actor, "make link", person)
    return secret


def link_person(office: Office, secret: str) -> Person:
    """Whom a link is for. Raises Refused for one that is used, too old, or was never made."""
    wanted = select(links.c.person).where(*_open(office, secret))
    with office.reading() as connection:
        id = connection.scalar(wanted)
        person = None if id is None else read_person(connection, office.tree, id)
    if person is None or person.locked:
        raise Refused([FAULTS["link over"]])
    return person


def use_link(office: Office, secret: str, password: str, again: str, address: str) -> Person:
    """Sets the password of the person a link is for; the link is used up. Raises Refused."""
    person = link_person(office, secret)
    hash = _hashed(office, person, password, again)
    with office.writing() as connection:
        used = update(links).where(*_open(office, secret)).values(used_at=office.now())
        if not connection.execute(used).rowcount:
            raise Refused([FAULTS["link over"]])
        _set(connection, office, person, hash)
        _record(connection, office, Actor(person.login, person, address), "set password by link", person)
    return person


def set_password(office: Office, actor: Actor, login: str, password: str, again: str) -> None:
    """Sets a password that the person types at the actor's desk. Raises Refused."""
    person = _another(office, actor, login)
    hash = _hashed(office, person, password, again)
    with office.writing() as connection:
        _set(connection, office, person, hash)
        _record(connection, office, actor, "set password", person)


def change_password(office: Office, session: Session, present: str, password: str, again: str, address: str) -> str:
    """Changes one's own password; the secret of the new session, all others are over. Raises Refused, TooOften."""
    person, now = session.person, office.now()
    with office.writing() as connection:
        number = limits.attempt(connection, person.login, address, now)
        stored = connection.scalar(select(persons.c.password).where(persons.c.id == person.id))
    if not office.passwords.fits(stored, present):
        with office.writing() as connection:
            _record(connection, office, Actor.of(person, address), "change password refused", person)
        raise Refused([FAULTS["wrong password"]])
    hash = _hashed(office, person, password, again)
    with office.writing() as connection:
        limits.succeeded(connection, number)
        _set(connection, office, person, hash)
        secret = open_session(connection, office, person.id, address)
        _record(connection, office, Actor.of(person, address), "change password", person)
    return secret


def _another(office: Office, actor: Actor, login: str) -> Person:
    """One's own password is changed with the present one, not like this."""
    person = person_for(office, actor, login)
    if actor.person is not None and actor.person.id == person.id:
        raise Refused([FAULTS["oneself"]])
    return person


def _hashed(office: Office, person: Person, password: str, again: str) -> str:
    fault = "passwords differ" if password != again else weakness(password, login=person.login)
    if fault:
        raise Refused([FAULTS[fault]])
    return office.passwords.hash(password)


def _set(connection: Connection, office: Office, person: Person, hash: str) -> None:
    connection.execute(update(persons).where(persons.c.id == person.id).values(password=hash))
    _void(connection, office, person.id)
    end_sessions(connection, office, person.id)


def _void(connection: Connection, office: Office, person: int) -> None:
    unused = (links.c.person == person) & links.c.used_at.is_(None)
    connection.execute(update(links).where(unused).values(used_at=office.now()))


def _open(office: Office, secret: str) -> tuple[ColumnElement[bool], ...]:
    return links.c.hash == digest(secret), links.c.used_at.is_(None), links.c.expires_at > office.now()


def _record(connection: Connection, office: Office, actor: Actor, action: str, person: Person) -> None:
    place = person.commission
    office.trail.record(
        connection, actor.name, action, commission=place, subject=person.login, address=actor.address
    )
