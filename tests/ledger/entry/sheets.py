"""A desk with nine stations, and what people do at it."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from ledger.entry.papers import ELECTION
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.keeping import Kept
from tallyscope.ledger.entry.typed import read_typed
from tallyscope.ledger.version import Version

__all__ = ["STATIONS", "do", "enter", "version_of"]

STATIONS = pl.DataFrame(
    {
        "region": ["North"] * 9,
        "territory": ["T0"] * 8 + ["T1"],
        "station": [str(i) for i in range(1, 10)],
        "registered_before": [900] * 9,
    }
)


def do(desk: Desk, station: int, who: str, event: e.Event) -> Kept:
    return desk.happen(station, event, who=who, seen=desk.look(station).number)


def enter(desk: Desk, station: int, who: str, texts: dict[str, str]) -> Kept:
    do(desk, station, who, e.Begin())
    return do(desk, station, who, e.Finish(texts))


def version_of(station: str, texts: dict[str, str], supersedes: int | None = None, reason: str = "") -> Version:
    figures = read_typed(ELECTION, texts).figures
    return Version(
        *(
            f"North / T0 / {station}",
            ELECTION.form.id,
            "official",
            "repeat" if reason else "first",
            figures,
            "import",
        ),
        accepted_at=datetime.now(UTC),
        supersedes=supersedes,
        reason=reason,
    )
