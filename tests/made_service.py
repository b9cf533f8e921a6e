"""A service over a small count, and browsers that are signed in to it as somebody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, insert

from tallyscope.ledger import schema
from tallyscope.ledger.accounts import tables
from tallyscope.ledger.accounts.office import Office, open_office
from tallyscope.ledger.accounts.passwords import Passwords
from tallyscope.ledger.schema import METADATA
from tallyscope.web.app import create_app
from tallyscope.web.settings import Settings

SECRET = bytes(range(32))
PASSWORD = "correct horse battery"
#: id: (above, level, name); 1 is the nation.
COMMISSIONS = {
    1: (None, "nation", "Made country"),
    2: (1, "region", "North"),
    3: (1, "region", "South"),
    4: (2, "territory", "T0"),
}
#: login: (role, commission)
PEOPLE = {
    "clerk": ("clerk", 2),
    "clerk-south": ("clerk", 3),
    "coordinator": ("coordinator", 2),
    "observer": ("observer", 2),
    "publisher": ("publisher", 1),
    "admin": ("administrator", 1),
    "admin-north": ("administrator", 2),
}
#: Argon2 at its cheapest: these tests are not about how slow it is.
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Made:
    """A service under test."""

    app: FastAPI
    office: Office
    engine: Engine

    def browser(self, **headers: str) -> Browser:
        """A browser that is not signed in."""
        return Browser(TestClient(self.app, base_url="https://localhost", follow_redirects=False, headers=headers))

    def as_(self, login: str) -> Browser:
        """A browser signed in as one of PEOPLE."""
        browser = self.browser()
        answer = browser.send("/login", {"login": login, "password": PASSWORD}, form="/login")
        assert answer.status_code == 303, answer.text
        return browser


@dataclass
class Browser:
    """What a person does with a browser: opens pages, sends their forms with the token that the page gave."""

    client: TestClient

    def open(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.open(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def send(self, path: str, data: Mapping[str, Any], *, form: str = "/work", **headers: str) -> Any:
        """Opens the page `form` and sends its token with the data to `path`."""
        return self.client.post(path, data={"csrf": self.token(form), **data}, headers=headers)


def made_service(folder: Path) -> Made:
    """A service over three commissions and everybody of PEOPLE."""
    engine = create_engine(f"sqlite:///{folder}/count.db")
    METADATA.create_all(engine)
    now = datetime.now(UTC)
    with engine.begin() as connection:
        rows = [{"id": i, "parent": up, "level": lv, "name": n} for i, (up, lv, n) in COMMISSIONS.items()]
        connection.execute(insert(schema.commissions), rows)
        connection.execute(insert(tables.audit_head), [{"id": 1, "size": 0, "hash": bytes(32)}])
        hash = CHEAP.hash(PASSWORD)
        for number, (login, (role, place)) in enumerate(PEOPLE.items(), start=1):
            who = {"id": number, "login": login, "name": login.title(), "commission": place}
            connection.execute(
                insert(tables.persons), [who | {"password": hash, "locked": False, "created_at": now}]
            )
            held = {"person": number, "role": role, "commission": place, "given_at": now}
            connection.execute(insert(tables.grants), [held])
    office = open_office(engine, SECRET, passwords=CHEAP)
    ledger = SimpleNamespace(engine=engine, election=SimpleNamespace(title="Made country, 1 March 2020"))
    return Made(create_app(Settings(SECRET), ledger, office), office, engine)
