"""The clerk's and the coordinator's pages: two entries, errors beside the line, decisions, whose station it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from sqlalchemy import select, update

from ledger.entry.papers import CLEAN, with_error, with_warning
from made_service import CHEAP, NORTH, OPERATOR, PASSWORD, Browser, Made, commission
from tallyscope.ledger.accounts import tables
from tallyscope.ledger.accounts.persons import add_person
from tallyscope.ledger.database import reading
from tallyscope.ledger.schema import stations


@pytest.fixture
def night(made: Made) -> Made:
    """With a second clerk and a second coordinator in the north."""
    for login, role in (("boris", "clerk"), ("erik", "coordinator")):
        add_person(made.office, OPERATOR, login, login.title(), commission(made.office, NORTH), [role])
    with made.office.writing() as connection:
        connection.execute(update(tables.persons).values(password=CHEAP.hash(PASSWORD)))
    return made


def station(made: Made, name: str = "1") -> int:
    with reading(made.ledger.engine) as connection:
        return connection.scalars(select(stations.c.id).where(stations.c.name == name)).one()


def hidden(page: str, *names: str) -> dict[str, str]:
    """The hidden fields of a page, as a browser sends them."""
    found = {}
    for name in ("csrf", *names):
        match = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert match, f"the page has no {name}"
        found[name] = match[1]
    return found


def begin(browser: Browser, station: int) -> str:
    page = browser.open(f"/entry/{station}").text
    answer = browser.client.post(f"/entry/{station}/begin", data=hidden(page, "seen"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/entry/{station}")
    return str(browser.open(f"/entry/{station}").text)


def finish(browser: Browser, station: int, page: str, texts: Mapping[str, str], **more: str):  # type: ignore[no-untyped-def]
    data = hidden(page, "seen", "serial", "shown") | {f"line.{c}": t for c, t in texts.items()} | more
    return browser.client.post(f"/entry/{station}/finish", data=data)


def enter(browser: Browser, station: int, texts: Mapping[str, str]) -> str:
    """Types and hands in, confirming what is remarkable; where it leads."""
    answer = finish(browser, station, begin(browser, station), texts)
    if answer.status_code == 422:
        answer = finish(browser, station, answer.text, texts, confirmed="1")
    assert answer.status_code == 303, answer.text
    return str(browser.open(answer.headers["location"]).text)


def decide(browser: Browser, station: int, decision: str, **fields: str):  # type: ignore[no-untyped-def]
    page = browser.open(f"/desk/{station}").text
    return browser.client.post(f"/desk/{station}/{decision}", data=hidden(page, "seen") | fields)


def test_a_protocol_typed_by_two_clerks_stands(night: Made) -> None:
    at = station(night)
    assert "A second person types it now" in enter(night.as_("clerk"), at, CLEAN)
    boris = night.as_("boris")
    assert f'href="/entry/{at}"' in boris.open("/entry").text
    assert "the protocol stands" in enter(boris, at, CLEAN)
    (version,) = night.ledger.versions()
    assert (version.entered_by, version.accepted_by, version.figures["votes_putin"]) == ("clerk", "boris", 412)
    assert "Its protocol stands" in boris.open(f"/entry/{at}").text


def test_the_form_is_the_paper_in_its_order_with_its_numbers(night: Made) -> None:
    page = begin(night.as_("clerk"), station(night))
    names = re.findall(r'<input id="\w+" name="line\.(\w+)"', page)
    assert names == list(CLEAN)
    numbers = [int(n) for n in re.findall(r'class="number">(\d*)<', page)]
    assert numbers == list(range(1, 21))
    assert page.count('inputmode="numeric"') == len(CLEAN)


def test_the_second_entry_is_blind_to_the_first(night: Made) -> None:
    at = station(night)
    enter(night.as_("clerk"), at, CLEAN | {"registered": "987654"})
    page = begin(night.as_("boris"), at)
    assert "987654" not in page
    assert not any(re.findall(r'name="line\.\w+" value="([^"]*)"', page))


def test_the_first_clerk_is_not_offered_the_second_entry(night: Made) -> None:
    at, clerk = station(night), night.as_("clerk")
    enter(clerk, at, CLEAN)
    page = clerk.open(f"/entry/{at}").text
    assert "another person" in page
    data = {"csrf": hidden(page)["csrf"], "seen": "2"}
    answer = clerk.client.post(f"/entry/{at}/begin", data=data)
    assert answer.status_code == 409
    assert "You typed the first entry." in answer.text


def test_errors_stand_beside_their_lines_with_what_to_do_and_the_slip(night: Made) -> None:
    at, clerk = station(night), night.as_("clerk")
    page = finish(clerk, at, begin(clerk, at), with_error())
    assert page.status_code == 422
    beside = re.search(r'id="said-valid"[^>]*>(.*?)</div>', page.text, re.S)
    assert beside
    assert "E4" in beside[1]
    assert "Compare the marked lines with the paper." in beside[1]
    assert "Look at line 16: is it 421 or 412? (two digits swapped)" in beside[1]
    assert re.search(r'id="valid"[^>]*aria-invalid="true" autofocus', page.text)
    assert night.ledger.size == 0
    assert finish(clerk, at, page.text, CLEAN).status_code == 303, "corrected, it goes in"


def test_what_the_paper_really_says_goes_to_the_coordinator_and_back_to_the_station(night: Made) -> None:
    at = station(night)
    enter(night.as_("clerk"), at, with_error())
    coordinator = night.as_("coordinator")
    desk = coordinator.open("/desk").text
    assert re.search(rf'Errors.*?href="/desk/{at}"', desk, re.S)
    assert "E4" in coordinator.open(f"/desk/{at}").text
    answer = decide(coordinator, at, "back", reason="10 fails on the paper too", stage="repeat")
    assert answer.status_code == 303
    assert "10 fails on the paper too" in night.as_("clerk").open(f"/entry/{at}").text
    enter(night.as_("clerk"), at, CLEAN)
    enter(night.as_("boris"), at, CLEAN)
    assert [v.stage for v in night.ledger.versions()] == ["repeat"]


def test_a_coordinator_decides_a_difference_and_a_warning(night: Made) -> None:
    at = station(night)
    enter(night.as_("clerk"), at, CLEAN)
    enter(night.as_("boris"), at, with_warning())
    coordinator = night.as_("coordinator")
    page = coordinator.open(f"/desk/{at}").text
    assert len(re.findall(r'<tr class="differs">', page)) == 2
    assert decide(coordinator, at, "decide", whose="second", reason=" ").status_code == 409
    wrong = decide(coordinator, at, "decide", whose="second", reason="x", **{"line.valid": "1"})
    assert wrong.status_code == 409
    assert "A rule that blocks acceptance is broken." in wrong.text
    assert decide(coordinator, at, "decide", whose="second", reason="line 11 is 1").status_code == 303
    assert night.ledger.size == 0
    assert decide(coordinator, at, "accept").status_code == 409
    assert decide(coordinator, at, "accept", **{"reason.W109": "act 3"}).status_code == 303
    (version,) = night.ledger.versions()
    assert version.reason == "line 11 is 1; W109: act 3"
    assert (version.entered_by, version.accepted_by) == ("boris", "coordinator")


def test_a_correction_and_an_annulment_are_in_the_record_with_their_reasons(night: Made) -> None:
    at = station(night)
    enter(night.as_("clerk"), at, CLEAN)
    enter(night.as_("boris"), at, CLEAN)
    coordinator = night.as_("coordinator")
    assert decide(coordinator, at, "correct", stage="repeat-count", reason="act 5").status_code == 303
    recount = CLEAN | {"votes_putin": "411", "invalid": "6", "valid": "511"}
    enter(night.as_("clerk"), at, recount)
    enter(night.as_("boris"), at, recount)
    assert decide(coordinator, at, "annul", reason="decision 12/7", evidence="A" * 64).status_code == 303
    assert decide(coordinator, at, "confirm").status_code == 409
    assert decide(night.as_("erik"), at, "confirm").status_code == 303
    told = [(v.stage, v.supersedes, v.reason, v.evidence) for v in night.ledger.versions()]
    assert told == [
        ("first", None, "", None),
        ("repeat-count", 0, "act 5", None),
        ("annulled", 1, "decision 12/7", "a" * 64),
    ]


def test_a_draft_is_saved_with_what_the_rules_say_so_far_and_is_there_again(night: Made) -> None:
    at, clerk = station(night), night.as_("clerk")
    page = begin(clerk, at)
    data = hidden(page, "serial") | {"line.valid": "512", "line.invalid": "abc", "line.registered": "900"}
    answer = clerk.client.post(f"/entry/{at}/draft", data=data)
    assert answer.status_code == 200
    assert answer.json()["serial"] == 1
    assert answer.json()["lines"]["invalid"]["level"] == "E"
    assert set(answer.json()["lines"]) == {"invalid"}, "lines that she has not come to are not blamed"
    again = clerk.client.post(f"/entry/{at}/draft", data=data)
    assert again.status_code == 409
    assert "another window" in again.json()["told"]
    page = night.as_("clerk").open(f"/entry/{at}").text
    assert re.search(r'name="line.valid" value="512"', page)


def test_a_clerk_sees_her_commission_only_and_everybody_keeps_to_the_role(night: Made) -> None:
    at = station(night)
    paths = [f"/entry/{at}", f"/desk/{at}"]
    for login in ("clerk-south", "observer", "publisher", "admin"):
        browser = night.as_(login)
        assert [browser.open(path).status_code for path in paths] == [403, 403], login
        token = browser.token("/work")
        for path in ("entry/{}/begin", "entry/{}/finish", "entry/{}/draft", "entry/{}/leave", "desk/{}/decide"):
            data = {"csrf": token, "seen": "0", "serial": "0"}
            assert browser.client.post("/" + path.format(at), data=data).status_code == 403, (login, path)
    assert night.as_("clerk").open("/desk").status_code == 403
    assert night.as_("coordinator").open("/entry").status_code == 403
    assert f"/entry/{at}" not in night.as_("clerk-south").open("/entry", q="1").text
    assert night.as_("clerk").open("/entry/999999").status_code == 403
    assert night.browser().open(f"/entry/{at}").status_code == 303


def test_a_station_is_found_by_its_number(night: Made) -> None:
    clerk = night.as_("clerk")
    answer = clerk.client.get("/entry", params={"q": "3"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/entry/{station(night, '3')}")
    rows = clerk.client.get("/entry/find", params={"q": "Адыг 3"}).text
    assert "href" not in rows
    assert "No station of your commission" in clerk.client.get("/entry", params={"q": "7"}).text, (
        "it is in the south"
    )
    assert clerk.client.get("/entry", params={"q": "%"}).status_code == 200


def test_a_form_that_is_out_of_date_says_so_and_shows_what_was_typed(night: Made) -> None:
    at, clerk = station(night), night.as_("clerk")
    page = begin(clerk, at)
    assert decide(night.as_("coordinator"), at, "release", reason="shift is over").status_code == 303
    answer = finish(clerk, at, page, CLEAN)
    assert answer.status_code == 409
    assert "meanwhile" in answer.text
    assert ">412<" in answer.text


def test_what_people_type_is_shown_as_text_and_never_as_a_page(night: Made) -> None:
    at = station(night)
    attack = "<script>alert(1)</script>"
    clerk = night.as_("clerk")
    page = finish(clerk, at, begin(clerk, at), CLEAN | {"valid": attack})
    assert attack not in page.text
    finish(clerk, at, page.text, CLEAN | {"valid": attack}, confirmed="1")
    coordinator = night.as_("coordinator")
    assert attack not in coordinator.open(f"/desk/{at}").text
    decide(coordinator, at, "back", reason=attack)
    for browser, path in ((clerk, f"/entry/{at}"), (clerk, "/entry"), (coordinator, f"/desk/{at}")):
        assert attack not in browser.open(path).text
        assert "&lt;script&gt;" in browser.open(path).text


def test_every_step_is_in_the_audit_trail(night: Made) -> None:
    at = station(night)
    enter(night.as_("clerk"), at, CLEAN)
    with reading(night.ledger.engine) as connection:
        entries = " ".join(connection.scalars(select(tables.audit.c.entry)).all())
    assert "entry: Begin" in entries
    assert "entry: Finish" in entries


def test_the_pages_speak_russian(night: Made) -> None:
    at, clerk = station(night), night.as_("clerk")
    clerk.client.cookies.set("language", "ru")
    page = finish(clerk, at, begin(clerk, at), with_error()).text
    assert "Сверьте отмеченные строки с бумагой" in page
    assert "Посмотрите на строку 16: там 421 или 412? (переставлены две цифры)" in page
    assert "Число избирателей" in page
