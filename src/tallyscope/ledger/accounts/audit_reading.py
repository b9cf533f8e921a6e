"""The audit trail for whoever may read it: by actor, action, commission and day, the latest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from tallyscope.ledger.accounts.actor import Actor, looked_after
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.tables import audit

__all__ = ["AuditEntry", "AuditFilter", "actions_in", "read_audit"]


@dataclass(frozen=True)
class AuditFilter:
    """Which entries: each part narrows, an empty one does not; `before`: only numbers below it."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    commission: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class AuditEntry:
    """One entry as it was written."""

    number: int
    at: datetime
    actor: str
    action: str
    commission: int | None
    subject: str
    address: str
    details: Mapping[str, Any]
    hash: str


def read_audit(office: Office, reader: Actor, wanted: AuditFilter, count: int = 100) -> list[AuditEntry]:
    """At most `count` entries of the commissions that the reader looks after, the latest first.

    What concerns no commission (an unknown login) is for whoever looks after the root.
    """
    places = set(looked_after(office, reader, "audit"))
    whole = office.tree.root in places
    if wanted.commission is not None:
        inside = office.tree.within(wanted.commission) if wanted.commission in office.tree.parents else ()
        places, whole = places.intersection(inside), False
    where = audit.c.commission.in_(places)
    rows = select(audit).where(or_(where, audit.c.commission.is_(None)) if whole else where)
    conditions = [
        *([audit.c.actor == wanted.actor] if wanted.actor else []),
        *([audit.c.action == wanted.action] if wanted.action else []),
        *([audit.c.subject == wanted.subject] if wanted.subject else []),
        *([audit.c.at >= wanted.since] if wanted.since else []),
        *([audit.c.at < wanted.until] if wanted.until else []),
        *([audit.c.number < wanted.before] if wanted.before is not None else []),
    ]
    rows = rows.where(*conditions).order_by(audit.c.number.desc()).limit(count)
    with office.reading() as connection:
        return [_entry(row) for row in connection.execute(rows)]


def _entry(row: Any) -> AuditEntry:
    said = json.loads(row.entry)
    return AuditEntry(
        row.number,
        row.at,
        row.actor,
        row.action,
        row.commission,
        row.subject,
        said["address"],
        said["details"],
        row.hash.hex(),
    )


def actions_in(office: Office) -> list[str]:
    """Every action there is an entry of, by name."""
    with office.reading() as connection:
        return list(connection.scalars(select(audit.c.action).distinct().order_by(audit.c.action)))
