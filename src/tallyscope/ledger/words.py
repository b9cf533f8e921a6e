"""How figures are written in a bulletin: one way for every share that is published, and one JSON for every body."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

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
    """Canonical JSON (RFC 8785): one text for one value of texts and whole numbers, by names in ASCII.

    For such values, and a bulletin has no others, Python's own writer gives the bytes of the library `rfc8785`
    several times as fast; tests hold it to that.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def sha256(text: str) -> bytes:
    """The hash of a text in UTF-8, 32 bytes."""
    return hashlib.sha256(text.encode()).digest()
