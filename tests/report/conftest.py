"""Fixtures of the tests of reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from made_examination import examination_of
from made_returns import made_returns as make
from tallyscope.report.examination import Examination


@pytest.fixture(scope="session")
def examination() -> Examination:
    """Of the made country."""
    return examination_of(make())


@pytest.fixture(scope="session")
def saved(examination: Examination, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its report."""
    return examination.save(tmp_path_factory.mktemp("reports") / "report")
