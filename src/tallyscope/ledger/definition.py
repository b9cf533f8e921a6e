"""An election as the record keeps it: the whole of it as canonical JSON, read back without the registry."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import rfc8785
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from tallyscope.election.election import Election

__all__ = ["Definition", "from_json", "to_json"]


@dataclass(frozen=True)
class Definition:
    """What a count is opened with besides its stations; `levels`: above the station, the top one first."""

    election: Election
    levels: tuple[str, ...]


@cache
def _adapter() -> TypeAdapter[Definition]:
    return TypeAdapter(Definition)


def to_json(election: Election, levels: Sequence[str]) -> str:
    """The election with its form, and the levels of the tree, as canonical JSON (RFC 8785)."""
    return rfc8785.dumps(_adapter().dump_python(Definition(election, tuple(levels)), mode="json")).decode()


def from_json(text: str) -> Definition:
    """What `to_json` wrote. Raises ValueError for anything else."""
    return _adapter().validate_json(text)
