"""Where a text names a candidate, a party or an answer of the election that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.claims.claim import Span

__all__ = ["Mention"]


@dataclass(frozen=True)
class Mention:
    """`choice`: its id in the election."""

    span: Span
    choice: str
