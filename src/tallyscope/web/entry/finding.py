"""Finding a station by its number, within the commissions at which a person works."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, case, select

from tallyscope.ledger import schema
from tallyscope.ledger.entry.sheet import Phase
from tallyscope.ledger.entry.tables import sheets

__all__ = ["SHOWN", "Found", "find"]

#: As many are shown; whoever types on sees fewer.
SHOWN = 12


@dataclass(frozen=True)
class Found:
    """A station, and how far its protocol is."""

    station: int
    name: str
    key: str
    commission: int
    phase: Phase


def find(connection: Connection, text: str, commissions: Collection[int]) -> list[Found]:
    """Stations whose name begins with the text, an exact one first; with a blank in it, whose full name has it."""
    wanted_text = text.strip()[:80]
    if not wanted_text:
        return []
    s, t = schema.stations.c, schema.standing.c
    column = s.key if " " in wanted_text else s.name
    like = (column.contains if " " in wanted_text else column.startswith)(wanted_text, autoescape=True)
    stands = (t.station == s.id) & (t.source == "official")
    wanted = (
        select(s.id, s.name, s.key, s.commission, sheets.c.phase, t.version)
        .outerjoin_from(schema.stations, sheets, sheets.c.station == s.id)
        .outerjoin(schema.standing, stands)
        .where(like, s.commission.in_(list(commissions)))
        .order_by(case((s.name == wanted_text, 0), else_=1), s.id)
        .limit(SHOWN)
    )
    return [
        Found(r.id, r.name, r.key, r.commission, r.phase or ("empty" if r.version is None else "standing"))
        for r in connection.execute(wanted)
    ]
