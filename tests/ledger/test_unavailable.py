"""A full disk, a lost connection, a server that is not there: a clear sentence, and nothing half-written."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection, create_engine, event, text

from databases import SERVER, Databases
from made_record import ELECTION, KEYS, STATIONS, protocol, version
from tallyscope.ledger import database
from tallyscope.ledger.store import Ledger, Unavailable
from tallyscope.ledger.verify import verify

MANY = pl.concat([STATIONS.with_columns(pl.lit(f"{i}").add(pl.col("region")).alias("region")) for i in range(60)])


def clean(url: str) -> bool:
    return verify(url).faults == ()


def batch(ledger: Ledger, first: int, end: int) -> list[Any]:
    keys = ledger.returns().station_names().to_list()
    return [version(key, n, reason="x" * 500) for n, key in enumerate(keys[first:end])]


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/count.db"
    with Ledger.create(url, ELECTION, MANY) as ledger:
        ledger.accept(batch(ledger, 0, 40))
        given = batch(ledger, 40, 500)
        pages: list[int] = []

        @event.listens_for(ledger.engine, "connect")
        def fill(connection: Any, _: Any) -> None:
            if pages:
                connection.execute(f"PRAGMA max_page_count = {pages[0]}")

        with ledger.engine.connect() as connection:
            pages.append(connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 20)
        ledger.engine.dispose()
        with pytest.raises(Unavailable, match=r"the disk is full; nothing of this was written\. Make room"):
            ledger.accept(given)
        assert ledger.size == 40
        assert clean(url)
        pages.clear()  # room is made
        ledger.engine.dispose()
        assert len(ledger.accept(given)) == 460
    assert clean(url)


def test_a_file_that_may_not_grow_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    """The same by the operating system: the process may not write files beyond a size."""
    url = f"sqlite:///{tmp_path}/count.db"
    with Ledger.create(url, ELECTION, MANY) as ledger:
        ledger.accept(batch(ledger, 0, 40))
    code = """
        import resource, sys
        sys.path.insert(0, sys.argv[2])
        from tallyscope.ledger.store import Ledger, Unavailable
        from test_unavailable import batch
        with Ledger.open(sys.argv[1]) as ledger:
            given = batch(ledger, 40, 500)
            resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))
            try:
                ledger.accept(given)
            except Unavailable as error:
                print("said:", error)
    """
    arguments = [sys.executable, "-c", textwrap.dedent(code), url, str(Path(__file__).parent)]
    path = {"PYTHONPATH": ":".join(sys.path)}
    answer = subprocess.run(arguments, capture_output=True, text=True, check=False, env=path)
    assert answer.stdout.startswith("said: the disk"), answer.stderr
    with Ledger.open(url) as ledger:
        assert ledger.size == 40
        assert len(ledger.accept(batch(ledger, 40, 500))) == 460
    assert clean(url)


@pytest.fixture
def server(databases: Databases, tmp_path: Path) -> Ledger:
    ledger = Ledger.create(databases.new("postgresql", tmp_path), ELECTION, STATIONS)
    ledger.accept([version(KEYS[0])])
    return ledger


@pytest.mark.parametrize("at", ["FROM head", "FROM stations", "UPDATE sums", "COPY", "UPDATE head", "COMMIT"])
def test_a_connection_that_drops_is_said_and_nothing_is_half_written(at: str, server: Ledger) -> None:
    pid: list[int] = []

    def drop(connection: Connection) -> None:
        pid.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        with create_engine(SERVER, isolation_level="AUTOCOMMIT").connect() as other:
            other.execute(text(f"SELECT pg_terminate_backend({pid[0]})"))
            while other.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid[0]}")).scalar_one():
                pass

    def before(connection: Connection, _: Any, statement: str, *rest: Any) -> None:
        if at in statement and not pid:
            drop(connection)

    def copied(connection: Connection, *rest: Any) -> Any:
        if not pid:
            drop(connection)
        return original(connection, *rest)

    from tallyscope.ledger import appending

    original: Callable[..., Any] = appending.insert_rows
    event.listen(server.engine, "before_cursor_execute", before)
    event.listen(server.engine, "commit", lambda connection: at != "COMMIT" or pid or drop(connection))
    given = [version(KEYS[1], 2), version(KEYS[2], 3)]
    with pytest.MonkeyPatch.context() as patch:
        if at == "COPY":
            patch.setattr(appending, "insert_rows", copied)
        with pytest.raises(Unavailable, match="the connection to the database is lost"):
            server.accept(given)
    assert pid
    assert server.size == 1
    assert len(server.accept(given)) == 2
    assert clean(server.engine.url.render_as_string(hide_password=False))
    server.close()


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(Unavailable, match=r"@127.0.0.1:1/x: the connection to the database is lost or was never"):
        Ledger.open("postgresql://someone:secret@127.0.0.1:1/x")


def test_no_password_is_told() -> None:
    with pytest.raises(Unavailable) as told:
        Ledger.open("postgresql://someone:secret@127.0.0.1:1/x")
    assert "secret" not in str(told.value)


def test_a_database_that_is_not_there_is_said(databases: Databases, tmp_path: Path) -> None:
    databases.new("postgresql", tmp_path)
    with pytest.raises(Unavailable, match="there is no such database or user"):
        Ledger.open(SERVER.rsplit("/", 1)[0] + "/nowhere_at_all")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///{}/none.db", "there is no such database"),
        ("sqlite:///{}/text.db", "the file is no database"),
        ("sqlite:///{}/empty.db", "there is no count in it"),
        ("sqlite://", "a record is kept in a file"),
        ("mysql://a@b/c", "kept in SQLite or in PostgreSQL"),
        ("rubbish", "is no URL of a database"),
    ],
)
def test_what_is_no_record_is_said_and_left_as_it_is(url: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at" * 50, encoding="utf-8")
    (tmp_path / "empty.db").touch()
    with pytest.raises(Unavailable, match=words):
        Ledger.open(url.format(tmp_path))
    assert sorted(p.name for p in tmp_path.glob("*.db")) == ["empty.db", "text.db"]


def test_a_folder_that_is_not_there_is_said_when_a_count_is_opened(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the file cannot be opened; is its folder there"):
        Ledger.create(f"sqlite:///{tmp_path}/none/count.db", ELECTION, STATIONS)


def test_a_file_of_something_else_is_not_touched_when_a_count_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "thesis.db"
    file.write_text("no database at all, but long enough to be looked at" * 50, encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(Unavailable, match="the file is no database"):
        Ledger.create(f"sqlite:///{file}", ELECTION, STATIONS)
    assert file.read_bytes() == before


def test_somebody_who_writes_too_long_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/count.db"
    with Ledger.create(url, ELECTION, STATIONS) as slow:
        monkeypatch.setattr(database, "_PATIENCE", 0.05)
        with Ledger.open(url) as other, database.writing(slow.engine):
            with pytest.raises(Unavailable, match="somebody else has been writing"):
                other.accept([version()])
            assert other.size == 0  # reading goes on meanwhile
        assert protocol(1) == slow.accept([version()])[0].figures
