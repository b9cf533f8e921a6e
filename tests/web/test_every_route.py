"""Every route under every role, another commission's, and nobody. A new route has to be put into the table.

A row: the request, and the status that each of WHO gets. `nobody` is not signed in; `admin-north` looks after the
North alone, and the persons and commissions that rows speak of are in the South unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from databases import Databases
from made_files import ELECTION, csv_bytes, protocols
from made_service import NORTH, OPERATOR, PASSWORD, PEOPLE, SOUTH, Browser, Made, commission, made_service
from tallyscope.ledger.accounts.persons import add_person
from tallyscope.ledger.accounts.setting_passwords import set_password
from tallyscope.ledger.schema import figure_columns

WHO = ("nobody", *PEOPLE)
#: What a token of each can be made for at most.
SCOPES = {
    "clerk": ("see", "propose"),
    "clerk-south": ("see", "propose"),
    "coordinator": ("see", "propose", "import"),
    "observer": ("see", "copy"),
    "publisher": ("see",),
    "admin": ("see",),
    "admin-north": ("see",),
}


@dataclass(frozen=True)
class Row:
    """A request and who gets what; `form`: sent with the right token, so that only the role decides."""

    path: str
    status: Mapping[str, int]
    form: Mapping[str, Any] | None = None


def gets(others: int, **of: int) -> dict[str, int]:
    """A status for everybody; `admin_north=404` for one of them."""
    named = {who.replace("_", "-"): status for who, status in of.items()}
    assert named.keys() <= set(WHO), named
    return {who: named.get(who, others) for who in WHO}


def administrators(status: int, north: int | None = None) -> dict[str, int]:
    return gets(403, nobody=303, admin=status, admin_north=status if north is None else north)


_SIGNED = gets(200, nobody=303)
_PUBLISHER = gets(403, nobody=303, publisher=200)
PASSWORDS = {"present": "not the one", "password": PASSWORD, "again": PASSWORD}
NEW = {"login": "somebody.new", "name": "N", "commission": SOUTH}
ROLE = {"role": "observer", "commission": SOUTH}

PAGES: dict[str, Row] = {
    "GET /login": Row("/login", gets(303, nobody=200)),
    "POST /login": Row("/login", gets(303), {"login": "visitor", "password": PASSWORD}),
    "POST /logout": Row("/logout", gets(303), {}),
    "GET /work": Row("/work", _SIGNED),
    "GET /language/{code}": Row("/language/ru", gets(303)),
    "GET /password": Row("/password", _SIGNED),
    "POST /password": Row("/password", gets(422, nobody=303), PASSWORDS),
    "GET /welcome/{secret}": Row("/welcome/guessed", gets(410)),
    "POST /welcome/{secret}": Row("/welcome/guessed", gets(410), {"password": PASSWORD, "again": PASSWORD}),
    "GET /publish": Row("/publish", _PUBLISHER),
    "POST /publish": Row("/publish", _PUBLISHER | {"publisher": 422}, {"size": 0}),
    "GET /admin/commissions": Row("/admin/commissions?q=N", administrators(200)),
    "GET /admin/persons": Row("/admin/persons", administrators(200)),
    "GET /admin/persons/new": Row("/admin/persons/new", administrators(200)),
    "POST /admin/persons": Row("/admin/persons", administrators(303, north=422), NEW),
    "GET /admin/persons/{login}": Row("/admin/persons/victim", administrators(200, north=404)),
    "POST /admin/persons/{login}/roles": Row("/admin/persons/victim/roles", administrators(303, north=404), ROLE),
    "POST /admin/persons/{login}/roles/end": Row(
        "/admin/persons/victim/roles/end", administrators(422, north=404), {"role": "publisher", "commission": 1}
    ),
    "POST /admin/persons/{login}/lock": Row("/admin/persons/victim/lock", administrators(303, north=404), {}),
    "POST /admin/persons/{login}/unlock": Row("/admin/persons/victim/unlock", administrators(303, north=404), {}),
    "POST /admin/persons/{login}/link": Row("/admin/persons/victim/link", administrators(200, north=404), {}),
    "POST /admin/persons/{login}/password": Row(
        "/admin/persons/victim/password",
        administrators(303, north=404),
        {"password": PASSWORD, "again": PASSWORD},
    ),
    "GET /admin/sessions": Row("/admin/sessions", administrators(200)),
    "POST /admin/sessions/{id}/end": Row("/admin/sessions/999999/end", administrators(404), {}),
    "GET /admin/tokens": Row("/admin/tokens", administrators(200)),
    "POST /admin/tokens": Row(
        "/admin/tokens",
        administrators(200, north=422),
        {"login": "victim", "name": "x", "commission": SOUTH, "scopes": "see", "days": 1},
    ),
    "POST /admin/tokens/{id}/revoke": Row("/admin/tokens/999999/revoke", administrators(404), {}),
    "GET /admin/audit": Row("/admin/audit", administrators(200)),
    "GET /admin/audit.csv": Row("/admin/audit.csv", administrators(200)),
    # A sheet of the North. What a clerk or a coordinator sends without its number is incomplete: 422.
    "GET /entry": Row("/entry", gets(403, nobody=303, clerk=200, clerk_south=200)),
    "GET /entry/find": Row("/entry/find?q=2", gets(403, nobody=303, clerk=200, clerk_south=200)),
    "GET /entry/{station}": Row("/entry/2", gets(403, nobody=303, clerk=200)),
    "POST /entry/{station}/begin": Row("/entry/2/begin", gets(403, nobody=303, clerk=422), {}),
    "POST /entry/{station}/leave": Row("/entry/2/leave", gets(403, nobody=303, clerk=422), {}),
    "POST /entry/{station}/draft": Row("/entry/2/draft", gets(403, nobody=303, clerk=422), {}),
    "POST /entry/{station}/finish": Row("/entry/2/finish", gets(403, nobody=303, clerk=422), {}),
    "GET /desk": Row("/desk", gets(403, nobody=303, coordinator=200)),
    "GET /desk/{station}": Row("/desk/2", gets(403, nobody=303, coordinator=200)),
    "POST /desk/{station}/{decision}": Row("/desk/2/annul", gets(403, nobody=303, coordinator=422), {}),
    # Nothing is published yet: the public pages say so, to everybody alike.
    "GET /": Row("/", gets(307)),
    "GET /en": Row("/en", gets(307)),
    "GET /ru": Row("/ru", gets(307)),
    "GET /en/{path:path}": Row("/en/index.html", gets(200)),
    "GET /ru/{path:path}": Row("/ru/index.html", gets(200)),
    "GET /data/{path:path}": Row("/data/nothing", gets(404)),
    "GET /record/{path:path}": Row("/record/nothing", gets(404)),
}

_SEE = gets(200, nobody=401)
_NORTHS = gets(200, nobody=401, clerk_south=404)
API: dict[str, Row] = {
    "GET /openapi.json": Row("/openapi.json", gets(200)),
    "GET /status": Row("/status", _SEE),
    "GET /stations": Row("/stations", _SEE),
    "GET /versions": Row("/versions", _SEE),
    "GET /versions/{number}": Row("/versions/0", _NORTHS),
    "GET /versions/{number}/proof": Row("/versions/0/proof", _NORTHS),
    "GET /bulletins": Row("/bulletins", _SEE),
    "GET /bulletins/{number}": Row("/bulletins/1", gets(404, nobody=401)),
    "GET /bulletins/{a}/difference/{b}": Row("/bulletins/1/difference/2", gets(404, nobody=401)),
    # A reading of a station in the North, and a file of protocols of the North.
    "POST /readings": Row("/readings", gets(403, nobody=401, clerk=200, clerk_south=422, coordinator=200)),
    "POST /imports": Row("/imports", gets(403, nobody=401, coordinator=200)),
}


def routes(app: Any) -> set[str]:
    """METHOD and path of everything that an application answers to; HEAD is GET without its body."""
    found = set()
    for route in iter_route_contexts(app.routes):
        if not isinstance(getattr(route, "route", route), Mount) and route.methods:
            found |= {f"{method} {route.path}" for method in route.methods if method != "HEAD"}
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """A service in which row after row is tried."""
    service = made_service(databases.new(request.param, tmp_path_factory.mktemp("routes")))
    for login in ("victim", "visitor"):
        add_person(service.office, OPERATOR, login, "V", commission(service.office, SOUTH), ["clerk"])
    set_password(service.office, OPERATOR, "visitor", PASSWORD, PASSWORD)
    answer = service.machine("coordinator", "import").post("/imports", files={"file": ("a.csv", north())})
    assert answer.json()["new"] == 1
    yield service
    service.ledger.close()


def north() -> bytes:
    """A file of one protocol of the North."""
    assert protocols(1)[0][0] == NORTH
    return csv_bytes(protocols(1))


@pytest.fixture(scope="module")
def browsers(made: Made) -> dict[str, Browser]:
    return {who: made.browser() if who == "nobody" else made.as_(who) for who in WHO}


def test_every_route_is_in_the_table(made: Made) -> None:
    (api,) = (route.app for route in made.app.routes if getattr(route, "path", "") == "/api/v1")
    assert routes(made.app) == set(PAGES), "put the new route into PAGES: who may use it?"
    assert routes(api) == set(API), "put the new route into API: who may use it?"


@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_for_whom_the_table_says(made: Made, browsers: dict[str, Browser], route: str) -> None:
    row, method = PAGES[route], route.split()[0]
    assert {who: asked(made, browsers[who], who, method, row) for who in WHO} == dict(row.status)


def asked(made: Made, browser: Browser, who: str, method: str, row: Row) -> int:
    """The status; a redirection to the login counts as one only for whoever is not signed in."""
    if row.path in ("/login", "/logout") and method == "POST":
        browser = made.browser() if who == "nobody" else made.as_(who)
    if method == "GET":
        answer = browser.open(row.path)
    else:
        answer = browser.send(row.path, row.form or {}, form="/login" if who == "nobody" else "/work")
    to_login = answer.headers.get("location", "").startswith("/login")
    assert to_login == (who == "nobody" and answer.status_code == 303 and row.path != "/language/ru") or (
        row.path in ("/login", "/logout")
    )
    return int(answer.status_code)


@pytest.mark.parametrize("route", API)
def test_an_operation_is_for_the_tokens_that_the_table_says(made: Made, route: str) -> None:
    row, method = API[route], route.split()[0]
    found = {}
    for who in WHO:
        login = "clerk" if who == "nobody" else who
        machine = made.machine(login, *SCOPES[login])
        if who == "nobody":
            del machine.headers["Authorization"]
        found[who] = machine.request(method, row.path, **_body(route)).status_code
    assert found == dict(row.status)


def _body(route: str) -> dict[str, Any]:
    if route == "POST /imports":
        return {"files": {"file": ("a.csv", north())}}
    if route == "POST /readings":
        row = protocols(1)[0]
        figures = dict(zip(figure_columns(ELECTION), row[3:], strict=True))
        station = " / ".join(str(part) for part in row[:3])
        return {"json": {"readings": [{"station": station, "figures": figures}]}}
    return {}
