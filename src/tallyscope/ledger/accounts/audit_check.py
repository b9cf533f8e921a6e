"""Has the audit trail been altered? Entries against their hashes, neighbours, seals, and heads noted elsewhere."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, select

from tallyscope.ledger.accounts.audit import FIRST, chained, sealed
from tallyscope.ledger.accounts.tables import audit, audit_head
from tallyscope.ledger.database import reading

__all__ = ["AuditCheck", "Head", "verify_audit"]

_COLUMNS = ("number", "actor", "action", "commission", "subject")


@dataclass(frozen=True)
class Head:
    """How long the trail was and the hash of its last entry, as noted down somewhere else."""

    size: int
    hash: str

    def __str__(self) -> str:
        return f"{self.size}:{self.hash}"


@dataclass(frozen=True)
class AuditCheck:
    """What was found: the head as it is now, whether seals were checked, and every place that does not hold."""

    head: Head
    seals: bool
    problems: tuple[str, ...]


def verify_audit(engine: Engine, *, key: bytes | None = None, heads: Sequence[Head] = ()) -> AuditCheck:
    """Checks the whole trail. `key`: of the seals (`seal_key`), left out where there is no secret at hand.

    Without the key a trail that was rewritten from some entry to its end looks whole, unless one of `heads` is
    later than that entry; a trail cut short does too, unless one of `heads` is longer.
    """
    with reading(engine) as connection:
        rows = connection.execute(select(audit).order_by(audit.c.number)).yield_per(5_000)
        problems, head = _walk(rows, key, heads)
        size, hash = connection.execute(select(audit_head.c.size, audit_head.c.hash)).one()
    if (size, hash.hex()) != (head.size, head.hash):
        problems.append(f"the head says {size} entries and {hash.hex()}; the trail has {head}")
    problems += [
        f"a head of {h.size} entries is known, and the trail has {head.size}" for h in heads if h.size > head.size
    ]
    return AuditCheck(head, key is not None, tuple(problems))


def _walk(rows: Iterable[Row[Any]], key: bytes | None, heads: Sequence[Head]) -> tuple[list[str], Head]:
    problems, before, size = list[str](), FIRST, 0
    noted: dict[int, list[Head]] = {}
    for head in heads:
        noted.setdefault(head.size, []).append(head)
    for expected, row in enumerate(rows):
        problems += _of(row, expected, before, key)
        before, size = row.hash, expected + 1
        wrong = dict.fromkeys(h for h in noted.get(size, ()) if h.hash != before.hex())
        problems += [f"entry {row.number}: the head noted after it was {h}" for h in wrong]
    return problems, Head(size, before.hex())


def _of(row: Row[Any], expected: int, before: bytes, key: bytes | None) -> Iterator[str]:
    if row.number != expected:
        yield f"entry {row.number}: stands in place {expected}; entries are missing or were put in"
    if chained(before, row.entry) != row.hash:
        yield f"entry {row.number}: does not fit its hash or the entry before"
    if key is not None and not hmac.compare_digest(sealed(key, row.hash), row.seal):
        yield f"entry {row.number}: its seal is not this service's"
    if not _agrees(row):
        yield f"entry {row.number}: its columns say something else than the entry"


def _agrees(row: Row[Any]) -> bool:
    try:
        said = json.loads(row.entry)
        at = datetime.fromisoformat(said["at"])
    except (ValueError, KeyError, TypeError):
        return False
    return all(said.get(c) == getattr(row, c) for c in _COLUMNS) and at == row.at.astimezone(UTC)
