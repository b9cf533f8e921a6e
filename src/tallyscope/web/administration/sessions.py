"""Who is signed in now, and signing them out."""

from __future__ import annotations

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from tallyscope.ledger.accounts.dismissing import dismiss, signed_in
from tallyscope.ledger.errors import Refused
from tallyscope.web.current import Acting, SignedSession, require_somewhere
from tallyscope.web.pages import go, page
from tallyscope.web.serving import ServingNow

__all__ = ["router"]

router = APIRouter(prefix="/admin/sessions", dependencies=[Depends(require_somewhere("sessions"))])


@router.get("")
def sessions(request: Request, serving: ServingNow, actor: Acting, session: SignedSession) -> Response:
    """Open sessions of persons below, the latest used first."""
    found = signed_in(serving.office, actor)
    return page(request, "administration/sessions.html.j2", sessions=found, mine=session.id)


@router.post("/{id}/end")
def end(serving: ServingNow, actor: Acting, id: int) -> Response:
    """Ends one."""
    try:
        dismiss(serving.office, actor, id)
    except Refused as error:
        raise HTTPException(404) from error
    return go("/admin/sessions")
