"""Publishing a bulletin: counted twice, held against every invariant, signed, and written once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from tallyscope.ledger import schema
from tallyscope.ledger.beside import beside
from tallyscope.ledger.bulletins.body import Head, body_of
from tallyscope.ledger.bulletins.drafting import Draft, draft
from tallyscope.ledger.bulletins.reading import Bulletin, bulletin
from tallyscope.ledger.checkpoint import Checkpoint, signed_checkpoint
from tallyscope.ledger.database import reading, writing
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.note import NoteError, Signer
from tallyscope.ledger.opened import digests, kept_digests
from tallyscope.ledger.record import Record
from tallyscope.ledger.words import canonical, sha256
from tallyscope.returns.problems import Problem, capped

if TYPE_CHECKING:
    from tallyscope.ledger.store import Ledger

__all__ = ["publish"]


def publish(ledger: Ledger, signer: Signer, *, by: str, at: datetime | None = None) -> Bulletin:
    """Publishes the count as it stands; `by`: who does, `at`: the time it carries, now unless given.

    What it says is one state of the record, whatever is accepted meanwhile. Raises Refused, with every reason: the
    two paths differ, an invariant fails, the record is not the one of the last bulletin, the key is of another
    record, time goes back, or somebody else published in the same moment.
    """
    moment = datetime.now(UTC) if at is None else at.astimezone(UTC)
    if not by.strip():
        raise Refused(["a bulletin says who published it: give a name."])
    with reading(ledger.engine) as connection:
        drawn, opened_with = _drawn(connection, ledger.record, moment, by)
        head, problems = drawn.head, [Problem("bulletin", text) for text in drawn.problems]
        if problems:
            raise Refused(capped(problems, len(problems), "reasons"))
        body = canonical(body_of(ledger.record, drawn.state, head, opened_with))
    note = _signed(ledger.origin, head, body, signer)
    _write(ledger, head, note, body)
    return bulletin(ledger, head.number)


def _drawn(connection: Connection, record: Record, at: datetime, by: str) -> tuple[Draft, Mapping[str, Any] | str]:
    """The draft, and what the count was opened with: in full for the first bulletin, its hash for the others."""
    if connection.scalar(select(func.count()).select_from(schema.bulletins)):
        drawn = draft(connection, record, at, by)
        if drawn.last is not None:
            return drawn, str(drawn.last.body["opened_with_sha256"])
    if (kept := kept_digests(connection)) is not None:
        return draft(connection, record, at, by), kept
    with beside(connection) as other:
        opened_with = other.begin(digests)
        return draft(connection, record, at, by), opened_with()


def _signed(origin: str, head: Head, body: str, signer: Signer) -> str:
    try:
        return signed_checkpoint(Checkpoint(origin, head.size, head.root, head.number, sha256(body)), signer)
    except NoteError as error:
        raise Refused([f"the bulletin cannot be signed: {error}."]) from error


def _write(ledger: Ledger, head: Head, note: str, body: str) -> None:
    values: dict[str, Any] = {
        "number": head.number,
        "published_at": head.published_at,
        "published_by": head.published_by,
        "size": head.size,
        "root": head.root,
        "checkpoint": note,
        "body": body,
        "body_sha256": sha256(body).hex(),
    }
    try:
        with writing(ledger.engine) as connection:
            connection.execute(insert(schema.bulletins).values(values))
    except IntegrityError as error:
        text = (
            f"somebody else has published bulletin {head.number:,} in this moment; look at it, and publish again."
        )
        raise Refused([text]) from error
