"""The coordinator's pages: the queues, and a sheet with everything that can be decided about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from tallyscope.ledger.database import reading
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.keeping import Kept, happened, listed
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.version import Stage
from tallyscope.web.current import Signed
from tallyscope.web.entry.asking import Fields, commissions, desk_of, happen, kept_for, typed
from tallyscope.web.entry.beside import compared
from tallyscope.web.entry.finding import find
from tallyscope.web.entry.lines import lines_of, said
from tallyscope.web.entry.words import EVENTS, PHASES, QUEUES, told
from tallyscope.web.pages import go, language_of, page
from tallyscope.web.serving import ServingNow

__all__ = ["EVENTS_OF", "router"]

router = APIRouter(prefix="/desk")
_PAPERS: dict[str, Stage] = {"repeat": "repeat", "repeat-count": "repeat-count"}


def _evidence(fields: dict[str, str]) -> str | None:
    return fields.get("evidence", "").strip().lower() or None


def _send_back(fields: dict[str, str]) -> e.SendBack:
    return e.SendBack(fields.get("reason", ""), _PAPERS.get(fields.get("stage", "")))


def _decide(fields: dict[str, str]) -> e.Event:
    whose = fields.get("whose")
    if whose not in ("first", "second"):
        return _send_back(fields)
    corrected = {column: text for column, text in typed(fields).items() if text}
    return e.Decide("first" if whose == "first" else "second", fields.get("reason", ""), corrected)


def _accept(fields: dict[str, str]) -> e.Accept:
    return e.Accept({k.removeprefix("reason."): v for k, v in fields.items() if k.startswith("reason.")})


#: Last part of the path -> the event that the fields of its form make.
EVENTS_OF: dict[str, Callable[[dict[str, str]], e.Event]] = {
    "decide": _decide,
    "back": _send_back,
    "accept": _accept,
    "correct": lambda f: e.Correct(_PAPERS.get(f.get("stage", ""), "first"), f.get("reason", ""), _evidence(f)),
    "withdraw": lambda f: e.Withdraw(f.get("reason", "")),
    "annul": lambda f: e.Annul(f.get("reason", ""), _evidence(f)),
    "confirm": lambda _: e.Confirm(),
    "keep": lambda f: e.Keep(f.get("reason", "")),
    "release": lambda f: e.Release(f.get("reason", "")),
}


@router.get("")
def queues(request: Request, serving: ServingNow, person: Signed, q: str = "", done: int | None = None) -> Response:
    """What waits for a decision, by kind, the longest waiting first; and any station by its number."""
    places = commissions(serving, person, "decide")
    if not places:
        raise HTTPException(403)
    with reading(serving.ledger.engine) as connection:
        rows = listed(connection, [phase for _, phases in QUEUES for phase in phases], places)
        found = find(connection, q, places)
    if q and len(found) == 1:
        return go(f"/desk/{found[0].station}")
    lists = [
        (title, [r for r in rows if r.phase in phases and _queued(r.phase, r.sheet.standing)])
        for title, phases in QUEUES
    ]
    after = None if done is None else kept_for(serving, person, "decide", done)
    values: dict[str, Any] = {
        "q": q,
        "found": found,
        "lists": lists,
        "after": after,
        "phases": PHASES,
    }
    return page(request, "entry/desk.html.j2", tree=serving.office.tree, **values)


def _queued(phase: str, standing: int | None) -> bool:
    """An empty sheet is of the coordinator's concern while it corrects something."""
    return phase != "empty" or standing is not None


@router.get("/{station}")
def sheet_page(request: Request, serving: ServingNow, person: Signed, station: int) -> Response:
    """One sheet: what was typed, what the rules say, what can be decided, what has happened."""
    kept = kept_for(serving, person, "decide", station)
    return _sheet(request, kept, person.login)


def _sheet(request: Request, kept: Kept, who: str, refused: Refused | None = None) -> Response:
    now = request.app.state.serving
    language, sheet, desk = language_of(request), kept.sheet, desk_of(now)
    shown = sheet.final or (sheet.first if sheet.phase == "errors" else None)
    found = desk.judge(kept.station, shown.texts) if shown else None
    remarks = said(language, now.ledger.election, found.remarks, "coordinator") if found else []
    with reading(now.ledger.engine) as connection:
        history = happened(connection, kept.station)
    values = {
        "kept": kept,
        "mine": who in sheet.typists or (sheet.phase == "annulling" and sheet.at_work == who),
        "lines": lines_of(language, now.ledger.election, shown.texts if shown else {}, remarks),
        "remarks": remarks,
        "compared": compared(language, now.ledger.election, sheet) if sheet.phase == "differences" else [],
        "history": history,
        "versions": now.ledger.history(sheet.station, source="official"),
        "told": told(language, refused) if refused else [],
        "phases": PHASES,
        "events": EVENTS,
    }
    return page(request, "entry/sheet.html.j2", 409 if refused else 200, **values)


@router.post("/{station}/{decision}")
def decide(
    request: Request, serving: ServingNow, person: Signed, station: int, decision: str, fields: Fields
) -> Response:
    """Lets a decision happen."""
    kept = kept_for(serving, person, "decide", station)
    if decision not in EVENTS_OF:
        raise HTTPException(404)
    try:
        happen(request, person, kept, EVENTS_OF[decision](fields), fields)
    except Refused as refused:
        return _sheet(request, desk_of(serving).look(station), person.login, refused)
    return go(f"/desk?done={station}")
