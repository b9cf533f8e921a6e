"""From paper to the public page in a real browser, by keyboard alone: typed twice, an error, a difference."""

from __future__ import annotations

import re

from selenium.webdriver import Chrome, Keys

from browser.conftest import Night, Typist
from ledger.entry.papers import CLEAN, with_error

RECOUNT = CLEAN | {"votes_putin": "411", "invalid": "6", "valid": "511"}


def test_a_protocol_goes_from_paper_to_the_public_page_by_keyboard_alone(night: Night) -> None:
    person = night.typist()
    person.sign_in("clerk")
    person.open_paper("1")
    person.type_lines(with_error())
    person.hand_in()
    assert "This does not hold together." in person.text()
    assert "is it 421 or 412?" in person.text()
    assert person.at.get_attribute("id") == "valid", "the focus is on the first line to look at"
    while person.at.get_attribute("id") != "votes_putin":
        person.press(Keys.ARROW_DOWN)
    person.press("412")
    person.until(
        lambda d: not d.find_elements("css selector", "[aria-invalid]"), "the error goes as it is corrected"
    )
    while person.at.get_attribute("id") != "hand-in":
        person.press(Keys.ENTER)
    person.hand_in()
    assert "A second person types it now." in person.text()

    person.sign_in("boris")
    person.open_paper("1")
    assert not any(
        line.get_attribute("value") for line in person.driver.find_elements("css selector", ".lines input")
    )
    person.type_lines(CLEAN | {"registered": "901"})
    person.hand_in()
    assert "the coordinator decides" in person.text()
    assert night.made.ledger.size == 0

    person.sign_in("coordinator")
    person.enter_on("Coordinator's desk")
    person.enter_on("1 Республика Адыгея")
    person.tab_to("First entry (clerk)")
    person.press(Keys.SPACE)
    person.tab_to("What was found on the paper")
    person.press("line 1 is 900")
    person.enter_on("Decide")
    (version,) = night.made.ledger.versions()
    assert (version.entered_by, version.accepted_by, version.reason) == ("clerk", "coordinator", "line 1 is 900")
    assert version.figures == {column: int(text) for column, text in CLEAN.items()}

    publishes(person)
    reads(person, "412")
    assert "1 of 8" in person.text() or "1 / 8" in person.text()

    person.sign_in("coordinator")
    person.enter_on("Coordinator's desk")
    person.tab_to("Number of the polling station")
    person.press("1")
    person.leaving(lambda: person.press(Keys.ENTER))
    person.tab_to("Correct it: the station brought a new protocol")
    person.press(Keys.ENTER)
    person.tab_to("Why it is corrected")
    person.press("recounted, act 5")
    person.enter_on("Open a correction")
    for login in ("clerk", "boris"):
        person.sign_in(login)
        person.open_paper("1")
        person.type_lines(RECOUNT)
        person.hand_in()
    assert "the protocol stands" in person.text()
    publishes(person)
    reads(person, "411")
    assert not says(person, "412")
    told = [(v.supersedes, v.reason, v.figures["votes_putin"]) for v in night.made.ledger.versions()]
    assert told == [(None, "line 1 is 900", 412), (0, "recounted, act 5", 411)]


def publishes(person: Typist) -> None:
    """The publisher releases a bulletin."""
    person.sign_in("publisher")
    person.enter_on("Publish a bulletin")
    person.tab_to("Sign and publish bulletin")
    person.leaving(lambda: person.press(Keys.ENTER))
    assert "is published" in person.text()


def says(person: Typist, figure: str) -> bool:
    """Whether the page has the figure by itself: the root of the record has every digit somewhere."""
    return re.search(rf"\b{figure}\b", person.text()) is not None


def reads(person: Typist, figure: str) -> None:
    """Opens the public page and loads it anew, as by F5, until it says the figure: within seconds it does."""
    person.driver.get(person.url + "/")

    def loaded(driver: Chrome) -> bool:
        driver.refresh()
        return says(person, figure)

    person.until(loaded, f"the public page never says {figure}")


def test_what_is_typed_outlives_the_browser_and_a_lost_connection(night: Night) -> None:
    first = night.typist()
    first.sign_in("clerk")
    first.open_paper("2")
    first.press("900", Keys.ENTER, "800")
    first.until(lambda d: "Saved" in d.find_element("id", "saved").text, "a pause saves")
    first.driver.quit()
    night.browsers.remove(first.driver)

    again = night.typist()
    again.sign_in("clerk")
    again.enter_on("Entry")
    again.enter_on("2 Республика Адыгея")
    values = [line.get_attribute("value") for line in again.driver.find_elements("css selector", ".lines input")]
    assert values[:3] == ["900", "800", ""]
    assert again.at.get_attribute("id") == "issued_early", "she goes on where she was"

    again.driver.set_network_conditions(offline=True, latency=0, throughput=-1)
    again.press("7")
    again.until(lambda d: "Not saved yet" in d.find_element("id", "saved").text, "she is told that it is not saved")
    again.driver.set_network_conditions(offline=False, latency=0, throughput=-1)
    again.until(lambda d: "Saved" in d.find_element("id", "saved").text, "and it is saved when it can be")
    again.driver.refresh()
    assert again.driver.find_element("id", "issued_early").get_attribute("value") == "7"
