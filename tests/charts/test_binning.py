"""Bins of percentages against a slow, obvious count with exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import floor, log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.charts.binning import (
    centred_bins,
    grid,
    group_sums,
    levels,
    log_thresholds,
    lower_bins,
    noise,
    sums,
    window,
)

_stations = st.lists(
    st.integers(1, 5000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))),
    min_size=1,
    max_size=40,
)


def _arrays(stations: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    part, whole = np.array(stations, dtype=np.int64).T
    return part, whole


@given(_stations, st.sampled_from([1, 2, 10]))
def test_a_lower_bin_holds_the_percentages_from_its_lower_edge_on(stations, per_point):
    slow = [min(floor(Fraction(100 * per_point * part, whole)), 100 * per_point - 1) for part, whole in stations]
    assert lower_bins(*_arrays(stations), per_point).tolist() == slow


@given(_stations)
def test_a_centred_bin_is_the_nearest_tenth_of_a_point(stations):
    slow = [floor(Fraction(1000 * part, whole) + Fraction(1, 2)) for part, whole in stations]
    assert centred_bins(*_arrays(stations), 10).tolist() == slow


def test_whole_percentages_lie_in_the_middle_of_a_bin_as_published():
    """Kobak, Shpilkin & Pshenichnikov 2016: bins of 0.1 points, edges at half a bin: 49.95 is in, 50.05 is not."""
    part, whole = np.array([9989, 9990, 10000, 10009, 10010]), np.full(5, 20000)
    assert centred_bins(part, whole, 10).tolist() == [499, 500, 500, 500, 501]


@given(_stations, st.integers(0, 2**32 - 1))
def test_noise_moves_a_numerator_by_less_than_half_and_repeats_with_its_seed(stations, seed):
    part, whole = _arrays(stations)
    noisy = noise(part, seed)
    assert np.all(np.abs(noisy - part) <= 0.5)
    assert np.array_equal(noisy, noise(part, seed))
    bins = centred_bins(noisy, whole, 10)
    assert bins.min() >= 0
    assert bins.max() <= 1000


@given(st.lists(st.tuples(st.integers(-1, 12), st.integers(-1, 12), st.integers(0, 3000)), min_size=1, max_size=60))
def test_sums_and_grids_equal_a_count_one_by_one(cells):
    x, y, weight = (np.array(c) for c in zip(*cells, strict=True))
    slow, slow_x = np.zeros((10, 10)), np.zeros(10)
    for i, j, w in cells:
        if 0 <= i < 10:
            slow_x[i] += w
            if 0 <= j < 10:
                slow[i, j] += w
    assert np.array_equal(sums(x, weight, 10), slow_x)
    assert np.array_equal(grid(x, y, weight, 10), slow)
    assert np.array_equal(group_sums(x, y, weight, 10, 10), slow)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=30), st.integers(2, 16))
def test_levels_of_a_log_scale_are_the_steps_that_a_value_has_reached(values, colours):
    array = np.array(values)
    thresholds = log_thresholds(array, colours)
    assert thresholds.size == colours - 1
    assert np.allclose(np.diff(np.log10(thresholds)), 0.25)
    slow = [sum(v >= t for t in thresholds) for v in values]
    assert levels(array, thresholds).tolist() == slow


def test_the_largest_value_has_the_last_colour():
    values = np.array([3.0, 540_000.0])
    thresholds = log_thresholds(values, 16)
    assert levels(values, thresholds)[1] == 15
    assert thresholds[-1] <= 540_000 < thresholds[-1] * 10**0.25
    assert log10(thresholds[-1]) == pytest.approx(5.5)


@given(st.lists(st.integers(0, 1000), min_size=101, max_size=101).filter(any))
def test_the_window_leaves_out_no_more_than_it_says(weights):
    array = np.array(weights, dtype=np.float64)
    low, high = window(array, 1, outside=0.01)
    assert low % 10 == high % 10 == 0
    assert 0 <= low < high <= 100
    assert array[:low].sum() <= 0.01 * array.sum()
    assert array[high + 1 :].sum() <= 0.01 * array.sum()
