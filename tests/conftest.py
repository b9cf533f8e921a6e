"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real elections beside the repository (`../shared/data`, or TALLYSCOPE_DATA)."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TALLYSCOPE_DATA", default))
    if not (folder / "README.md").is_file():
        pytest.skip(f"the shared election data are not at {folder}; set TALLYSCOPE_DATA")
    return folder
