"""A small record for tests: nine places in four commissions, and versions of their protocols."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from made_returns import made_returns
from tallyscope.ledger.version import Version

__all__ = ["ELECTION", "FIGURES", "KEYS", "STATIONS", "protocol", "version"]

ELECTION = made_returns().election
FIGURES = ("registered", "issued", "invalid", "valid", "votes_a", "votes_b")
#: Two regions with two territories each, two stations in each, and the e-voting of the first territory.
STATIONS = pl.DataFrame(
    [
        (r, t, str(n), "station")
        for r, t in (("North", "T1"), ("North", "T2"), ("South", "T1"), ("South", "T3"))
        for n in (1, 2)
    ]
    + [("North", "T1", "e-voting", "pseudo")],
    schema=["region", "territory", "station", "kind"],
    orient="row",
)
KEYS = [" / ".join(row[:3]) for row in STATIONS.rows()]


def protocol(n: int) -> dict[str, int]:
    """Figures that hold together, different for every n."""
    a, b, invalid = 10 + 3 * n, 20 + 7 * n, n % 4
    return {
        "registered": 200 + 11 * n,
        "issued": a + b + invalid,
        "invalid": invalid,
        "valid": a + b,
        "votes_a": a,
        "votes_b": b,
    }


def version(key: str = KEYS[0], n: int = 1, **changed: Any) -> Version:
    """A first version of a station; `changed`: any field of it."""
    made = Version(
        station=key,
        form=ELECTION.form.id,
        source="official",
        stage="first",
        figures=protocol(n),
        entered_by="clerk",
        accepted_by="second clerk",
        accepted_at=datetime(2020, 3, 1, 21, tzinfo=UTC),
    )
    return replace(made, **changed)
