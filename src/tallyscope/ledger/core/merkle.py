"""The Merkle tree of RFC 6962, section 2.1: roots, proofs that a leaf is in it, proofs that it only grew. Pure.

    MTH({})     = SHA-256()
    MTH({d})    = SHA-256(0x00 || d)
    MTH(D[n])   = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])),  k the largest power of two below n

What is kept of the tree are *tiles* of 256 hashes (as in C2SP's tlog-tiles): hash i of height h is that of the full
subtree over the leaves i * 256**h ... (i + 1) * 256**h - 1. A tree of n leaves so needs n leaf hashes and n / 255
others, a full subtree is never kept before it is full, and so nothing that is kept ever changes. Any root or proof,
of the present size or of any earlier one, reads two tiles a height at most: six for a million leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

__all__ = [
    "EMPTY",
    "WIDTH",
    "Tile",
    "consistency",
    "consistent",
    "filled",
    "included",
    "inclusion",
    "leaf_hash",
    "root",
]

#: Hashes in a tile.
WIDTH = 256
_BITS = 8
#: The root of a tree without leaves.
EMPTY = hashlib.sha256(b"").digest()

#: tile(height, index): the hashes WIDTH * index ... of this height, as many of the WIDTH as there are.
Tile = Callable[[int, int], Sequence[bytes]]


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def _joined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _folded(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of neighbouring hashes."""
    while len(hashes) > 1:
        hashes = [_joined(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def filled(tile: Tile, size: int, leaves: Sequence[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """The hashes above the leaves that become full when leaves are added: (height, index, hash), to be kept.

    `leaves`: hashes of the added leaves, the first of them number `size`; `tile` has what was kept before them.
    """
    added, first, height = list(leaves), size, 0
    while first % WIDTH + len(added) >= WIDTH:
        row = [*tile(height, first // WIDTH)[: first % WIDTH], *added] if first % WIDTH else added
        added = [_folded(row[i : i + WIDTH]) for i in range(0, len(row) - WIDTH + 1, WIDTH)]
        height, first = height + 1, first // WIDTH
        yield from ((height, first + i, hash) for i, hash in enumerate(added))


def _subtree(tile: Tile, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of a node of the tree: `start` is a multiple of the power of two at or above its size."""
    size = end - start
    if size & (size - 1):
        middle = start + _split(size)
        return _joined(_subtree(tile, start, middle), _subtree(tile, middle, end))
    height, bits = divmod(size.bit_length() - 1, _BITS)
    index = start >> _BITS * height
    offset = index % WIDTH
    return _folded(tile(height, index // WIDTH)[offset : offset + (1 << bits)])


def root(tile: Tile, size: int) -> bytes:
    """The root of the tree over the first `size` leaves, 32 bytes."""
    return _subtree(cache(tile), 0, size) if size else EMPTY


def inclusion(tile: Tile, number: int, size: int) -> tuple[bytes, ...]:
    """PATH(number, D[size]): the proof that leaf `number` is in the tree of `size` leaves (section 2.1.1).

    Raises ValueError for a leaf that this tree does not have.
    """
    if not 0 <= number < size:
        raise ValueError(f"a tree of {size:,} leaves has no leaf {number:,}")
    kept, path, start, end = cache(tile), [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if number < middle:
            path.append(_subtree(kept, middle, end))
            end = middle
        else:
            path.append(_subtree(kept, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency(tile: Tile, old: int, new: int) -> tuple[bytes, ...]:
    """PROOF(old, D[new]): the proof that the tree of `old` leaves is the beginning of that of `new` (2.1.2).

    Empty if they are the same, or the old one has no leaves. Raises ValueError if the old one is the larger.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new:,} leaves has none of {old:,} at its beginning")
    if old in (0, new):
        return ()
    kept, proof, start, end = cache(tile), [], 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_subtree(kept, middle, end))
            end = middle
        else:
            proof.append(_subtree(kept, start, middle))
            start = middle
    # The subtree at which they part is known to whoever knows the old root only if it is the whole old tree.
    known = [] if start == 0 else [_subtree(kept, start, old)]
    return (*known, *reversed(proof))


def included(leaf: bytes, number: int, size: int, path: Iterable[bytes], root: bytes) -> bool:
    """True if `path` proves that the leaf hash is number `number` of the tree (RFC 9162, section 2.1.3.2)."""
    if not 0 <= number < size:
        return False
    place, last, hash = number, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            hash = _joined(other, hash)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hash = _joined(hash, other)
        place, last = place >> 1, last >> 1
    return last == 0 and hash == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """True if `proof` proves that the old tree is the beginning of the new one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and old_root == (EMPTY if old == 0 else new_root)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = _joined(other, first), _joined(other, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = _joined(second, other)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
