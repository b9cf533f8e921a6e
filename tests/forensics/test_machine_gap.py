"""machine-gap: counterparts, a slow jackknife, an exact permutation test, its conditions, known truths."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f as f_distribution
from scipy.stats import t

from tallyscope.forensics.core.machine_gap import counterparts, gap
from tallyscope.forensics.machine_gap import machine_gap
from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(clean_design("territories-correlated", stations=20_000, regions=30), 3)


def made(seed: int, places: int = 12, each: int = 20) -> tuple[Floats, Floats, Bools, Floats, Ints, Floats]:
    """Share, turnout, scanner, controls, places, voters of a small made country in which nothing was done."""
    rng = np.random.default_rng(seed)
    n = places * each
    of = np.repeat(np.arange(places), each)
    voters = rng.integers(300, 2_500, n).astype(np.float64)
    size = (np.log(voters) - np.log(voters).mean()) / np.log(voters).std()
    level = rng.normal(0, 8, (2, places))
    share = 45 + level[0][of] - 2 * size + rng.normal(0, 6, n)
    turnout = 60 + level[1][of] - 3 * size + rng.normal(0, 5, n)
    scanner = rng.random(n) < 1 / (1 + np.exp(-size))
    return share, turnout, scanner, np.column_stack([size, size**2]), of, voters


def shifted(returns: Returns, points: float) -> Returns:
    """At every station counted by hand this share of the others' votes is counted for the leader."""
    assert returns.leader is not None
    leader = f"votes_{returns.leader.id}"
    others = [c for c in returns.votes_columns if c != leader]
    by_hand = ~pl.col("scanner")
    taken = returns.table.select(
        pl.when(by_hand).then((pl.col(c) * points).floor()).otherwise(0).cast(pl.Int64).alias(c) for c in others
    )
    table = returns.table.with_columns(
        (pl.col(leader) + taken.select(pl.sum_horizontal(others)).to_series()).alias(leader),
        *(pl.col(c) - taken[c] for c in others),
    )
    return replace(returns, table=table)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 3_000)), min_size=1, max_size=40))
def test_a_counterpart_is_of_the_other_kind_the_same_place_and_like_size(
    stations: list[tuple[bool, int, int]],
) -> None:
    scanner, places, size = (np.array(column) for column in zip(*stations, strict=True))
    slow = [
        any(q == p and k != s and max(m, n) <= 1.25 * min(m, n) * (1 + 1e-9) for k, q, m in stations)
        for s, p, n in stations
    ]
    assert counterparts(scanner, places, size).tolist() == slow


def test_the_gap_is_a_regression_with_a_column_for_each_place_left_out_one_by_one() -> None:
    share, turnout, scanner, controls, places, voters = made(1)
    found = gap(share, turnout, scanner, controls, places, voters)
    assert found.share.value == pytest.approx(_slow(share, scanner, controls, places, voters))
    assert found.turnout.value == pytest.approx(_slow(turnout, scanner, controls, places, voters))
    # The jackknife leaves places out of the last step, with the sizes' slopes as they are; near a whole refit.
    refitted = []
    for g in range(12):
        kept = places != g
        rows = [a[kept] for a in (scanner, controls, places, voters)]
        refitted.append([_slow(y[kept], *rows) for y in (share, turnout)])
    off = np.array(refitted) - [found.share.value, found.turnout.value]
    spread = 11 / 12 * off.T @ off
    assert found.share.se == pytest.approx(np.sqrt(spread[0, 0]), rel=0.15)
    assert found.turnout.se == pytest.approx(np.sqrt(spread[1, 1]), rel=0.15)
    d = np.array([found.share.value, found.turnout.value])
    free = found.share.clusters - 2
    slow_p = f_distribution.sf(d @ np.linalg.solve(spread, d) * free / (2 * (free + 1)), 2, free)
    assert 9 < found.share.clusters <= 12
    assert found.p_value == pytest.approx(slow_p, abs=0.1)


def _slow(y: Floats, scanner: Bools, controls: Floats, places: Ints, weight: Floats) -> float:
    """Weighted least squares with one column a place."""
    dummies = (places[:, None] == np.unique(places)).astype(np.float64)
    columns = np.column_stack([~scanner, dummies, controls])
    root = np.sqrt(weight)
    return float(np.linalg.lstsq(root[:, None] * columns, root * y, rcond=None)[0][0])


def test_chances_agree_with_those_of_drawing_the_machines_anew_within_places() -> None:
    """Exact where stations of a place could have had either kind: places of like stations, sizes without effect."""
    rng = np.random.default_rng(5)
    share, turnout, scanner, _, places, _ = made(4)
    none, one = np.zeros((share.size, 0)), np.ones(share.size)
    lifted = share + 1.2 * ~scanner

    def statistic(machine: Bools) -> float:
        return gap(lifted, turnout, machine, none, places, one).share.z ** 2

    drawn = []
    for _ in range(400):
        order = np.lexsort((rng.random(share.size), places))
        machine = np.empty_like(scanner)
        machine[np.argsort(places, kind="stable")] = scanner[order]
        drawn.append(statistic(machine))
    exact = (1 + sum(d >= statistic(scanner) for d in drawn)) / 401
    half = gap(lifted, turnout, scanner, none, places, one).share
    assert 2 * t.sf(abs(half.z), half.clusters - 1) == pytest.approx(exact, abs=0.06)


