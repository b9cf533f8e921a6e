"""What a bulletin would say now, by both paths, and every reason why it would be refused; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tallyscope.ledger.bulletins.changes import Correction
from tallyscope.ledger.bulletins.drafting import draft
from tallyscope.ledger.database import reading

if TYPE_CHECKING:
    from tallyscope.ledger.store import Ledger

__all__ = ["Preview", "preview"]


@dataclass(frozen=True)
class Preview:
    """`first`, `second`: the whole count by the sums that are kept and added up anew; part of the tally -> number.

    `parts`: how many numbers were compared, of every commission; `problems`: why it would be refused, if it would.
    """

    number: int
    size: int
    processed: int
    of: int
    first: Mapping[str, int]
    second: Mapping[str, int]
    commissions: int
    parts: int
    corrections: tuple[Correction, ...]
    problems: tuple[str, ...]


def preview(ledger: Ledger, *, by: str, at: datetime | None = None) -> Preview:
    """What `publish` would do at this moment. Raises Unavailable."""
    moment = datetime.now(UTC) if at is None else at.astimezone(UTC)
    record = ledger.record
    with reading(ledger.engine) as connection:
        drawn = draft(connection, record, moment, by)
    state = drawn.state
    second = state.counted.sums.nation
    return Preview(
        drawn.head.number,
        drawn.head.size,
        second["reported"] + second["zero"],
        second["stations"] if record.election.stations is None else record.election.stations,
        drawn.kept.nation,
        {part: second[part] for part in record.parts},
        len(state.commissions),
        len(record.parts) * len(state.commissions),
        tuple(state.corrections),
        drawn.problems,
    )
