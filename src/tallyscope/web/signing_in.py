"""Pages to sign in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from tallyscope.ledger.accounts.limits import TooOften
from tallyscope.ledger.accounts.persons import login_of
from tallyscope.ledger.accounts.sessions import ABSOLUTE
from tallyscope.ledger.accounts.sign_in import WrongLogin, sign_in, sign_out
from tallyscope.web.csrf import VISIT
from tallyscope.web.current import COOKIE, CurrentSession
from tallyscope.web.pages import go, local, page
from tallyscope.web.serving import ServingNow, address_of

__all__ = ["router", "signed_in"]

router = APIRouter()


@router.get("/login")
def login_page(request: Request, session: CurrentSession, next: str = "/work") -> Response:
    """The form; whoever is signed in already goes on."""
    if session is not None:
        return go(next)
    return page(request, "login.html.j2", next=local(next), login="", wrong=False, minutes=None)


@router.post("/login")
def login(
    request: Request,
    serving: ServingNow,
    session: CurrentSession,
    login: Annotated[str, Form(max_length=80)] = "",
    password: Annotated[str, Form(max_length=1_000)] = "",
    next: Annotated[str, Form()] = "/work",
) -> Response:
    """Signs in under a new session; says no more than that login and password do not fit."""
    again = {"next": local(next), "login": login}
    try:
        secret = sign_in(serving.office, login_of(login), password, address_of(request), before=session)
    except WrongLogin:
        return page(request, "login.html.j2", 401, wrong=True, minutes=None, **again)
    except TooOften as error:
        minutes = 1 + int(error.wait.total_seconds()) // 60
        answer = page(request, "login.html.j2", 429, wrong=False, minutes=minutes, **again)
        answer.headers["Retry-After"] = str(minutes * 60)
        return answer
    return signed_in(next, secret)


def signed_in(path: str, secret: str) -> Response:
    """Goes to a page with a new session in the browser's cookie."""
    answer = go(path)
    age = int(ABSOLUTE.total_seconds())
    answer.set_cookie(COOKIE, secret, max_age=age, secure=True, httponly=True, samesite="lax", path="/")
    answer.delete_cookie(VISIT, secure=True, httponly=True, samesite="strict", path="/")
    return answer


@router.post("/logout")
def logout(request: Request, serving: ServingNow, session: CurrentSession) -> Response:
    """Ends the session, here and in the database."""
    if session is not None:
        sign_out(serving.office, session, address_of(request))
    answer = go("/login")
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax", path="/")
    return answer
