"""The clerk's pages: find a station, take its paper, type it, hand it in. Everything goes by keyboard alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from tallyscope.ledger.accounts.person import Person
from tallyscope.ledger.database import reading
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.drafts import open_draft, save_draft
from tallyscope.ledger.entry.examine import Examination
from tallyscope.ledger.entry.keeping import Kept, Listed, listed
from tallyscope.ledger.errors import Refused
from tallyscope.web.current import Signed
from tallyscope.web.entry.asking import Fields, commissions, desk_of, happen, kept_for, numbered, typed
from tallyscope.web.entry.finding import find
from tallyscope.web.entry.lines import Said, lines_of, said
from tallyscope.web.entry.words import PHASES, told
from tallyscope.web.pages import go, language_of, page
from tallyscope.web.rendering import render
from tallyscope.web.serving import Serving, ServingNow

__all__ = ["router"]

router = APIRouter(prefix="/entry")
#: Rules that speak of lines that the clerk has simply not come to yet; they are told when she hands in.
_LATER = ("E101", "I101")
_WAITING = 30


@router.get("")
def first_page(
    request: Request, serving: ServingNow, person: Signed, q: str = "", done: int | None = None
) -> Response:
    """Where a clerk begins: the number of a station; the papers she holds; those that wait for a second person."""
    places = _places(serving, person)
    with reading(serving.ledger.engine) as connection:
        found = find(connection, q, places)
        rows = listed(connection, ("empty", "first", "second", "errors", "waiting"), places)
    if q and (
        len(found) == 1 or (found and found[0].name == q.strip() and found[1:2] and found[1].name != q.strip())
    ):
        return go(f"/entry/{found[0].station}")
    after = None if done is None else kept_for(serving, person, "enter", done)
    values: dict[str, Any] = {
        "q": q,
        "found": found,
        "phases": PHASES,
        "after": after,
        **_lists(rows, person.login),
    }
    return page(request, "entry/first.html.j2", tree=serving.office.tree, **values)


@router.get("/find")
def found_rows(request: Request, serving: ServingNow, person: Signed, q: str = "") -> Response:
    """The stations found so far, as the rows of the list: asked for while the clerk types."""
    with reading(serving.ledger.engine) as connection:
        found = find(connection, q, _places(serving, person))
    return page(request, "entry/found.html.j2", q=q, found=found, phases=PHASES, tree=serving.office.tree)


@router.get("/{station}")
def station_page(request: Request, serving: ServingNow, person: Signed, station: int) -> Response:
    """The form, if she holds this paper; else how far it is, and whether she may take it."""
    kept = kept_for(serving, person, "enter", station)
    if kept.sheet.at_work == person.login and kept.sheet.phase in ("first", "second"):
        draft = open_draft(desk_of(serving), station, person.login)
        found = desk_of(serving).glance(station, draft.texts)
        remarks = _said(request, found, later=False) if any(draft.texts.values()) else []
        return _form(request, kept, draft.texts, draft.serial, remarks)
    own = person.login in kept.sheet.typists
    # The first entry with errors is for whoever typed it, the second entry for anybody else.
    may = {"empty": True, "errors": own, "waiting": not own}.get(kept.sheet.phase, False)
    values: dict[str, Any] = {"kept": kept, "may": may, "own": own, "phases": PHASES}
    return page(request, "entry/station.html.j2", **values)


@router.post("/{station}/begin")
def begin(request: Request, serving: ServingNow, person: Signed, station: int, fields: Fields) -> Response:
    """Takes the paper."""
    return _do(request, kept_for(serving, person, "enter", station), person, e.Begin(), fields, f"/entry/{station}")


@router.post("/{station}/leave")
def leave(request: Request, serving: ServingNow, person: Signed, station: int, fields: Fields) -> Response:
    """Puts the paper back; the draft stays."""
    return _do(request, kept_for(serving, person, "enter", station), person, e.Leave(), fields, "/entry")


@router.post("/{station}/draft")
def draft(request: Request, serving: ServingNow, person: Signed, station: int, fields: Fields) -> JSONResponse:
    """Saves what is typed; answers what the rules say of it so far, or 409 with why it cannot be saved."""
    kept_for(serving, person, "enter", station)
    texts = typed(fields)
    try:
        saved = save_draft(desk_of(serving), station, person.login, texts, numbered(fields, "serial"))
    except Refused as refused:
        reasons = [f"{what} {do}" for _, what, do in told(language_of(request), refused)]
        return JSONResponse({"told": " ".join(reasons)}, 409)
    remarks = _said(request, desk_of(serving).glance(station, texts), later=False)
    return JSONResponse({"serial": saved.serial, "lines": _beside(request, texts, remarks)})


@router.post("/{station}/finish")
def finish(request: Request, serving: ServingNow, person: Signed, station: int, fields: Fields) -> Response:
    """Hands the entry in; what is remarkable is shown first, and goes in when the paper is said to have it."""
    kept = kept_for(serving, person, "enter", station)
    texts = typed(fields)
    remarks = _said(request, desk_of(serving).judge(station, texts), later=True)
    codes = {r.code for r in remarks if r.level != "I"}
    seen = set(fields.get("shown", "").split()) if "confirmed" in fields else set()
    if not codes <= seen and kept.sheet.at_work == person.login:
        return _form(request, kept, texts, numbered(fields, "serial"), remarks, shown=" ".join(sorted(codes)))
    return _do(request, kept, person, e.Finish(texts), fields, f"/entry?done={station}")


def _places(now: Serving, person: Person) -> list[int]:
    places = commissions(now, person, "enter")
    if not places:
        raise HTTPException(403)
    return places


def _lists(rows: list[Listed], who: str) -> dict[str, list[Listed]]:
    """The papers that concern a clerk: those she holds, those sent back, those that wait for a second person."""
    mine = [r for r in rows if r.sheet.at_work == who or (r.phase == "errors" and who in r.sheet.typists)]
    again = [r for r in rows if r.phase == "empty" and (r.sheet.note or r.sheet.standing is not None)]
    waiting = [r for r in rows if r.phase == "waiting" and who not in r.sheet.typists]
    return {"mine": mine, "again": again, "waiting": waiting[:_WAITING]}


def _do(
    request: Request, kept: Kept, person: Person, event: e.Event, fields: dict[str, str], then: str
) -> Response:
    """Lets an event happen and goes on, or says why not, with what was typed."""
    try:
        happen(request, person, kept, event, fields)
    except Refused as refused:
        lines = lines_of(language_of(request), desk_of(request.app.state.serving).ledger.election, typed(fields))
        values = {"kept": kept, "told": told(language_of(request), refused), "back": f"/entry/{kept.station}"}
        return page(request, "entry/refused.html.j2", 409, lines=[line for line in lines if line.text], **values)
    return go(then)


def _said(request: Request, found: Examination, *, later: bool) -> list[Said]:
    remarks = [r for r in found.remarks if later or r.rule.code not in _LATER]
    return said(language_of(request), request.app.state.serving.ledger.election, remarks)


def _form(
    request: Request, kept: Kept, texts: Mapping[str, str], serial: int, remarks: list[Said], shown: str = ""
) -> Response:
    lines = lines_of(language_of(request), request.app.state.serving.ledger.election, texts, remarks)
    about_all = [r for r in remarks if not r.lines]
    first_wrong = next((line.column for line in lines if line.level in ("E", "W")), "") if shown else ""
    at = first_wrong or next((line.column for line in lines if not line.text), lines[0].column)
    values = {"kept": kept, "lines": lines, "about_all": about_all, "serial": serial, "shown": shown, "at": at}
    grave = any(r.level == "E" for r in remarks)
    return page(request, "entry/form.html.j2", 422 if shown else 200, grave=grave, **values)


def _beside(request: Request, texts: Mapping[str, str], remarks: list[Said]) -> dict[str, dict[str, str]]:
    """Column -> level and text, of the lines that a remark is about."""
    language = language_of(request)
    lines = lines_of(language, request.app.state.serving.ledger.election, texts, remarks)
    return {
        line.column: {
            "level": line.level,
            "text": render(language.code, "entry/said.html.j2", said=line.said).strip(),
        }
        for line in lines
        if line.level is not None
    }
