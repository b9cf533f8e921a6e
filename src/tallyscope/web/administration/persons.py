"""Persons: found, added, given roles, locked, helped to a password."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response

from tallyscope.ledger.accounts import persons as accounts
from tallyscope.ledger.accounts.actor import Actor
from tallyscope.ledger.accounts.person import Person
from tallyscope.ledger.accounts.setting_passwords import make_link, set_password
from tallyscope.ledger.errors import Refused
from tallyscope.web.administration.commissions import commission_named, offered
from tallyscope.web.current import Acting, require_somewhere
from tallyscope.web.pages import go, language_of, page
from tallyscope.web.serving import Serving, ServingNow
from tallyscope.web.titles import ROLES

__all__ = ["router"]

router = APIRouter(prefix="/admin/persons", dependencies=[Depends(require_somewhere("persons"))])
_Text = Annotated[str, Form(max_length=1_000)]
_PAGE = 100


@router.get("")
def persons(request: Request, serving: ServingNow, actor: Acting, search: str = "", start: int = 0) -> Response:
    """Everybody whom the administrator looks after."""
    first = min(max(start, 0), 10**9)
    found = accounts.list_persons(serving.office, actor, search[:200], first, _PAGE + 1)
    return page(
        request,
        "administration/persons.html.j2",
        persons=found[:_PAGE],
        search=search,
        before=max(first - _PAGE, 0) if first else None,
        after=first + _PAGE if len(found) > _PAGE else None,
        titles=ROLES,
    )


@router.get("/new")
def new(request: Request, serving: ServingNow, actor: Acting) -> Response:
    """The form for a new person."""
    return _new(request, serving, actor, {"login": "", "name": "", "commission": "", "roles": []})


@router.post("")
def add(
    request: Request,
    serving: ServingNow,
    actor: Acting,
    login: _Text = "",
    name: _Text = "",
    commission: _Text = "",
    roles: Annotated[list[str], Form(max_length=len(ROLES))] = [],  # noqa: B006
) -> Response:
    """Adds a person and goes to the person's page, where a link or a password is made."""
    place = commission_named(offered(serving.office, actor, "persons", language_of(request)), commission)
    try:
        person = accounts.add_person(serving.office, actor, login, name, place, roles)
    except Refused as error:
        values: dict[str, object] = {"login": login, "name": name, "commission": commission, "roles": roles}
        return _new(request, serving, actor, values, error.problems)
    return go(_path(person.login))


def _new(
    request: Request, serving: Serving, actor: Actor, values: dict[str, object], problems: Sequence[object] = ()
) -> Response:
    names = offered(serving.office, actor, "persons", language_of(request))
    status = 422 if problems else 200
    template = "administration/new_person.html.j2"
    return page(request, template, status, problems=problems, names=names, titles=ROLES, values=values)


@router.get("/{login}")
def person(request: Request, serving: ServingNow, actor: Acting, login: str) -> Response:
    """One person: roles, lock, password."""
    return _person(request, serving, actor, login)


@router.post("/{login}/roles")
def give_role(
    request: Request, serving: ServingNow, actor: Acting, login: str, role: _Text = "", commission: _Text = ""
) -> Response:
    """Gives a role."""
    place = commission_named(offered(serving.office, actor, "persons", language_of(request)), commission)
    return _changed(
        request,
        serving,
        actor,
        login,
        lambda: accounts.give_role(serving.office, actor, login, role, place),  # type: ignore[arg-type]
    )


@router.post("/{login}/roles/end")
def end_role(
    request: Request,
    serving: ServingNow,
    actor: Acting,
    login: str,
    role: _Text = "",
    commission: Annotated[int, Form()] = -1,
) -> Response:
    """Ends a role."""
    return _changed(
        request,
        serving,
        actor,
        login,
        lambda: accounts.end_role(serving.office, actor, login, role, commission),  # type: ignore[arg-type]
    )


@router.post("/{login}/lock")
def lock(request: Request, serving: ServingNow, actor: Acting, login: str) -> Response:
    """Locks the account."""
    return _changed(request, serving, actor, login, lambda: accounts.lock(serving.office, actor, login))


@router.post("/{login}/unlock")
def unlock(request: Request, serving: ServingNow, actor: Acting, login: str) -> Response:
    """Opens it again."""
    return _changed(request, serving, actor, login, lambda: accounts.unlock(serving.office, actor, login))


@router.post("/{login}/link")
def link(request: Request, serving: ServingNow, actor: Acting, login: str) -> Response:
    """Makes a one-time link and shows it, once."""
    try:
        secret = make_link(serving.office, actor, login)
    except Refused as error:
        return _person(request, serving, actor, login, error.problems)
    return _person(request, serving, actor, login, link=f"{request.base_url}welcome/{secret}")


@router.post("/{login}/password")
def password(
    request: Request, serving: ServingNow, actor: Acting, login: str, password: _Text = "", again: _Text = ""
) -> Response:
    """Sets a password that the person has typed here."""
    return _changed(
        request,
        serving,
        actor,
        login,
        lambda: set_password(serving.office, actor, login, password, again),
    )


def _changed(
    request: Request, serving: Serving, actor: Actor, login: str, change: Callable[[], object]
) -> Response:
    try:
        change()
    except Refused as error:
        return _person(request, serving, actor, login, error.problems)
    return go(_path(login))


def _path(login: str) -> str:
    return f"/admin/persons/{quote(login, safe='@')}"


def _person(
    request: Request,
    serving: Serving,
    actor: Actor,
    login: str,
    problems: Sequence[object] = (),
    link: str | None = None,
) -> Response:
    whose = _found(serving, actor, login)
    return page(
        request,
        "administration/person.html.j2",
        422 if problems else 200,
        whose=whose,
        path=_path(whose.login),
        names=offered(serving.office, actor, "persons", language_of(request)),
        titles=ROLES,
        problems=problems,
        link=link,
        oneself=actor.name == whose.login,
    )


def _found(serving: Serving, actor: Actor, login: str) -> Person:
    try:
        return accounts.person_for(serving.office, actor, login)
    except Refused as error:
        raise HTTPException(404) from error
