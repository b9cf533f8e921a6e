"""One's own password: changed with the present one, or set at a one-time link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from tallyscope.ledger.accounts.limits import TooOften
from tallyscope.ledger.accounts.setting_passwords import change_password, link_person, use_link
from tallyscope.ledger.errors import Refused
from tallyscope.web.current import SignedSession
from tallyscope.web.language import marked
from tallyscope.web.pages import go, page
from tallyscope.web.serving import ServingNow, address_of
from tallyscope.web.signing_in import signed_in

__all__ = ["router"]

router = APIRouter()
_Secret = Annotated[str, Form(max_length=1_000)]
_TOO_OFTEN = marked("Too many wrong attempts. Wait a quarter of an hour.")


@router.get("/password")
def password_page(request: Request, _session: SignedSession) -> Response:
    """The form to change one's own password."""
    return _form(request)


@router.post("/password")
def change(
    request: Request,
    serving: ServingNow,
    session: SignedSession,
    present: _Secret = "",
    password: _Secret = "",
    again: _Secret = "",
) -> Response:
    """Changes it; every other session of the person is over."""
    try:
        secret = change_password(serving.office, session, present, password, again, address_of(request))
    except Refused as error:
        return _form(request, error.problems)
    except TooOften:
        return _form(request, [_TOO_OFTEN])
    return signed_in("/work", secret)


def _form(request: Request, problems: Sequence[object] = ()) -> Response:
    return page(request, "password.html.j2", 422 if problems else 200, problems=problems)


@router.get("/welcome/{secret}")
def welcome(request: Request, serving: ServingNow, secret: str) -> Response:
    """The form that a one-time link leads to; opening it does not use it up."""
    return _welcome(request, serving, secret)


@router.post("/welcome/{secret}")
def set_by_link(
    request: Request, serving: ServingNow, secret: str, password: _Secret = "", again: _Secret = ""
) -> Response:
    """Sets the password and uses the link up; the person then signs in with it."""
    try:
        use_link(serving.office, secret, password, again, address_of(request))
    except Refused as error:
        return _welcome(request, serving, secret, error.problems)
    return go("/login")


def _welcome(request: Request, serving: ServingNow, secret: str, problems: Sequence[object] = ()) -> Response:
    try:
        whose = link_person(serving.office, secret)
    except Refused as error:
        return page(request, "link_over.html.j2", 410, problems=error.problems)
    return page(request, "welcome.html.j2", 422 if problems else 200, whose=whose, problems=problems)
