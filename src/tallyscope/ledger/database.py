"""The database of a count: SQLite or PostgreSQL, its transactions, and what to say when it cannot be reached.

A transaction that writes takes the record for itself before it reads anything (SQLite: BEGIN IMMEDIATE; PostgreSQL:
the row of `head` is locked by `appending`), and is on the disk when it has ended. One that reads sees one state of
the record from its beginning to its end, whatever is accepted meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from tallyscope.ledger.errors import Unavailable

__all__ = ["SQLITE", "connect", "file_of", "parsed", "reading", "said", "shown", "writing"]

SQLITE = "sqlite"
_POSTGRESQL = "postgresql+psycopg"
#: Seconds that one writer waits for another, and that a server may take to answer.
_PATIENCE = 30
_WRITES = "tallyscope_writes"
#: Of every connection to SQLite.
_SETTINGS = (
    "journal_mode = WAL",
    # On the disk when a transaction has ended, not only in the order of transactions.
    "synchronous = FULL",
    "foreign_keys = ON",
    # INSERT OR REPLACE removes a row: without this past the triggers.
    "recursive_triggers = ON",
    # A batch of a million stations' count touches more pages than the 2 MB that are the default; 64 MB.
    "cache_size = -65536",
    # Pages are moved from the log into the file after 32 MB, not 4: seldom enough that 99 typed protocols of 100 do
    # not wait for it, and pages that many batches change are moved once.
    "wal_autocheckpoint = 8192",
)


def parsed(text: str) -> URL:
    """The URL of a database; raises Unavailable for one that no record can be in."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise Unavailable(
            f"{text!r} is no URL of a database; write sqlite:///FILE or {_POSTGRESQL}://USER@HOST/NAME."
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername=_POSTGRESQL)
    if url.drivername not in (SQLITE, "sqlite+pysqlite", _POSTGRESQL):
        raise Unavailable(
            f"{shown(url)}: a record is kept in SQLite or in PostgreSQL, by {_POSTGRESQL}://USER@HOST/NAME."
        )
    if url.get_backend_name() == SQLITE and url.database in (None, "", ":memory:"):
        raise Unavailable(f"{shown(url)}: a record is kept in a file; name it: sqlite:///FILE.")
    return url


def shown(url: URL) -> str:
    """A URL as it may be printed: without its password."""
    return url.render_as_string(hide_password=True)


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for a server."""
    return Path(str(url.database)) if url.get_backend_name() == SQLITE else None


def connect(url: URL) -> Engine:
    """An engine; nothing is opened before it is used."""
    if file_of(url) is None:
        return create_engine(
            url, pool_pre_ping=True, connect_args={"connect_timeout": _PATIENCE}, isolation_level="REPEATABLE READ"
        )
    engine = create_engine(url, connect_args={"timeout": _PATIENCE})
    event.listen(engine, "connect", _durable)
    event.listen(engine, "begin", _begun)
    return engine


def _durable(connection: sqlite3.Connection, _: Any) -> None:
    # SQLAlchemy's own begin would come at the first change only: too late to read what stands under a lock.
    connection.isolation_level = None
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}").close()


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the record. Raises Unavailable."""
    with said(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are on the disk when the block ends, all of them or none. Raises Unavailable."""
    level = {} if engine.dialect.name == SQLITE else {"isolation_level": "READ COMMITTED"}
    with said(), engine.connect() as connection:
        connection = connection.execution_options(**{_WRITES: True}, **level)
        with connection.begin():
            if engine.dialect.name != SQLITE:
                # A server, a database or a user may have a laxer default.
                connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
            yield connection


@contextmanager
def said() -> Iterator[None]:
    """Turns what a driver says into one clear sentence."""
    try:
        yield
    except TimeoutError:
        raise Unavailable("all connections to the database are in use; try again.") from None
    except DBAPIError as error:
        if (sentence := _sentence(error)) is None:
            raise
        raise Unavailable(sentence) from error


#: What SQLite and PostgreSQL say, in lower case, and what that means for whoever counts.
_CAUSES = (
    ("database or disk is full", "the disk is full; nothing of this was written. Make room, and do it again."),
    ("no space left", "the disk is full; nothing of this was written. Make room, and do it again."),
    ("disk i/o error", "the disk does not take what is written; nothing of this was. Is it full or failing?"),
    ("database is locked", f"somebody else has been writing for {_PATIENCE} seconds; nothing of this was written."),
    ("not a database", "the file is no database."),
    ("malformed", "the file is damaged: `PRAGMA integrity_check` tells where; take a copy before anything else."),
    ("unable to open", "the file cannot be opened; is its folder there, and may you write in it?"),
    ("readonly database", "the file may not be written; nothing was."),
    ("does not exist", "there is no such database or user."),
    ("no such table", "there is no count in it; `tallyscope count init` opens one."),
    ("password", "the server does not let this user in: is the password right?"),
)


def _sentence(error: DBAPIError) -> str | None:
    words = str(error.orig).casefold()
    for sign, sentence in _CAUSES:
        if sign in words:
            return sentence
    if error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError"):
        return (
            "the connection to the database is lost or was never there. What was not acknowledged may be "
            "given again: a protocol is never counted twice."
        )
    return None
