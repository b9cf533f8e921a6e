"""Persons: added, listed, locked, given roles. Each change and its entry in the audit trail are one transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from tallyscope.ledger.accounts.actor import Actor, looked_after, need_commission, need_over
from tallyscope.ledger.accounts.faults import FAULTS
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.person import Person, find_person, read_person
from tallyscope.ledger.accounts.roles import ROLES, Role
from tallyscope.ledger.accounts.sessions import end_sessions
from tallyscope.ledger.accounts.tables import grants, persons
from tallyscope.ledger.errors import Refused

__all__ = ["add_person", "end_role", "give_role", "list_persons", "lock", "login_of", "person_for", "unlock"]

_LOGIN = re.compile(r"[^\W_][\w.@-]{1,79}")


def login_of(typed: str) -> str:
    """A login as it is kept: one way of writing it, small letters."""
    return unicodedata.normalize("NFKC", typed.strip()).casefold()


def add_person(
    office: Office, actor: Actor, login: str, name: str, commission: int, roles: Sequence[str] = ()
) -> Person:
    """A new person without a password, looked after by a commission, with roles there. Raises Refused."""
    login, name = login_of(login), name.strip()
    need_commission(office, actor, "persons", commission)
    faults = [
        *([] if _LOGIN.fullmatch(login) else ["login form"]),
        *([] if 0 < len(name) <= 200 and name.isprintable() else ["name form"]),
        *([] if all(role in ROLES for role in roles) else ["no such role"]),
    ]
    with office.writing() as connection:
        if find_person(connection, office.tree, login) is not None:
            faults.append("login taken")
        if faults:
            raise Refused([FAULTS[fault] for fault in faults])
        row = {"login": login, "name": name, "commission": commission, "locked": False, "created_at": office.now()}
        id = connection.execute(insert(persons).returning(persons.c.id), [row]).scalar_one()
        office.trail.record(
            connection,
            actor.name,
            "add person",
            commission=commission,
            subject=login,
            address=actor.address,
            details={"name": name},
        )
        for role in dict.fromkeys(roles):
            _give(connection, office, actor, id, login, role, commission)  # type: ignore[arg-type]
        return _read(connection, office, id)


def person_for(office: Office, actor: Actor, login: str) -> Person:
    """A person whom the actor looks after. Raises Refused."""
    with office.reading() as connection:
        return need_over(office, actor, "persons", find_person(connection, office.tree, login_of(login)))


def list_persons(office: Office, actor: Actor, search: str = "", start: int = 0, count: int = 100) -> list[Person]:
    """Persons of the commissions that the actor looks after, by login; `search`: a part of a login or a name."""
    wanted = select(persons.c.id).where(persons.c.commission.in_(looked_after(office, actor, "persons")))
    if search:
        wanted = wanted.where(
            persons.c.login.contains(login_of(search), autoescape=True)
            | persons.c.name.contains(search.strip(), autoescape=True)
        )
    wanted = wanted.order_by(persons.c.login).offset(start).limit(count)
    with office.reading() as connection:
        return [_read(connection, office, id) for id in connection.scalars(wanted).all()]


def give_role(office: Office, actor: Actor, login: str, role: Role, commission: int) -> Person:
    """Gives a role at a commission. Raises Refused, also to whoever would give one to themselves."""
    need_commission(office, actor, "persons", commission)
    with office.writing() as connection:
        person = _other(connection, office, actor, login)
        if role not in ROLES:
            raise Refused([FAULTS["no such role"]])
        if any(g.role == role and g.place[-1] == commission for g in person.grants):
            raise Refused([FAULTS["role held"]])
        _give(connection, office, actor, person.id, person.login, role, commission)
        return _read(connection, office, person.id)


def end_role(office: Office, actor: Actor, login: str, role: Role, commission: int) -> Person:
    """Ends a role at a commission, and every session of the person. Raises Refused."""
    with office.writing() as connection:
        person = _other(connection, office, actor, login)
        held = (grants.c.person == person.id) & grants.c.ended_at.is_(None)
        held &= (grants.c.role == role) & (grants.c.commission == commission)
        if not connection.execute(update(grants).where(held).values(ended_at=office.now())).rowcount:
            raise Refused([FAULTS["role not held"]])
        end_sessions(connection, office, person.id)
        _record(connection, office, actor, "end role", person, commission, {"role": role})
        return _read(connection, office, person.id)


def lock(office: Office, actor: Actor, login: str) -> Person:
    """Locks an account and ends its sessions; its tokens are refused from then on. Raises Refused."""
    return _set_locked(office, actor, login, "lock person", {"locked": True})


def unlock(office: Office, actor: Actor, login: str) -> Person:
    """Opens a locked account. Raises Refused."""
    return _set_locked(office, actor, login, "unlock person", {"locked": False})


def _set_locked(office: Office, actor: Actor, login: str, action: str, values: dict[str, bool]) -> Person:
    with office.writing() as connection:
        person = _other(connection, office, actor, login)
        connection.execute(update(persons).where(persons.c.id == person.id).values(values))
        end_sessions(connection, office, person.id)
        _record(connection, office, actor, action, person, person.commission, {})
        return _read(connection, office, person.id)


def _other(connection: Connection, office: Office, actor: Actor, login: str) -> Person:
    found = find_person(connection, office.tree, login_of(login))
    person = need_over(office, actor, "persons", found)
    if actor.person is not None and actor.person.id == person.id:
        raise Refused([FAULTS["oneself"]])
    return person


def _give(
    connection: Connection, office: Office, actor: Actor, id: int, login: str, role: Role, commission: int
) -> None:
    row = {"person": id, "role": role, "commission": commission, "given_at": office.now()}
    connection.execute(insert(grants), [row])
    office.trail.record(
        connection,
        actor.name,
        "give role",
        commission=commission,
        subject=login,
        address=actor.address,
        details={"role": role},
    )


def _record(
    connection: Connection,
    office: Office,
    actor: Actor,
    action: str,
    person: Person,
    commission: int,
    details: dict[str, str],
) -> None:
    office.trail.record(
        connection,
        actor.name,
        action,
        commission=commission,
        subject=person.login,
        address=actor.address,
        details=details,
    )


def _read(connection: Connection, office: Office, id: int) -> Person:
    person = read_person(connection, office.tree, id)
    assert person is not None
    return person
