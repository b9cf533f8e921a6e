"""What a machine proposes: the scanner's reading that the record has of a paper nobody has typed yet."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tallyscope.ledger import schema
from tallyscope.ledger.entry.keeping import Kept
from tallyscope.ledger.entry.typed import written
from tallyscope.ledger.history import from_leaf
from tallyscope.ledger.version import Version

__all__ = ["proposed", "texts_of"]


def proposed(connection: Connection, kept: Kept) -> Version | None:
    """The scanner's version of this paper; None if there is none, or if it is of a paper before this one."""
    t, v = schema.standing.c, schema.versions.c
    wanted = (
        select(v.number, v.accepted_at, v.leaf)
        .join_from(schema.standing, schema.versions, t.version == v.number)
        .where(t.station == kept.station, t.source == "scanner")
    )
    row = connection.execute(wanted).one_or_none()
    if row is None or kept.sheet.phase != "empty" or kept.sheet.proposal is not None:
        return None
    if kept.sheet.round and kept.changed_at is not None and row.accepted_at <= kept.changed_at:
        return None
    return from_leaf(row.number, row.leaf)


def texts_of(version: Version) -> dict[str, str]:
    """What the machine read, as a clerk would have typed it."""
    return written(version.figures, version.gaps)
