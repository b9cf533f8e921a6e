"""SHA-256 of a file as it lies on the disk, and of what a gzip file holds."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import Any

__all__ = ["content_sha256", "file_sha256"]


def file_sha256(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of the bytes of the file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_sha256(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of the uncompressed content of a gzip file; empty where it is not one."""
    try:
        with gzip.open(path) as opened:
            stream: Any = opened  # typeshed's GzipFile lacks a method of the protocol that file_digest asks for
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error):
        return ""
