"""The record itself, in files that never change once they are full: 256 versions each, as they were hashed.

`record/<k>.jsonl` has the versions 256 k ... 256 k + 255, one canonical JSON (RFC 8785) a line: the leaves of the
Merkle tree (RFC 6962), byte for byte. A full file is a whole subtree, so its root alone is needed to come to the
root of the record: `record/roots.txt` has the root of every file, one a line. To check a protocol, hash its file's
lines up to that root, and the roots up to the one in the signed checkpoint. (The cut is that of C2SP's tlog-tiles.)
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

__all__ = ["BUNDLE", "bundle", "bundle_path", "bundles", "root_of", "roots"]

BUNDLE = 256


def bundle_path(number: int) -> str:
    """The file that a version is in."""
    return f"record/{number // BUNDLE}.jsonl"


def bundles(leaves: Sequence[bytes]) -> int:
    """How many files a record of these leaves has."""
    return -(-len(leaves) // BUNDLE)


def bundle(leaves: Sequence[bytes], k: int) -> bytes:
    """The k-th file. Raises IndexError if there is none."""
    if not 0 <= k < bundles(leaves):
        raise IndexError(k)
    return b"".join(leaf + b"\n" for leaf in leaves[k * BUNDLE : (k + 1) * BUNDLE])


def roots(leaves: Sequence[bytes]) -> list[bytes]:
    """The root of every file, 32 bytes each."""
    return [root_of([_leaf(x) for x in leaves[k : k + BUNDLE]]) for k in range(0, len(leaves), BUNDLE)]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash (RFC 6962, section 2.1) of hashes of leaves, or of roots of full subtrees of one size.

    The last may be of a smaller one: a tree of n leaves is split at the largest power of two below n.
    """
    if not hashes:
        return sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        pairs = [sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(level) // 2 * 2 :]
    return level[0]


def _leaf(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()
