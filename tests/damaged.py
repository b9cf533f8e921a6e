"""A database as somebody can write it who has its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written(file: Path) -> Iterator[sqlite3.Connection]:
    """The database as somebody with the file can write it: without its triggers and its foreign keys."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA foreign_keys = OFF")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.commit()
    yield connection
    for _, sql in triggers:
        connection.execute(sql)
    connection.commit()
    connection.close()
