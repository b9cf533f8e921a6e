"""`tallyscope schema findings`: the JSON Schema of what `examine` writes."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["schema"]


class Schema(StrEnum):
    """The formats with a published schema."""

    findings = "findings"


def schema(name: Annotated[Schema, typer.Argument(help="Which format.")] = Schema.findings) -> None:
    """Prints the JSON Schema of a format that Tallyscope writes."""
    from tallyscope.report.schema import schema_text

    sys.stdout.write(schema_text(name.value))
