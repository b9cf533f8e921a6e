"""Commissions in forms: offered by their full names, found again by them."""

from __future__ import annotations

from tallyscope.ledger.accounts.actor import Actor, looked_after
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.roles import Action
from tallyscope.web.language import Language
from tallyscope.web.pages import place_name

__all__ = ["NOWHERE", "commission_named", "offered"]

#: Number of no commission: what a name that is not on the list stands for.
NOWHERE = -1


def offered(office: Office, actor: Actor, action: Action, language: Language) -> dict[int, str]:
    """The commissions that the actor looks after: number -> full name."""
    return {id: place_name(language, office.tree, id) for id in looked_after(office, actor, action)}


def commission_named(names: dict[int, str], typed: str) -> int:
    """The commission of a name, NOWHERE if none has it."""
    return next((id for id, name in names.items() if name == typed.strip()), NOWHERE)
