"""Signing in: a new session every time, no word about what was wrong, a limit that a restart does not forget."""

from __future__ import annotations

import re

import pytest

from made_service import PASSWORD, Made
from tallyscope.ledger.errors import Unavailable
from tallyscope.web.current import COOKIE


def test_a_page_for_persons_sends_to_the_login_and_back(made: Made) -> None:
    browser = made.browser()
    answer = browser.open("/work?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/work%3Fx%3D1")
    answer = browser.send("/login", {"login": "clerk", "password": PASSWORD, "next": "/work?x=1"}, form="/login")
    assert (answer.status_code, answer.headers["location"]) == (303, "/work?x=1")
    assert "Clerk" in browser.open("/work").text


def test_a_wrong_login_and_a_wrong_password_are_answered_alike(made: Made) -> None:
    answers = [
        made.browser().send("/login", {"login": login, "password": "x" * 20}, form="/login")
        for login in ("clerk", "nobody")
    ]
    texts = [re.sub(r'value="[^"]*"|X-CSRF-Token": "\w+', "", a.text) for a in answers]
    assert [a.status_code for a in answers] == [401, 401]
    assert texts[0] == texts[1]


def test_a_session_known_before_the_login_is_worth_nothing_after_it(made: Made) -> None:
    browser = made.browser()
    browser.client.cookies.set(COOKIE, "fixed-by-somebody-else", domain="localhost.local")
    browser.send("/login", {"login": "clerk", "password": PASSWORD}, form="/login")
    secret = browser.client.cookies.get(COOKIE, domain="localhost.local", path="/")
    assert secret
    assert secret != "fixed-by-somebody-else"
    again = made.browser()
    again.client.cookies.set(COOKIE, "fixed-by-somebody-else")
    assert again.open("/work").status_code == 303


def test_a_form_without_the_token_of_its_session_changes_nothing(made: Made) -> None:
    browser, other = made.as_("clerk"), made.as_("clerk-south")
    for token in ("", "x", other.token("/work")):
        assert browser.client.post("/logout", data={"csrf": token}).status_code == 403
    assert browser.client.post("/logout").status_code == 403
    assert browser.open("/work").status_code == 200
    given = {"X-CSRF-Token": browser.token("/work")}
    assert browser.client.post("/logout", headers=given | {"Origin": "https://evil.example"}).status_code == 403
    assert browser.client.post("/logout", headers=given | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.client.post("/logout", headers=given | {"Origin": "https://localhost"}).status_code == 303
    assert browser.open("/work").status_code == 303


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil", "/a\r\nX: y"]
)
def test_nobody_is_sent_to_another_host(made: Made, next: str) -> None:
    answer = made.browser().send("/login", {"login": "clerk", "password": PASSWORD, "next": next}, form="/login")
    assert answer.headers["location"] == "/work"
    assert made.browser().client.get("/language/ru", params={"next": next}).headers["location"] == "/work"


def test_every_answer_carries_the_headers_and_no_script_of_its_own(made: Made) -> None:
    browser = made.as_("clerk")
    for path in ("/work", "/login", "/nowhere", "/static/app.css"):
        answer = browser.open(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe-inline" not in answer.headers["content-security-policy"].replace(
            "style-src-attr 'unsafe-inline'", ""
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<script>" not in answer.text
    assert browser.open("/work").headers["cache-control"] == "no-store"


def test_a_name_that_is_not_ours_is_refused(made: Made) -> None:
    assert made.browser().open("/login", Host="evil.example").status_code == 400


def test_a_service_that_has_just_started_tells_nobody_by_its_time_who_has_an_account(made: Made) -> None:
    """The hash that unknown logins are checked against is there before the first of them comes."""
    assert "_nobodys" in made.office.passwords.__dict__


def test_a_record_that_cannot_be_reached_is_a_page_that_says_what_to_do(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("postgresql://secret-host: the connection is lost")

    clerk = made.as_("clerk")
    monkeypatch.setattr("tallyscope.web.current.find_session", gone)
    answer = clerk.open("/work")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "Nothing was written" in answer.text
    assert "secret-host" not in answer.text
    monkeypatch.setattr("tallyscope.web.api.machines.find_token", gone)
    said = clerk.open("/api/v1/status", Authorization="Bearer tallyscope_x")
    assert (said.status_code, said.headers["content-type"]) == (503, "application/problem+json")
    assert "secret-host" not in said.text


def test_a_failure_tells_nobody_how_the_program_looks_inside(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a detail of the program")

    clerk = made.as_("clerk")
    clerk.client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    monkeypatch.setattr("tallyscope.web.current.find_session", broken)
    answer = clerk.open("/work")
    assert (answer.status_code, "a detail of the program" in answer.text) == (500, False)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
