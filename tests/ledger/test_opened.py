"""What a count is opened with is written down then: a list that changes before bulletin 1 is found as well."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from damaged import written
from made_count import KEY, good_returns, opened, protocols
from tallyscope.ledger import opening
from tallyscope.ledger.bulletins import publish
from tallyscope.ledger.errors import Refused, Unavailable
from tallyscope.ledger.migrate import latest, upgrade
from tallyscope.ledger.opened import digests, kept_digests
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.verify import Fault, verify


def faults(file: Path) -> tuple[Fault, ...]:
    return verify(f"sqlite:///{file}", [KEY.verifier]).faults


def test_what_is_written_down_is_what_is_there(database_url: str) -> None:
    with opened(database_url, good_returns()) as ledger, ledger.engine.connect() as connection:
        kept = kept_digests(connection)
        assert kept == digests(connection)
        assert len(kept["stations"]) > 1
        first = publish(ledger, KEY, by="the commission")
    assert first.body["opened_with"] == kept


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize(
    ("change", "table", "column"),
    [
        ("UPDATE stations SET registered_before = 7 WHERE id = 3", "stations", "registered_before"),
        ("UPDATE stations SET kind = 'overseas' WHERE id = 4", "stations", "kind"),
        ("UPDATE commissions SET level = 'other' WHERE id = 2", "commissions", "level"),
        ("UPDATE election SET opened_at = '2001-01-01 00:00:00.000000'", "election", "opened_at"),
    ],
)  # fmt: skip
def test_a_list_that_changes_before_the_first_bulletin_is_found(
    change: str, table: str, column: str, published: bool, tmp_path: Path
) -> None:
    file, returns = tmp_path / "count.db", good_returns()
    opened(f"sqlite:///{file}", returns).close()
    assert faults(file) == ()
    with written(file) as connection:
        assert connection.execute(change).rowcount == 1
        connection.commit()
    if published:
        with Ledger.open(f"sqlite:///{file}") as ledger:
            ledger.accept(protocols(returns)[:5])
            # Sums of the list that was there before do not fit the one that is: some changes are refused here.
            with suppress(Refused):
                publish(ledger, KEY, by="the commission")
    told = [f for f in faults(file) if f.table == table and column in f.column.split(", ")]
    assert any("opened" in f.text for f in told)


def earlier(url: str, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A count that a version of the program opened that wrote nothing of this down, brought up since."""
    with monkeypatch.context() as before:
        before.setattr(opening, "upgrade", lambda connection: upgrade(connection, "0003_entry"))
        before.setattr(opening, "latest", lambda: "0003_entry")
        before.setattr(opening, "keep_digests", lambda _: None)
        opened(url, good_returns()).close()
    assert latest() > "0003_entry"
    return Ledger.open(url)


def test_a_count_that_an_earlier_version_opened_has_it_in_its_first_bulletin(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with earlier(database_url, monkeypatch) as ledger, ledger.engine.connect() as connection:
        assert kept_digests(connection) is None
        assert publish(ledger, KEY, by="the commission").body["opened_with"] == digests(connection)
    assert verify(database_url, [KEY.verifier]).faults == ()


def test_a_count_of_an_earlier_version_is_verified_before_it_is_brought_up(tmp_path: Path) -> None:
    file = tmp_path / "count.db"
    opened(f"sqlite:///{file}", good_returns()).close()
    with written(file) as connection:
        connection.execute("DELETE FROM opened")
    assert faults(file) == ()
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE opened RENAME TO elsewhere")
    assert faults(file) == ()


@pytest.mark.parametrize(
    ("said", "column", "words"),
    [
        ("{", "said", "cannot be read"),
        ("[]", "said", "cannot be read"),
        (json.dumps({"election": {}, "commissions": [], "stations": []}), "said", "cannot be read"),
    ],
)
def test_what_is_written_down_is_damaged(said: str, column: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "count.db"
    opened(f"sqlite:///{file}", good_returns()).close()
    with written(file) as connection:
        connection.execute("UPDATE opened SET said = ?", [said])
    (fault,) = faults(file)
    assert (fault.table, fault.column) == ("opened", column)
    assert words in fault.text


def test_no_bulletin_is_published_over_an_opening_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "count.db"
    opened(f"sqlite:///{file}", good_returns()).close()
    with written(file) as connection:
        connection.execute("UPDATE opened SET said = 'x'")
    with (
        Ledger.open(f"sqlite:///{file}") as ledger,
        pytest.raises(Unavailable, match="cannot be read any more"),
    ):
        publish(ledger, KEY, by="the commission")


def test_two_openings_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "count.db"
    opened(f"sqlite:///{file}", good_returns()).close()
    with written(file) as connection:
        connection.execute("INSERT INTO opened SELECT 2, said FROM opened")
    assert [(f.table, f.column) for f in faults(file)] == [("opened", "id")]


def test_the_database_refuses_to_change_it(database_url: str) -> None:
    with opened(database_url, good_returns()) as ledger:
        for statement in ("UPDATE opened SET said = 'x'", "DELETE FROM opened"):
            with pytest.raises(Exception, match="only added to"), ledger.engine.begin() as connection:
                connection.execute(text(statement))
