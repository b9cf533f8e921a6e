"""The audit trail against itself, and against the heads of it that bulletins were signed with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, inspect

from tallyscope.ledger.accounts.audit import FIRST, chained
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.published import Stored
from tallyscope.ledger.verifying.raw import rows

__all__ = ["trail_faults"]


def trail_faults(connection: Connection, bulletins: Sequence[Stored]) -> Iterator[Fault]:
    """Entries that do not fit their hash or the one before, and heads that the trail does not give any more.

    Bulletins from before heads were signed say nothing of the trail. Seals are `count audit`'s, by the secret.
    """
    noted = list(_noted(bulletins))
    heads, hash = [FIRST.hex()], FIRST
    found = rows(connection, _ENTRIES) if inspect(connection).has_table("audit") else iter(())
    for number, entry, said in found:
        if number != len(heads) - 1:
            text = f"entry {number!r} stands in place {len(heads) - 1:,}: entries are missing or were put in."
            yield Fault("audit", "number", text)
        expected = chained(hash, str(entry))
        if said != expected:
            yield Fault("audit", "entry", f"entry {number!r} does not fit its hash or the entry before.")
        hash = said if isinstance(said, bytes) else expected
        heads.append(hash.hex())
    for bulletin, entries, head in noted:
        if not 0 <= entries < len(heads):
            text = f"{entries:,} entries were signed with bulletin {bulletin!r}; there are {len(heads) - 1:,}."
            yield Fault("audit", "number", text)
        elif heads[entries] != head:
            text = (
                f"of the first {entries:,} entries some are not those that bulletin {bulletin!r} was signed over."
            )
            yield Fault("audit", "entry", text)


_ENTRIES = "SELECT number, entry, hash FROM audit ORDER BY number"


def _noted(bulletins: Sequence[Stored]) -> Iterator[tuple[Any, int, str]]:
    """Bulletin, entries and head; a body that is not what was signed is told elsewhere."""
    for b in bulletins:
        said = b.body.get("audit") if isinstance(b.body, dict) else None
        if isinstance(said, Mapping) and isinstance(said.get("entries"), int):
            yield b.number, said["entries"], str(said.get("head"))
