"""Sheets in the database: how one is found, written and listed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from tallyscope.ledger import schema
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.refusals import refusal
from tallyscope.ledger.entry.sheet import Phase, Sheet, sheet_from
from tallyscope.ledger.entry.tables import sheet_events, sheets
from tallyscope.ledger.errors import Refused

__all__ = ["Happened", "Kept", "Listed", "happened", "listed", "load", "write"]


@dataclass(frozen=True)
class Kept:
    """A sheet as it is kept. `number`: events so far; `stands`: the version that the record says stands."""

    station: int
    name: str
    commission: int
    sheet: Sheet
    number: int
    stands: int | None
    #: When something happened last; None if nothing has.
    changed_at: datetime | None = None

    @property
    def overtaken(self) -> int | None:
        """The version that stands, if it came another way than through the sheet."""
        return self.stands if self.number and self.stands != self.sheet.standing else None


@dataclass(frozen=True)
class Happened:
    """One event of a sheet, with everything it carried."""

    number: int
    at: datetime
    who: str
    event: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Listed:
    """One line of a queue."""

    station: int
    key: str
    name: str
    commission: int
    phase: Phase
    sheet: Sheet
    changed_at: datetime


def load(connection: Connection, station: int, *, lock: bool = False) -> Kept:
    """The sheet of a station; one that nobody has begun is empty, or stands if a version came another way.

    `lock`: nobody else changes it before this transaction ends. Raises Refused for a station that there is none of.
    """
    s, t = schema.stations.c, schema.standing.c
    place = connection.execute(select(s.key, s.name, s.commission).where(s.id == station)).one_or_none()
    if place is None:
        raise Refused([refusal("no station", str(station))])
    wanted = select(sheets.c.body, sheets.c.number, sheets.c.changed_at).where(sheets.c.station == station)
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    stands = connection.scalar(select(t.version).where(t.station == station, t.source == "official"))
    if row is None:
        sheet = Sheet(place.key, "empty" if stands is None else "standing", standing=stands)
        return Kept(station, place.name, place.commission, sheet, 0, stands)
    sheet = sheet_from(json.loads(row.body))
    return Kept(station, place.name, place.commission, sheet, row.number, stands, row.changed_at)


def write(connection: Connection, kept: Kept, sheet: Sheet, event: e.Event, who: str, at: datetime) -> Kept:
    """Writes the state after an event, and the event. Raises Refused if somebody was faster."""
    body = json.dumps(sheet.content(), ensure_ascii=False)
    values = {"number": kept.number + 1, "phase": sheet.phase, "body": body, "changed_at": at}
    if kept.number == 0:
        connection.execute(insert(sheets).values(station=kept.station, **values))
    else:
        mine = (sheets.c.station == kept.station) & (sheets.c.number == kept.number)
        if connection.execute(update(sheets).where(mine).values(**values)).rowcount != 1:
            raise Refused([refusal("changed", sheet.station)])
    told = {"event": type(event).__name__, "body": json.dumps(asdict(event), ensure_ascii=False)}
    connection.execute(
        insert(sheet_events).values(station=kept.station, number=kept.number, at=at, who=who, **told)
    )
    return Kept(kept.station, kept.name, kept.commission, sheet, kept.number + 1, sheet.standing, at)


def happened(connection: Connection, station: int) -> list[Happened]:
    """Everything that happened to a station's sheet, in order."""
    wanted = select(sheet_events).where(sheet_events.c.station == station).order_by(sheet_events.c.number)
    return [Happened(r.number, r.at, r.who, r.event, json.loads(r.body)) for r in connection.execute(wanted)]


def listed(connection: Connection, phases: Collection[Phase], commissions: Collection[int]) -> list[Listed]:
    """The sheets of these commissions that are in these phases, the longest waiting first."""
    s = schema.stations.c
    wanted = (
        select(s.id, s.key, s.name, s.commission, sheets.c.body, sheets.c.changed_at)
        .join_from(sheets, schema.stations, s.id == sheets.c.station)
        .where(sheets.c.phase.in_(list(phases)), s.commission.in_(list(commissions)))
        .order_by(sheets.c.changed_at, s.id)
    )
    found = []
    for row in connection.execute(wanted):
        sheet = sheet_from(json.loads(row.body))
        found.append(Listed(row.id, row.key, row.name, row.commission, sheet.phase, sheet, row.changed_at))
    return found
