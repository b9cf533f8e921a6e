"""Signing in: limits that outlive a restart, the same work for everybody, sessions that end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select

from made_service import CHEAP, OPERATOR, PASSWORD
from tallyscope.ledger.accounts.limits import LIMITS, TooOften
from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.accounts.passwords import Passwords
from tallyscope.ledger.accounts.persons import add_person
from tallyscope.ledger.accounts.sessions import ABSOLUTE, IDLE, find_session
from tallyscope.ledger.accounts.setting_passwords import set_password
from tallyscope.ledger.accounts.sign_in import WrongLogin, sign_in
from tallyscope.ledger.accounts.tables import audit, persons


@pytest.fixture
def anna(office: Office) -> Office:
    """One person, with a password."""
    add_person(office, OPERATOR, "anna", "Anna A.", 1, ["clerk"])
    set_password(office, OPERATOR, "anna", PASSWORD, PASSWORD)
    return office


def fail(office: Office, login: str = "anna", address: str = "10.0.0.1") -> None:
    with pytest.raises(WrongLogin):
        sign_in(office, login, "wrong password", address)


def test_five_failures_from_an_address_make_the_account_wait_there_and_nowhere_else(anna: Office) -> None:
    for _ in range(5):
        fail(anna)
    with pytest.raises(TooOften) as caught:
        sign_in(anna, "anna", PASSWORD, "10.0.0.1")
    assert timedelta(minutes=14) < caught.value.wait <= timedelta(minutes=15)
    assert sign_in(anna, "anna", PASSWORD, "10.0.0.2")


def test_a_restart_forgets_no_failure(anna: Office) -> None:
    for _ in range(5):
        fail(anna)
    again = Office(anna.engine, anna.trail, CHEAP, anna.now)
    with pytest.raises(TooOften):
        sign_in(again, "anna", PASSWORD, "10.0.0.1")


def test_the_wait_ends(anna: Office, clock: object) -> None:
    for _ in range(5):
        fail(anna)
    clock.forward(minutes=15, seconds=1)  # type: ignore[attr-defined]
    assert sign_in(anna, "anna", PASSWORD, "10.0.0.1")


def test_an_address_that_tries_many_accounts_waits(anna: Office) -> None:
    limit = next(limit for limit in LIMITS if limit.of == ("address",))
    for number in range(limit.failures):
        fail(anna, f"person {number}")
    with pytest.raises(TooOften):
        sign_in(anna, "somebody else", "x", "10.0.0.1")
    assert sign_in(anna, "anna", PASSWORD, "10.0.0.2")


def test_an_account_tried_from_many_addresses_waits(anna: Office) -> None:
    limit = next(limit for limit in LIMITS if limit.of == ("account",))
    for number in range(limit.failures):
        fail(anna, address=f"10.0.1.{number}")
    with pytest.raises(TooOften):
        sign_in(anna, "anna", PASSWORD, "10.0.0.2")


def test_attempts_sent_at_once_are_all_counted(anna: Office) -> None:
    """At most five of them have the password looked at, however fast they come."""
    looked = list[str]()

    @dataclass(frozen=True)
    class Noting(Passwords):
        hasher: PasswordHasher = field(default_factory=lambda: CHEAP.hasher)

        def fits(self, stored: str | None, password: str) -> bool:
            looked.append(password)
            return super().fits(stored, password)

    noting = replace(anna, passwords=Noting())
    assert noting.tree

    def guess(number: int) -> None:
        with suppress(WrongLogin, TooOften):
            sign_in(noting, "anna", f"guess {number}", "10.0.0.1")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(24)))
    assert len(looked) == 5


def test_the_same_work_is_done_for_an_unknown_login_and_a_wrong_password(anna: Office) -> None:
    """As many hashes and as many statements: time tells nobody who has an account."""
    fail(anna, "warm")
    work = {}
    for login in ("anna", "nobody", "locked out"):
        with counted(anna) as statements:
            fail(anna, login, f"10.0.2.{len(work)}")
        work[login] = statements
    assert work["anna"] == work["nobody"] == work["locked out"]
    assert work["anna"].count("hash") == 1


@contextmanager
def counted(office: Office) -> Iterator[list[str]]:
    seen = list[str]()

    def statement(_c: object, _cursor: object, sql: str, *_: object) -> None:
        seen.append(sql)

    event.listen(office.engine, "before_cursor_execute", statement)
    verify = PasswordHasher.verify
    PasswordHasher.verify = lambda self, *a: seen.append("hash") or verify(self, *a)  # type: ignore[method-assign,func-returns-value]
    try:
        yield seen
    finally:
        PasswordHasher.verify = verify  # type: ignore[method-assign]
        event.remove(office.engine, "before_cursor_execute", statement)
        seen[:] = [what for what in seen if "hash" in what[:4] or what.split()[0] in ("SELECT", "INSERT", "UPDATE")]


def test_a_session_ends_when_nobody_uses_it(anna: Office, clock: object) -> None:
    secret = sign_in(anna, "anna", PASSWORD, "10.0.0.1")
    clock.forward(seconds=IDLE.total_seconds() - 1)  # type: ignore[attr-defined]
    assert find_session(anna, secret)
    clock.forward(seconds=IDLE.total_seconds() - 1)  # type: ignore[attr-defined]
    assert find_session(anna, secret)
    clock.forward(seconds=IDLE.total_seconds())  # type: ignore[attr-defined]
    assert find_session(anna, secret) is None


def test_a_session_ends_after_a_shift_however_busy_it_was(anna: Office, clock: object) -> None:
    secret = sign_in(anna, "anna", PASSWORD, "10.0.0.1")
    for _ in range(int(ABSOLUTE / timedelta(minutes=20)) - 1):
        clock.forward(minutes=20)  # type: ignore[attr-defined]
        assert find_session(anna, secret)
    clock.forward(minutes=20)  # type: ignore[attr-defined]
    assert find_session(anna, secret) is None


def test_a_login_ends_the_session_that_the_browser_had(anna: Office) -> None:
    first = sign_in(anna, "anna", PASSWORD, "10.0.0.1")
    session = find_session(anna, first)
    second = sign_in(anna, "anna", PASSWORD, "10.0.0.1", before=session)
    assert find_session(anna, first) is None
    found = find_session(anna, second)
    assert session
    assert found
    assert found.csrf != session.csrf


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(anna: Office) -> None:
    def stored() -> str | None:
        with anna.reading() as connection:
            return connection.scalar(select(persons.c.password))

    before = stored()
    stronger = replace(anna, passwords=Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)))
    sign_in(stronger, "anna", PASSWORD, "10.0.0.1")
    after = stored()
    assert before != after
    assert after
    assert "m=16,t=2" in after
    sign_in(stronger, "anna", PASSWORD, "10.0.0.1")
    assert stored() == after


def test_every_attempt_is_in_the_trail_and_no_password_or_unknown_login_is(anna: Office) -> None:
    sign_in(anna, "anna", PASSWORD, "10.0.0.1")
    fail(anna)
    fail(anna, "my-password-in-the-wrong-field")
    with anna.reading() as connection:
        entries = connection.execute(select(audit.c.actor, audit.c.action, audit.c.entry)).all()
    said = [(e.actor, e.action) for e in entries if e.action.startswith("sign")]
    assert said == [("anna", "sign in"), ("anna", "sign in refused"), ("(unknown)", "sign in refused")]
    whole = "".join(e.entry for e in entries)
    assert PASSWORD not in whole
    assert "my-password" not in whole
    assert "wrong password" in whole
