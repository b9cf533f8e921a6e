"""A real browser on a real server, driven by the keyboard alone; skipped where there is no Chromium."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import update

from made_service import CHEAP, NORTH, OPERATOR, PASSWORD, Made, commission, made_service
from tallyscope.ledger.accounts import tables
from tallyscope.ledger.accounts.persons import add_person

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
#: As many stops as no page has.
_STOPS = 120


@dataclass
class Typist:
    """Somebody at a keyboard. Nothing is clicked, and no addresses are typed but those of the first pages."""

    driver: Chrome
    url: str

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def at(self) -> WebElement:
        """The element that has the focus."""
        return self.driver.switch_to.active_element

    def name(self) -> str:
        """What a screen reader would say of it."""
        return str(self.at.accessible_name)

    def tab_to(self, name: str) -> None:
        """Presses Tab until the focus is on what is called so."""
        seen = []
        for _ in range(_STOPS):
            self.press(Keys.TAB)
            seen.append(self.name())
            if name in seen[-1]:
                return
        raise AssertionError(f"Tab never comes to {name!r}, only to {sorted(set(seen))}")

    def enter_on(self, name: str) -> None:
        """Goes to what is called so and presses Enter; the next page has come when this returns."""
        self.tab_to(name)
        self.leaving(lambda: self.press(Keys.ENTER))

    def leaving(self, act: Callable[[], None]) -> None:
        """Does something that leads to another page, and waits for it."""
        # A mark that goes with the page: an element may be asked for while the page is being thrown away.
        self.driver.execute_script("window.before = true")
        act()
        self.until(
            lambda d: d.execute_script("return !window.before && document.readyState === 'complete'"),
            "no other page came",
        )

    def until(self, true: Callable[[Chrome], object], why: str) -> None:
        WebDriverWait(self.driver, 20, poll_frequency=0.05).until(true, why)

    def text(self) -> str:
        return str(self.driver.find_element("tag name", "body").text)

    def sign_in(self, login: str) -> None:
        """From anywhere: signs out whoever is signed in."""
        self.driver.get(self.url + "/work")
        if "Sign out" in self.driver.page_source:
            self.enter_on("Sign out")
        self.press(login, Keys.TAB, PASSWORD)
        self.leaving(lambda: self.press(Keys.ENTER))

    def open_paper(self, number: str) -> None:
        """Finds a station by its number and takes its paper."""
        if "/entry" not in self.driver.current_url:
            self.enter_on("Entry")
        assert self.name() == "Number of the polling station"
        self.press(number)
        self.leaving(lambda: self.press(Keys.ENTER))
        self.leaving(lambda: self.press(Keys.ENTER))

    def type_lines(self, texts: dict[str, str]) -> None:
        """Types line after line from where the focus is; Enter goes on, at the end to the button."""
        for column, text in texts.items():
            assert self.at.get_attribute("id") == column
            self.press(text, Keys.ENTER)
        assert self.at.get_attribute("id") == "hand-in"

    def hand_in(self) -> None:
        self.leaving(lambda: self.press(Keys.ENTER))


@dataclass
class Night:
    """The service as it is served, and its address."""

    made: Made
    url: str
    folder: Path

    def typist(self, *, width: int = 1280, height: int = 1000, language: str = "en") -> Typist:
        """A new browser, with nothing in it."""
        options = ChromeOptions()
        for argument in (
            "headless=new",
            "no-sandbox",
            "disable-gpu",
            "disable-dev-shm-usage",
            "disable-extensions",
        ):
            options.add_argument(f"--{argument}")
        options.add_argument(f"--window-size={width},{height}")
        options.add_argument(f"--lang={language}")
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.binary_location = str(CHROMIUM)
        driver = Chrome(options=options, service=Service(str(DRIVER)))
        driver.set_page_load_timeout(30)
        self.browsers.append(driver)
        return Typist(driver, self.url)

    def __post_init__(self) -> None:
        self.browsers: list[Chrome] = []


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """A count of eight stations, served on this machine; two clerks and a coordinator of one of its regions."""
    with served(tmp_path) as found:
        yield found


@contextmanager
def served(tmp_path: Path, regions: int = 0) -> Iterator[Night]:
    """Such a count, with so many more regions of a station each."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("there is no Chromium with its chromedriver: install both to drive the pages in a browser")
    made = made_service(f"sqlite:///{tmp_path}/count.db", regions=regions)
    add_person(made.office, OPERATOR, "boris", "Boris", commission(made.office, NORTH), ["clerk"])
    with made.office.writing() as connection:
        connection.execute(update(tables.persons).values(password=CHEAP.hash(PASSWORD)))
    server = uvicorn.Server(uvicorn.Config(made.app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    found = Night(made, f"http://localhost:{port}", tmp_path)
    try:
        yield found
    finally:
        for driver in found.browsers:
            driver.quit()
        server.should_exit = True
        thread.join(10)
        made.ledger.close()
