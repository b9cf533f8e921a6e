from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.forensics.core.anomalous import (
    Curves,
    anomalous_votes,
    curves_by_unit,
    ratio_below,
    ratios,
    turnout_bin,
)
from tallyscope.forensics.core.anomalous_interval import interval, resample, weighted_quantiles
from tallyscope.forensics.core.core_finder import plausible_cores, shpilkin_core, smoothed

#: Reference values of the published recipe: votes and core; 2024 with the core set at 60, stations only.
TABLE = {2004: (7_889_226, 56), 2011: (14_932_292, 51), 2012: (11_183_822, 60), 2018: (10_138_780, 61)}


def whole(figures) -> Curves:
    unit = np.zeros(figures.cast.size, dtype=np.int64)
    return curves_by_unit(figures.registered, figures.cast, figures.leader, unit, 1)


@pytest.mark.parametrize("year", TABLE)
def test_the_published_recipe_is_reproduced_to_the_vote(russia, year: int) -> None:
    curves = whole(russia(year))
    core = int(shpilkin_core(curves).core[0])
    votes = anomalous_votes(curves, ratios(curves)[0])[core]
    assert (round(votes), core) == TABLE[year]


def test_2024_gives_the_published_votes_at_core_60_and_an_absurd_automatic_core(russia) -> None:
    curves = whole(russia(2024))
    assert round(anomalous_votes(curves, ratios(curves)[0])[60]) == 22_575_773
    assert shpilkin_core(curves).core[0] == 82


def test_a_bin_is_open_below_and_closed_above() -> None:
    cast = np.array([0, 1, 100, 101, 500, 501, 990, 991, 1000, 1200])
    assert turnout_bin(np.full(10, 1000), cast).tolist() == [0, 0, 9, 10, 49, 50, 98, 99, 99, 99]


@given(st.lists(st.tuples(st.integers(90, 400), st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=40))
def test_curves_hold_every_ballot_of_the_stations_above_the_smallest_size(rows: list[tuple[int, int, int]]) -> None:
    registered, leader, others = (np.array(c) for c in zip(*rows, strict=True))
    unit = np.arange(len(rows)) % 3
    curves = curves_by_unit(registered, leader + others, leader, unit, 3)
    used = registered > 100
    for i in range(3):
        assert curves.leader[i].sum() == leader[used & (unit == i)].sum()
        assert curves.others[i].sum() == others[used & (unit == i)].sum()


def country(*, stuffed: float = 0.0, seed: int = 1) -> tuple[Curves, int]:
    """4,000 stations of 1,000 voters in 40 regions, leader's share .5 throughout. `stuffed`: share of stations
    to which ballots of 70 % of the abstentions were added for the leader. Curves by region, and how many."""
    rng = np.random.default_rng(seed)
    registered = np.full(4000, 1000)
    cast = rng.binomial(registered, np.clip(rng.normal(0.5, 0.06, 4000), 0.2, 0.8))
    leader = rng.binomial(cast, 0.5)
    added = np.where(rng.random(4000) < stuffed, (0.7 * (registered - cast)).astype(np.int64), 0)
    region = np.arange(4000) // 100
    return curves_by_unit(registered, cast + added, leader + added, region, 40), int(added.sum())


def test_ballots_stuffed_into_a_clean_country_are_estimated_within_the_interval() -> None:
    regions, added = country(stuffed=0.15)
    core = int(shpilkin_core(regions.total()).core[0])
    estimate = anomalous_votes(regions.total(), ratios(regions.total())[0])[core]
    draws = resample(regions, core, shpilkin_core, draws=200, seed=1)
    found = interval(draws.estimates, draws.weights, 0.95)
    assert estimate == pytest.approx(added, rel=0.1)
    assert found.low < added < found.high


def test_a_clean_country_has_about_no_anomalous_votes() -> None:
    regions, _ = country()
    total = regions.total()
    core = int(shpilkin_core(total).core[0])
    draws = resample(regions, core, shpilkin_core, draws=200, seed=1)
    found = interval(draws.estimates, draws.weights, 0.95)
    assert found.low < 0 < found.high
    assert max(abs(found.low), abs(found.high)) < 0.03 * total.leader.sum()


def test_the_core_found_in_a_replicate_and_the_interval_are_the_same_for_the_same_seed() -> None:
    regions, _ = country(stuffed=0.1)
    one, two, other = (resample(regions, 50, shpilkin_core, draws=50, seed=s) for s in (3, 3, 4))
    assert np.array_equal(one.estimates, two.estimates)
    assert not np.array_equal(one.fixed, other.fixed)


def test_a_replicate_is_the_curves_of_the_units_drawn() -> None:
    regions, _ = country()
    core, draws = 50, resample(regions, 50, shpilkin_core, draws=3, seed=9)
    times = np.random.default_rng(9).multinomial(40, np.full(40, 1 / 40), size=3)
    total = regions.total()
    for row, slow in zip(times, draws.fixed, strict=True):
        units = np.repeat(np.arange(40), row)
        ratio = regions.leader[units, core].sum() / regions.others[units, core].sum()
        assert slow == pytest.approx(total.leader.sum() - ratio * total.others.sum())


def test_smoothing_is_the_published_box_with_its_ends() -> None:
    others = np.random.default_rng(1).random((2, 100))
    slow = np.array([np.convolve(row, np.ones(5) / 5, mode="same") for row in others])
    slow[:, -2:] = others[:, -2:]
    assert smoothed(others) == pytest.approx(slow)


def test_where_the_fit_fails_the_core_is_the_highest_bin_but_the_last_three(monkeypatch) -> None:
    monkeypatch.setattr("tallyscope.forensics.core.gaussian_pair._STEPS", 0)
    others = np.ones((1, 100))
    others[0, [30, 60, 98]] = 5.0, 4.0, 50.0
    found = shpilkin_core(Curves(others, others))
    assert not found.converged[0]
    assert found.core[0] == 30


def test_without_any_ballot_there_is_no_core() -> None:
    none = shpilkin_core(Curves(np.zeros((1, 100)), np.zeros((1, 100))))
    assert none.core[0] == -1
    assert not none.converged[0]


def test_plausible_cores_are_the_unbroken_top_of_the_hump() -> None:
    others = np.full((1, 100), 1.0)
    others[0, 40:61] = 100 - 5.0 * np.abs(np.arange(-10, 11))
    others[0, 80:90] = 200.0
    run = np.flatnonzero(plausible_cores(Curves(others, others), np.array([50]))[0])
    # Smoothed it is 94 in the middle, 80 four bins away and 75 five: 80 % of 94 lies between.
    assert run.tolist() == [46, 47, 48, 49, 50, 51, 52, 53, 54]


def test_a_bin_without_others_gives_no_ratio() -> None:
    leader, others = np.zeros((1, 100)), np.zeros((1, 100))
    leader[0, :3], others[0, :2] = (30, 10, 5), (10, 10)
    curves = Curves(leader, others)
    assert ratios(curves)[0, :2].tolist() == [3.0, 1.0]
    assert np.isnan(ratios(curves)[0, 2])
    assert ratio_below(curves, 2) == 2.0
    assert np.isnan(ratio_below(curves, 0))


def test_weighted_quantiles_are_those_of_the_repeated_values() -> None:
    values, times = np.array([5.0, 1.0, 3.0, 9.0]), np.array([2, 3, 1, 4])
    at = np.array([0.1, 0.3, 0.5, 0.95])
    repeated = np.quantile(np.repeat(values, times), at, method="inverted_cdf")
    assert weighted_quantiles(values, times.astype(float), at).tolist() == repeated.tolist()
