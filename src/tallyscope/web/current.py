"""Who is asking: the session of a request, the person signed in, and refusing whoever may not.

Pages take `Signed` (a person who is signed in, else the browser is sent to the login) and ask
`require(person, action, place)` before they show or do anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from tallyscope.ledger.accounts.actor import Actor
from tallyscope.ledger.accounts.person import Person
from tallyscope.ledger.accounts.roles import Action, Place
from tallyscope.ledger.accounts.sessions import Session, find_session
from tallyscope.web.serving import ServingNow, address_of

__all__ = [
    "COOKIE",
    "Acting",
    "CurrentSession",
    "NotSignedIn",
    "Signed",
    "SignedSession",
    "current",
    "require",
    "require_somewhere",
]

#: `__Host-`: only over TLS (or on this machine), only for this host, for all of its paths.
COOKIE = "__Host-session"


class NotSignedIn(Exception):
    """The page is for persons who are signed in."""


def current(request: Request, serving: ServingNow) -> Session | None:
    """The open session of a request, or None; templates find it as `request.state.session`."""
    request.state.session = find_session(serving.office, request.cookies.get(COOKIE))
    return request.state.session  # type: ignore[no-any-return]


CurrentSession = Annotated[Session | None, Depends(current)]


def _signed_session(session: CurrentSession) -> Session:
    if session is None:
        raise NotSignedIn
    return session


SignedSession = Annotated[Session, Depends(_signed_session)]


def _signed(session: SignedSession) -> Person:
    return session.person


#: The person who is signed in.
Signed = Annotated[Person, Depends(_signed)]


def acting(request: Request, person: Signed) -> Actor:
    """The person who is signed in, as the accounts and the audit trail know who changes something."""
    return Actor.of(person, address_of(request))


Acting = Annotated[Actor, Depends(acting)]


def require_somewhere(action: Action) -> Callable[[Person], None]:
    """A dependency of pages: refuses (403) whoever may not do this anywhere."""

    def somewhere(person: Signed) -> None:
        if not person.places(action):
            raise HTTPException(403)

    return somewhere


def require(person: Person, action: Action, place: Place | None) -> Place:
    """The place, if the person may do this there. Raises 403 if not.

    A commission that does not exist (None) and one that is not the person's are answered alike.
    """
    if place is None or not person.may(action, place):
        raise HTTPException(403)
    return place
