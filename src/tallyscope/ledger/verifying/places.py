"""Election, commissions and stations: against themselves, and against what the first bulletin says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from tallyscope.ledger.bulletins.stations import ELECTION
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.raw import moment_text, rows

__all__ = ["election_faults", "place_faults"]


def election_faults(connection: Connection, opened_with: Mapping[str, Any] | None) -> Iterator[Fault]:
    """Columns of `election` that are not as they were when the first bulletin came out."""
    found = list(rows(connection, f"SELECT {', '.join(ELECTION)} FROM election"))
    if len(found) != 1:
        yield Fault("election", "id", f"there are {len(found)} rows; a count has one.")
        return
    for column, value in zip(ELECTION, found[0], strict=True):
        said = moment_text(value) if column == "opened_at" else value
        hash = hashlib.sha256(str(said).encode(errors="surrogateescape")).hexdigest()
        if opened_with is not None and opened_with["election"][column] != hash:
            yield Fault("election", column, "it is not what bulletin 1 was published with.")


def place_faults(connection: Connection, opened_with: Mapping[str, Any] | None) -> Iterator[Fault]:
    """Stations whose key is not their place in the tree, commissions out of place, and lists that have changed."""
    paths: dict[Any, tuple[str, ...]] = {}
    commissions = list(rows(connection, "SELECT id, parent, level, name FROM commissions ORDER BY id"))
    for id, parent, level, name in commissions:
        if parent is None:
            paths[id] = ()
        elif parent in paths:
            paths[id] = (*paths[parent], str(name))
        else:
            yield Fault("commissions", "parent", f"{name!r} ({level}) is below a commission that is not there.")
    if opened_with is not None:
        yield from _commissions(commissions, opened_with)
    hashes: dict[Any, Any] = {}
    statement = "SELECT id, key, commission, name, kind, registered_before FROM stations ORDER BY id"
    for id, key, commission, name, kind, before in rows(connection, statement):
        if commission not in paths:
            text = f"row {id!r}: it is below commission {commission!r}, which is not there."
            yield Fault("stations", "commission", text, station=str(key))
        elif key != " / ".join([*paths[commission], str(name)]):
            text = f"row {id!r}: its key, its name and the names of what is above it do not belong together."
            yield Fault("stations", "key", text, station=str(key))
        hash = hashes.setdefault(commission, hashlib.sha256())
        line = f"{id}\t{len(str(name))}\t{name}\t{kind}\t{before}\n"
        hash.update(line.encode(errors="surrogateescape"))
    if opened_with is not None:
        yield from _lists(paths, hashes, opened_with)


def _commissions(found: Sequence[tuple[Any, ...]], opened_with: Mapping[str, Any]) -> Iterator[Fault]:
    """Each row against the one that the first bulletin has."""
    expected = {id: (parent, level, name) for id, parent, level, name in opened_with["commissions"]}
    for id, *values in found:
        before = expected.pop(id, None)
        if before is None:
            yield Fault("commissions", "id", f"{id!r} ({values[-1]!r}) was not there when bulletin 1 came out.")
            continue
        for column, was, now in zip(("parent", "level", "name"), before, values, strict=True):
            if was != now:
                yield Fault("commissions", column, f"row {id!r}: it says {now!r}, and bulletin 1 {was!r}.")
    for id, (_, _, name) in expected.items():
        yield Fault("commissions", "id", f"{id!r} ({name!r}) was there when bulletin 1 was published.")


def _lists(
    paths: Mapping[Any, tuple[str, ...]], hashes: Mapping[Any, Any], opened_with: Mapping[str, Any]
) -> Iterator[Fault]:
    expected = dict(opened_with["stations"])
    for commission, hash in hashes.items():
        if expected.pop(commission, None) != hash.hexdigest():
            name = " / ".join(paths.get(commission, (f"commission {commission!r}",))) or "the nation"
            text = f"the stations below {name!r} are not those of bulletin 1."
            yield Fault("stations", "id, name, kind, registered_before, commission", text)
    for commission in expected:
        text = f"commission {commission!r} had stations when bulletin 1 was published, and has none."
        yield Fault("stations", "commission", text)
