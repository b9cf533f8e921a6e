"""Tokens of machines: made (and shown once), listed, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response

from tallyscope.ledger.accounts.actor import Actor
from tallyscope.ledger.accounts.tokens import list_tokens, make_token, revoke_token
from tallyscope.ledger.errors import Refused
from tallyscope.web.administration.commissions import commission_named, offered
from tallyscope.web.current import Acting, require_somewhere
from tallyscope.web.pages import go, language_of, page
from tallyscope.web.serving import Serving, ServingNow
from tallyscope.web.titles import SCOPES

__all__ = ["router"]

router = APIRouter(prefix="/admin/tokens", dependencies=[Depends(require_somewhere("tokens"))])
_Text = Annotated[str, Form(max_length=1_000)]
_BLANK = {"login": "", "name": "", "commission": "", "scopes": list[str](), "days": 7}


@router.get("")
def tokens(request: Request, serving: ServingNow, actor: Acting) -> Response:
    """Tokens at the commissions below, and the form for another one."""
    return _tokens(request, serving, actor, _BLANK)


@router.post("")
def make(
    request: Request,
    serving: ServingNow,
    actor: Acting,
    login: _Text = "",
    name: _Text = "",
    commission: _Text = "",
    scopes: Annotated[list[str], Form(max_length=len(SCOPES))] = [],  # noqa: B006
    days: Annotated[int, Form()] = 7,
) -> Response:
    """Makes one and shows it, once."""
    place = commission_named(offered(serving.office, actor, "tokens", language_of(request)), commission)
    try:
        secret = make_token(serving.office, actor, login, name, place, scopes, days)
    except Refused as error:
        values = {"login": login, "name": name, "commission": commission, "scopes": scopes, "days": days}
        return _tokens(request, serving, actor, values, error.problems)
    return _tokens(request, serving, actor, _BLANK, secret=secret)


@router.post("/{id}/revoke")
def revoke(serving: ServingNow, actor: Acting, id: int) -> Response:
    """Revokes one at once."""
    try:
        revoke_token(serving.office, actor, id)
    except Refused as error:
        raise HTTPException(404) from error
    return go("/admin/tokens")


def _tokens(
    request: Request,
    serving: Serving,
    actor: Actor,
    values: dict[str, object],
    problems: Sequence[object] = (),
    secret: str | None = None,
) -> Response:
    office = serving.office
    return page(
        request,
        "administration/tokens.html.j2",
        422 if problems else 200,
        tokens=list_tokens(office, actor),
        names=offered(office, actor, "tokens", language_of(request)),
        titles=SCOPES,
        now=office.now(),
        problems=problems,
        secret=secret,
        values=values,
    )
