"""Signing in and out. A login is right as a whole or wrong: what of it was wrong, only the audit trail says."""

from __future__ import annotations

from sqlalchemy import select, update

from tallyscope.ledger.accounts import limits
from tallyscope.ledger.accounts.limits import TooOften
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.sessions import Session, end_session, open_session
from tallyscope.ledger.accounts.tables import persons

__all__ = ["TooOften", "WrongLogin", "sign_in", "sign_out"]


class WrongLogin(Exception):
    """Login or password is wrong, the account is locked, or it has no password yet: not told which."""


def sign_in(office: Office, login: str, password: str, address: str, *, before: Session | None = None) -> str:
    """The secret of a new session. `before`: the session of this browser, which ends: none outlives a login.

    Raises WrongLogin or TooOften. The same work is done for a login that nobody has.
    """
    now = office.now()
    with office.reading() as connection:
        row = connection.execute(select(persons).where(persons.c.login == login)).one_or_none()
    known, place = (row.login, row.commission) if row else ("(unknown)", None)
    try:
        with office.writing() as connection:
            number = limits.attempt(connection, login, address, now)
    except TooOften:
        _refused(office, known, place, address, "too many attempts")
        raise
    right = office.passwords.fits(row.password if row else None, password)
    if row is None or not right or row.locked:
        why = "unknown login" if row is None else "wrong password" if not right else "locked"
        _refused(office, known, place, address, why)
        raise WrongLogin
    renewed = office.passwords.hash(password) if office.passwords.outdated(row.password) else None
    with office.writing() as connection:
        limits.succeeded(connection, number)
        if renewed:
            connection.execute(update(persons).where(persons.c.id == row.id).values(password=renewed))
        if before is not None:
            end_session(connection, office, before.id)
        secret = open_session(connection, office, row.id, address)
        office.trail.record(connection, row.login, "sign in", commission=place, address=address, at=now)
    return secret


def _refused(office: Office, login: str, place: int | None, address: str, why: str) -> None:
    """What was typed as a login that nobody has is not kept: it may be somebody's password."""
    with office.writing() as connection:
        office.trail.record(
            connection, login, "sign in refused", commission=place, address=address, details={"why": why}
        )


def sign_out(office: Office, session: Session, address: str) -> None:
    """Ends the session."""
    with office.writing() as connection:
        end_session(connection, office, session.id)
        person = session.person
        office.trail.record(connection, person.login, "sign out", commission=person.commission, address=address)
