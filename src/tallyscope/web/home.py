"""The first page of the workplace, and the choice of a language."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from tallyscope.web.current import Signed
from tallyscope.web.language import LANGUAGES
from tallyscope.web.pages import LANGUAGE, go, page
from tallyscope.web.titles import ROLES

__all__ = ["router"]

router = APIRouter()


@router.get("/work")
def work(request: Request, _person: Signed) -> Response:
    """What a person can do here."""
    return page(request, "home.html.j2", titles=ROLES)


@router.get("/language/{code}")
def choose_language(code: str, next: str = "/work") -> Response:
    """Keeps the language in a cookie and goes back to the page that asked."""
    if code not in LANGUAGES:
        raise HTTPException(404)
    answer = go(next)
    answer.set_cookie(LANGUAGE, code, max_age=31_536_000, secure=True, httponly=True, samesite="lax", path="/")
    return answer
