"""Fixtures every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import KINDS, Databases


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real elections beside the repository (`../shared/data`, or TALLYSCOPE_DATA)."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TALLYSCOPE_DATA", default))
    if not (folder / "README.md").is_file():
        pytest.skip(f"the shared election data are not at {folder}; set TALLYSCOPE_DATA")
    return folder


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """New databases of either kind; the server has none of them when the session has ended."""
    made = Databases()
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> str:
    """The URL of a database that is new and empty: every test of it runs on SQLite and on PostgreSQL."""
    return databases.new(request.param, tmp_path)
