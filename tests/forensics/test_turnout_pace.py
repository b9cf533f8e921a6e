"""Turnout by hour: increments, queues, falls, regularity; late voters and the leader."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

import tallyscope
from tallyscope.election.roles import votes_column
from tallyscope.forensics.core.pace import (
    beyond_queue,
    falls,
    increments,
    queue_limit,
    regularity,
)
from tallyscope.forensics.turnout_pace import turnout_pace
from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.spec import CleanSpec

_SPEC = CleanSpec(stations=15_000, regions=20)


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(_SPEC, 8)


@given(st.lists(st.lists(st.integers(0, 3000), min_size=4, max_size=4), min_size=1, max_size=20))
@settings(deadline=None)
def test_increments_add_up_to_the_turnout_and_fall_where_a_later_count_is_below_an_earlier_one(
    rows: list[list[int]],
) -> None:
    counts = np.array(rows)
    by_hour, total = counts[:, :3], counts[:, 3]
    steps = increments(by_hour, total)
    assert (steps.sum(axis=1) == total).all()
    assert (np.cumsum(steps, axis=1)[:, :-1] == by_hour).all()
    found = falls(steps)
    ordered = [all(a <= b for a, b in pairwise(row)) for row in rows]
    assert (found.where == ~np.array(ordered)).all()
    assert ((found.most > 0) == found.where).all()


def test_a_queue_serves_ninety_voters_an_hour_at_each_of_its_tables() -> None:
    # One voter in 40 s; one registrar for 300 voters, two at least.
    assert queue_limit(np.array([50, 600, 601, 3000]), 1.0).tolist() == [180, 180, 270, 900]
    steps = np.array([[1000, 181, 1000], [0, 180, 0]])
    beyond = beyond_queue(steps, np.array([600, 600]), np.array([np.nan, 1.0, np.nan]))
    assert beyond.tolist() == [[False, True, False], [False, False, False]]


def test_regularity_is_the_lower_tail_of_the_dispersion_test() -> None:
    rng = np.random.default_rng(1)
    unit = np.repeat([0, 1, 2], [30, 30, 5])
    total = rng.integers(100, 900, 65)
    count = rng.binomial(total, 0.2)
    count[unit == 1] = np.rint(0.2 * total[unit == 1]).astype(int)
    found = regularity(count, total, unit, 3)
    x, n = count[:30], total[:30]
    p = x.sum() / n.sum()
    square = float(((x - n * p) ** 2 / (n * p * (1 - p))).sum())
    assert found.dispersion[0] == pytest.approx(square / 29)
    assert found.p_value[0] == pytest.approx(chi2.cdf(square, 29))
    assert found.p_value[1] < 1e-20
    assert np.isnan(found.p_value[2])


def test_honest_stations_are_seldom_too_regular() -> None:
    rng = np.random.default_rng(2)
    unit = np.repeat(np.arange(400), 20)
    total = rng.integers(100, 900, unit.size)
    even = regularity(rng.binomial(total, 0.3), total, unit, 400).p_value
    uneven = regularity(rng.binomial(total, rng.beta(30, 70, unit.size)), total, unit, 400).p_value
    # Binomial(400, .05): within 8..34 but for one time in a thousand.
    assert 8 <= (even < 0.05).sum() <= 34
    assert (uneven < 0.05).sum() == 0


@pytest.mark.parametrize(
    ("folder", "falling"), [("georgia-2013-president/precincts", 3), ("spain-2019apr-congress/mesas", 244)]
)
def test_undisputed_elections_show_no_late_surge_for_the_leader(
    shared_data: Path, folder: str, falling: int
) -> None:
    found = turnout_pace(tallyscope.read(shared_data / f"{folder}.csv.gz"))
    assert found.applicable
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.details["falls"]["stations"] == falling
    assert sum(i["share"] for i in found.details["intervals"]) == pytest.approx(1)
    json.dumps(found.details)


def test_three_days_of_st_petersburg_are_read_and_their_counts_by_hour_are_round(shared_data: Path) -> None:
    found = turnout_pace(stpetersburg.returns(shared_data / "russia-2021-stpetersburg"))
    assert found.details["falls"]["of"] > 1800
    assert [r["when"] for r in found.details["round_hours"]][-1] == "in all"
    assert found.applicable == all(c.met for c in found.conditions)


def test_a_late_surge_of_the_leaders_votes_in_some_territories_is_seen(clean: Returns) -> None:
    rng = np.random.default_rng(3)
    codes, _ = clean.codes(clean.levels)
    issued = clean.counts("issued")
    chosen = (rng.random(codes.max() + 1) < 0.2)[codes]
    more = np.rint(chosen * issued * 0.12 * rng.lognormal(0, 0.8, issued.size)).astype(np.int64)
    leader = clean.leader
    assert leader is not None
    # Ballots come after 18:00; the count by 20:00 has them.
    gained = (
        *("registered", "issued", "issued_in_station", "voted_by_20", "cast", "valid"),
        votes_column(leader.id),
    )
    changed = clean.table.with_columns(pl.col(c) + pl.Series(more) for c in gained)
    found, quiet = turnout_pace(Returns(changed, clean.election)), turnout_pace(clean)
    assert quiet.p_value is not None
    assert found.p_value is not None
    assert quiet.p_value > 0.05
    assert found.p_value < 0.001
    assert "18:00" in found.summary
    assert found.details["stations_with_unusual_interval"] > quiet.details["stations_with_unusual_interval"]


def test_stations_whose_turnout_falls_are_told_and_have_no_strength(clean: Returns) -> None:
    row = pl.int_range(pl.len())
    fallen = pl.when(row == 5).then(pl.col("voted_by_12") - 3).otherwise(pl.col("voted_by_15"))
    gone = pl.when(row == 6).then(None).otherwise(pl.col("voted_by_10"))
    found = turnout_pace(Returns(clean.table.with_columns(voted_by_15=fallen, voted_by_10=gone), clean.election))
    assert found.details["falls"] == {"stations": 1, "of": len(clean) - 1, "most": 3}
    frame = found.stations
    assert frame is not None
    assert frame.height == len(clean)
    assert frame["falls"][5] is True
    assert frame["strength"][5] is None
    assert frame.row(6) == (None,) * frame.width
    assert frame["concentration"].null_count() == 2
    assert frame["strength"].drop_nulls().len() > 0.9 * len(clean)


def test_neighbours_that_tell_the_same_pace_are_too_regular(clean: Returns) -> None:
    first = clean.table.select("region", "territory").row(0)
    own = (pl.col("region") == first[0]) & (pl.col("territory") == first[1])
    same = {
        f"voted_by_{h}": pl.when(own)
        .then((pl.col("issued") * part).round().cast(pl.Int64))
        .otherwise(f"voted_by_{h}")
        for h, part in ((10, 0.1), (12, 0.3), (15, 0.6), (18, 0.9), (20, 1.0))
    }
    found = turnout_pace(Returns(clean.table.with_columns(**same), clean.election))
    assert {tuple(one["unit"]) for one in found.details["too_regular"]["listed"]} == {first}
    assert not turnout_pace(clean).details["too_regular"]["listed"]


def test_without_hours_or_stations_there_is_no_number(clean: Returns) -> None:
    hours = [c for c in clean.table.columns if c.startswith("voted_by_")]
    cases = {
        "no hours": Returns(clean.table.drop(hours), clean.election),
        "one station": clean.filter(pl.int_range(pl.len()) == 3),
        "no rows": clean.filter(pl.lit(False)),
        "everybody early": Returns(
            clean.table.with_columns(pl.col("issued").alias(h) for h in hours), clean.election
        ),
        "no levels": Returns(clean.table.drop("region", "territory"), clean.election),
    }
    for name, returns in cases.items():
        found = turnout_pace(returns)
        assert not found.applicable, name
        assert found.p_value is None, name
        assert found.summary.startswith("Does not apply"), name
