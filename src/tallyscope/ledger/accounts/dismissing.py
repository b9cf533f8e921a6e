"""An administrator sees who is signed in below, and signs them out."""

from __future__ import annotations

from tallyscope.ledger.accounts.actor import Actor, looked_after
from tallyscope.ledger.accounts.faults import FAULTS
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.sessions import OpenSession, end_session, live
from tallyscope.ledger.errors import Refused

__all__ = ["dismiss", "signed_in"]


def signed_in(office: Office, actor: Actor) -> list[OpenSession]:
    """Open sessions of persons whom the actor looks after, the latest used first."""
    below = set(looked_after(office, actor, "sessions"))
    with office.reading() as connection:
        return [session for session in live(connection, office) if session.commission in below]


def dismiss(office: Office, actor: Actor, id: int) -> None:
    """Ends a session. Raises Refused for one that the actor does not look after."""
    found = next((session for session in signed_in(office, actor) if session.id == id), None)
    if found is None:
        raise Refused([FAULTS["no such session"]])
    with office.writing() as connection:
        end_session(connection, office, id)
        office.trail.record(
            connection,
            actor.name,
            "end session",
            commission=found.commission,
            subject=found.login,
            address=actor.address,
        )
