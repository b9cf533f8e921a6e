"""Publishing a bulletin: counted twice, held against every invariant, signed, and written once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from tallyscope.ledger import schema
from tallyscope.ledger.bulletins.body import Head, body_of
from tallyscope.ledger.bulletins.invariants import broken, changed_without_record, disagreements
from tallyscope.ledger.bulletins.reading import Bulletin, bulletin, last_bulletin
from tallyscope.ledger.bulletins.state import State, gathered
from tallyscope.ledger.bulletins.stations import digests
from tallyscope.ledger.bulletins.words import canonical, sha256
from tallyscope.ledger.checkpoint import Checkpoint, signed_checkpoint
from tallyscope.ledger.core import merkle
from tallyscope.ledger.database import reading, writing
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.note import NoteError, Signer
from tallyscope.ledger.reading import size_at
from tallyscope.ledger.record import Record
from tallyscope.ledger.tree import tiles
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
        last = last_bulletin(connection)
        head = _head(connection, last, moment, by)
        state = gathered(connection, ledger.record, head.size, last.size if last else 0)
        problems = [Problem("bulletin", text) for text in _problems(connection, ledger.record, state, head, last)]
        if problems:
            raise Refused(capped(problems, len(problems), "reasons"))
        opened_with = _opened_with(connection) or digests(connection)
        body = canonical(body_of(ledger.record, state, head, opened_with))
    note = _signed(ledger.origin, head, body, signer)
    _write(ledger, head, note, body)
    return bulletin(ledger, head.number)


def _head(connection: Connection, last: Bulletin | None, at: datetime, by: str) -> Head:
    size = size_at(connection, None)
    previous = (last.number, last.size, last.published_at) if last else None
    return Head(last.number + 1 if last else 1, at, by, size, merkle.root(tiles(connection), size), previous)


def _problems(
    connection: Connection, record: Record, state: State, head: Head, last: Bulletin | None
) -> Iterator[str]:
    yield from broken(record, state)
    yield from disagreements(record, _kept(connection, record), state)
    if last is None:
        return
    if head.published_at < last.published_at:
        yield f"its time is before that of bulletin {last.number:,}."
    if last.size > head.size or merkle.root(tiles(connection), last.size).hex() != last.root:
        where = "`tallyscope count verify` says where"
        yield f"the record does not begin with that of bulletin {last.number:,}: {where}."
        return
    yield from changed_without_record(connection, record, state, last.body, last.size)


def _kept(connection: Connection, record: Record) -> dict[int, Mapping[str, int]]:
    """The first path: the sums that whoever accepts a protocol keeps."""
    sums = record.sums
    wanted = select(sums).where(sums.c.source == "official")
    return {row["commission"]: dict(row) for row in connection.execute(wanted).mappings()}


def _opened_with(connection: Connection) -> dict[str, Any] | None:
    """What the first bulletin says that the count was opened with; None before there is one."""
    b = schema.bulletins.c
    text = connection.scalar(select(b.body).where(b.number == 1))
    said: dict[str, Any] | None = json.loads(text)["opened_with"] if text else None
    return said


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
