"""The axis of stuffing, the family of distributions along it, the evidence, the amount, and the tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import lognorm, norm

from tallyscope.forensics.core import stuffing_family as family
from tallyscope.forensics.core.stuffing_amount import estimated_amount
from tallyscope.forensics.core.stuffing_axis import Axis, group_quantiles, stuffing_axis, votes_for_shift
from tallyscope.forensics.core.stuffing_evidence import Evidence, design_effect, evidence, skewness, voter_weights
from tallyscope.forensics.core.stuffing_test import group_tests, overall_test, unit_tests


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def country(
    seed: int,
    *,
    stations: int = 12_000,
    groups: int = 30,
    correlation: float = 0.4,
    stuffed: float = 0.0,
    x: float = 0.3,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Voters, ballots, the leader's votes, group; ballots added, at a share `stuffed` of the stations,
    log-normal."""
    rng = np.random.default_rng(seed)
    registered = rng.integers(300, 2500, stations)
    group = rng.integers(0, groups, stations)
    centre = rng.normal(0, 0.2, (groups, 2))[group]
    one, two = rng.standard_normal((2, stations))
    a = 0.4 + centre[:, 0] + 0.3 * one
    b = -0.1 + centre[:, 1] + 0.35 * (correlation * one + np.sqrt(1 - correlation**2) * two)
    cast = rng.binomial(registered, logistic(a))
    leader = rng.binomial(cast, logistic(b))
    chosen = rng.random(stations) < stuffed
    share = np.minimum(np.exp(np.log(x) - 0.32 + 0.8 * rng.standard_normal(stations)), 0.99)
    added = np.where(chosen, np.rint(share * (registered - cast)), 0).astype(np.int64)
    return registered, cast + added, leader + added, group, int(added.sum())


def axis_of(figures: tuple[np.ndarray, ...], groups: int = 30) -> Axis:
    axis = stuffing_axis(*figures[:4], groups)
    assert axis is not None
    return axis


@pytest.mark.parametrize("correlation", [0.0, 0.5, -0.3])
def test_positions_of_a_clean_country_are_standard_normal_in_every_group(correlation: float) -> None:
    axis = axis_of(country(1, correlation=correlation))
    z = axis.position
    assert z.mean() == pytest.approx(0, abs=0.04)
    assert z.std() == pytest.approx(1, abs=0.04)
    assert (((z - z.mean()) / z.std()) ** 3).mean() == pytest.approx(0, abs=0.1)
    assert np.mean(z > 1.6449) == pytest.approx(0.05, abs=0.012)


def test_stuffing_one_station_moves_it_up_the_axis_and_the_shift_gives_the_votes_back() -> None:
    registered, cast, leader, group, _ = country(2)
    before = axis_of((registered, cast, leader, group))
    at = int(np.argmin(np.abs(before.position) + np.abs(cast / registered - before.turnout) * 20))
    added = int(0.3 * (registered[at] - cast[at]))
    cast[at] += added
    leader[at] += added
    after = axis_of((registered, cast, leader, group))
    moved = after.position[at] - before.position[at]
    assert moved > 1
    unit = after.scale[group[at]] / after.unit
    votes = registered[at] * votes_for_shift(
        after,
        np.array([moved * unit]),
        np.array([cast[at] / registered[at]]),
        np.array([leader[at] / registered[at]]),
    )
    assert votes[0] == pytest.approx(added, rel=0.05)


def test_no_shift_needs_no_votes_and_a_greater_one_more() -> None:
    axis = axis_of(country(3))
    shift = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 50.0])
    votes = votes_for_shift(axis, shift, np.full(6, 0.7), np.full(6, 0.4))
    assert votes[:2] == pytest.approx(0, abs=1e-9)
    assert np.all(np.diff(votes[1:]) > 0)
    assert votes[-1] <= 0.4


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-20, 20)), min_size=5, max_size=60))
def test_group_quantiles_are_order_statistics_of_each_group(rows: list[tuple[int, float]]) -> None:
    group = np.array([*range(5), *(g for g, _ in rows)])
    values = np.array([0.0] * 5 + [v for _, v in rows])
    counts = np.bincount(group)
    middle, top = group_quantiles(values, group, counts, (0.5, 1.0))
    for i in range(5):
        ordered = np.sort(values[group == i])
        assert middle[i] == pytest.approx(ordered[int((ordered.size - 1) * 0.5 + 0.5)], abs=1e-9)
        assert top[i] == pytest.approx(ordered[-1], abs=1e-9)


