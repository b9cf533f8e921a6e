"""Signed notes (c2sp.org/signed-note, Ed25519): a text, a blank line, and who signed it.

    text, ending in a newline
    (an empty line)
    — NAME BASE64(key id of 4 bytes, signature of 64 bytes)

The format of the Go checksum database, so that its tools and every witness of transparency logs can read ours. A
key is named; its id is the first four bytes of SHA-256(name, newline, 0x01, public key). No key is the default one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["NoteError", "Signer", "Verifier", "new_signer", "open_note", "read_signer", "read_verifier", "sign"]

_ED25519 = b"\x01"
_SECRET = "PRIVATE+KEY+"
_DASH = "\u2014 "
_MOST_BYTES, _MOST_SIGNATURES = 1 << 20, 100


class NoteError(ValueError):
    """A key or a note that cannot be read, or that nobody we trust has signed."""


@dataclass(frozen=True)
class Verifier:
    """A public key and its name. `str()` of it is the line that others check signatures with."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell the keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_encoded(_ED25519 + self.key)}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        """True if the signature over the text is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key and its name; it never shows in a repr."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def secret(self) -> str:
        """The line to keep to oneself, as `read_signer` takes it."""
        return f"{_SECRET}{self.name}+{self.verifier.id.hex()}+{_encoded(_ED25519 + self.seed)}"

    def signature(self, text: bytes) -> bytes:
        """64 bytes; the same for the same text (RFC 8032)."""
        return self._key.sign(text)


def new_signer(name: str) -> Signer:
    """A new key from the system's random numbers. Raises NoteError for a name that no note can carry."""
    return Signer(_named(name), Ed25519PrivateKey.generate().private_bytes_raw())


def read_signer(text: str) -> Signer:
    """The key of a line `PRIVATE+KEY+name+id+base64`. Raises NoteError, which never repeats the line."""
    text = text.strip()
    if not text.startswith(_SECRET):
        raise NoteError("not a signing key: its line begins with PRIVATE+KEY+")
    name, id, seed = _parts(text.removeprefix(_SECRET), "signing key")
    signer = Signer(name, seed)
    if signer.verifier.id != id:
        raise NoteError("not a signing key: its id is of another name or key")
    return signer


def read_verifier(text: str) -> Verifier:
    """The key of a line `name+id+base64`. Raises NoteError."""
    name, id, key = _parts(text.strip(), "verifier key")
    verifier = Verifier(name, key)
    if verifier.id != id:
        raise NoteError("not a verifier key: its id is of another name or key")
    return verifier


def sign(text: str, *signers: Signer) -> str:
    """The note of a text. Raises NoteError for a text that no note can carry."""
    if not text.endswith("\n") or any(ord(c) < 0x20 and c != "\n" for c in text):
        raise NoteError("a note is of whole lines, without control characters")
    body = text.encode()
    lines = [f"{_DASH}{s.name} {_encoded(s.verifier.id + s.signature(body))}\n" for s in signers]
    return f"{text}\n{''.join(lines)}"


def open_note(note: str, verifiers: Iterable[Verifier]) -> str:
    """The text of a note that one of the keys has signed, up to its last newline.

    Signatures by other keys say nothing. Raises NoteError: malformed, a signature by a known key is wrong (the
    whole note is then refused), or none of the keys has signed.
    """
    text, signatures = _split(note)
    known = {(v.name, v.id): v for v in verifiers}
    by_known = [(known[name, id], signature) for name, id, signature in signatures if (name, id) in known]
    for verifier, signature in by_known:
        if not verifier.signed(text.encode(), signature):
            raise NoteError(f"the signature of {verifier.name} is not of this text")
    if not by_known:
        names = ", ".join(sorted({name for name, _, _ in signatures}))
        raise NoteError(f"not signed by a key that was given; signed as {names}")
    return text


def _split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text, and name, key id and signature of each line below it."""
    if len(note.encode(errors="replace")) > _MOST_BYTES or any(ord(c) < 0x20 and c != "\n" for c in note):
        raise NoteError("malformed note: too long, or with control characters")
    head, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise NoteError("malformed note: no signatures below an empty line")
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise NoteError("malformed note: too many signatures")
    return f"{head}\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError("malformed note: a signature is a dash, a name and base64")
    raw = _decoded(encoded)
    if len(raw) < 5:
        raise NoteError("malformed note: a signature is too short")
    return _named(name), raw[:4], raw[4:]


def _parts(text: str, what: str) -> tuple[str, bytes, bytes]:
    # The base64 may have a + of its own, the name never.
    parts = text.split("+", 2)
    if len(parts) != 3 or len(parts[1]) != 8 or set(parts[1]) - set("0123456789abcdef"):
        raise NoteError(f"not a {what}: it is name+id+base64, the id of eight hexadecimal digits")
    raw = _decoded(parts[2])
    if raw[:1] != _ED25519 or len(raw) != 33:
        raise NoteError(f"not a {what} of Ed25519")
    return _named(parts[0]), bytes.fromhex(parts[1]), raw[1:]


def _named(name: str) -> str:
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 for c in name):
        raise NoteError(f"the name of a key has no spaces and no +, and is not empty: {name!r}")
    return name


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    """Strict: one text for the same bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if _encoded(raw) != text:
        raise NoteError("not base64 as RFC 4648 writes it")
    return raw
