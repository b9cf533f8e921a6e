"""Proves that a station's version is under a published checkpoint: a file for whoever doubts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, select

from tallyscope.ledger import schema
from tallyscope.ledger.core.merkle import inclusion
from tallyscope.ledger.database import reading
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.proof import proof_text
from tallyscope.ledger.tree import Inclusion, tiles

if TYPE_CHECKING:
    from tallyscope.ledger.store import Ledger

__all__ = ["prove_station"]


def prove_station(ledger: Ledger, station: str, *, bulletin: int | None = None, version: int | None = None) -> str:
    """The proof of the official version that stood for a station in a bulletin, the last one unless given.

    `version`: another version of the station, one that was replaced, say. Raises Refused when there is no such
    station, bulletin or version, or when the version is not under that bulletin's checkpoint yet.
    """
    with reading(ledger.engine) as connection:
        published = _published(connection, bulletin)
        number = _stood(connection, station, published.size) if version is None else version
        if version is not None:
            _is_of(connection, station, version, published)
        proof = _inclusion(connection, number, published)
    if not proof.holds():
        hint = "`tallyscope count verify` says where."
        raise Refused([f"the record is not the one that bulletin {published.number:,} was signed over: {hint}"])
    return proof_text(proof, published.checkpoint)


def _inclusion(connection: Connection, number: int, published: Row[Any, Any, Any, Any]) -> Inclusion:
    """The path from the leaf; the root is the one that was signed."""
    v = schema.versions.c
    row = connection.execute(select(v.leaf, v.leaf_hash).where(v.number == number)).one()
    path = inclusion(tiles(connection), number, published.size)
    return Inclusion(number, published.size, row.leaf, row.leaf_hash, path, published.root)


def _published(connection: Connection, number: int | None) -> Row[Any, Any, Any, Any]:
    """Number, size, root and checkpoint; a body is long and is not read."""
    b = schema.bulletins.c
    wanted = select(b.number, b.size, b.root, b.checkpoint).order_by(b.number.desc()).limit(1)
    row = connection.execute(wanted if number is None else wanted.where(b.number == number)).first()
    if row is None and number is None:
        raise Refused(
            ["there is no bulletin yet, and so nothing to prove it against: `tallyscope count bulletin`."]
        )
    if row is None:
        raise Refused([f"there is no bulletin {number:,}; `tallyscope count bulletins` lists them."])
    return row


def _stood(connection: Connection, station: str, size: int) -> int:
    s, v = schema.stations.c, schema.versions.c
    id = connection.scalar(select(s.id).where(s.key == station))
    if id is None:
        raise Refused(
            [f"the count has no station {station!r}. Is it written with all that is above it, A / B / 12?"]
        )
    of = (v.station == id, v.source == "official")
    number = connection.scalar(select(func.max(v.number)).where(*of, v.number < size))
    if number is None:
        later = connection.scalar(select(func.min(v.number)).where(*of))
        reason = "its protocol came in later" if later is not None else "no protocol of it has come in"
        raise Refused([f"station {station!r} was not in this bulletin: {reason}."])
    return int(number)


def _is_of(connection: Connection, station: str, version: int, published: Row[Any, Any, Any, Any]) -> None:
    s, v = schema.stations.c, schema.versions.c
    wanted = select(s.key).join_from(schema.versions, schema.stations, v.station == s.id).where(v.number == version)
    key = connection.scalar(wanted)
    if key != station:
        of = f"it is of {key!r}" if key else "the record has no such version"
        raise Refused([f"version {version:,} is not of station {station!r}: {of}."])
    if version >= published.size:
        raise Refused(
            [f"version {version:,} came in after bulletin {published.number:,}; publish one, then prove it."]
        )
