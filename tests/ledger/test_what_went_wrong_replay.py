"""Nights that went wrong elsewhere, played again: what the record must keep, and what the count must say.

PROTOCOLS.md, "What went wrong elsewhere": the Washington Post's model of 2024, Honduras 2017, Primorye 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from made_returns import made_returns
from tallyscope.ledger.night import play
from tallyscope.ledger.protocols import stations_of, versions_of
from tallyscope.ledger.rehearsal import Rehearsal, rehearse
from tallyscope.ledger.replay import Night, due
from tallyscope.returns.build import build_returns
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.tally import compare, progress, tally

Ledger = pytest.importorskip("tallyscope.ledger.store", reason="the record has no store yet").Ledger
#: Primorye, 16 September 2018: the published count stood still at 1,484 of 1,550 stations, then the lead changed.
STATIONS, FROZEN = 1_550, 1_484


@pytest.fixture
def opened(database_url: str) -> Iterator[Callable[[Returns], Ledger]]:
    ledgers = []

    def create(returns: Returns) -> Ledger:
        ledgers.append(Ledger.create(database_url, returns.election, stations_of(returns)))
        return ledgers[-1]

    yield create
    for ledger in ledgers:
        ledger.close()


def two_way(late_share: float) -> Returns:
    """A made region of 1,550 stations; in the last 66, one territory, `late_share` of the votes are for B."""
    random = np.random.default_rng(2018)
    late = np.arange(STATIONS) >= FROZEN
    registered = random.integers(400, 2_000, STATIONS)
    valid = np.where(late, registered * 95 // 100, registered * 30 // 100)
    b = np.where(late, np.rint(valid * late_share), np.rint(valid * random.uniform(0.44, 0.50, STATIONS)))
    made = made_returns()
    table = pl.DataFrame(
        {
            "territory": np.where(late, "Last", "First"),
            "station": [str(i + 1) for i in range(STATIONS)],
            "registered": registered,
            "issued": valid,
            "invalid": np.zeros(STATIONS, dtype=np.int64),
            "valid": valid,
            "votes_a": valid - b.astype(np.int64),
            "votes_b": b.astype(np.int64),
        }
    )
    return build_returns(table, made.election, levels=("territory",), sources=made.sources)


def in_order(returns: Returns) -> Rehearsal:
    """The stations one after another as the table has them, one a second."""
    rows = np.arange(len(returns), dtype=np.int64)
    night = Night(rows, np.zeros(rows.size, dtype=np.bool_), np.zeros(rows.size, dtype=np.bool_))
    return Rehearsal(returns, night, datetime(2018, 9, 16, 13, tzinfo=UTC), rows)


def test_primorye_2018_every_snapshot_is_kept_and_the_change_of_lead_is_a_list_of_protocols(
    opened: Callable[[Returns], Ledger],
) -> None:
    returns = two_way(late_share=0.97)
    ledger = opened(returns)
    for _ in play(ledger, in_order(returns), due(STATIONS, every=100, at=["95.74"]), batch=500):
        pass
    before, after = ledger.returns(as_of=FROZEN), ledger.returns()
    assert (progress(before).processed, progress(before).listed) == (FROZEN, STATIONS)
    assert before.leader is not None
    assert after.leader is not None
    assert (before.leader.id, after.leader.id) == ("a", "b")
    # The lead changed because of these 66 protocols and no other: what came in adds up to the whole difference.
    came = [ledger.version(n) for n in range(FROZEN, ledger.size)]
    assert {v.station for v in came} == {f"Last / {i + 1}" for i in range(FROZEN, STATIONS)}
    for votes in ("votes_a", "votes_b"):
        moved = after.table[votes].sum() - before.table[votes].sum()
        assert sum(v.figures[votes] for v in came) == moved


def test_primorye_2018_a_protocol_rewritten_after_it_was_published_shows_as_a_correction(
    opened: Callable[[Returns], Ledger],
) -> None:
    returns = two_way(late_share=0.5)
    ledger = opened(returns)
    for _ in play(ledger, in_order(returns), due(STATIONS), batch=2_000):
        pass
    first = ledger.version(100)
    votes = first.figures["votes_a"] // 2
    figures = {**first.figures, "votes_a": votes, "votes_b": first.figures["valid"] - votes}
    again = replace(first, figures=figures, stage="repeat", reason="votes re-counted", supersedes=100, number=None)
    ledger.accept([again])
    assert [v.number for v in ledger.history(first.station)] == [100, STATIONS]
    # What was published at any moment before is still what it was.
    assert ledger.returns(as_of=STATIONS).table.equals(returns_as_counted(ledger, returns))
    assert (
        ledger.returns().table["votes_a"].sum() == returns.table["votes_a"].sum() - first.figures["votes_a"] + votes
    )


def returns_as_counted(ledger: Ledger, returns: Returns) -> pl.DataFrame:
    """The table of the record with the figures of the file, to compare with what the record says."""
    shown = ledger.returns(as_of=STATIONS)
    figures = returns.table.select("station", *returns.figures)
    return (
        shown.table.drop(returns.figures)
        .join(figures, on="station", maintain_order="left")
        .select(shown.table.columns)
    )


def test_honduras_2017_what_kinds_of_station_are_in_and_when_is_told_before_the_lead_flips(
    opened: Callable[[Returns], Ledger],
) -> None:
    returns = two_way(late_share=0.97)
    ledger = opened(returns)
    dark = timedelta(hours=30)
    rehearsal = in_order(returns)
    late = rehearsal.seconds + np.where(rehearsal.seconds >= FROZEN, int(dark.total_seconds()), 0)
    for _ in play(ledger, replace(rehearsal, seconds=late), due(STATIONS, every=FROZEN), batch=FROZEN):
        pass
    # The time of every protocol is in the record: nobody can say afterwards that the thirty hours were not.
    gap = ledger.version(FROZEN).accepted_at - ledger.version(FROZEN - 1).accepted_at
    assert gap >= dark
    # While it was dark, anyone could read which territory was out and how large it was.
    frozen = tally(ledger.returns(as_of=FROZEN), "territory").rows_by_key("territory", named=True, unique=True)
    assert frozen["First"]["empty"] == 0
    assert frozen["Last"]["empty"] == frozen["Last"]["stations"] == STATIONS - FROZEN


@pytest.mark.parametrize("order", ["region", "tik", "random", "small-first"])
def test_washington_post_2024_a_past_night_is_played_from_the_first_protocol_on(
    order: str, shared_data: Path, opened: Callable[[Returns], Ledger]
) -> None:
    folder = shared_data / "russia-2012-president"
    whole = read(folder / "2012.csv.zip")
    regions = whole.table["region"].unique(maintain_order=True)[:3].implode()
    returns = whole.filter(pl.col("region").is_in(regions))
    ledger, rehearsal = opened(returns), rehearse(returns, order, corrections=0.05)
    assert tally(ledger.returns()).row(0, named=True)["share_putin"] is None  # nothing is in: no share, and not 0
    early = ["0", "0.02", "0.1", "0.5", "1", "2", "3"]
    seen = []
    for processed, _ in play(ledger, rehearsal, due(rehearsal.protocols, at=early), batch=400):
        row = tally(ledger.returns()).row(0, named=True)
        shares = [row[f"share_{c.id}"] for c in returns.choices]
        if row["cast"]:
            assert all(s is not None and isfinite(s) for s in shares)
            assert sum(shares) + 100 * row["invalid"] / row["cast"] == pytest.approx(100)
        assert progress(ledger.returns()).processed == processed
        seen.append(processed)
    assert seen[0] == 0
    assert seen[-1] == len(returns)
    for figure in returns.figures:
        assert ledger.returns().table[figure].sum() == returns.table[figure].sum()


def test_washington_post_2024_a_whole_past_night_ends_with_the_official_result(
    shared_data: Path, opened: Callable[[Returns], Ledger]
) -> None:
    returns = read(shared_data / "russia-2012-president" / "2012.csv.zip")
    ledger, rehearsal = opened(returns), rehearse(returns, "tik")
    for _ in play(ledger, rehearsal, due(rehearsal.protocols, at=["99.3"]), batch=5_000):
        pass
    assert compare(ledger.returns())["difference"].to_list() == [0] * 8
    assert progress(ledger.returns(as_of=94_747)).percent == pytest.approx(99.3, abs=0.001)


def test_versions_of_an_empty_table_are_none() -> None:
    returns = made_returns().filter(pl.lit(False))
    assert versions_of(returns, entered_by="x") == []
