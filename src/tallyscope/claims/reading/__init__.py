"""Reading claims out of an article: `read_claims`."""

from __future__ import annotations

from tallyscope.claims.reading.read import read_claims

__all__ = ["read_claims"]
