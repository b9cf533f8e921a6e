"""Fixtures of the tests of charts."""

from __future__ import annotations

import pytest

from made_returns import made_returns as make
from tallyscope.returns.table import Returns


@pytest.fixture(scope="session")
def made_returns() -> Returns:
    """The made country; shares are of ballots cast."""
    return make()


@pytest.fixture(scope="session")
def made_returns_of_valid() -> Returns:
    """The made country under a law whose shares are of valid votes."""
    return make(denominator="valid")


@pytest.fixture(scope="session")
def made_returns_with_html_names() -> Returns:
    """The made country with names that are HTML."""
    return make(names=("<script>alert(1)</script>", "B"), region="<script>")
