"""Proofs that a version is in a published record (c2sp.org/tlog-proof): a file to be checked without the record.

c2sp.org/tlog-proof@v1
extra BASE64(leaf)        ours: the version itself, canonical JSON; the proof is of its hash
index NUMBER
BASE64(hash)              from the leaf's sibling up to the root's child
...
(an empty line)
the checkpoint, verbatim
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from tallyscope.ledger.checkpoint import Checkpoint, open_checkpoint
from tallyscope.ledger.core.merkle import included, leaf_hash
from tallyscope.ledger.history import from_leaf
from tallyscope.ledger.note import NoteError, Verifier
from tallyscope.ledger.tree import Inclusion
from tallyscope.ledger.version import Version

__all__ = ["Proved", "check_proof", "proof_text"]

_FIRST = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proved:
    """A version, and the checkpoint under which it is."""

    version: Version
    checkpoint: Checkpoint


def proof_text(proof: Inclusion, checkpoint: str) -> str:
    """The file; `checkpoint`: the signed note over the size and root of the proof."""
    path = "".join(f"{_encoded(hash)}\n" for hash in proof.path)
    return f"{_FIRST}\nextra {_encoded(proof.leaf)}\nindex {proof.number}\n{path}\n{checkpoint}"


def check_proof(text: str, verifiers: Iterable[Verifier]) -> Proved:
    """What a file proves. Raises NoteError: malformed, signed by none of the keys, or the proof does not hold."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) < 3 or lines[0] != _FIRST:
        raise NoteError(f"malformed proof: it begins with {_FIRST}")
    leaf, index = _after(lines[1], "extra"), _after(lines[2], "index")
    if not index.isascii() or not index.isdigit() or str(int(index)) != index:
        raise NoteError("malformed proof: the index is not a number")
    checkpoint = open_checkpoint(note, verifiers)
    data, path = _decoded(leaf), [_decoded(line) for line in lines[3:]]
    if not included(leaf_hash(data), int(index), checkpoint.size, path, checkpoint.root):
        raise NoteError("the proof does not hold: this version is not the one that was published under this number")
    try:
        version = from_leaf(int(index), data)
    except (ValueError, TypeError, KeyError) as error:
        raise NoteError("what is proved is not a version of a protocol") from error
    return Proved(version, checkpoint)


def _after(line: str, word: str) -> str:
    if not line.startswith(f"{word} "):
        raise NoteError(f"malformed proof: a line should begin with {word!r}")
    return line.removeprefix(f"{word} ")


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("malformed proof: a line is not base64") from error
