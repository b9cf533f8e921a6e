"""The drift's arithmetic: against regressions written out with a column for every place, and identities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t

from tallyscope.forensics.core.arrival import cut_points, decompose, largest_of, moments, progress
from tallyscope.forensics.core.arrival_units import conformal_chance, running_share, unit_slopes
from tallyscope.forensics.core.arrival_within import slope, sweep

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Country:
    """Stations in places in districts; arrival and share both go with the place."""

    def __init__(self, seed: int, stations: int = 400, places: int = 60, drift: float = 0.0) -> None:
        rng = np.random.default_rng(seed)
        self.places = rng.integers(0, places, stations)
        self.places[:places] = np.arange(places)
        self.district = self.places // 6
        of_place = rng.normal(0, 10, places)
        self.arrived = (1000 * (of_place[self.places] + rng.normal(0, 8, stations))).astype(np.int64)
        self.weight = rng.integers(50, 900, stations).astype(np.float64)
        self.controls = rng.normal(size=(stations, 2))
        self.p = progress(self.arrived, self.weight)
        rest = rng.normal(0, 5, stations) + rng.normal(0, 2, places)[self.places]
        self.share = 50 + of_place[self.places] + 2 * self.controls[:, 0] + drift * self.p + rest


def with_dummies(country: Country) -> tuple[float, Floats]:
    """The slow way: weighted least squares with one column a place; the slope on p, and residuals times x~."""
    dummies = np.eye(country.places.max() + 1)[country.places]
    root = np.sqrt(country.weight)[:, None]
    others = np.column_stack([dummies, country.controls])
    whole = np.column_stack([country.p, others])
    fit = np.linalg.lstsq(root * whole, root[:, 0] * country.share, rcond=None)[0]
    x = country.p - others @ np.linalg.lstsq(root * others, root[:, 0] * country.p, rcond=None)[0]
    return float(fit[0]), np.column_stack(
        [country.weight * x * (country.share - whole @ fit), country.weight * x**2]
    )


def test_sweeping_places_out_is_a_regression_with_a_column_for_each() -> None:
    country = Country(1)
    swept = sweep(country.share, country.p[:, None], country.controls, country.places, country.weight)
    fast, _ = slope(swept, country.district)
    value, parts = with_dummies(country)
    by_district = [parts[country.district == g, 0].sum() for g in range(country.district.max() + 1)]
    n = len(by_district)
    sandwich = np.sqrt(n / (n - 1) * np.sum(np.square(by_district))) / parts[:, 1].sum()
    assert fast.value == pytest.approx(value)
    squares = np.bincount(country.district, weights=parts[:, 1])
    assert fast.clusters == pytest.approx(squares.sum() ** 2 / np.sum(squares**2))
    # Leaving out one cluster after the other, written out; near the sandwich of Liang & Zeger.
    without = []
    for g in range(n):
        kept = country.district != g
        x, w = swept.x[kept, 0], country.weight[kept]
        without.append(np.sum(w * x * swept.y[kept]) / np.sum(w * x**2))
    assert fast.se == pytest.approx(np.sqrt((n - 1) / n * np.sum((np.array(without) - value) ** 2)))
    assert 0.9 * sandwich < fast.se < 1.5 * sandwich


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-20, 20))
def test_the_total_drift_is_composition_plus_within(seed: int, drift: float) -> None:
    country = Country(seed, stations=80, places=12, drift=drift)
    parts = decompose(country.share, country.p, country.controls, country.places, country.weight, country.places)
    assert parts.total.value == pytest.approx(parts.composition.value + parts.within.value, abs=1e-8)
    # What the fitted model without its drift says of the total trend, written out.
    swept = sweep(country.share, country.p[:, None], country.controls, country.places, country.weight)
    rest = swept.y - parts.within.value * swept.x[:, 0]
    fixed = country.share - rest - parts.within.value * country.p
    w, p = country.weight, country.p
    centred = p - np.average(p, weights=w)
    assert np.sum(w * centred * fixed) / np.sum(w * centred**2) == pytest.approx(parts.composition.value, abs=1e-6)


def test_a_drift_that_was_put_in_is_found_and_composition_is_not_taken_for_it() -> None:
    found = [decompose(*_arguments(Country(seed, drift=6.0))).within.value for seed in range(20)]
    assert np.mean(found) == pytest.approx(6.0, abs=0.8)
    none = [decompose(*_arguments(Country(seed))) for seed in range(20)]
    assert np.mean([n.total.value for n in none]) > 20
    assert abs(np.mean([n.within.value for n in none])) < 0.8


def _arguments(country: Country) -> tuple[Floats, Floats, Floats, Ints, Floats, Ints]:
    return country.share, country.p, country.controls, country.places, country.weight, country.district


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 100)), min_size=1, max_size=30))
def test_progress_is_the_middle_of_each_group_in_the_count(stations: list[tuple[int, int]]) -> None:
    arrived = np.array([a for a, _ in stations], dtype=np.int64)
    ballots = np.array([b for _, b in stations], dtype=np.float64)
    p = progress(arrived, ballots)
    for one, value in zip(arrived, p, strict=True):
        before, same = ballots[arrived < one].sum(), ballots[arrived == one].sum()
        assert value == pytest.approx((before + same / 2) / ballots.sum())
    # The ballots' own mean of p is a half, so that trends of shares and of p have one origin.
    assert np.average(p, weights=ballots) == pytest.approx(0.5)


def test_the_count_is_cut_between_groups_and_at_its_longest_pause() -> None:
    assert cut_points(np.array([5, 5, 5]), np.ones(3)).size == 0
    assert cut_points(np.array([1, 1, 2, 3]), np.ones(4)).tolist() == [0.5, 0.75]
    arrived = np.arange(1000)
    arrived[613:] += 10_000
    cuts = cut_points(arrived, np.ones(1000))
    assert 0.613 in cuts.round(9)
    assert 19 <= cuts.size <= 22
    assert cuts.min() >= 0.05
    assert cuts.max() <= 0.95


def test_the_largest_of_one_is_a_single_test_and_of_independent_ones_a_product() -> None:
    assert largest_of(np.array([2.0]), np.eye(1)).p_value == pytest.approx(2 * norm.sf(2), abs=0.003)
    five = largest_of(np.array([0.3, -2.5, 0.1, 1.0, 0.0]), np.eye(5))
    assert five.column == 1
    assert five.p_value == pytest.approx(1 - (1 - 2 * norm.sf(2.5)) ** 5, abs=0.004)
    together = largest_of(np.full(5, 2.5), np.ones((5, 5)))
    assert together.p_value == pytest.approx(2 * norm.sf(2.5), abs=0.002)


def test_chances_too_small_to_simulate_are_bounded() -> None:
    one = largest_of(np.array([9.0, 1.0]), np.eye(2))
    assert one.p_value == pytest.approx(2 * 2 * norm.sf(9.0))


def test_moments_are_slopes_by_their_errors_and_go_together_as_their_scores_do() -> None:
    country = Country(3)
    steps = (country.p[:, None] > np.array([0.3, 0.6])).astype(np.float64)
    swept = sweep(country.share, steps, country.controls, country.places, country.weight)
    z, together = moments(swept, country.district)
    scores = np.empty((country.district.max() + 1, 2))
    for k in range(2):
        one, _ = slope(swept, country.district, k)
        chance = 2 * t.sf(abs(one.value / one.se), one.clusters - 1)
        assert 2 * norm.sf(abs(z[k])) == pytest.approx(chance, rel=0.05)
        for g in range(len(scores)):
            own = country.district == g
            scores[g, k] = np.sum((swept.weight * swept.x[:, k] * swept.y)[own])
    cosine = scores[:, 0] @ scores[:, 1] / np.sqrt((scores[:, 0] @ scores[:, 0]) * (scores[:, 1] @ scores[:, 1]))
    assert together == pytest.approx(np.array([[1, cosine], [cosine, 1]]))


def test_each_unit_has_the_slope_of_its_own_stations() -> None:
    country = Country(4, stations=600, places=72)
    swept = sweep(country.share, country.p[:, None], country.controls, country.places, country.weight)
    units = country.district // 6
    found = unit_slopes(swept, units, country.places)
    for u in range(units.max() + 1):
        own = units == u
        x, y, w = swept.x[own, 0], swept.y[own], swept.weight[own]
        b = np.sum(w * x * y) / np.sum(w * x**2)
        without = []
        for g in np.unique(country.places[own]):
            kept = country.places[own] != g
            without.append(np.sum((w * x * y)[kept]) / np.sum((w * x**2)[kept]))
        se = np.sqrt(np.sum((np.array(without) - b) ** 2))
        squares = [np.sum((w * x**2)[country.places[own] == g]) for g in np.unique(country.places[own])]
        n = np.sum(squares) ** 2 / np.sum(np.square(squares))
        assert found.clusters[u] == pytest.approx(n)
        assert found.value[u] == pytest.approx(b)
        assert found.se[u] == pytest.approx(se)
        assert found.p_value[u] == pytest.approx(2 * t.sf(abs(b / se), n - 1))


def test_units_of_few_places_are_not_told() -> None:
    country = Country(4, stations=60, places=12)
    swept = sweep(country.share, country.p[:, None], country.controls, country.places, country.weight)
    assert np.isnan(unit_slopes(swept, country.district, country.places).p_value).all()


def test_late_stations_like_early_ones_have_even_chances_and_lifted_ones_small() -> None:
    rng = np.random.default_rng(5)
    ballots = rng.integers(50, 900, 4000).astype(np.float64)
    rest = rng.normal(0, np.sqrt(9 + 2500 / ballots))
    late = np.arange(4000) % 4 == 0
    chance = conformal_chance(rest, ballots, np.full(4000, 0.1), late, 1.0)
    assert np.isnan(chance[~late]).all()
    assert np.mean(chance[late] <= 0.05) == pytest.approx(0.05, abs=0.02)
    lifted = conformal_chance(rest + 15.0 * late, ballots, np.full(4000, 0.1), late, 1.0)
    assert np.median(lifted[late]) < 0.001
    assert np.isnan(conformal_chance(rest, ballots, np.full(4000, 0.95), late, 1.0)).all()


def test_the_running_share_and_composition_end_at_the_same_result() -> None:
    country = Country(6, drift=4.0)
    one = running_share(country.share, 4.0 * country.p, country.p, country.weight)
    final = np.average(country.share, weights=country.weight)
    assert one.share[-1] == pytest.approx(final)
    assert one.composition[-1] == pytest.approx(final)
    assert one.counted[-1] == pytest.approx(1.0)
    # The share of the first part of the count, written out.
    first = country.p <= np.quantile(country.p, 0.3)
    at = np.argmin(abs(one.counted - country.weight[first].sum() / country.weight.sum()))
    assert one.share[at] == pytest.approx(np.average(country.share[first], weights=country.weight[first]), abs=0.7)


def test_nothing_to_compare_gives_no_slope() -> None:
    share, alone = np.array([40.0, 60.0]), np.array([0, 1])
    swept = sweep(share, np.array([[0.1], [0.9]]), np.empty((2, 0)), alone, np.ones(2))
    assert slope(swept, alone)[0].value == 0
    assert slope(swept, alone)[0].clusters == 0
