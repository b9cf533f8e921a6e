"""The Merkle tree: the vectors of Certificate Transparency, and RFC 6962's own recursive definition beside ours."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.ledger.core.merkle import (
    EMPTY,
    WIDTH,
    consistency,
    consistent,
    filled,
    included,
    inclusion,
    leaf_hash,
    root,
)

#: The leaves and the roots of the first 1 ... 8 of them in the tests of Google's certificate-transparency.
CT_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(str(i).encode()) for i in range(70_000)]
#: Around every size at which a tile becomes full, and what the definition can still be asked.
SIZES = st.one_of(st.integers(0, 70), st.sampled_from([255, 256, 257, 511, 512, 513, 700, 1023, 1024, 1025]))


class Kept:
    """Tiles in memory, added to as the record adds to its own."""

    def __init__(self, leaves: Sequence[bytes] = (), batch: int = 97) -> None:
        self.hashes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        for start in range(0, len(leaves), batch):
            self.add(leaves[start : start + batch])

    def add(self, leaves: Sequence[bytes]) -> None:
        above = list(filled(self.tile, self.size, leaves))
        for i, leaf in enumerate(leaves):
            self.hashes[0, self.size + i] = leaf
        for height, index, hash in above:
            assert (height, index) not in self.hashes
            self.hashes[height, index] = hash
        self.size += len(leaves)

    def tile(self, height: int, index: int) -> list[bytes]:
        wanted = range(WIDTH * index, WIDTH * (index + 1))
        return [self.hashes[height, i] for i in wanted if (height, i) in self.hashes]


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, over leaf hashes."""
    n = len(leaves)
    if n < 2:
        return leaves[0] if n else EMPTY
    k = 1 << (n - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1: PATH(m, D[n])."""
    n = len(leaves)
    if n < 2:
        return []
    k = 1 << (n - 1).bit_length() - 1
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """RFC 6962, 2.1.2: SUBPROOF(m, D[n], b)."""
    n = len(leaves)
    if m == n:
        return [] if whole else [mth(leaves)]
    k = 1 << (n - 1).bit_length() - 1
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept(LEAVES[:1_100])


def test_roots_are_those_of_certificate_transparency() -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES]
    tree = Kept(hashes, batch=1)
    assert [root(tree.tile, n + 1).hex() for n in range(8)] == list(CT_ROOTS)
    assert root(tree.tile, 0) == hashlib.sha256().digest()


@given(SIZES)
def test_the_root_of_any_size_is_that_of_the_definition(kept: Kept, size: int) -> None:
    assert root(kept.tile, size) == mth(LEAVES[:size])


@given(SIZES, st.data())
def test_an_inclusion_proof_is_that_of_the_definition_and_proves_one_leaf_at_one_place(
    kept: Kept, size: int, data: st.DataObject
) -> None:
    if size == 0:
        with pytest.raises(ValueError, match="has no leaf"):
            inclusion(kept.tile, 0, size)
        return
    number = data.draw(st.integers(0, size - 1))
    proof, top = inclusion(kept.tile, number, size), mth(LEAVES[:size])
    assert list(proof) == path(number, LEAVES[:size])
    assert included(LEAVES[number], number, size, proof, top)
    assert not included(LEAVES[number + 1], number, size, proof, top)
    assert not included(LEAVES[number], number, size, (*proof, top), top)
    other = data.draw(st.integers(0, size - 1))
    assert included(LEAVES[number], other, size, proof, top) == (other == number)
    if proof:
        assert not included(LEAVES[number], number, size, proof[1:], top)


@given(SIZES, SIZES)
def test_a_consistency_proof_is_that_of_the_definition_and_proves_growth_alone(
    kept: Kept, one: int, two: int
) -> None:
    old, new = min(one, two), max(one, two)
    proof = consistency(kept.tile, old, new)
    old_root, new_root = mth(LEAVES[:old]), mth(LEAVES[:new])
    assert list(proof) == ([] if old == 0 else subproof(old, LEAVES[:new], True))
    assert consistent(old, new, old_root, new_root, proof)
    forged = mth([*LEAVES[: max(old - 1, 0)], leaf_hash(b"another")][:old])
    assert consistent(old, new, forged, new_root, proof) == (forged == old_root)
    if old not in (0, new):
        assert not consistent(old, new, old_root, LEAVES[0], proof)
        assert not consistent(old, new, old_root, new_root, proof[:-1])
    with pytest.raises(ValueError, match="at its beginning"):
        consistency(kept.tile, new + 1, new)


@given(st.lists(st.integers(0, 600), max_size=6))
def test_the_batches_in_which_it_grew_leave_no_trace(batches: list[int]) -> None:
    tree = Kept()
    for size in batches:
        tree.add(LEAVES[tree.size : tree.size + size])
    assert tree.hashes == Kept(LEAVES[: tree.size], batch=1).hashes


def test_a_tree_of_three_heights_is_that_of_the_definition() -> None:
    tree = Kept(LEAVES, batch=4_999)
    assert sum(1 for height, _ in tree.hashes if height) == 70_000 // 256 + 1
    assert root(tree.tile, 70_000) == mth(LEAVES)
    for number in (0, 65_535, 65_536, 69_999):
        assert included(LEAVES[number], number, 70_000, inclusion(tree.tile, number, 70_000), mth(LEAVES))
    proof = consistency(tree.tile, 65_537, 70_000)
    assert consistent(65_537, 70_000, mth(LEAVES[:65_537]), mth(LEAVES), proof)


def test_a_proof_reads_two_tiles_a_height_at_most() -> None:
    tree = Kept(LEAVES, batch=4_999)
    read: list[tuple[int, int]] = []

    def tile(height: int, index: int) -> list[bytes]:
        read.append((height, index))
        return tree.tile(height, index)

    inclusion(tile, 12_345, 69_999)
    assert len(read) <= 6
    assert len(set(read)) == len(read)
