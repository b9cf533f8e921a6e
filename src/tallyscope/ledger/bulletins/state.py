"""A state of the count, gathered from the record by the second path: what a bulletin of it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection

from tallyscope.ledger.beside import beside
from tallyscope.ledger.bulletins.changes import Correction, corrections
from tallyscope.ledger.bulletins.kinds import Kind, kinds, listed_kinds
from tallyscope.ledger.bulletins.recount import Recount, recount
from tallyscope.ledger.bulletins.tree import Commission, tree
from tallyscope.ledger.bulletins.unbalanced import Unbalanced, unbalanced
from tallyscope.ledger.record import Record

__all__ = ["State", "gathered"]


@dataclass(frozen=True)
class State:
    """`missing`: [path of a commission, names of its stations]; `corrections`: since the last bulletin."""

    commissions: Mapping[int, Commission]
    counted: Recount
    missing: list[list[list[str]]]
    kinds: tuple[Kind, ...]
    corrections: list[Correction]
    unbalanced: list[Unbalanced]


def gathered(connection: Connection, record: Record, size: int, since: int) -> State:
    """The state after `size` versions, the last bulletin being of `since` (0 if there is none)."""
    commissions = tree(connection)
    with beside(connection) as other:
        broken = other.begin(lambda c: unbalanced(c, record, size))
        of_list = other.begin(listed_kinds)
        counted = recount(connection, record, size, commissions, other=other)
        return State(
            commissions,
            counted,
            _by_commission([*((m.commission, m.name) for m in counted.missing), *counted.untold], commissions),
            kinds(connection, of_list(), size, counted.missing, counted.untold),
            corrections(connection, record, since, size),
            broken(),
        )


def _by_commission(stations: list[tuple[int, str]], commissions: Mapping[int, Commission]) -> list[list[list[str]]]:
    """Commissions in the order of the tree, with the names of their stations in the order of the list."""
    stations.sort(key=itemgetter(0))
    groups = groupby(stations, key=itemgetter(0))
    return [[list(commissions[id].path), [name for _, name in group]] for id, group in groups]