def test_no_difference_at_all_is_no_gap() -> None:
    _, _, scanner, controls, places, voters = made(2)
    same = np.full(voters.size, 50.0)
    found = gap(same, same, scanner, controls, places, voters)
    assert found.share.value == pytest.approx(0)
    assert found.p_value == pytest.approx(1, abs=1e-6)


def test_small_clean_countries_are_not_cried_over() -> None:
    """Six places as in St Petersburg, twelve, and forty: 5 % of 300 draws, give or take."""
    for count in (6, 12, 40):
        p = [gap(*made(seed, places=count)).p_value for seed in range(300)]
        assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.085, count


def test_st_petersburg_2021_compares_the_few_stations_that_have_a_counterpart(shared_data: Path) -> None:
    """352 machines (README), but the other stations beside them are mostly hospitals, ships and barracks."""
    found = machine_gap(stpetersburg.returns(shared_data / "russia-2021-stpetersburg"))
    assert found.applicable
    assert found.details["by_machine"] == 74
    assert found.details["by_hand"] == 57
    assert found.details["places_compared"] == 6
    assert found.estimate is not None
    assert found.estimate.low < 0 < found.estimate.high
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.stations is not None
    assert found.stations.height == 2_053


def test_a_clean_country_has_no_gap_though_machines_stand_in_large_stations(clean: Returns) -> None:
    found = machine_gap(clean)
    assert found.applicable
    assert found.details["voters_by_machine"] > found.details["voters_by_hand"]
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.stations is not None
    strengths = found.stations["strength"].drop_nulls()
    assert (strengths > -np.log10(0.05)).mean() == pytest.approx(0.05, abs=0.03)


def test_votes_moved_where_people_count_are_found_and_measured(clean: Returns) -> None:
    changed = shifted(clean, 0.08)
    found = machine_gap(changed)
    before, after = machine_gap(clean), found
    assert found.p_value is not None
    assert found.p_value < 1e-4
    assert found.estimate is not None
    assert found.estimate.low > 0
    assert before.estimate is not None
    assert after.estimate is not None
    # 8 % of what the others had: their share is a half, more or less.
    assert after.estimate.value - before.estimate.value == pytest.approx(4.0, abs=1.0)
    assert found.details["votes"]["low"] > 0
    assert all(0 <= place.q_value <= 1 for place in found.where if place.q_value is not None)


def test_swapping_the_two_kinds_turns_the_gap_around(clean: Returns) -> None:
    turned = machine_gap(replace(clean, table=clean.table.with_columns(~pl.col("scanner"))))
    straight = machine_gap(clean)
    assert straight.estimate is not None
    assert turned.estimate is not None
    assert turned.estimate.value == pytest.approx(-straight.estimate.value)
    assert turned.p_value == pytest.approx(straight.p_value)


@pytest.mark.parametrize("column", ["scanner", "registered"])
def test_it_does_not_apply_without_its_columns(clean: Returns, column: str) -> None:
    table = clean.table.with_columns(pl.lit(None).cast(clean.table.schema[column]).alias(column))
    for without in (table, table.drop(column) if column == "scanner" else table):
        found = machine_gap(replace(clean, table=without))
        assert not found.applicable
        assert found.p_value is None
        assert found.estimate is None
        assert any(c.met is False for c in found.conditions)


@pytest.mark.parametrize("value", [True, False])
def test_it_does_not_apply_where_all_count_one_way(clean: Returns, value: bool) -> None:
    table = clean.table.with_columns(scanner=pl.lit(value))
    assert not machine_gap(replace(clean, table=table)).applicable


def test_it_does_not_apply_where_machines_have_no_neighbours_of_their_size(clean: Returns) -> None:
    table = clean.table.with_columns(
        registered=pl.when(pl.col("scanner")).then(4_000).otherwise(1_000).cast(pl.Int64)
    )
    found = machine_gap(replace(clean, table=table))
    assert not found.applicable
    assert "of their size" in found.summary


@pytest.mark.parametrize("stations", [1, 90])
def test_it_does_not_apply_to_a_handful_of_stations_or_without_levels_or_votes(
    clean: Returns, stations: int
) -> None:
    assert not machine_gap(replace(clean, table=clean.table.head(stations))).applicable
    assert not machine_gap(replace(clean, table=clean.table.drop(clean.levels))).applicable
    votes = clean.table.with_columns(pl.lit(0, dtype=pl.Int64).alias(c) for c in clean.votes_columns)
    assert not machine_gap(replace(clean, table=votes)).applicable


def test_it_does_not_apply_where_the_flag_is_known_of_half_the_stations(clean: Returns) -> None:
    some = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col("scanner")).alias("scanner")
    assert not machine_gap(replace(clean, table=clean.table.with_columns(some))).applicable
