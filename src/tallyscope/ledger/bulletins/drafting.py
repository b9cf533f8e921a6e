"""The next bulletin as it would be: one state of the record by both paths, and every reason to refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, select

from tallyscope.ledger.accounts.tables import audit_head
from tallyscope.ledger.bulletins.body import Head
from tallyscope.ledger.bulletins.invariants import broken, changed_without_record, disagreements
from tallyscope.ledger.bulletins.reading import Bulletin, last_bulletin
from tallyscope.ledger.bulletins.state import State, gathered
from tallyscope.ledger.bulletins.sums import Sums
from tallyscope.ledger.bulletins.tree import Commission
from tallyscope.ledger.core import merkle
from tallyscope.ledger.errors import Unavailable
from tallyscope.ledger.reading import size_at
from tallyscope.ledger.record import Record
from tallyscope.ledger.sums import not_whole
from tallyscope.ledger.tree import tiles

__all__ = ["Draft", "draft"]


_DAMAGED = (
    "the record cannot be added up: something in the database is not what a count writes there. "
    "`tallyscope count verify` says what and where; nothing was published."
)


@dataclass(frozen=True)
class Draft:
    """`kept`: the sums by the first path; `state` has those by the second."""

    head: Head
    state: State
    kept: Sums
    problems: tuple[str, ...]
    #: The bulletin before it; None if it is the first.
    last: Bulletin | None


def draft(connection: Connection, record: Record, at: datetime, by: str) -> Draft:
    """Draws the next bulletin up, without writing anything. Raises Unavailable for a record that is damaged."""
    last = last_bulletin(connection)
    head = _head(connection, last, at, by)
    try:
        state = gathered(connection, record, head.size, last.size if last else 0)
    except (LookupError, TypeError, ValueError) as error:
        raise Unavailable(_DAMAGED) from error
    kept, odd = _kept(connection, record, state.commissions)
    # Where a sum is no number, that it differs goes without saying.
    problems = odd or _problems(connection, record, state, kept, head, last)
    return Draft(head, state, kept, tuple(problems), last)


def _head(connection: Connection, last: Bulletin | None, at: datetime, by: str) -> Head:
    size = size_at(connection, None)
    previous = (last.number, last.size, last.published_at) if last else None
    trail = connection.execute(select(audit_head.c.size, audit_head.c.hash)).one()
    audit = {"entries": trail.size, "head": trail.hash.hex()}
    return Head(last.number + 1 if last else 1, at, by, size, merkle.root(tiles(connection), size), previous, audit)


def _problems(
    connection: Connection,
    record: Record,
    state: State,
    kept: Sums,
    head: Head,
    last: Bulletin | None,
) -> Iterator[str]:
    yield from broken(record, state)
    yield from disagreements(record, kept, state)
    if last is None:
        return
    if head.published_at < last.published_at:
        yield f"its time is before that of bulletin {last.number:,}."
    if last.size > head.size or merkle.root(tiles(connection), last.size).hex() != last.root:
        where = "`tallyscope count verify` says where"
        yield f"the record does not begin with that of bulletin {last.number:,}: {where}."
        return
    yield from changed_without_record(connection, record, state, last.body, last.size)


def _kept(connection: Connection, record: Record, commissions: Mapping[int, Commission]) -> tuple[Sums, list[str]]:
    """The first path: the sums that whoever accepts a protocol keeps, and what of them is no number.

    Zeros for a commission that has none, and everywhere if something is no number.
    """
    sums = record.sums
    wanted = select(sums.c.commission, *(sums.c[part] for part in record.parts)).where(sums.c.source == "official")
    rows = [tuple(row) for row in connection.execute(wanted)]
    odd = [f"{_name(commissions, unit)}: {sentence}" for unit, sentence in not_whole(record, rows)]
    none = (0,) * len(record.parts)
    found = {} if odd else {row[0]: row[1:] for row in rows}
    values = np.array([found.get(id, none) for id in commissions], dtype=np.int64)
    return Sums(commissions, record.parts, values), odd


def _name(commissions: Mapping[int, Commission], id: int) -> str:
    commission = commissions.get(id)
    if commission is None:
        return f"commission {id!r}"
    return " / ".join(commission.path) or "the whole count"
