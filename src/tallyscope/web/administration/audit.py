"""The audit trail, with filters; as a page and as a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import polars as pl
from fastapi import APIRouter, Depends, Query, Request, Response

from tallyscope.ledger.accounts.audit_reading import AuditEntry, AuditFilter, actions_in, read_audit
from tallyscope.returns.writers import neutralised
from tallyscope.web.administration.commissions import commission_named, offered
from tallyscope.web.current import Acting, require_somewhere
from tallyscope.web.pages import language_of, page
from tallyscope.web.serving import Serving, ServingNow
from tallyscope.web.titles import audit_title

__all__ = ["router"]

router = APIRouter(prefix="/admin", dependencies=[Depends(require_somewhere("audit"))])
_PAGE, _FILE = 100, 100_000
_Text = Annotated[str, Query(max_length=500)]


class _Asked:
    """The filters of a request, as typed and as they are used."""

    def __init__(
        self,
        request: Request,
        serving: ServingNow,
        actor: Acting,
        who: _Text = "",
        action: _Text = "",
        subject: _Text = "",
        commission: _Text = "",
        since: _Text = "",
        until: _Text = "",
        before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    ) -> None:
        self.typed = {"who": who, "action": action, "subject": subject, "commission": commission}
        self.typed |= {"since": since, "until": until}
        self.names = offered(serving.office, actor, "audit", language_of(request))
        place = commission_named(self.names, commission) if commission.strip() else None
        end = _day(until)
        self.filter = AuditFilter(
            who.strip(),
            action,
            subject.strip(),
            place,
            _day(since),
            end and end + timedelta(days=1),
            before,
        )


_AskedNow = Annotated[_Asked, Depends()]


def _day(text: str) -> datetime | None:
    """The beginning of a day in UTC; what is no day does not narrow."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


@router.get("/audit")
def audit(request: Request, serving: ServingNow, actor: Acting, asked: _AskedNow) -> Response:
    """A page of it, the latest first."""
    found, language = read_audit(serving.office, actor, asked.filter, _PAGE + 1), language_of(request)
    kept = {k: v for k, v in asked.typed.items() if v}
    older = found[_PAGE - 1].number if len(found) > _PAGE else None
    return page(
        request,
        "administration/audit.html.j2",
        entries=found[:_PAGE],
        typed=asked.typed,
        names=asked.names,
        actions={a: audit_title(language, a) for a in actions_in(serving.office)},
        file=f"/admin/audit.csv?{urlencode(kept)}",
        older=older and f"/admin/audit?{urlencode({**kept, 'before': older})}",
    )


@router.get("/audit.csv")
def audit_csv(serving: ServingNow, actor: Acting, asked: _AskedNow) -> Response:
    """At most 100,000 entries as CSV; no cell of it is a formula."""
    text = _frame(serving, read_audit(serving.office, actor, asked.filter, _FILE)).write_csv()
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _frame(serving: Serving, entries: list[AuditEntry]) -> pl.DataFrame:
    title = serving.office.tree.title
    columns = {
        "number": [e.number for e in entries],
        "at": [e.at.isoformat() for e in entries],
        "actor": [e.actor for e in entries],
        "action": [e.action for e in entries],
        "commission": [None if e.commission is None else title(e.commission) for e in entries],
        "subject": [e.subject for e in entries],
        "address": [e.address for e in entries],
        "details": [json.dumps(dict(e.details), ensure_ascii=False) for e in entries],
        "hash": [e.hash for e in entries],
    }
    return neutralised(pl.DataFrame(columns, schema_overrides={"commission": pl.String}))
