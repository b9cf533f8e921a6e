"""Answers of the workplace: a template in the reader's language, with who is signed in and its forms' token."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import URL

from tallyscope.ledger.accounts.tree import Tree
from tallyscope.web.csrf import VISIT, csrf_token, new_visit
from tallyscope.web.language import LANGUAGES, SOURCE, Language, language
from tallyscope.web.navigation import menu
from tallyscope.web.rendering import render
from tallyscope.web.serving import serving

__all__ = ["LANGUAGE", "go", "language_of", "local", "page", "place_name"]

#: Cookie of the language that was chosen.
LANGUAGE = "language"


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template of the workplace (it extends `work.html.j2`) as an answer that nobody keeps.

    Templates know `person` (None before login), `csrf`, `menu`, `here` (path of the page), `election` (its title),
    `place` (the name of a commission by its number), `l`, `_`.
    """
    now = serving(request)
    session, language = getattr(request.state, "session", None), language_of(request)
    person = None if session is None else session.person
    visit = request.cookies.get(VISIT) or new_visit()
    text = render(
        language.code,
        template,
        person=person,
        csrf=csrf_token(session, visit, now.settings.secret),
        menu=menu(person) if person else [],
        here=request.url.path,
        election=language.gettext(now.ledger.election.title),
        place=lambda id: place_name(language, now.office.tree, id),
        **values,
    )
    answer = HTMLResponse(text, status, headers={"Cache-Control": "no-store"})
    if session is None:
        answer.set_cookie(VISIT, visit, secure=True, httponly=True, samesite="strict", path="/")
    return answer


def go(path: str) -> RedirectResponse:
    """Sends the browser to a page of this service, as after a form."""
    return RedirectResponse(local(path), 303, headers={"Cache-Control": "no-store"})


def place_name(language: Language, tree: Tree, commission: int) -> str:
    """A commission's full name; the root is called as the election is."""
    title = tree.title(commission)
    return language.gettext(title) if commission == tree.root else title


def local(path: str, otherwise: str = "/work") -> str:
    """The path, if it is one of this service and of nobody else; `otherwise` if not.

    Browsers read `//host`, `/\\host` and addresses with tabs in them as other hosts.
    """
    plain = path.startswith("/") and path.isprintable() and "\\" not in path and not path.startswith("//")
    if not plain or len(path) > 2_000 or URL(path).hostname:
        return otherwise
    return path


def language_of(request: Request) -> Language:
    """The language that was chosen, else the first that the browser asks for, else English."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return language(chosen)
    asked = [
        part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    return language(next((code for code in asked if code in LANGUAGES), SOURCE))
