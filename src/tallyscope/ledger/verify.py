"""The whole history of a record, verified from its database: what is not as it was accepted or published.

    versions    the columns, the canonical JSON that was hashed and its hash: each tells on the two others
    nodes       the Merkle tree follows from the hashes
    bulletins   signatures, roots at every size, bodies recomputed from the record as it was then
    stations    election, commissions and stations are those that the count was opened with
    audit       the trail of who did what: each entry fits the one before, and each bulletin signed its head
    standing    and `sums`, `head`: what is kept for speed is what follows

Whoever rewrites a version, its hash and the tree consistently is found by any signed checkpoint from before: those
in the database, and those that somebody kept outside it (`checkpoints`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, inspect

from tallyscope.ledger.definition import Definition, from_json
from tallyscope.ledger.note import Verifier
from tallyscope.ledger.record import Record
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.leaves import Leaves, read_leaves
from tallyscope.ledger.verifying.nodes import Tree
from tallyscope.ledger.verifying.places import election_faults, kept_opening, place_faults
from tallyscope.ledger.verifying.published import (
    Stored,
    body_faults,
    checkpoint_faults,
    outside_faults,
    read_bulletins,
)
from tallyscope.ledger.verifying.raw import opened, rows
from tallyscope.ledger.verifying.standing import chain_faults, head_faults, sum_faults
from tallyscope.ledger.verifying.trail import trail_faults

__all__ = ["Fault", "Report", "verify"]


@dataclass(frozen=True)
class Report:
    """`faults`: everything found; `notes`: what could not be checked, and why."""

    versions: int
    bulletins: int
    root: bytes | None
    seconds: float
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = field(default=())


def verify(url: str, verifiers: Sequence[Verifier] = (), checkpoints: Sequence[str] = ()) -> Report:
    """Verifies the record in a database, which is only read. `checkpoints`: signed notes from outside it.

    Raises Unavailable if there is no record, NoteError for a checkpoint that none of the keys has signed.
    """
    start = time.perf_counter()
    with opened(url) as connection:
        definition, faults = _definition(connection)
        columns = [c["name"] for c in inspect(connection).get_columns("figures") if c["name"] != "version"]
        leaves = read_leaves(connection, columns, definition.election.form.id if definition else "")
        bulletins = read_bulletins(connection)
        tree = Tree(whole) if (whole := leaves.whole) is not None else None
        faults += leaves.faults
        faults += tree.faults(connection) if tree else ()
        faults += _published(bulletins, tree, leaves, verifiers, checkpoints)
        faults += trail_faults(connection, bulletins)
        kept, notes = _kept(connection, definition, leaves, bulletins)
        faults += kept
    if bulletins and not verifiers:
        notes.append("no key was given, so signatures were read and not checked: --verifier.")
    if not bulletins:
        notes.append("there is no bulletin yet: nothing outside the database holds it to what it says.")
    root = tree.root(len(leaves.hashes)) if tree else None
    took = time.perf_counter() - start
    return Report(len(leaves.hashes), len(bulletins), root, took, tuple(dict.fromkeys(faults)), tuple(notes))


def _definition(connection: Connection) -> tuple[Definition | None, list[Fault]]:
    found = list(rows(connection, "SELECT definition FROM election"))
    try:
        return from_json(found[0][0]), []
    except (IndexError, ValueError, UnicodeError) as error:
        reason = str(error).splitlines()[0]
        return None, [Fault("election", "definition", f"it cannot be read: {reason}.")]


def _published(
    bulletins: Sequence[Stored],
    tree: Tree | None,
    leaves: Leaves,
    verifiers: Sequence[Verifier],
    checkpoints: Sequence[str],
) -> Iterator[Fault]:
    size = len(leaves.hashes)
    yield from checkpoint_faults(bulletins, tree, size, verifiers)
    yield from outside_faults(checkpoints, verifiers, tree, size)


def _kept(
    connection: Connection, definition: Definition | None, leaves: Leaves, bulletins: Sequence[Stored]
) -> tuple[list[Fault], list[str]]:
    """Places, and what follows from the record; what cannot be added up is said so."""
    first: Any = bulletins[0].body if bulletins else None
    signed = first.get("opened_with") if isinstance(first, dict) else None
    kept, odd = kept_opening(connection, signed)
    opened_with = kept if signed is None else signed
    places = [*odd, *election_faults(connection, opened_with), *place_faults(connection, opened_with)]
    faults = [*places, *head_faults(connection, leaves), *chain_faults(connection, leaves)]
    if definition is None:
        return faults, ["sums and bodies were not recomputed: the election cannot be read."]
    try:
        return [*faults, *_recomputed(connection, definition, leaves, bulletins)], []
    except (LookupError, TypeError, ValueError):
        # Nothing can be added up over a tree with a hole in it; but then the hole has been found above.
        if not faults and not leaves.faults:
            raise
        return faults, ["sums and bodies were not recomputed: what they would be added up from is damaged."]


def _recomputed(
    connection: Connection, definition: Definition, leaves: Leaves, bulletins: Sequence[Stored]
) -> Iterator[Fault]:
    election, size = definition.election, len(leaves.hashes)
    # Not asked of `stations`, which may be what is damaged: the sums were made for one or the other.
    listed = "registered_before" in {c["name"] for c in inspect(connection).get_columns("sums")}
    origin = next(rows(connection, "SELECT origin FROM election"))[0]
    listed = listed and "registered_before" not in figure_columns(election)
    record = Record(election, definition.levels, origin, listed)
    yield from sum_faults(connection, record, size)
    yield from body_faults(connection, record, bulletins, size)
