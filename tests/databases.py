"""New databases for tests that keep a record: files, and schemas of one database on a PostgreSQL server."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

__all__ = ["KINDS", "SERVER", "Databases"]

KINDS = ("sqlite", "postgresql")
#: A PostgreSQL server in which the tests may make a database and drop it again.
SERVER = os.environ.get("TALLYSCOPE_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


class Databases:
    """Empty databases, as many as a session of tests asks for; `close` leaves none on the server."""

    def __init__(self) -> None:
        self._server: Engine | None = None
        self._name = f"tallyscope_test_{uuid.uuid4().hex[:12]}"

    def new(self, kind: str, folder: Path) -> str:
        """The URL of one; `folder`: where a file may be. Skips the test where there is no server."""
        name = f"count_{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            return f"sqlite:///{folder}/{name}.db"
        self._begun()
        # A schema is made in a hundredth of the time of a database, and nobody sees more than his own.
        url = make_url(SERVER).set(database=self._name)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        engine.dispose()
        here = url.update_query_dict({"options": f"-csearch_path={name}"})
        return here.render_as_string(hide_password=False)

    def _begun(self) -> None:
        if self._server is not None:
            return
        server = create_engine(SERVER, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
        try:
            with server.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {self._name}"))
        except OperationalError:
            pytest.skip("there is no PostgreSQL server to test with; name one in TALLYSCOPE_TEST_POSTGRESQL")
        self._server = server

    def close(self) -> None:
        """Drops what was made on the server."""
        if self._server is not None:
            with self._server.connect() as connection:
                connection.execute(text(f"DROP DATABASE {self._name} WITH (FORCE)"))
            self._server.dispose()
