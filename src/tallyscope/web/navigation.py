"""The menu of the workplace: one line a page, shown to whoever may use it somewhere."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.ledger.accounts.person import Person
from tallyscope.ledger.accounts.roles import Action
from tallyscope.web.language import marked

__all__ = ["MENU", "Item", "menu"]


@dataclass(frozen=True)
class Item:
    """A page of the workplace: its title (English), its path, and the action it is for."""

    title: str
    path: str
    action: Action


MENU: tuple[Item, ...] = (
    Item(marked("Entry"), "/entry", "enter"),
    Item(marked("Coordinator's desk"), "/desk", "decide"),
    Item(marked("Publish a bulletin"), "/publish", "publish"),
    Item(marked("Persons"), "/admin/persons", "persons"),
    Item(marked("Signed in now"), "/admin/sessions", "sessions"),
    Item(marked("Tokens of machines"), "/admin/tokens", "tokens"),
    Item(marked("Audit trail"), "/admin/audit", "audit"),
)


def menu(person: Person) -> list[Item]:
    """The pages for a person."""
    return [item for item in MENU if person.places(item.action)]
