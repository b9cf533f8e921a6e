"""A service over a small count, and browsers that are signed in to it as somebody."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from made_files import ELECTION, protocols
from tallyscope.ledger.accounts import tables
from tallyscope.ledger.accounts.actor import Actor
from tallyscope.ledger.accounts.office import Office, open_office
from tallyscope.ledger.accounts.passwords import Passwords
from tallyscope.ledger.accounts.persons import add_person
from tallyscope.ledger.accounts.tokens import make_token
from tallyscope.ledger.note import new_signer
from tallyscope.ledger.store import Ledger
from tallyscope.web.app import create_app
from tallyscope.web.settings import LOCAL, Settings

SECRET = bytes(range(32))
PASSWORD = "correct horse battery"
#: The two regions of `made_files`: six stations and two.
NORTH, SOUTH = "Республика Адыгея (Адыгея)", "Город Москва - «Сити»"
#: login: (role, commission by its full name; "" is the nation)
PEOPLE = {
    "clerk": ("clerk", NORTH),
    "clerk-south": ("clerk", SOUTH),
    "coordinator": ("coordinator", NORTH),
    "observer": ("observer", NORTH),
    "publisher": ("publisher", ""),
    "admin": ("administrator", ""),
    "admin-north": ("administrator", NORTH),
}
#: Argon2 at its cheapest: these tests are not about how slow it is.
OPERATOR = Actor("operator")
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Made:
    """A service under test."""

    app: FastAPI
    office: Office
    ledger: Ledger

    def browser(self, **headers: str) -> Browser:
        """A browser that is not signed in."""
        return Browser(TestClient(self.app, base_url="https://localhost", follow_redirects=False, headers=headers))

    def as_(self, login: str) -> Browser:
        """A browser signed in as one of PEOPLE."""
        browser = self.browser()
        answer = browser.send("/login", {"login": login, "password": PASSWORD}, form="/login")
        assert answer.status_code == 303, answer.text
        return browser

    def machine(self, login: str, *scopes: str, place: str | None = None) -> TestClient:
        """A program with a token of somebody of PEOPLE, at the person's commission unless given."""
        at = commission(self.office, PEOPLE[login][1] if place is None else place)
        token = make_token(self.office, OPERATOR, login, "scanner 7", at, scopes, 1)
        headers = {"Authorization": f"Bearer {token}"}
        return TestClient(self.app, base_url="https://localhost/api/v1", headers=headers)


@dataclass
class Browser:
    """What a person does with a browser: opens pages, sends their forms with the token that the page gave."""

    client: TestClient

    def open(self, path: str, params: Mapping[str, str] | None = None, **headers: str) -> Any:
        return self.client.get(path, params=params, headers=headers)

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.open(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def send(self, path: str, data: Mapping[str, Any], *, form: str = "/work", **headers: str) -> Any:
        """Opens the page `form` and sends its token with the data to `path`."""
        return self.client.post(path, data={"csrf": self.token(form), **data}, headers=headers)


def made_service(url: str, renamed: Callable[[str], str] = str, regions: int = 0) -> Made:
    """A service over the eight stations of `made_files`, and everybody of PEOPLE, in a new database.

    `renamed`: what regions, territories, stations, choices, persons and the election are called instead; `regions`:
    so many more, of a station each.
    """
    listed = [
        dict(zip(("region", "territory", "station"), map(renamed, map(str, r[:3])), strict=True))
        for r in protocols(8)
    ]
    listed += [{"region": f"Region {i}", "territory": f"T{i}", "station": str(100 + i)} for i in range(regions)]
    choices = tuple(replace(c, name=renamed(c.name), names=tuple(map(renamed, c.names))) for c in ELECTION.choices)
    election = replace(ELECTION, title=renamed(ELECTION.title), choices=choices)
    ledger = Ledger.create(url, election, pl.DataFrame(listed), origin="made.example/count")
    office = open_office(ledger.engine, SECRET, passwords=CHEAP)
    hash = CHEAP.hash(PASSWORD)
    for login, (role, place) in PEOPLE.items():
        at = commission(office, place and renamed(place))
        add_person(office, OPERATOR, login, renamed(login.title()), at, [role])
    with office.writing() as connection:
        connection.execute(update(tables.persons).values(password=hash))
    return Made(
        create_app(Settings(SECRET, (*LOCAL, "testserver"), new_signer("made.example/count")), ledger, office),
        office,
        ledger,
    )


def commission(office: Office, name: str) -> int:
    """The number of a commission by its full name; "" is the nation."""
    tree = office.tree
    return next(id for id in tree.parents if " / ".join(tree.path(id)) == name)
