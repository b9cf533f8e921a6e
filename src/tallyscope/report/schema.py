"""The published schemas of what Tallyscope writes (JSON Schema, draft 2020-12)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

__all__ = ["SCHEMAS", "load_schema", "schema_text"]

SCHEMAS = ("findings", "claims")


def schema_text(name: str = "findings") -> str:
    """The text of a schema. Raises LookupError for a name that is not in `SCHEMAS`."""
    if name not in SCHEMAS:
        raise LookupError(f"there is no schema {name!r}; there are: {', '.join(SCHEMAS)}")
    return files("tallyscope.report").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")


def load_schema(name: str = "findings") -> dict[str, Any]:
    """A schema as plain values. Raises LookupError."""
    loaded: dict[str, Any] = json.loads(schema_text(name))
    return loaded
