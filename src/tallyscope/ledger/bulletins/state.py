"""A state of the count, gathered from the record by the second path: what a bulletin of it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from tallyscope.ledger.bulletins.changes import Correction, corrections
from tallyscope.ledger.bulletins.recount import Recount, recount
from tallyscope.ledger.bulletins.stations import Unbalanced, missing, unbalanced
from tallyscope.ledger.bulletins.tree import Commission, tree
from tallyscope.ledger.record import Record

__all__ = ["State", "gathered"]


@dataclass(frozen=True)
class State:
    """`missing`: [path of a commission, names of its stations]; `corrections`: since the last bulletin."""

    commissions: Mapping[int, Commission]
    counted: Recount
    missing: list[list[list[str]]]
    corrections: list[Correction]
    unbalanced: list[Unbalanced]


def gathered(connection: Connection, record: Record, size: int, since: int) -> State:
    """The state after `size` versions, the last bulletin being of `since` (0 if there is none)."""
    commissions = tree(connection)
    counted = recount(connection, record, size, commissions)
    return State(
        commissions,
        counted,
        missing(connection, size, commissions, list(counted.untold)),
        corrections(connection, record, since, size),
        unbalanced(connection, record, size),
    )
