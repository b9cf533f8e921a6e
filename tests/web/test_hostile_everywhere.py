"""HTML and formulas in every name, reason and field: no page of any role runs them, and no download does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from databases import Databases
from made_files import ELECTION, protocols
from made_service import OPERATOR, PEOPLE, SECRET, Browser, Made, commission, made_service
from tallyscope.ledger.accounts.persons import add_person
from tallyscope.ledger.accounts.tokens import make_token
from tallyscope.ledger.bulletins import publish
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import Version

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}%(x)s"
FORMULA = "=HYPERLINK(1)"
#: Every page there is something to see on; `{}` stands for the mark, sent in the address.
PATHS = (
    "/work",
    "/password",
    "/publish",
    "/publish?done={}",
    "/entry",
    "/entry?q={}",
    "/entry/find?q={}",
    "/entry/1",
    "/entry/2",
    "/desk",
    "/desk?q={}",
    "/desk/1",
    "/desk/2",
    "/admin/persons",
    "/admin/persons?search={}",
    "/admin/persons/new",
    "/admin/persons/victim",
    "/admin/persons/{}",
    "/admin/sessions",
    "/admin/tokens",
    "/admin/audit",
    "/admin/audit?who={}&subject={}&commission={}&action={}&since={}",
    "/welcome/{}",
    "/login?next={}",
    "/language/{}",
    "/{}",
    "/api/v1/{}",
    "/en/index.html",
    "/en/bulletins.html",
    "/en/corrections.html",
    "/en/missing.html",
    "/en/data.html",
    "/en/screen.html",
    "/ru/index.html",
    "/en/{}",
    "/data/{}",
)


class Running(HTMLParser):
    """Collects whatever a browser would run or load that is not the service's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not str(given.get("src") or "").startswith("/static/"):
            self.found.append(f"<script {given}>")
        if tag in ("img", "iframe", "object", "embed", "base"):
            self.found.append(f"<{tag}>")
        self.found += [name for name in given if name.startswith("on")]
        links = [str(given.get(name) or "") for name in ("href", "src", "action", "formaction")]
        self.found += [link for link in links if link.lower().lstrip().startswith(("javascript:", "vbscript:"))]


def hostile(url: str, mark: str) -> Made:
    """A count in which everything that has a name is called by the mark, and everything with a reason has it."""
    service = made_service(url, lambda name: f"{mark}{name}")
    office, station = service.office, [f"{mark}{part}" for part in protocols(1)[0][:3]]
    root = commission(office, "")
    add_person(office, OPERATOR, "victim", f"{mark}V", root, ["clerk"])
    make_token(office, OPERATOR, "victim", f"{mark}t"[:80], root, ["see"], 1)
    figures = dict(zip(figure_columns(ELECTION), protocols(1)[0][3:], strict=True))
    first = Version(
        " / ".join(station),
        ELECTION.form.id,
        "official",
        "first",
        figures,
        mark,
        office.now(),
        reason=mark,  # type: ignore[arg-type]
    )
    service.ledger.accept([first])
    signer = service.app.state.serving.settings.signer
    publish(service.ledger, signer, by=mark)
    votes = [f"votes_{c.id}" for c in ELECTION.choices[:2]]
    swapped = figures | {votes[0]: figures[votes[1]], votes[1]: figures[votes[0]]}
    again = Version(
        first.station,
        first.form,
        "official",
        "repeat",
        swapped,
        mark,
        office.now(),
        reason=mark,
        supersedes=0,  # type: ignore[arg-type]
    )
    service.ledger.accept([again])
    publish(service.ledger, signer, by=mark)
    with office.writing() as connection:
        office.trail.record(
            connection, mark, mark[:40], commission=root, subject=mark, address=mark[:40], details={mark: mark}
        )
    return service


@pytest.fixture(scope="module")
def evil(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    service = hostile(databases.new("sqlite", tmp_path_factory.mktemp("hostile")), EVIL)
    yield service
    service.ledger.close()


@pytest.fixture(scope="module")
def browsers(evil: Made) -> dict[str, Browser]:
    return {"nobody": evil.browser(), **{who: evil.as_(who) for who in PEOPLE}}


@pytest.mark.parametrize("path", PATHS)
def test_no_page_runs_what_somebody_has_typed(browsers: dict[str, Browser], path: str) -> None:
    seen = 0
    for who, browser in browsers.items():
        answer = browser.client.get(path.replace("{}", EVIL))
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        seen += answer.status_code == 200
        page = Running()
        page.feed(answer.text)
        assert page.found == [], (who, path)
        assert "<script>alert" not in answer.text, (who, path)
    assert seen or "{}" in path


def test_the_mark_was_there_to_be_seen(browsers: dict[str, Browser]) -> None:
    """The pages show what was typed, as text: the test above looks at pages that have it."""
    for who, path in (
        ("admin", "/admin/persons"),
        ("admin", "/admin/audit"),
        ("admin", "/admin/tokens"),
        ("admin", "/admin/sessions"),
        ("publisher", "/publish"),
        ("coordinator", "/desk/1"),
        ("clerk", "/entry/2"),
        ("nobody", "/en/index.html"),
    ):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in browsers[who].open(path).text, path


def test_no_download_has_a_cell_that_a_spreadsheet_runs(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    service = hostile(databases.new("sqlite", tmp_path_factory.mktemp("formulas")), FORMULA)
    admin = service.as_("admin")
    files = ["/admin/audit.csv", *(f"/data/{n}.csv" for n in ("stations", "missing", "versions", "corrections"))]
    for path in [*files, "/data/openelections.csv", "/data/bulletins/2.csv"]:
        answer = admin.open(path)
        assert answer.status_code == 200, path
        cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
        assert any("HYPERLINK" in cell for cell in cells), path
        assert [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r"))] == [], path
    service.ledger.close()


def test_nothing_typed_reaches_a_header(evil: Made, browsers: dict[str, Browser]) -> None:
    """Neither a redirection nor a file name carries a line break or a mark of its own."""
    for path in (
        "/login?next=/a%0d%0aX-Evil:%201",
        "/language/ru?next=/a%0d%0aX-Evil:%201",
        "/language/ru%0d%0aX-Evil:1",
    ):
        answer = browsers["clerk"].open(path)
        assert "x-evil" not in answer.headers
        assert "\n" not in answer.headers.get("location", "")


def test_no_secret_shows_in_what_settings_print(evil: Made) -> None:
    shown = repr(evil.app.state.serving)
    assert repr(SECRET) not in shown
    assert SECRET.hex() not in shown
    assert evil.office.trail.key.hex() not in shown
    assert repr(evil.office.trail.key) not in shown
