"""Reads a database that may be damaged: bytes that are no text stay visible, and no type is taken on trust."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, event, text

from tallyscope.ledger.database import SQLITE, connect, parsed, reading

__all__ = ["canonical_bytes", "moment_text", "opened", "rows"]


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    """One state of the database. Raises Unavailable."""
    engine = connect(parsed(url))
    if engine.dialect.name == SQLITE:
        event.listen(engine, "connect", _as_it_is)
    try:
        with reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _as_it_is(connection: Any, _: Any) -> None:
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")


def rows(connection: Connection, statement: str, **values: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of plain SQL, read one after another, with the types that the driver gives."""
    options = {"stream_results": True, "max_row_buffer": 5_000}
    for row in connection.execution_options(**options).execute(text(statement), values):
        yield tuple(row)


def moment_text(value: Any) -> Any:
    """A time as leaves write it; what is no time stays as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, str) and value[10:11] == " ":
        return f"{value[:10]}T{value[11:]}Z"
    return value


def canonical_bytes(value: Any) -> bytes:
    """JSON as RFC 8785 writes whole numbers and texts with ASCII names: compared with leaves, never hashed anew."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=repr)
    return written.encode(errors="surrogateescape")
