"""The audit trail is signed with every bulletin: nobody rewrites it later, whoever has database and secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from typer.testing import CliRunner

from made_count import KEY, good_returns, opened, protocols
from tallyscope.cli.count import app
from tallyscope.ledger.accounts.audit import FIRST, Trail, chained, sealed
from tallyscope.ledger.accounts.tables import audit, audit_head
from tallyscope.ledger.bulletins import drafting, publish
from tallyscope.ledger.bulletins.body import Head
from tallyscope.ledger.database import writing
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.verify import Fault, verify

SEALS = b"k" * 32
TRAIL = Trail(SEALS)


def told(ledger: Ledger, actions: int) -> None:
    for number in range(actions):
        with writing(ledger.engine) as connection:
            TRAIL.record(connection, "anna", "does", details={"n": number})


@pytest.fixture
def night(database_url: str) -> Iterator[Ledger]:
    """Bulletins after 0, 3 and 3 entries of the trail, which has 5."""
    with opened(database_url, good_returns()) as ledger:
        publish(ledger, KEY, by="the commission")
        told(ledger, 3)
        ledger.accept(protocols(good_returns())[:20])
        publish(ledger, KEY, by="the commission")
        publish(ledger, KEY, by="the commission")
        told(ledger, 2)
        yield ledger


def url_of(ledger: Ledger) -> str:
    return ledger.engine.url.render_as_string(hide_password=False)


def faults(ledger: Ledger) -> list[Fault]:
    return list(verify(url_of(ledger), [KEY.verifier]).faults)


def rewritten(ledger: Ledger, changed: int, size: int = 5) -> None:
    """By the owner of database and secret: an entry says something else, `size` stay, and all of it fits again."""
    with writing(ledger.engine) as connection:
        if connection.dialect.name == "sqlite":
            for name in ("audit_no_update", "audit_no_delete"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("DROP TRIGGER audit_only_added ON audit"))
        connection.execute(delete(audit).where(audit.c.number >= size))
        before = FIRST
        for row in connection.execute(select(audit).order_by(audit.c.number)).all():
            entry = row.entry.replace('"anna"', '"olga"') if row.number == changed else row.entry
            before = chained(before, entry)
            values: dict[str, Any] = {"entry": entry, "hash": before, "seal": sealed(SEALS, before)}
            values |= {"actor": "olga"} if row.number == changed else {}
            connection.execute(update(audit).where(audit.c.number == row.number).values(values))
        connection.execute(update(audit_head).values(hash=before, size=size))


def test_every_bulletin_says_how_long_the_trail_was_and_what_it_leads_to(night: Ledger) -> None:
    from tallyscope.ledger.bulletins import bulletins

    said = [b.body["audit"] for b in bulletins(night)]
    assert said[0] == {"entries": 0, "head": FIRST.hex()}
    with night.engine.connect() as connection:
        third = connection.scalar(select(audit.c.hash).where(audit.c.number == 2))
    assert said[1] == said[2] == {"entries": 3, "head": third.hex()}
    assert faults(night) == []


@pytest.mark.parametrize("changed", range(3))
def test_a_trail_rewritten_with_the_secret_is_found_by_the_bulletin_that_was_signed_over_it(
    changed: int, night: Ledger
) -> None:
    rewritten(night, changed)
    found = faults(night)
    assert [(f.table, f.column) for f in found] == [("audit", "entry")] * 2
    assert "of the first 3 entries some are not those that bulletin 2 was signed over" in found[0].text


def test_what_came_after_the_last_bulletin_is_held_by_the_next_one(night: Ledger) -> None:
    rewritten(night, 4)
    assert faults(night) == []


def test_a_trail_cut_short_is_found(night: Ledger) -> None:
    rewritten(night, -1, size=2)
    assert "3 entries were signed with bulletin 2; there are 2." in [f.text for f in faults(night)]


def test_an_entry_changed_without_the_rest_is_located(night: Ledger) -> None:
    rewritten(night, -1)
    with writing(night.engine) as connection:
        connection.execute(update(audit).where(audit.c.number == 3).values(entry="{}"))
    (found,) = faults(night)
    assert (found.table, found.column) == ("audit", "entry")
    assert "entry 3 does not fit" in found.text


def test_count_audit_holds_the_trail_against_the_bulletins(night: Ledger) -> None:
    def run() -> tuple[int, str]:
        result = CliRunner().invoke(app, ["audit", "--database", url_of(night), "--chain"])
        return result.exit_code, " ".join(result.output.split())

    assert run()[0] == 0
    assert "with what 3 bulletins were signed over" in run()[1]
    rewritten(night, 1)
    code, said = run()
    assert code == 1
    assert "entry 2: the head noted after it was 3:" in said


def test_bulletins_from_before_the_trail_was_signed_still_verify(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = drafting._head

    def before(*arguments: Any) -> Head:
        return replace(now(*arguments), audit=None, format="tallyscope bulletin 1")

    with opened(database_url, good_returns()) as ledger:
        with monkeypatch.context() as patched:
            patched.setattr(drafting, "_head", before)
            first = publish(ledger, KEY, by="the commission")
        assert {"audit", "still_out"}.isdisjoint(json.loads(first.text))
        told(ledger, 2)
        second = publish(ledger, KEY, by="the commission")
        assert second.body["audit"]["entries"] == 2
        assert faults(ledger) == []
        rewritten(ledger, 0, size=2)
        assert [f.table for f in faults(ledger)] == ["audit"]


def test_a_trail_is_verified_in_a_database_that_never_had_one(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "count.db"
    with opened(f"sqlite:///{file}", good_returns()) as ledger:
        ledger.accept(protocols(good_returns())[:5])
    with sqlite3.connect(file) as database:
        database.execute("DROP TABLE audit")
    assert verify(f"sqlite:///{file}").faults == ()
