"""Who changes accounts, and whom they look after."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.ledger.accounts.faults import FAULTS
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.person import Person
from tallyscope.ledger.accounts.roles import Action
from tallyscope.ledger.errors import Refused

__all__ = ["Actor", "looked_after", "need_commission", "need_over"]


@dataclass(frozen=True)
class Actor:
    """`name`: as the audit trail has it; `person` is None for the operator, who has the machine and its secret."""

    name: str
    person: Person | None = None
    address: str = ""

    @classmethod
    def of(cls, person: Person, address: str) -> Actor:
        """A person who is signed in, from an address."""
        return cls(person.login, person, address)


def looked_after(office: Office, actor: Actor, action: Action) -> tuple[int, ...]:
    """The commissions at which the actor may do this, by their full names."""
    tree = office.tree
    if actor.person is None:
        return tree.within(tree.root)
    found = {id: None for place in actor.person.places(action) for id in tree.within(place[-1])}
    return tuple(found)


def need_commission(office: Office, actor: Actor, action: Action, commission: int) -> None:
    """Raises Refused for a commission that is not there or not the actor's."""
    if commission not in office.tree.parents:
        raise Refused([FAULTS["no such commission"]])
    if actor.person is not None and not actor.person.may(action, office.tree.place(commission)):
        raise Refused([FAULTS["no such commission"]])


def need_over(office: Office, actor: Actor, action: Action, person: Person | None) -> Person:
    """The person, if the actor looks after the account and after every role of it. Raises Refused.

    Whoever may set a person's password may act in all of the person's roles, so all have to be below.
    """
    if person is None:
        raise Refused([FAULTS["no such person"]])
    if actor.person is None:
        return person
    if not actor.person.may(action, office.tree.place(person.commission)):
        raise Refused([FAULTS["no such person"]])
    if not all(actor.person.may(action, grant.place) for grant in person.grants):
        raise Refused([FAULTS["beyond you"]])
    return person
