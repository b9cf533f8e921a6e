"""Election, commissions and stations: against themselves, and against what the count was opened with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, inspect

from tallyscope.ledger import schema
from tallyscope.ledger.opened import ELECTION
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.raw import moment_text, rows

__all__ = ["election_faults", "place_faults"]


def kept_opening(connection: Connection, signed: Mapping[str, Any] | None) -> tuple[Any, list[Fault]]:
    """What is written down of the opening, if it can be used, and whether it is what bulletin 1 `signed`."""
    if not inspect(connection).has_table(schema.opened.name):
        return None, []
    found = list(rows(connection, "SELECT id, said FROM opened"))
    if not found:
        return None, []
    if len(found) != 1 or found[0][0] != 1:
        return None, [Fault("opened", "id", f"there are rows {[id for id, _ in found]}; a count has one, 1.")]
    try:
        said = json.loads(found[0][1])
    except (TypeError, ValueError):
        said = None
    if not _shaped(said):
        return None, [Fault("opened", "said", "it cannot be read.")]
    if signed is not None and said != signed:
        return None, [Fault("opened", "said", "it is not what bulletin 1 was signed with.")]
    return said, []


def _shaped(said: Any) -> bool:
    """Whether it is what `opened.digests` gives, as far as it is looked into here."""
    return (
        isinstance(said, dict)
        and said.keys() == {"election", "commissions", "stations"}
        and isinstance(said["election"], dict)
        and said["election"].keys() == set(ELECTION)
        and all(isinstance(said[part], list) for part in ("commissions", "stations"))
        and all(isinstance(row, list) and len(row) == 4 for row in said["commissions"])
        and all(isinstance(row, list) and len(row) == 2 for row in said["stations"])
    )


def election_faults(connection: Connection, opened_with: Mapping[str, Any] | None) -> Iterator[Fault]:
    """Columns of `election` that are not as they were when the count was opened."""
    found = list(rows(connection, f"SELECT {', '.join(ELECTION)} FROM election"))
    if len(found) != 1:
        yield Fault("election", "id", f"there are {len(found)} rows; a count has one.")
        return
    for column, value in zip(ELECTION, found[0], strict=True):
        said = moment_text(value) if column == "opened_at" else value
        hash = hashlib.sha256(str(said).encode(errors="surrogateescape")).hexdigest()
        if opened_with is not None and opened_with["election"][column] != hash:
            yield Fault("election", column, "it is not what the count was opened with.")


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
    """Each row against the one that there was."""
    expected = {id: (parent, level, name) for id, parent, level, name in opened_with["commissions"]}
    for id, *values in found:
        before = expected.pop(id, None)
        if before is None:
            yield Fault("commissions", "id", f"{id!r} ({values[-1]!r}) was not there when the count was opened.")
            continue
        for column, was, now in zip(("parent", "level", "name"), before, values, strict=True):
            if was != now:
                yield Fault(
                    "commissions", column, f"row {id!r}: it says {now!r}, and when the count was opened {was!r}."
                )
    for id, (_, _, name) in expected.items():
        yield Fault("commissions", "id", f"{id!r} ({name!r}) was there when the count was opened.")


def _lists(
    paths: Mapping[Any, tuple[str, ...]], hashes: Mapping[Any, Any], opened_with: Mapping[str, Any]
) -> Iterator[Fault]:
    expected = dict(opened_with["stations"])
    for commission, hash in hashes.items():
        if expected.pop(commission, None) != hash.hexdigest():
            name = " / ".join(paths.get(commission, (f"commission {commission!r}",))) or "the nation"
            text = f"the stations below {name!r} are not those that the count was opened with."
            yield Fault("stations", "id, name, kind, registered_before, commission", text)
    for commission in expected:
        text = f"commission {commission!r} had stations when the count was opened, and has none."
        yield Fault("stations", "commission", text)
