"""Which code answered: a digest of all that a study's numbers depend on, so that two versions are told apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["code_digest"]

_ROOMS = ("election", "returns", "tally", "simulation", "forensics")
#: Where answers are counted and kept, which does not change them.
_APART = "calibration"


@cache
def code_digest() -> str:
    """The first 12 hexadecimal digits of the SHA-256 over the source files (names and contents) of these rooms."""
    digest = sha256()
    for room in _ROOMS:
        _add(files("tallyscope").joinpath(room), room, digest.update)
    return digest.hexdigest()[:12]


def _add(folder: Traversable, path: str, update: Callable[[bytes], None]) -> None:
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        name = f"{path}/{item.name}"
        if item.is_dir() and item.name not in (_APART, "__pycache__"):
            _add(item, name, update)
        elif item.name.endswith((".py", ".toml")):
            update(name.encode() + b"\0" + item.read_bytes() + b"\0")
