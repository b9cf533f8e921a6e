"""Accounts of a small count, on SQLite and on PostgreSQL, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from made_files import ELECTION, protocols
from made_service import CHEAP, SECRET
from tallyscope.ledger.accounts.office import Office, open_office
from tallyscope.ledger.store import Ledger


@dataclass
class Clock:
    """The time, until it is moved."""

    now: datetime = datetime(2030, 3, 18, 21, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(database_url: str, clock: Clock) -> Iterator[Office]:
    """Accounts without anybody."""
    listed = [{"region": r[0], "territory": r[1], "station": str(r[2])} for r in protocols(8)]
    with Ledger.create(database_url, ELECTION, pl.DataFrame(listed)) as ledger:
        yield replace(open_office(ledger.engine, SECRET, passwords=CHEAP), now=clock)
