"""A service under test: on SQLite, and where it says `everywhere` on PostgreSQL too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from made_service import Made, made_service


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """A new service with everybody in it."""
    service = made_service(f"sqlite:///{tmp_path}/count.db")
    yield service
    service.ledger.close()


@pytest.fixture
def everywhere(database_url: str) -> Iterator[Made]:
    """The same on both databases."""
    service = made_service(database_url)
    yield service
    service.ledger.close()
