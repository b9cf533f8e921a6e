"""How figures are written in a bulletin: one way for every share that is published, and one JSON for every body."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import rfc8785

__all__ = ["canonical", "moment", "percent_text", "sha256"]


def percent_text(part: int, whole: int) -> str | None:
    """Per cent with two decimals, halves up, from whole numbers alone: "63.60"; None if `whole` is nothing."""
    if whole <= 0:
        return None
    hundredths = (20_000 * part + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def moment(at: datetime) -> str:
    """UTC with microseconds, as leaves have it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def canonical(value: Any) -> str:
    """Canonical JSON (RFC 8785): one text for one value."""
    return rfc8785.dumps(value).decode()


def sha256(text: str) -> bytes:
    """The hash of a text in UTF-8, 32 bytes."""
    return hashlib.sha256(text.encode()).digest()
