"""What is kept beside the record, for speed: how many versions, which of them stand, and their sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from tallyscope.ledger.bulletins.recount import recount
from tallyscope.ledger.bulletins.tree import tree
from tallyscope.ledger.record import Record
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.leaves import Leaves
from tallyscope.ledger.verifying.raw import rows
from tallyscope.ledger.version import SOURCES

__all__ = ["chain_faults", "head_faults", "sum_faults"]


def head_faults(connection: Connection, leaves: Leaves) -> Iterator[Fault]:
    """The number of versions."""
    for (size,) in rows(connection, "SELECT size FROM head"):
        if size != len(leaves.hashes):
            yield Fault("head", "size", f"it says {size!r} versions, and there are {len(leaves.hashes):,}.")


def chain_faults(connection: Connection, leaves: Leaves) -> Iterator[Fault]:
    """Each version supersedes the one before it of its station and source; the last one stands, and no other."""
    last: dict[tuple[Any, Any], tuple[int, Any]] = {}
    for number, station, source, stage, supersedes in leaves.order:
        before = last.get((station, source))
        if supersedes != (before[0] if before else None):
            stood = f"version {before[0]:,}" if before else "none"
            text = f"it supersedes {supersedes!r}, and {stood} stood before it for this station and source."
            yield Fault("versions", "supersedes", text, number)
        last[station, source] = (number, stage)
    for station, source, version, counted in rows(
        connection, "SELECT station, source, version, counted FROM standing"
    ):
        number, stage = last.pop((station, source), (None, None))
        if number is None:
            yield Fault("standing", "station", f"nothing was accepted of station {station!r} by {source!r}.")
        elif version != number:
            yield Fault("standing", "version", f"it says {version!r}, and the last one accepted stands.", number)
        elif counted not in (0, 1) or bool(counted) != (stage != "annulled"):
            yield Fault("standing", "counted", f"it says {counted!r} of a version of stage {stage!r}.", number)
    for (station, source), (number, _) in last.items():
        text = f"there is no row for station {station!r} by {source!r}, of which this stands."
        yield Fault("standing", "station", text, number)


def sum_faults(connection: Connection, record: Record, size: int) -> Iterator[Fault]:
    """The sums that are kept, against the record added up anew, for every source."""
    commissions = tree(connection)
    quote = connection.dialect.identifier_preparer.quote
    parts = "".join(f", {quote(p)}" for p in record.parts).replace(":", r"\:")
    kept: dict[Any, dict[Any, Mapping[str, Any]]] = {}
    for commission, source, *values in rows(connection, f"SELECT commission, source{parts} FROM sums"):
        kept.setdefault(source, {})[commission] = dict(zip(record.parts, values, strict=True))
    for source in SOURCES:
        here = kept.pop(source, {})
        sums = recount(connection, record, size, commissions, source).sums
        for id, commission in commissions.items():
            name, row, expected = " / ".join(commission.path) or "the nation", here.pop(id, None), sums[id]
            if row is None:
                yield Fault("sums", "commission", f"there is no row of {name!r} by {source}.")
                continue
            for part in record.parts:
                if row[part] != expected[part]:
                    ours = expected[part]
                    text = f"{name!r} by {source}: it says {row[part]!r}, and the record adds up to {ours:,}."
                    yield Fault("sums", part, text)
        for id in here:
            yield Fault("sums", "commission", f"there is no commission {id!r}.")
    for source in kept:
        yield Fault("sums", "source", f"there is no source {source!r}.")
