"""What every page of entry asks first: which station, may this person act there, what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from sqlalchemy import Connection

from tallyscope.ledger.accounts.person import Person
from tallyscope.ledger.accounts.roles import Action
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.events import Event
from tallyscope.ledger.entry.keeping import Kept
from tallyscope.ledger.errors import Refused
from tallyscope.web.current import require
from tallyscope.web.serving import Serving, address_of, serving

__all__ = ["Fields", "commissions", "desk_of", "happen", "kept_for", "numbered", "typed"]

#: Prefix of the fields that hold the lines of a protocol.
LINE = "line."
_LONGEST, _FIELDS = 4_000, 400


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form, as text. Raises 422 for a file, for too many, and for one that is too long."""
    form = (await request.form()).multi_items()
    if len(form) > _FIELDS or any(not isinstance(v, str) or len(v) > _LONGEST for _, v in form):
        raise HTTPException(422)
    return {name: str(value) for name, value in form}


#: The fields that were sent; of several of one name the last.
Fields = Annotated[dict[str, str], Depends(_fields)]


def typed(fields: dict[str, str]) -> dict[str, str]:
    """The texts of the lines: column -> text."""
    return {name.removeprefix(LINE): text.strip()[:40] for name, text in fields.items() if name.startswith(LINE)}


def numbered(fields: dict[str, str], name: str) -> int:
    """A hidden number of a form. Raises 422 for what is none."""
    text = fields.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise HTTPException(422)
    return int(text)


def desk_of(now: Serving) -> Desk:
    """The desk of the count that is served."""
    return Desk(now.ledger)


def kept_for(now: Serving, person: Person, action: Action, station: int) -> Kept:
    """The sheet of a station, if the person may do this there. Raises 403, also where there is no such station."""
    if station >= 2**31:
        raise HTTPException(403)
    try:
        kept = desk_of(now).look(station)
    except Refused:
        raise HTTPException(403) from None
    require(person, action, now.office.tree.place(kept.commission))
    return kept


def commissions(now: Serving, person: Person, action: Action) -> list[int]:
    """Every commission at which the person may do this."""
    places: Iterable[tuple[int, ...]] = person.places(action)
    return [id for place in places for id in now.office.tree.within(place[-1])]


def happen(request: Request, person: Person, kept: Kept, event: Event, fields: dict[str, str]) -> Kept:
    """Lets an event happen to the sheet that the form was made of, and notes it in the audit trail with it."""
    now = serving(request)

    def noted(connection: Connection, after: Kept) -> None:
        now.office.trail.record(
            connection,
            person.login,
            f"entry: {type(event).__name__}",
            commission=after.commission,
            subject=after.sheet.station,
            address=address_of(request),
            details={"phase": after.sheet.phase, "version": after.sheet.standing},
        )

    return desk_of(now).happen(kept.station, event, who=person.login, seen=numbered(fields, "seen"), also=noted)
