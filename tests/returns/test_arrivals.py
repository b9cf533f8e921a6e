"""Arrival from snapshots: a station came by the first saved count that has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from tallyscope.election.election import Choice, Election
from tallyscope.election.form import Form
from tallyscope.returns.arrivals import SnapshotError, arrived_from_snapshots
from tallyscope.returns.build import build_returns
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns

T1, T2, T3 = (datetime(2030, 5, 5, hour) for hour in (19, 21, 23))


def count(stations: Sequence[str], regions: Sequence[str] | None = None, empty: Sequence[str] = ()) -> Returns:
    form = Form("f", "F", "XX", "valid", (), (), ())
    choices = (Choice("a", "A"), Choice("b", "B"))
    votes = [None if s in empty else 7 for s in stations]
    table = pl.DataFrame(
        {"region": regions or ["N"] * len(stations), "station": stations, "votes_a": votes, "votes_b": votes},
        schema_overrides={"votes_a": pl.Int64, "votes_b": pl.Int64},
    )
    return build_returns(table, Election("E", "E", form, choices), levels=("region",))


def test_a_station_came_by_the_first_snapshot_that_has_its_protocol() -> None:
    final = count(["1", "2", "3", "4"], empty=["4"])
    first = count(["1", "2"], empty=["2"])
    told = arrived_from_snapshots(final, [(T2, count(["1", "2"])), (T1, first)], T3)
    assert told.table["arrived"].to_list() == [T1, T2, T3, None]
    assert told.table.drop("arrived").equals(final.table)
    assert "1 by 2030-05-05 19:00:00" in told.notices[-1]
    assert "1 in the final count only" in told.notices[-1]


def test_without_a_closing_time_the_rest_comes_just_after_the_last_snapshot() -> None:
    told = arrived_from_snapshots(count(["1", "2"]), [(T1, count(["1"]))])
    assert told.table["arrived"].to_list() == [T1, T1 + timedelta(seconds=1)]


def test_times_with_a_zone_become_utc() -> None:
    bolivia = timezone(timedelta(hours=-4))
    told = arrived_from_snapshots(count(["1"]), [(T1.replace(tzinfo=bolivia), count(["1"]))])
    assert told.table["arrived"].to_list() == [T3]


def test_numbers_that_repeat_are_told_apart_by_their_levels_and_others_found_whatever_the_spelling() -> None:
    final = count(["1", "1"], ["N", "S"])
    told = arrived_from_snapshots(final, [(T1, count(["1"], ["S"]))], T2)
    assert told.table["arrived"].to_list() == [T2, T1]
    spelled = arrived_from_snapshots(count(["1", "2"], ["North", "North"]), [(T1, count(["2"], ["NORTE"]))], T2)
    assert spelled.table["arrived"].to_list() == [T2, T1]


@pytest.mark.parametrize(
    ("snapshots", "closed", "words"),
    [
        ([], None, "no snapshot"),
        ([(T1, ["1"]), (T1, ["2"])], None, "same moment"),
        ([(T2, ["1"])], T1, "not after the last snapshot"),
        ([(T1, ["7", "8"])], None, "the final count has 0"),
    ],
)
def test_snapshots_that_tell_no_order_are_refused(
    snapshots: list[tuple[datetime, list[str]]], closed: datetime | None, words: str
) -> None:
    with pytest.raises(SnapshotError, match=words):
        arrived_from_snapshots(count(["1", "2"]), [(at, count(s)) for at, s in snapshots], closed)


def test_a_snapshot_of_another_election_is_refused() -> None:
    other = count(["1"])
    renamed = build_returns(
        other.table.rename({"votes_b": "votes_c"}).drop("status"),
        Election("O", "Other", other.election.form, (Choice("a", "A"), Choice("c", "C"))),
        levels=("region",),
    )
    with pytest.raises(SnapshotError, match="is of Other"):
        arrived_from_snapshots(count(["1"]), [(T1, renamed)])


def test_bolivian_tables_came_in_two_saved_states_of_the_quick_count_or_later(shared_data: Path) -> None:
    """README: 28,975 and 32,806 tables in the quick count's saved states, 34,555 in the final count."""
    folder = shared_data / "bolivia-2019-president"
    final, first, second = (
        read(folder / f"{name}.csv.gz")
        for name in ("final_2019-10-25", "trep_2019-10-20T19-40-57", "trep_2019-10-21T18-29-53")
    )
    told = arrived_from_snapshots(final, [(T1, first), (T2, second)], T3)
    counts = dict(told.table["arrived"].value_counts().iter_rows())
    assert counts == {T1: 28_975, T2: 32_806 - 28_975, T3: 34_555 - 32_806}
