"""Nobody alters the audit trail unnoticed: no owner of the database, nor of the secret if a head was noted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from made_service import SECRET
from tallyscope.ledger.accounts.audit import FIRST, chained, seal_key, sealed
from tallyscope.ledger.accounts.audit_check import AuditCheck, Head, verify_audit
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.tables import audit, audit_head

KEY = seal_key(SECRET)


@pytest.fixture
def told(office: Office) -> Office:
    """Ten entries."""
    for number in range(10):
        with office.writing() as connection:
            office.trail.record(connection, f"person {number}", "does", commission=2, details={"n": number})
    return office


def check(office: Office, **options: Any) -> AuditCheck:
    return verify_audit(office.engine, **{"key": KEY, **options})


def unlocked(office: Office) -> None:
    """What whoever owns the database can do: take the triggers away."""
    with office.writing() as connection:
        if office.engine.dialect.name == "sqlite":
            for name in ("audit_no_update", "audit_no_delete"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("DROP TRIGGER audit_only_added ON audit"))


def rewritten(office: Office, key: bytes, first: int) -> None:
    """Alters an entry and makes everything after it fit again."""
    unlocked(office)
    with office.writing() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.number)).all()
        before = rows[first - 1].hash if first else FIRST
        for row in rows[first:]:
            entry = row.entry.replace('"does"', '"did nothing"') if row.number == first else row.entry
            before = chained(before, entry)
            values = {"entry": entry, "hash": before, "seal": sealed(key, before)}
            values |= {"action": "did nothing"} if row.number == first else {}
            connection.execute(update(audit).where(audit.c.number == row.number).values(values))
        connection.execute(update(audit_head).values(hash=before))


def test_a_trail_that_nobody_touched_holds(told: Office) -> None:
    found = check(told)
    assert (found.problems, found.head.size, found.seals) == ((), 10, True)
    assert check(told, heads=[found.head]).problems == ()


def test_the_database_refuses_to_change_or_remove_an_entry(told: Office) -> None:
    for change in (
        update(audit).values(actor="nobody"),
        delete(audit).where(audit.c.number == 9),
        update(audit).where(audit.c.number == 3).values(entry="{}"),
    ):
        with pytest.raises(DBAPIError, match="only added to"), told.writing() as connection:
            connection.execute(change)
    assert check(told).problems == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("entry", "{}"),
        ("actor", "nobody"),
        ("action", "slept"),
        ("subject", "x"),
        ("commission", 3),
        ("hash", bytes(32)),
    ],
)
def test_a_changed_entry_is_located(told: Office, column: str, value: object) -> None:
    unlocked(told)
    with told.writing() as connection:
        connection.execute(update(audit).where(audit.c.number == 4).values({column: value}))
    assert any(problem.startswith("entry 4:") for problem in check(told).problems)


@pytest.mark.parametrize("gone", [0, 4, 9])
def test_a_removed_entry_is_noticed(told: Office, gone: int) -> None:
    unlocked(told)
    with told.writing() as connection:
        connection.execute(delete(audit).where(audit.c.number == gone))
    assert check(told).problems


def test_a_trail_rewritten_without_the_secret_lacks_its_seals(told: Office) -> None:
    rewritten(told, b"a key of somebody else's making", 4)
    assert check(told, key=None).problems == ()
    located = [problem.split(":")[0] for problem in check(told).problems]
    assert located == [f"entry {number}" for number in range(4, 10)]


def test_a_trail_rewritten_with_the_secret_contradicts_a_head_that_was_noted(told: Office) -> None:
    noted = check(told).head
    rewritten(told, KEY, 4)
    assert check(told).problems == ()
    assert "noted" in check(told, heads=[noted]).problems[0]


def test_a_trail_cut_short_is_shorter_than_a_head_that_was_noted(told: Office) -> None:
    noted = check(told).head
    unlocked(told)
    with told.writing() as connection:
        before = connection.scalar(select(audit.c.hash).where(audit.c.number == 7))
        connection.execute(delete(audit).where(audit.c.number > 7))
        connection.execute(update(audit_head).values(size=8, hash=before))
    assert check(told).problems == ()
    assert check(told, heads=[noted]).problems == ("a head of 10 entries is known, and the trail has 8",)


def test_a_head_of_before_still_fits_when_the_trail_has_grown(told: Office) -> None:
    noted = check(told).head
    with told.writing() as connection:
        told.trail.record(connection, "x", "y")
    assert check(told, heads=[noted]).problems == ()
    assert check(told, heads=[Head(3, "0" * 64)]).problems


def test_what_is_undone_leaves_no_entry(told: Office) -> None:
    def undone() -> None:
        with told.writing() as connection:
            told.trail.record(connection, "x", "y")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert (check(told).head.size, check(told).problems) == (10, ())
