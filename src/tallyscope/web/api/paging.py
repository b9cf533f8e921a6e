"""Pages of long lists: where one begins, and how much is on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

__all__ = ["Limit", "Start"]

Start = Annotated[int, Query(ge=0, le=2**53, description="Where to go on: `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1_000)]
