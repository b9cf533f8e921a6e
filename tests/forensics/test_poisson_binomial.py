from __future__ import annotations

from itertools import product
from math import log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tallyscope.forensics.core.poisson_binomial import convolved_tails, log_upper_tail, upper_tail, upper_tails

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def enumerated_tail(chances: list[float], count: int) -> float:
    """Over all 2^n outcomes."""
    return sum(
        prod(u if x else 1 - u for u, x in zip(chances, outcome, strict=True))
        for outcome in product((0, 1), repeat=len(chances))
        if sum(outcome) >= count
    )


@given(CHANCES, st.integers(-1, 9))
def test_the_tail_is_that_of_all_outcomes_enumerated(chances: list[float], count: int) -> None:
    expected = enumerated_tail(chances, count)
    assert upper_tail(np.array(chances), count) == pytest.approx(expected, rel=1e-10, abs=1e-14)
    assert convolved_tails([np.array(chances)], np.array([count]))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("n", "p", "count"),
    [
        (1000, 0.2, 250),
        (1000, 0.2, 400),
        (1000, 0.2, 190),
        (100_000, 0.2, 20_500),
        (100_000, 0.2, 23_000),
        (50, 0.5, 49),
    ],
)
def test_with_equal_chances_the_tail_is_binomial_to_relative_accuracy(n: int, p: float, count: int) -> None:
    assert upper_tail(np.full(n, p), count) == pytest.approx(stats.binom.sf(count - 1, n, p), rel=1e-9)


def test_fourier_inversion_and_convolution_agree_on_unequal_chances_far_into_the_tail() -> None:
    chances = np.random.default_rng(3).beta(1, 5, 380)
    mean, sd = chances.sum(), np.sqrt((chances * (1 - chances)).sum())
    for sds in (-3, 0, 2, 5, 12):
        count = int(mean + sds * sd)
        (slow,) = convolved_tails([chances], np.array([count]))
        assert upper_tail(chances, count) == pytest.approx(slow, rel=1e-10)


def test_the_logarithm_does_not_underflow() -> None:
    # All of n trials succeed with probability p^n.
    assert log_upper_tail(np.full(5000, 0.1), 5000) == pytest.approx(5000 * log(0.1), rel=1e-12)
    assert log_upper_tail(np.full(5000, 0.1), 4990) == pytest.approx(stats.binom.logpmf(4990, 5000, 0.1), rel=1e-4)


def test_certain_and_impossible_counts() -> None:
    chances = np.array([0.0, 1.0, 1.0, 0.5])
    assert [upper_tail(chances, k) for k in (-1, 2, 3, 4)] == [1.0, 1.0, 0.5, 0.0]
    assert upper_tail(np.zeros(0), 0) == 1.0


def test_groups_are_the_tails_of_their_own_trials_small_and_large() -> None:
    rng = np.random.default_rng(5)
    group = np.repeat([0, 1, 3, 4], [3, 40, 900, 401])
    rng.shuffle(group)
    chances, observed = rng.beta(1, 4, group.size), rng.random(group.size) < 0.3
    tails = upper_tails(chances, observed, group, 6)
    for i in (0, 1, 3, 4):
        own = group == i
        assert tails[i] == pytest.approx(upper_tail(chances[own], int(observed[own].sum())), rel=1e-9)
    assert tails[2] == tails[5] == 1.0
