"""The audit trail: who did what, where and from which address; append-only, chained, sealed.

Entry n is canonical JSON (RFC 8785) and its hash is SHA-256(hash of entry n-1, entry), so whoever changes, drops
or inserts one has to rewrite all that follow. Each hash is sealed with an HMAC under the service's secret, which is
not in the database, so whoever has only the database cannot do that. Whoever has both is caught by a head (size
and hash) that was noted elsewhere: `verify_audit` takes such heads.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import Connection, insert, update

from tallyscope.ledger.accounts.tables import audit, audit_head

__all__ = ["FIRST", "Trail", "chained", "seal_key"]

#: What the first entry is chained to.
FIRST = bytes(32)


@dataclass(frozen=True)
class Trail:
    """Writes entries, in the transaction of what they tell of: both are kept or neither is."""

    key: bytes = field(repr=False)

    def record(
        self,
        connection: Connection,
        actor: str,
        action: str,
        *,
        commission: int | None = None,
        subject: str = "",
        address: str = "",
        details: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> int:
        """Appends an entry; its number. No password, token or session goes into `details`."""
        taken = update(audit_head).where(audit_head.c.id == 1).values(size=audit_head.c.size + 1)
        size, before = connection.execute(taken.returning(audit_head.c.size, audit_head.c.hash)).one()
        number, when = size - 1, datetime.now(UTC) if at is None else at
        content = {
            "number": number,
            "at": when.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": actor,
            "action": action,
            "commission": commission,
            "subject": subject,
            "address": address,
            "details": dict(details or {}),
        }
        entry = rfc8785.dumps(content).decode()
        hash = chained(before, entry)
        row = {k: content[k] for k in ("number", "actor", "action", "commission", "subject")}
        row |= {"at": when, "entry": entry, "hash": hash, "seal": sealed(self.key, hash)}
        connection.execute(insert(audit), [row])
        connection.execute(update(audit_head).where(audit_head.c.id == 1).values(hash=hash))
        return int(number)


def chained(before: bytes, entry: str) -> bytes:
    """SHA-256 of the hash before and the entry, 32 bytes."""
    return hashlib.sha256(before + entry.encode(errors="surrogateescape")).digest()


def sealed(key: bytes, hash: bytes) -> bytes:
    """HMAC-SHA-256 of a hash, 32 bytes."""
    return hmac.digest(key, hash, "sha256")


def seal_key(secret: bytes) -> bytes:
    """The key of the seals, made from the service's secret."""
    return hmac.digest(secret, b"tallyscope audit trail", "sha256")
