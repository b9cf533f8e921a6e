"""Drafts: what a clerk has typed and not yet handed in, saved at every pause, there again after any crash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tallyscope.ledger.database import reading, writing
from tallyscope.ledger.entry import keeping
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.refusals import refusal
from tallyscope.ledger.entry.sheet import Sheet
from tallyscope.ledger.entry.tables import drafts
from tallyscope.ledger.errors import Refused

__all__ = ["Draft", "open_draft", "save_draft"]


@dataclass(frozen=True)
class Draft:
    """Column -> text as typed; `serial`: how often it was saved."""

    texts: Mapping[str, str] = field(default_factory=dict)
    serial: int = 0
    saved_at: datetime | None = None


def open_draft(desk: Desk, station: int, who: str) -> Draft:
    """What the clerk sees on opening a paper she holds: her draft, else her entry with errors, else a machine's.

    For a second entry there is nothing but her own draft: it is blind.
    """
    with reading(desk.ledger.engine) as connection:
        sheet = keeping.load(connection, station).sheet
        found = _saved(connection, station, who)
    if found is not None and found[0] == sheet.round:
        return found[1]
    serial = found[1].serial if found else 0
    return Draft(_beforehand(sheet, who), serial)


def _beforehand(sheet: Sheet, who: str) -> Mapping[str, str]:
    if sheet.phase != "first":
        return {}
    if sheet.first is not None and sheet.first.by == who:
        return sheet.first.texts
    return sheet.proposal.texts if sheet.proposal else {}


def save_draft(desk: Desk, station: int, who: str, texts: Mapping[str, str], serial: int) -> Draft:
    """Saves what is typed; durable when it returns. `serial`: of the draft that was looked at.

    Raises Refused if the paper is not hers now, or if another window has saved meanwhile.
    """
    with writing(desk.ledger.engine) as connection:
        kept = keeping.load(connection, station, lock=True)
        if kept.sheet.phase not in ("first", "second") or kept.sheet.at_work != who:
            raise Refused([refusal("not yours", kept.sheet.station)])
        found = _saved(connection, station, who)
        if (found[1].serial if found else 0) != serial:
            raise Refused([refusal("stale draft", kept.sheet.station)])
        at = desk.now()
        body = json.dumps(dict(texts), ensure_ascii=False)
        values = {"round": kept.sheet.round, "serial": serial + 1, "body": body, "saved_at": at}
        if found is None:
            connection.execute(insert(drafts).values(station=station, person=who, **values))
        else:
            mine = (drafts.c.station == station) & (drafts.c.person == who)
            connection.execute(update(drafts).where(mine).values(**values))
    return Draft(dict(texts), serial + 1, at)


def _saved(connection: Connection, station: int, who: str) -> tuple[int, Draft] | None:
    """Round and draft."""
    wanted = select(drafts).where(drafts.c.station == station, drafts.c.person == who)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else (row.round, Draft(json.loads(row.body), row.serial, row.saved_at))
