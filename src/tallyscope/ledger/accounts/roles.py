"""May this role, bound to this commission, do this there? One table and one pure function.

A place is the path of a commission's ids from the root down, `(1,)` for the nation. A role is held at a place and
reaches everything below it, nothing beside or above it. What concerns the whole count (a bulletin) has the root as
its target, so only a role held at the root reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["ACTIONS", "MAY", "ROLES", "SCOPES", "Action", "Grant", "Place", "Role", "allowed", "may"]

Place = tuple[int, ...]
Role = Literal["clerk", "coordinator", "observer", "publisher", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

Action = Literal[
    "see",  #: what is in and what stands, before it is published
    "enter",  #: type an official protocol, first or second
    "decide",  #: resolve differences, accept warnings, annul
    "copy",  #: enter an observer's copy or a photo
    "propose",  #: send a scanner's reading, which never stands by itself
    "import",  #: bring in a file of official protocols
    "publish",  #: release a bulletin
    "persons",  #: persons, their roles and passwords
    "sessions",  #: who is signed in; sign them out
    "tokens",  #: tokens of machines
    "audit",  #: read the audit trail
]
ACTIONS: tuple[Action, ...] = get_args(Action)

#: Who types does not decide, who decides does not publish, and who hands out roles does none of the three.
MAY: dict[Role, frozenset[Action]] = {
    "clerk": frozenset({"see", "enter", "propose"}),
    "coordinator": frozenset({"see", "decide", "propose", "import"}),
    "observer": frozenset({"see", "copy"}),
    "publisher": frozenset({"see", "publish"}),
    "administrator": frozenset({"see", "persons", "sessions", "tokens", "audit"}),
}
#: What a token may be made for; it never does more than the person whose token it is.
SCOPES: tuple[Action, ...] = ("see", "propose", "copy", "import")


@dataclass(frozen=True)
class Grant:
    """A role and the commission it is held at."""

    role: Role
    place: Place


def allowed(role: Role, place: Place, action: Action, target: Place) -> bool:
    """Whether `role`, held at `place`, may do `action` at `target`. An empty place reaches nothing."""
    return bool(place) and target[: len(place)] == place and action in MAY[role]


def may(grants: Iterable[Grant], action: Action, target: Place) -> bool:
    """Whether any of a person's roles allows it."""
    return any(allowed(grant.role, grant.place, action, target) for grant in grants)
