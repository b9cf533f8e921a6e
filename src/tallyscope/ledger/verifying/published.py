"""Bulletins against their signatures, against the record, and against checkpoints that somebody kept outside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from tallyscope.ledger.bulletins.body import Head, body_of
from tallyscope.ledger.bulletins.state import gathered
from tallyscope.ledger.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from tallyscope.ledger.note import NoteError, Verifier
from tallyscope.ledger.record import Record
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.nodes import Tree
from tallyscope.ledger.verifying.raw import moment_text, rows
from tallyscope.ledger.words import canonical, sha256

__all__ = ["Stored", "body_faults", "checkpoint_faults", "outside_faults", "read_bulletins"]


@dataclass(frozen=True)
class Stored:
    """A row of `bulletins` as it is. `signed`: what its checkpoint says, None if that cannot be read."""

    number: Any
    published_at: Any
    published_by: Any
    size: Any
    root: Any
    checkpoint: Any
    text: Any
    body_sha256: Any
    signed: Checkpoint | None
    body: Any

    def fault(self, column: str, text: str) -> Fault:
        """Damage of this bulletin."""
        return Fault("bulletins", column, f"bulletin {self.number!r}: {text}")


def read_bulletins(connection: Connection) -> list[Stored]:
    """Every row, by its number; nothing is raised for what cannot be read."""
    statement = (
        "SELECT number, published_at, published_by, size, root, checkpoint, body, body_sha256 "
        "FROM bulletins ORDER BY number"
    )
    found = []
    for number, at, by, size, root, note, body, hash in rows(connection, statement):
        try:
            signed = read_checkpoint(str(note))
        except NoteError:
            signed = None
        try:
            said = json.loads(body)
        except (ValueError, TypeError):
            said = None
        found.append(Stored(number, moment_text(at), by, size, root, note, body, hash, signed, said))
    return found


def checkpoint_faults(
    bulletins: Sequence[Stored], tree: Tree | None, size: int, verifiers: Sequence[Verifier]
) -> Iterator[Fault]:
    """Signatures, columns against what was signed, roots against the record, and the order of the bulletins."""
    for i, b in enumerate(bulletins, 1):
        if b.number != i:
            yield b.fault("number", f"it should be number {i}.")
        yield from _signature(b, verifiers)
        if b.signed is None:
            continue
        yield from _columns(b, b.signed)
        before = bulletins[i - 2].signed if i > 1 else None
        yield from _root(b, b.signed, before.size if before else 0, tree, size)
    for one, other in pairwise(bulletins):
        if one.signed and other.signed and one.signed.size > other.signed.size:
            yield other.fault("size", f"it counts fewer versions than bulletin {one.number!r}.")


def _signature(b: Stored, verifiers: Sequence[Verifier]) -> Iterator[Fault]:
    if b.signed is None:
        yield b.fault("checkpoint", "its checkpoint cannot be read.")
    elif verifiers:
        try:
            open_checkpoint(str(b.checkpoint), verifiers)
        except NoteError as error:
            yield b.fault("checkpoint", f"{error}.")


def _columns(b: Stored, signed: Checkpoint) -> Iterator[Fault]:
    body = b.body if isinstance(b.body, dict) else {}
    hash = sha256(str(b.text))
    if hash != signed.body:
        yield b.fault("body", "it is not what was signed.")
    if b.body_sha256 != (signed.body or b"").hex():
        yield b.fault("body_sha256", "it is not the hash that was signed.")
    if b.number != signed.bulletin:
        yield b.fault("number", f"bulletin {signed.bulletin!r} was signed.")
    if b.size != signed.size:
        yield b.fault("size", f"it says {b.size!r}, and {signed.size:,} was signed.")
    if b.root != signed.root:
        yield b.fault("root", "it is not the root that was signed.")
    for column, value in (("published_at", b.published_at), ("published_by", b.published_by)):
        if hash == signed.body and body.get(column) != value:
            yield b.fault(column, f"it says {value!r}, and {body.get(column)!r} was published.")


def _root(b: Stored, signed: Checkpoint, before: int, tree: Tree | None, size: int) -> Iterator[Fault]:
    if signed.size > size:
        yield b.fault("size", f"{signed.size:,} versions were signed, and the record has {size:,}.")
    elif tree is not None and tree.root(signed.size) != signed.root:
        text = (
            f"the record does not give the root that was signed: versions up to {signed.size - 1:,} were rewritten"
        )
        again = f"bulletin {b.number - 1:,} still holds" if before else "there is no earlier bulletin to narrow it"
        yield Fault(
            "versions", "leaf", f"{text} (signed with bulletin {b.number!r}; {again}, or see its own line)."
        )


def outside_faults(
    notes: Sequence[str], verifiers: Sequence[Verifier], tree: Tree | None, size: int
) -> Iterator[Fault]:
    """Checkpoints that somebody has kept: what was published is the beginning of the record. Raises NoteError."""
    for note in notes:
        kept = open_checkpoint(note, verifiers)
        name = f"bulletin {kept.bulletin:,}" if kept.bulletin is not None else f"{kept.size:,} versions"
        if kept.size > size:
            text = (
                f"the checkpoint of {name} that was kept outside counts {kept.size:,} versions; there are {size:,}."
            )
            yield Fault("versions", "number", text)
        elif tree is not None and tree.root(kept.size) != kept.root:
            text = f"among the first {kept.size:,} some are not those that {name} was signed over, as kept outside."
            yield Fault("versions", "leaf", text)


def body_faults(connection: Connection, record: Record, bulletins: Sequence[Stored], size: int) -> Iterator[Fault]:
    """Every body, recomputed from the record as it was then."""
    previous: tuple[int, int, datetime] | None = None
    opened_with = bulletins[0].body["opened_with"] if bulletins and isinstance(bulletins[0].body, dict) else None
    hashed = sha256(canonical(opened_with)).hex()
    for b in bulletins:
        signed = b.signed
        if signed is None or not isinstance(b.body, dict) or not 0 <= signed.size <= size or opened_with is None:
            continue
        try:
            at = datetime.fromisoformat(b.body["published_at"])
            by, said = b.body["published_by"], (b.body.get("audit"), str(b.body["format"]))
            head = Head(signed.bulletin or 0, at, by, signed.size, signed.root, previous, *said)
            state = gathered(connection, record, signed.size, previous[1] if previous else 0)
            expected = body_of(record, state, head, hashed if previous else opened_with)
        except (KeyError, TypeError, ValueError) as error:
            yield b.fault("body", f"it cannot be recomputed: {error}.")
            continue
        previous = (head.number, head.size, at)
        if canonical(expected) != b.text:
            yield from (b.fault("body", text) for text in _differences(expected, b.body))


def _differences(expected: Any, said: Any, where: str = "") -> Iterator[str]:
    """Where two values of JSON part, down to what is no list and no object."""
    if isinstance(expected, dict) and isinstance(said, dict):
        for name in sorted({*expected, *said}):
            yield from _differences(expected.get(name), said.get(name), f"{where}.{name}" if where else name)
    elif isinstance(expected, list) and isinstance(said, list) and len(expected) == len(said):
        for i, (ours, theirs) in enumerate(zip(expected, said, strict=True)):
            yield from _differences(ours, theirs, f"{where}[{i}]")
    elif expected != said:
        yield f"{where} says {_short(said)}, and the record gives {_short(expected)}."


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
