"""Election, commissions and stations: against themselves, and against what the first bulletin says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
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
    for id, parent, level, name in rows(connection, "SELECT id, parent, level, name FROM commissions ORDER BY id"):
        if parent is None:
            paths[id] = ()
        elif parent in paths:
            paths[id] = (*paths[parent], name)
        else:
            yield Fault("commissions", "parent", f"{name!r} ({level}) is below a commission that is not there.")
    hashes: dict[Any, Any] = {}
    statement = "SELECT id, key, commission, name, kind, registered_before FROM stations ORDER BY id"
    for id, key, commission, name, kind, before in rows(connection, statement):
        if key != " / ".join([*map(str, paths.get(commission, ("?",))), str(name)]):
            text = f"row {id!r}: its key, its name and the names of what is above it do not belong together."
            yield Fault("stations", "key", text, station=str(key))
        hash = hashes.setdefault(commission, hashlib.sha256())
        hash.update(f"{len(str(name))}\t{name}\t{kind}\t{before}\n".encode(errors="surrogateescape"))
    if opened_with is not None:
        yield from _lists(paths, hashes, opened_with)


def _lists(
    paths: Mapping[Any, tuple[str, ...]], hashes: Mapping[Any, Any], opened_with: Mapping[str, Any]
) -> Iterator[Fault]:
    expected = {tuple(path): hash for path, hash in opened_with["stations"]}
    for commission, hash in hashes.items():
        path = paths.get(commission, ("?",))
        if expected.pop(path, None) != hash.hexdigest():
            text = f"the stations below {' / '.join(path) or 'the nation'!r} are not those of bulletin 1."
            yield Fault("stations", "name, kind, registered_before, commission", text)
    for path in expected:
        text = f"{' / '.join(path)!r} had stations when bulletin 1 was published, and has none under this name."
        yield Fault("commissions", "name", text)
