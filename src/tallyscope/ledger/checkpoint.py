"""Checkpoints (c2sp.org/tlog-checkpoint): how many versions the record has and their root, signed.

    ORIGIN                  the record's name, and by custom the key's
    SIZE                    versions, decimal
    BASE64(root)            RFC 6962
    bulletin N BASE64(...)  ours, an extension line: the number of a bulletin and the SHA-256 of its body

The last line ties what was published to the signature; other readers of checkpoints leave it out of account.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tallyscope.ledger.note import NoteError, Signer, Verifier, open_note, sign

__all__ = ["Checkpoint", "checkpoint_text", "open_checkpoint", "read_checkpoint", "signed_checkpoint"]

_BULLETIN = re.compile(r"bulletin ([1-9][0-9]*) (\S+)")


@dataclass(frozen=True)
class Checkpoint:
    """`root`: 32 bytes. `bulletin`: its number, and the SHA-256 of its body as `body`, where it is one's."""

    origin: str
    size: int
    root: bytes
    bulletin: int | None = None
    body: bytes | None = None


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """What is signed. Raises NoteError for an origin of no or several lines, or a root that is not a hash."""
    if not checkpoint.origin or "\n" in checkpoint.origin or len(checkpoint.root) != 32 or checkpoint.size < 0:
        raise NoteError("a checkpoint has an origin of one line, a size, and a root of 32 bytes")
    lines = [checkpoint.origin, str(checkpoint.size), base64.b64encode(checkpoint.root).decode()]
    if checkpoint.bulletin is not None and checkpoint.body is not None:
        lines.append(f"bulletin {checkpoint.bulletin} {base64.b64encode(checkpoint.body).decode()}")
    return "".join(f"{line}\n" for line in lines)


def signed_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The note. Raises NoteError when the key is of another name than the record."""
    if signer.name != checkpoint.origin:
        raise NoteError(f"the key is of {signer.name}, the record is of {checkpoint.origin}")
    return sign(checkpoint_text(checkpoint), signer)


def open_checkpoint(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint of a note that one of the keys has signed. Raises NoteError."""
    return _parsed(open_note(note, verifiers))


def read_checkpoint(note: str) -> Checkpoint:
    """What a note says, whoever signed it: to be shown, never to be trusted. Raises NoteError."""
    head, blank, _ = note.rpartition("\n\n")
    if not blank:
        raise NoteError("malformed checkpoint: no signatures below an empty line")
    return _parsed(f"{head}\n")


def _parsed(text: str) -> Checkpoint:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteError("malformed checkpoint: it has an origin, a size and a root, a line each")
    origin, size, root, *more = lines
    if not size.isascii() or not size.isdigit() or str(int(size)) != size:
        raise NoteError(f"malformed checkpoint: {size!r} is not a size")
    found = next(filter(None, map(_BULLETIN.fullmatch, more)), None)
    number, body = (int(found[1]), _hash(found[2])) if found else (None, None)
    return Checkpoint(origin, int(size), _hash(root), number, body)


def _hash(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"malformed checkpoint: {text!r} is not base64") from error
    if len(raw) != 32 or base64.b64encode(raw).decode() != text:
        raise NoteError(f"malformed checkpoint: {text!r} is not a hash of 32 bytes")
    return raw
