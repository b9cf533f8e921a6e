"""An administrator adds a clerk in a real browser, by keyboard alone, at one of many commissions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Keys

from browser.conftest import Night, Typist, served
from made_service import OPERATOR
from tallyscope.ledger.accounts.persons import person_for


@pytest.fixture
def large_night(tmp_path: Path) -> Iterator[Night]:
    """Of so many commissions that a form does not offer them all."""
    with served(tmp_path, regions=30) as found:
        yield found


def test_a_clerk_is_added_at_one_of_many_commissions(large_night: Night) -> None:
    person = large_night.typist()
    person.sign_in("admin")
    person.enter_on("Persons")
    person.enter_on("Add a person")
    assert person.at.get_attribute("name") == "login"
    person.press("vera", Keys.TAB, "Vera", Keys.TAB)
    assert person.at.get_attribute("name") == "commission"
    person.press("region 17")
    person.until(lambda _: offered(person) == ["Region 17", "Region 17 / T17"], "the two are offered")
    # A browser without a screen does not open the list itself: the name is finished by hand, the last part will do.
    person.press(*[Keys.BACKSPACE] * len("region 17"), "T17")
    person.until(lambda _: offered(person) == ["Region 17 / T17"], "the one is offered")
    person.tab_to("Clerk")
    person.press(Keys.SPACE)
    person.enter_on("Add a person")
    assert "Vera" in person.text()
    office = large_night.made.office
    found = person_for(office, OPERATOR, "vera")
    assert " / ".join(office.tree.path(found.commission)) == "Region 17 / T17"


def test_a_commission_that_is_not_there_is_said_and_nothing_typed_is_lost(large_night: Night) -> None:
    person = large_night.typist()
    person.sign_in("admin")
    person.enter_on("Persons")
    person.enter_on("Add a person")
    person.press("vera", Keys.TAB, "Vera", Keys.TAB, "nowhere at all")
    person.until(lambda _: offered(person) == [], "nothing is offered")
    person.tab_to("Clerk")
    person.press(Keys.SPACE)
    person.enter_on("Add a person")
    fields = {n: person.driver.find_element("name", n).get_attribute("value") for n in ("login", "commission")}
    assert fields == {"login": "vera", "commission": "nowhere at all"}
    assert person.driver.find_elements("css selector", "[role=alert]")


def offered(person: Typist) -> list[str]:
    """The options of the list under the field, asked in one go: the script replaces them at any moment."""
    script = "return [...document.querySelectorAll('#found option')].map((o) => o.value)"
    return list(person.driver.execute_script(script))