def test_alike_stations_empty_boxes_and_one_candidate_have_no_axis() -> None:
    n, g = np.full(500, 1000), np.zeros(500, dtype=np.int64)
    rng = np.random.default_rng(1)
    some = rng.binomial(n, 0.6)
    assert stuffing_axis(n, np.full(500, 600), np.full(500, 300), g, 1) is None
    assert stuffing_axis(n, n, rng.binomial(n, 0.5), g, 1) is None
    assert stuffing_axis(n, some, some, g, 1) is None


def slow_template(axis: Axis, mu: float, sigma: float, f: float, mean: float, edges: np.ndarray) -> np.ndarray:
    """The same by numerical integration over x, without grids: probability of each bin."""
    before = {}

    def reached(edge: float) -> float:
        plain = norm.cdf((edge - mu) / sigma)
        if f == 0:
            return float(plain)
        shape = lognorm(s=0.8, scale=mean * np.exp(-0.32))

        def inner(x: float) -> float:
            key = (round(x, 12), edge)
            if key not in before:
                w = np.linspace(-8, 14, 4001)
                t, s, z = axis.turnout, axis.share, 1 - axis.turnout
                along = np.array([1 / t, z / (t * s)])
                along *= axis.unit / (along @ np.array(axis.slopes))
                turnout = logistic(np.log(t / z) + along[0] * w)
                share = logistic(np.log(s / (1 - s)) + along[1] * w)
                da = np.log1p(x * (1 - turnout) / turnout) - np.log1p(-x)
                db = np.log1p(x * (1 - turnout) / (turnout * share))
                moved = w + (axis.slopes[0] * da + axis.slopes[1] * db) / axis.unit
                before[key] = float(np.interp(edge, moved, w))
            return float(norm.cdf((before[key] - mu) / sigma) * shape.pdf(x))

        stuffed = quad(inner, 1e-4, 0.99, limit=60, epsabs=1e-5)[0]
        return float((1 - f) * plain + f * stuffed)

    return np.diff([reached(e) for e in edges])


def test_templates_are_the_family_integrated_slowly() -> None:
    axis = axis_of(country(4))
    shapes = np.exp(family.templates(axis))
    assert shapes.sum(axis=3) == pytest.approx(1, abs=1e-3)
    edges = np.linspace(-family.REACH, family.REACH, family.BINS + 1)
    chosen = slice(50, 92, 6)
    i, j, k, m = 11, 10, 3, 6
    mean = float(np.geomspace(0.01, 2.4, 14)[m])
    mu, sigma, f = family.MU[i], family.SIGMA[j], family.CONCENTRATIONS[k]
    for at in range(chosen.start, chosen.stop, chosen.step):
        slow = slow_template(axis, mu, sigma, f, mean, edges[at : at + 2])[0]
        fast = shapes[i, j, 1 + k * 14 + m, at]
        assert fast == pytest.approx((1 - 2e-3) * slow + 2e-3 / family.BINS, rel=0.03, abs=2e-5)
    plain = np.diff(norm.cdf((edges[60:62] - mu) / sigma))[0]
    assert shapes[i, j, 0, 60] == pytest.approx((1 - 2e-3) * plain + 2e-3 / family.BINS, rel=5e-3)


def test_interpolation_between_means_passes_through_them_and_follows_a_line() -> None:
    straight = np.arange(14.0)
    fine = straight @ family.finer()
    assert fine[::4] == pytest.approx(straight)
    assert np.diff(fine) == pytest.approx(0.25)


def test_amounts_rise_with_the_mean_and_with_the_share_of_stations() -> None:
    amount = family.amounts()
    assert np.all(np.diff(amount, axis=1) > 0)
    assert np.all(np.diff(amount, axis=0) < 0)


@pytest.mark.parametrize(("stuffed", "x"), [(0.3, 0.35), (1.0, 0.2), (0.1, 0.5)])
def test_a_known_dose_lies_in_the_interval_and_is_strongly_preferred_to_none(stuffed: float, x: float) -> None:
    figures = country(5, stuffed=stuffed, x=x)
    registered, cast, _, group, added = figures
    axis, weight = axis_of(figures), voter_weights(registered)
    home = np.bincount(group, registered - cast).astype(float)
    amount = estimated_amount(evidence(axis, weight, 30, 1.0), home, seed=1)
    assert amount.low < added < amount.high
    assert amount.low > 0
    assert amount.gain > 20
    assert amount.by_group.sum() == pytest.approx(amount.value)
    assert overall_test(skewness(axis.position, weight, group)).p_value < 1e-6


