from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gammaln

from tallyscope.forensics.core.integer import (
    TAIL,
    _within_reach,
    expected_by_percent,
    integer_probability,
    is_integer_percentage,
)
from tallyscope.forensics.core.integer_counts import log_tables
from tallyscope.forensics.core.integer_test import usable_stations


def slow_integers(n: int) -> np.ndarray:
    """The published recipe in floating point: counts j of n with |v - round(v)| <= 0.05, v = 100 j/n."""
    v = 100 * np.arange(n + 1) / n
    return np.flatnonzero(np.abs(v - np.round(v)) <= 0.05)


def slow_probability(k: int, n: int) -> float:
    return float(stats.binom.pmf(slow_integers(n), n, k / n).sum())


@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_percentage_is_an_integer_by_the_definition_in_exact_fractions(pair: tuple[int, int]) -> None:
    k, n = pair
    v = Fraction(100 * k, n)
    expected = abs(v - round(v)) <= Fraction(1, 20)
    assert is_integer_percentage(np.array([k]), np.array([n]))[0] == expected


def test_whole_numbers_and_the_published_floating_point_recipe_agree_on_every_station(russia) -> None:
    for year in (2012, 2018):
        f = russia(year)
        used = usable_stations(*f.counts)
        for k, n in ((f.issued[used], f.registered[used]), (f.leader[used], f.cast[used])):
            v = 100 * k / n
            assert np.array_equal(is_integer_percentage(k, n), np.abs(v - np.round(v)) <= 0.05)


def test_a_station_without_ballots_has_no_integer_percentage() -> None:
    assert not is_integer_percentage(np.array([0]), np.array([0]))[0]


def test_log_factorials_are_those_of_the_gamma_function() -> None:
    ours = log_tables(200_000)
    theirs = gammaln(np.arange(200_001) + 1.0)
    assert np.max(np.abs(ours.log_factorial - theirs) / np.maximum(theirs, 1)) < 1e-15
    assert np.array_equal(log_tables(3).log_factorial, ours.log_factorial[:4])
    assert np.array_equal(ours.log[1:], np.log(np.arange(1, 200_001)))


def test_probabilities_equal_scipy_station_by_station_on_two_thousand_real_stations(russia) -> None:
    f = russia(2012)
    used = np.flatnonzero(usable_stations(*f.counts))
    drawn = np.random.default_rng(7).choice(used, 2000, replace=False)
    k = np.concatenate([f.issued[drawn], f.leader[drawn]])
    n = np.concatenate([f.registered[drawn], f.cast[drawn]])
    slow = [slow_probability(int(a), int(b)) for a, b in zip(k, n, strict=True)]
    assert np.max(np.abs(integer_probability(k, n) - slow)) < 1e-9


@settings(max_examples=25)
@given(st.lists(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1))
def test_probabilities_equal_scipy_for_any_small_stations(pairs: list[tuple[int, int]]) -> None:
    k, n = (np.array(v) for v in zip(*pairs, strict=True))
    q = integer_probability(k, n)
    slow = np.array([slow_probability(*pair) for pair in pairs])
    assert np.max(np.abs(q - slow)) < 1e-9
    assert expected_by_percent(k, n).sum() == pytest.approx(q.sum(), abs=1e-9)


@pytest.mark.parametrize(("k", "n"), [(1, 50_000), (31_234, 50_000), (49_999, 50_000), (123_456, 200_000)])
def test_large_units_and_rare_outcomes_are_as_accurate(k: int, n: int) -> None:
    q = integer_probability(np.array([k]), np.array([n]))[0]
    assert abs(q - slow_probability(k, n)) < 1e-9


@pytest.mark.parametrize("n", [20, 100, 1000, 50_000])
def test_what_lies_beyond_reach_is_below_the_tail_left_out(n: int) -> None:
    for k in (1, 2, n // 10, n // 2, n - n // 10, n - 1):
        lowest, highest = _within_reach(np.array([k]), np.array([n]))
        # The last count below the lowest percentage's window, and the first above the highest one's.
        below = np.ceil((lowest[0] - 0.05) * n / 100) - 1
        above = np.floor((highest[0] + 0.05) * n / 100)
        integers = slow_integers(n)
        of_them = stats.binom.pmf(integers[(integers <= below) | (integers > above)], n, k / n).sum()
        assert of_them <= TAIL


def test_expected_stations_by_percentage_equal_scipy() -> None:
    k, n = np.array([130, 431]), np.array([260, 997])
    by_percent = np.zeros(101)
    for a, b in zip(k, n, strict=True):
        counts = slow_integers(int(b))
        np.add.at(by_percent, np.round(100 * counts / b).astype(int), stats.binom.pmf(counts, b, a / b))
    assert np.allclose(expected_by_percent(k, n), by_percent, atol=1e-9)


def test_the_result_does_not_depend_on_the_order_of_stations_or_on_how_they_are_cut_up(russia, monkeypatch) -> None:
    f = russia(2012)
    rows = np.flatnonzero(usable_stations(*f.counts))[:5000]
    k, n = f.leader[rows], f.cast[rows]
    whole, by_percent = integer_probability(k, n), expected_by_percent(k, n)
    monkeypatch.setattr("tallyscope.forensics.core.integer_counts._LISTED", 5000)
    monkeypatch.setattr("tallyscope.forensics.core.integer._SUMMED", 700)
    shuffled = np.random.default_rng(1).permutation(rows.size)
    assert np.allclose(integer_probability(k[shuffled], n[shuffled]), whole[shuffled], rtol=1e-13, atol=0)
    assert np.allclose(expected_by_percent(k[shuffled], n[shuffled]), by_percent, rtol=1e-11)


@pytest.mark.parametrize(("k", "n"), [([5], [0]), ([-1], [10]), ([11], [10]), ([1, 2], [10])])
def test_counts_that_cannot_be_are_refused(k: list[int], n: list[int]) -> None:
    with pytest.raises(ValueError, match="between 0 and their sizes"):
        integer_probability(np.array(k), np.array(n))


def test_no_stations_is_an_answer_too() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert integer_probability(none, none).size == 0
