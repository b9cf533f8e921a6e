"""The Merkle tree of a record, as its database keeps it: tiles read, roots and proofs of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tallyscope.ledger import schema
from tallyscope.ledger.core.merkle import WIDTH, Tile, included, inclusion, root

__all__ = ["Inclusion", "inclusion_of", "tiles"]


@dataclass(frozen=True)
class Inclusion:
    """The proof that a version is in the record of a size; whoever has the root needs no record to check it."""

    number: int
    size: int
    #: The version's canonical JSON, which is what is proved to be there.
    leaf: bytes
    leaf_hash: bytes
    path: tuple[bytes, ...]
    root: bytes

    def holds(self) -> bool:
        """True if the path leads from the leaf to the root."""
        return included(self.leaf_hash, self.number, self.size, self.path, self.root)


def tiles(connection: Connection) -> Tile:
    """Reads the tiles of the tree; height 0 is the leaves'."""
    v, n = schema.versions.c, schema.nodes.c

    def tile(height: int, index: int) -> Sequence[bytes]:
        first, end = WIDTH * index, WIDTH * (index + 1)
        if height == 0:
            wanted = select(v.leaf_hash).where(v.number >= first, v.number < end).order_by(v.number)
        else:
            wanted = select(n.hash).where(n.level == height, n.index >= first, n.index < end).order_by(n.index)
        return connection.scalars(wanted).all()

    return tile


def inclusion_of(connection: Connection, number: int, size: int) -> Inclusion:
    """The proof that a version is in the record of `size` versions. Raises ValueError if it is not."""
    tile, v = tiles(connection), schema.versions.c
    path = inclusion(tile, number, size)
    row = connection.execute(select(v.leaf, v.leaf_hash).where(v.number == number)).one()
    return Inclusion(number, size, row.leaf, row.leaf_hash, path, root(tile, size))
