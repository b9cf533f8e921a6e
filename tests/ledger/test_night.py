"""A night played into a record that only numbers: every protocol once, its errors corrected, the end official."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from made_returns import made_returns
from tallyscope.ledger.night import play, slip
from tallyscope.ledger.protocols import stations_of, versions_of
from tallyscope.ledger.rehearsal import rehearse
from tallyscope.ledger.replay import ORDERS, Unordered, due
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import Version
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns


class Numbering:
    """The least that a record does: numbers, and what stands."""

    def __init__(self) -> None:
        self.versions: list[Version] = []
        self.standing: dict[str, Version] = {}
        self.times: list[datetime | None] = []

    def accept(self, versions: Sequence[Version], *, at: datetime | None = None) -> list[Version]:
        taken = [replace(v, number=len(self.versions) + i) for i, v in enumerate(versions)]
        for version in taken:
            before = self.standing.get(version.station)
            assert version.supersedes == (before.number if before else None)
            self.standing[version.station] = version
        self.versions += taken
        self.times.append(at)
        return taken

    def sums(self) -> dict[str, int]:
        out: dict[str, int] = {}
        for version in self.standing.values():
            for name, n in version.figures.items():
                out[name] = out.get(name, 0) + n
        return out


@pytest.fixture(scope="module")
def returns() -> Returns:
    return made_returns()


def official(returns: Returns) -> dict[str, int]:
    row = returns.table.select(pl.col(figure_columns(returns.election)).sum()).row(0, named=True)
    return {name: int(n) for name, n in row.items()}


@pytest.mark.parametrize("order", [o for o in ORDERS if o != "time"])
@pytest.mark.parametrize("corrections", [0, 0.2])
def test_whatever_the_order_the_end_is_the_official_result(
    order: str, corrections: float, returns: Returns
) -> None:
    record, rehearsal = Numbering(), rehearse(returns, order, seed=3, corrections=corrections)
    seen = []
    for processed, _ in play(record, rehearsal, due(rehearsal.protocols, bulletins=7), batch=17):
        seen.append(processed)
        assert len(record.standing) == processed
    assert rehearsal.protocols == 299  # one of the 300 has an empty protocol
    assert seen[-1] == 299
    assert record.sums() == official(returns)
    assert len(record.versions) == 299 + round(299 * corrections)


@pytest.fixture(scope="module")
def russia(shared_data: Path) -> Returns:
    return read(shared_data / "russia-2012-president" / "2012.csv.zip")


@pytest.mark.parametrize("order", ["region", "tik", "random", "small-first"])
def test_a_region_of_2012_ends_as_its_protocols_say_in_every_order(order: str, russia: Returns) -> None:
    region = russia.filter(pl.col("region") == russia.table["region"][0])
    record, rehearsal = Numbering(), rehearse(region, order, corrections=0.05)
    for processed, _ in play(record, rehearsal, due(rehearsal.protocols, at=["1", "99.3"]), batch=100):
        assert len(record.standing) == processed
    assert record.sums() == official(region)


@pytest.mark.parametrize("order", ["region", "tik", "random", "small-first"])
def test_the_versions_of_the_whole_of_2012_stand_for_the_official_result_to_the_vote(
    order: str, russia: Returns
) -> None:
    record, rehearsal = Numbering(), rehearse(russia, order, corrections=0.01)
    moments = due(rehearsal.protocols, at=["99.3"])
    states = [(processed, len(record.standing)) for processed, _ in play(record, rehearsal, moments)]
    assert states == [(94_747, 94_747), (95_415, 95_415)]
    declared, sums = russia.election.official, record.sums()
    assert declared is not None
    assert {c: sums[f"votes_{c}"] for c in declared.votes} == dict(declared.votes)
    assert sums["invalid"] == declared.lines["invalid"]
    assert sums["invalid"] + sums["valid"] == declared.lines["cast"]


def test_errors_show_in_the_middle_of_the_night_and_go_with_their_corrections(returns: Returns) -> None:
    record, rehearsal = Numbering(), rehearse(returns, "random", seed=3, corrections=0.3)
    truth = {v.station: v.figures for v in versions_of(returns, entered_by="x")}
    moments = due(rehearsal.protocols, bulletins=5)
    wrong = [
        sum(v.figures != truth[s] for s, v in record.standing.items())
        for _ in play(record, rehearsal, moments, batch=1000)
    ]
    assert max(wrong[:-1]) > 0
    assert wrong[-1] == 0
    corrected = [v for v in record.versions if v.supersedes is not None]
    assert all(v.stage == "repeat" and v.reason for v in corrected)


def test_a_night_is_the_same_for_the_same_seed_whatever_the_batches(returns: Returns) -> None:
    def told(batch: int) -> list[tuple[str, dict[str, int]]]:
        record = Numbering()
        rehearsal = rehearse(returns, "tik", seed=5, corrections=0.1)
        list(play(record, rehearsal, due(rehearsal.protocols), batch=batch))
        return [(v.station, dict(v.figures)) for v in record.versions]

    assert told(1) == told(64) == told(10_000)


def test_the_simulated_clock_never_goes_back(returns: Returns) -> None:
    record, start = Numbering(), datetime(2030, 5, 5, 18, tzinfo=UTC)
    rehearsal = rehearse(returns, "region", start=start, length=timedelta(hours=6))
    times = [at for _, at in play(record, rehearsal, due(rehearsal.protocols, every=100), batch=30)]
    assert times == sorted(times)
    assert times[-1] == start + timedelta(hours=6)
    assert record.times == sorted(t for t in record.times if t is not None)


def test_a_file_without_times_cannot_be_played_by_time(returns: Returns) -> None:
    with pytest.raises(Unordered, match=r"does not say when .* --arrived-in"):
        rehearse(returns, "time")
    with pytest.raises(Unordered, match="there is no order 'alphabet'"):
        rehearse(returns, "alphabet")


def test_a_file_with_times_is_played_by_them(returns: Returns) -> None:
    minutes = np.random.default_rng(2).permutation(300)
    base = datetime(2020, 3, 1, 20)
    table = returns.table.with_columns(
        pl.Series("arrived", [base + timedelta(minutes=int(m)) for m in minutes], dtype=pl.Datetime("us"))
    )
    timed = replace(returns, table=table)
    record, rehearsal = Numbering(), rehearse(timed, "time", corrections=0.1)
    list(play(record, rehearsal, due(rehearsal.protocols), batch=13))
    rank = dict(zip(timed.station_names(), minutes, strict=True))
    arrived = [rank[v.station] for v in record.versions if v.supersedes is None]
    assert arrived == sorted(arrived)
    assert rehearsal.start == datetime(2020, 3, 1, 20, tzinfo=UTC) + timedelta(minutes=int(min(minutes[1:])))
    partly = replace(returns, table=table.with_columns(pl.col("arrived").shuffle(1).shift(5)))
    with pytest.raises(Unordered, match="have no time of arrival"):
        rehearse(partly, "time")


def test_speed_makes_the_night_wait(returns: Returns) -> None:
    waits: list[float] = []
    rehearsal = rehearse(returns, "random")
    list(play(Numbering(), rehearsal, due(299), speed=100, clock=lambda: 0.0, sleep=waits.append))
    assert waits == [1.0, 2.0, 2.99]


def test_missing_and_illegible_lines_are_gaps_and_the_empty_row_is_no_protocol(returns: Returns) -> None:
    row = 5
    table = returns.table.with_columns(
        pl.when(pl.int_range(pl.len()) != row).then(pl.col(c)).alias(c) for c in ("invalid", "votes_a")
    )
    gaps = pl.DataFrame(
        [(row, "invalid", "illegible")],
        schema={"index": pl.UInt32, "column": pl.String, "reason": pl.String},
        orient="row",
    )
    versions = versions_of(replace(returns, table=table, gaps=gaps), entered_by="x")
    assert len(versions) == 299
    assert versions[row - 1].gaps == {"invalid": "illegible", "votes_a": "missing"}
    assert "invalid" not in versions[row - 1].figures
    assert sum(bool(v.gaps) for v in versions) == 1


def test_stations_are_listed_with_their_levels_and_kinds(returns: Returns) -> None:
    stations = stations_of(returns)
    assert stations.columns == ["region", "territory", "station", "kind"]
    assert stations.height == 300


def test_a_slip_changes_two_lines_and_no_sum() -> None:
    figures = {"valid": 9, "votes_a": 3, "votes_b": 3, "votes_c": 5}
    assert slip(figures, ["votes_a", "votes_b", "votes_c"]) == {
        "valid": 9,
        "votes_a": 3,
        "votes_b": 5,
        "votes_c": 3,
    }
    with pytest.raises(ValueError, match="no two neighbouring"):
        slip({"votes_a": 1, "votes_b": 1}, ["votes_a", "votes_b"])
