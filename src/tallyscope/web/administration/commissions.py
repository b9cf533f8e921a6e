"""Commissions in forms: offered by their full names as they are typed, found again by them."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from tallyscope.ledger.accounts.actor import Actor, looked_after
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.roles import Action
from tallyscope.web.current import Acting, require_somewhere
from tallyscope.web.language import Language
from tallyscope.web.pages import language_of, page, place_name
from tallyscope.web.serving import ServingNow

__all__ = ["NOWHERE", "SHOWN", "commission_named", "offered", "router"]

#: Number of no commission: what a name that is not on the list stands for.
NOWHERE = -1
#: So many are offered at once; a whole country's would be a quarter of a megabyte in every form.
SHOWN = 20
#: Between a commission and the one above it, in full names.
_BELOW = " / "

router = APIRouter(prefix="/admin/commissions", dependencies=[Depends(require_somewhere("persons"))])


@router.get("")
def find(request: Request, serving: ServingNow, actor: Acting, q: str = "") -> Response:
    """The first of them whose full name has the text, as the options of a list."""
    wanted = q.strip().casefold()[:200]
    names = offered(serving.office, actor, "persons", language_of(request)).values()
    found = [name for name in names if wanted in name.casefold()][:SHOWN]
    return page(request, "administration/commissions.html.j2", offered=found)


def offered(office: Office, actor: Actor, action: Action, language: Language) -> dict[int, str]:
    """The commissions that the actor looks after: number -> full name."""
    return {id: place_name(language, office.tree, id) for id in looked_after(office, actor, action)}


def commission_named(names: dict[int, str], typed: str) -> int:
    """The commission of a full name, or of an own name that no other has; NOWHERE if none has it."""
    wanted = typed.strip()
    full = [id for id, name in names.items() if name == wanted]
    own = [id for id, name in names.items() if name.rsplit(_BELOW, 1)[-1] == wanted]
    return next((some[0] for some in (full, own) if len(some) == 1), NOWHERE)
