"""The record itself, in files that never change once they are full: 256 versions each, as they were hashed.

`record/<k>.jsonl` has the versions 256 k ... 256 k + 255, one canonical JSON (RFC 8785) a line: the leaves of the
Merkle tree (RFC 6962), byte for byte. A full file is a whole subtree, so its root alone is needed to come to the
root of the record: `record/roots.txt` has the root of every file, one a line. To check a protocol, hash its file's
lines up to that root, and the roots up to the one in the signed checkpoint. (The cut is that of C2SP's tlog-tiles.)
"""

from __future__ import annotations

from collections.abc import Sequence

from tallyscope.ledger.core.merkle import WIDTH, filled, leaf_hash, root

__all__ = ["BUNDLE", "bundle", "bundle_path", "bundles", "roots"]

#: Versions in a file: a tile of the tree.
BUNDLE = WIDTH


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
    """The root of every file, 32 bytes each; the last file may be of fewer leaves, and so of a smaller subtree."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    full = [found for height, _index, found in filled(_nothing, 0, hashes) if height == 1]
    rest = hashes[len(full) * BUNDLE :]
    return [*full, root(lambda _height, _index: rest, len(rest))] if rest else full


def _nothing(_height: int, _index: int) -> Sequence[bytes]:
    """The tiles of a record that has no versions yet."""
    return ()
