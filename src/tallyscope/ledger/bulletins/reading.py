"""Bulletins read back: what was published, as it was published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, select

from tallyscope.ledger import schema
from tallyscope.ledger.bulletins.changes import Correction
from tallyscope.ledger.checkpoint import read_checkpoint
from tallyscope.ledger.database import reading
from tallyscope.ledger.errors import Refused, Unavailable
from tallyscope.ledger.note import NoteError
from tallyscope.ledger.words import sha256

if TYPE_CHECKING:
    from tallyscope.ledger.store import Ledger

__all__ = ["Bulletin", "bulletin", "bulletins", "last_bulletin", "newest"]


@dataclass(frozen=True)
class Bulletin:
    """`size`: versions that it counts; `root`: hex; `checkpoint`: the signed note; `text`: the body as hashed."""

    number: int
    published_at: datetime
    published_by: str
    size: int
    root: str
    checkpoint: str
    text: str
    body: Mapping[str, Any]

    @property
    def processed(self) -> int:
        """Polling stations with a protocol."""
        return int(self.body["processed"])

    @property
    def of(self) -> int:
        """Polling stations that are to report."""
        return int(self.body["of"])

    @property
    def corrections(self) -> list[Correction]:
        """Those since the bulletin before."""
        return [
            Correction(
                station=c["station"],
                at=datetime.fromisoformat(c["at"]),
                stage=c["stage"],
                reason=c["reason"],
                changes={figure: (before, after) for figure, (before, after) in c["changes"].items()},
                version=c["version"],
                supersedes=c["supersedes"],
            )
            for c in self.body["corrections"]
        ]

    @property
    def units(self) -> Iterator[dict[str, Any]]:
        """One mapping a commission, the nation first; names as in the body's `units`."""
        columns = self.body["units"]["columns"]
        return (dict(zip(columns, row, strict=True)) for row in self.body["units"]["rows"])

    @property
    def nation(self) -> dict[str, Any]:
        """What is published of the whole count."""
        return next(self.units)

    @property
    def missing(self) -> int:
        """How many stations (and pseudo-stations) have no protocol."""
        return sum(len(names) for _, names in self.body["missing"])


def bulletin(ledger: Ledger, number: int) -> Bulletin:
    """One bulletin. Raises Refused if there is none of this number, Unavailable if it is not what was published."""
    with reading(ledger.engine) as connection:
        row = connection.execute(select(schema.bulletins).where(schema.bulletins.c.number == number)).first()
    if row is None:
        raise Refused([f"there is no bulletin {number:,}; `tallyscope count bulletins` lists them."])
    return read_row(row)


def newest(ledger: Ledger) -> int | None:
    """The number of the last one, None before the first; reads nothing else."""
    with reading(ledger.engine) as connection:
        number: int | None = connection.scalar(select(func.max(schema.bulletins.c.number)))
    return number


def bulletins(ledger: Ledger) -> list[Bulletin]:
    """All of them, the first one first."""
    with reading(ledger.engine) as connection:
        rows = connection.execute(select(schema.bulletins).order_by(schema.bulletins.c.number)).all()
    return [read_row(row) for row in rows]


def last_bulletin(connection: Connection) -> Bulletin | None:
    """The one with the highest number; None before the first."""
    b = schema.bulletins
    row = connection.execute(select(b).order_by(b.c.number.desc()).limit(1)).first()
    return None if row is None else read_row(row)


def read_row(row: Row[Any]) -> Bulletin:
    """A row of the table. Raises Unavailable if body, root and checkpoint do not belong together any more."""
    try:
        signed = read_checkpoint(row.checkpoint)
    except NoteError:
        signed = None
    told = (row.number, row.size, row.root, sha256(row.body))
    if signed is None or (signed.bulletin, signed.size, signed.root, signed.body) != told:
        raise Unavailable(
            f"bulletin {row.number:,} is not as it was published: somebody has changed it in the database. "
            "`tallyscope count verify` says where."
        )
    return Bulletin(
        row.number,
        row.published_at,
        row.published_by,
        row.size,
        row.root.hex(),
        row.checkpoint,
        row.body,
        json.loads(row.body),
    )
