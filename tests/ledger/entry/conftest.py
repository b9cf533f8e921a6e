"""A desk of a new count, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.entry.papers import ELECTION
from ledger.entry.sheets import STATIONS
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.store import Ledger


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with Ledger.create(database_url, ELECTION, STATIONS) as ledger:
        yield Desk(ledger)