def test_clean_countries_have_estimates_around_zero_and_intervals_that_hold_it() -> None:
    values, inside, p = [], [], []
    for seed in range(12):
        figures = country(100 + seed, stations=6000)
        registered, cast, leader, group, _ = figures
        axis, weight = axis_of(figures), voter_weights(registered)
        home = np.bincount(group, registered - cast).astype(float)
        amount = estimated_amount(evidence(axis, weight, 30, 1.0), home, seed=1)
        values.append(amount.value / leader.sum())
        inside.append(amount.low <= 0 <= amount.high)
        p.append(overall_test(skewness(axis.position, weight, group)).p_value)
    assert abs(np.mean(values)) < 0.015
    assert sum(inside) >= 9
    assert 0.2 < np.mean(p) < 0.8


def test_the_mirror_image_has_the_mirror_estimate() -> None:
    figures = country(6, stuffed=0.3)
    registered, cast, _, group, _ = figures
    axis, weight = axis_of(figures), voter_weights(registered)
    home = np.bincount(group, registered - cast).astype(float)
    mirror = Axis(-axis.position, axis.slopes, axis.scale, axis.turnout, axis.share, group)
    one, two = (estimated_amount(evidence(a, weight, 30, 1.0), home, seed=1) for a in (axis, mirror))
    # Positions on the edge of a bin fall to the other side.
    assert two.value == pytest.approx(-one.value, rel=0.02)


def test_flat_evidence_gives_no_amount_on_average_and_the_widest_interval() -> None:
    amount = np.concatenate([-family.amounts()[:, ::-1], np.zeros((9, 1)), family.amounts()], axis=1)
    flat = Evidence(np.zeros((3, *amount.shape)), amount)
    found = estimated_amount(flat, np.array([10.0, 20.0, 30.0]), seed=1)
    assert found.value == pytest.approx(0, abs=1e-9)
    assert found.low <= 60 * amount.min()
    assert found.high >= 60 * amount.max()


def test_skewness_ignores_where_a_group_is_and_how_wide() -> None:
    rng = np.random.default_rng(7)
    z, group = rng.standard_normal(3000), np.arange(3000) % 10
    moved = 0.3 * z + group * 0.01
    one = skewness(z, np.ones(3000), group)
    two = skewness(moved, np.ones(3000), group)
    assert two.value == pytest.approx(one.value, abs=1e-9)


def test_the_design_effect_of_copies_is_the_number_of_copies() -> None:
    terms = np.repeat(np.random.default_rng(1).standard_normal(200), 5)
    assert design_effect(terms, np.repeat(np.arange(200), 5)) == pytest.approx(5)
    assert design_effect(terms, np.arange(1000)) == 1.0
    assert design_effect(np.zeros(10), np.arange(10)) == 1.0


def test_p_values_of_clean_groups_and_units_are_about_uniform() -> None:
    rng = np.random.default_rng(11)
    cluster = np.arange(24_000) // 24
    group = cluster // 25
    z = rng.standard_normal(24_000) * 0.8 + 0.6 * rng.standard_normal(1000)[cluster]
    skew = skewness(z, np.ones(24_000), group)
    p = group_tests(skew, group, cluster)
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.2)
    units = unit_tests(z, np.ones(24_000), cluster, 1000)
    assert np.mean(units.p_value < 0.05) == pytest.approx(0.05, abs=0.025)
    assert units.between == pytest.approx(0.6, abs=0.08)


def test_a_unit_that_stands_higher_has_a_small_p_value() -> None:
    rng = np.random.default_rng(12)
    cluster = np.arange(10_000) // 20
    z = rng.standard_normal(10_000) + 0.3 * rng.standard_normal(500)[cluster]
    z[cluster == 7] += 3
    units = unit_tests(z, np.ones(10_000), cluster, 500)
    assert np.argmin(units.p_value) == 7
    assert units.p_value[7] < 1e-8


@settings(max_examples=20)
@given(st.lists(st.integers(101, 5000), min_size=2, max_size=50))
def test_weights_by_voters_add_up_to_the_effective_number_of_stations(sizes: list[int]) -> None:
    weight = voter_weights(np.array(sizes))
    assert weight.sum() == pytest.approx((weight**2).sum())
    assert weight.sum() <= len(sizes) + 1e-9


def test_one_group_or_groups_all_alike_have_no_overall_test() -> None:
    skew = skewness(np.random.default_rng(1).standard_normal(100), np.ones(100), np.zeros(100, dtype=np.int64))
    assert overall_test(skew).p_value == 1.0
