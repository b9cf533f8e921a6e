"""The Merkle tree that is kept, against the one that follows from the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from tallyscope.ledger.core.merkle import WIDTH, filled, root
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.raw import rows

__all__ = ["Tree"]


@dataclass(frozen=True)
class Tree:
    """The tree over the hashes of leaves."""

    hashes: Sequence[bytes]

    @cached_property
    def _nodes(self) -> dict[tuple[int, int], bytes]:
        return {(height, index): hash for height, index, hash in filled(lambda *_: [], 0, self.hashes)}

    def _tile(self, height: int, index: int) -> Sequence[bytes]:
        first = WIDTH * index
        if height == 0:
            return self.hashes[first : first + WIDTH]
        there = ((height, first + i) for i in range(WIDTH))
        return [self._nodes[place] for place in there if place in self._nodes]

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return root(self._tile, size)

    def faults(self, connection: Connection) -> Iterator[Fault]:
        """Where the nodes that are kept differ."""
        expected: dict[Any, bytes] = dict(self._nodes)
        for level, index, hash in rows(connection, 'SELECT level, "index", hash FROM nodes'):
            ours = expected.pop((level, index), None)
            where = f"node ({level!r}, {index!r})"
            if ours is None:
                yield Fault("nodes", "index", f"{where} is of no place in the tree.")
            elif ours != hash:
                first, width = index * WIDTH**level, WIDTH**level
                text = f"{where} is not the hash over versions {first:,} to {first + width - 1:,}."
                yield Fault("nodes", "hash", text)
        for level, index in expected:
            yield Fault("nodes", "level", f"node ({level}, {index}) is not there.")
