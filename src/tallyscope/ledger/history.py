"""The versions of a record, read back from what is hashed: a version is what its leaf says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, select

from tallyscope.ledger import schema
from tallyscope.ledger.database import reading
from tallyscope.ledger.version import Source, Version

__all__ = ["from_leaf", "history"]

#: Versions read at once: nobody who reads the whole record holds it open meanwhile.
_PAGE = 5_000


def from_leaf(number: int, leaf: bytes) -> Version:
    """The version that a leaf says. Raises ValueError for what is no leaf."""
    said = json.loads(leaf)
    return Version(**said | {"accepted_at": datetime.fromisoformat(said["accepted_at"]), "number": number})


def history(
    engine: Engine, *, station: str | None, source: Source | None, start: int, stop: int
) -> Iterator[Version]:
    """Versions `start` ... `stop` - 1 in order, of a station and a source if given. Raises Unavailable."""
    v, s = schema.versions.c, schema.stations.c
    wanted = select(v.number, v.leaf).order_by(v.number).limit(_PAGE)
    if source is not None:
        wanted = wanted.where(v.source == source)
    if station is not None:
        wanted = wanted.where(v.station == select(s.id).where(s.key == station).scalar_subquery())
    while start < stop:
        with reading(engine) as connection:
            page = connection.execute(wanted.where(v.number >= start, v.number < stop)).all()
        yield from (from_leaf(number, leaf) for number, leaf in page)
        if len(page) < _PAGE:
            return
        start = page[-1].number + 1
