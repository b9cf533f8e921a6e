"""A Document as JSON, and back: every field under its own name, dates as ISO 8601."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tallyscope.claims.claim import Document

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["document_from_json", "document_to_json"]


@cache
def _adapter() -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def document_to_json(document: Document) -> str:
    """UTF-8 text, indented."""
    return _adapter().dump_json(document, indent=1).decode()


def document_from_json(text: str | bytes) -> Document:
    """Reads what `document_to_json` wrote. Raises ValueError, with every place that does not fit."""
    document: Document = _adapter().validate_json(text)
    return document
