"""The database itself refuses to overwrite the record, and its tables are those of the migrations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from made_record import ELECTION, KEYS, STATIONS, version
from tallyscope.ledger import opening, schema
from tallyscope.ledger.migrate import latest, revision, upgrade
from tallyscope.ledger.store import Ledger, Unavailable

RECORD = ("election", "commissions", "stations", "versions", "figures", "gaps", "nodes", "bulletins")


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """A record with a row in every table that is only added to."""
    with Ledger.create(database_url, ELECTION, STATIONS) as made:
        figures = dict(version().figures)
        del figures["votes_b"]
        made.accept([version(figures=figures, gaps={"votes_b": "illegible"}), version(KEYS[1])])
        with made.engine.begin() as connection:
            connection.execute(insert(schema.nodes).values(level=1, index=0, hash=bytes(32)))
            row = {"number": 1, "published_at": made.version(0).accepted_at, "published_by": "x", "size": 1}
            row |= {"root": bytes(32), "checkpoint": "x", "body": "{}", "body_sha256": "0" * 64}
            connection.execute(insert(schema.bulletins).values(row))
        yield made


def refused(ledger: Ledger, sql: str) -> None:
    with pytest.raises(DBAPIError, match="only added to"), ledger.engine.begin() as connection:
        connection.execute(text(sql))


@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_administrator_cannot_alter_or_remove_a_row_unnoticed(statement: str, ledger: Ledger) -> None:
    columns = ("title", "name", "key", "reason", "votes_a", "reason", "hash", "body")
    for table, column in zip(RECORD, columns, strict=True):
        refused(ledger, statement.format(table, column))
    assert ledger.size == 2


def test_a_row_is_not_replaced_or_truncated_either(ledger: Ledger) -> None:
    if ledger.engine.dialect.name == "sqlite":
        refused(ledger, "INSERT OR REPLACE INTO figures (version, votes_a) VALUES (0, 9)")
    else:
        for table in ("figures", "gaps", "bulletins"):
            refused(ledger, f"TRUNCATE {table}")
    assert ledger.returns().table["votes_a"][0] == version().figures["votes_a"]


def test_a_version_is_superseded_once_even_past_the_program(ledger: Ledger) -> None:
    columns = "station, source, stage, accepted_at, entered_by, accepted_by, reason, leaf, leaf_hash, supersedes"
    values = columns.replace("supersedes", "0")
    copy = f"INSERT INTO versions (number, {columns}) SELECT {{}}, {values} FROM versions WHERE number = 0"
    with ledger.engine.begin() as connection:
        connection.execute(text(copy.format(7)))
    with pytest.raises(DBAPIError), ledger.engine.begin() as connection:
        connection.execute(text(copy.format(8)))


def test_a_figure_of_no_station_is_not_taken(ledger: Ledger) -> None:
    with pytest.raises(DBAPIError), ledger.engine.begin() as connection:
        connection.execute(text("INSERT INTO standing VALUES (999, 'official', 0, TRUE)"))


def test_the_migrations_make_the_tables_that_the_program_knows(ledger: Ledger) -> None:
    def ours(_: object, name: str | None, type: str, __: bool, ___: object) -> bool:
        return type != "table" or name in schema.METADATA.tables

    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, schema.METADATA) == []
        assert revision(connection) == latest()


def test_a_count_of_a_later_version_of_the_program_is_left_alone(ledger: Ledger, database_url: str) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(Unavailable, match="later version of tallyscope"):
        Ledger.open(database_url)


def test_a_count_of_an_earlier_version_of_the_program_is_brought_up_when_it_is_opened(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(opening, "upgrade", lambda connection: upgrade(connection, "0001_record"))
        earlier.setattr(opening, "latest", lambda: "0001_record")
        earlier.setattr(opening, "keep_digests", lambda _: None)
        with Ledger.create(database_url, ELECTION, STATIONS) as ledger:
            ledger.accept([version()])
    with Ledger.open(database_url) as ledger, ledger.engine.connect() as connection:
        assert revision(connection) == latest()
        assert ledger.size == 1


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        upgrade(connection)
    assert ledger.size == 2
