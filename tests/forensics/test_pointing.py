"""Which stations methods point at."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.pointing import (
    discovery_rates,
    methods_with_strength,
    posterior_rates,
    station_rates,
)

_CHANCES = st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=60).map(np.array)


@given(_CHANCES)
def test_rates_are_those_of_all_p_values_sorted_wherever_they_are_below_the_look(chance: np.ndarray) -> None:
    slow = q_values(chance)
    fast = discovery_rates(chance)
    np.testing.assert_array_equal(np.isnan(fast), np.isnan(slow))
    below = ~np.isnan(slow) & (slow <= 0.05)
    np.testing.assert_allclose(fast[below], slow[below], rtol=1e-12)
    assert np.all(fast[~below & ~np.isnan(slow)] >= slow[~below & ~np.isnan(slow)] - 1e-12)


def test_a_posterior_rate_is_the_mean_of_the_chances_of_all_that_are_as_sure() -> None:
    rates = posterior_rates(np.array([0.04, 0.001, 0.9, np.nan, 0.003]))
    assert rates[[1, 4, 0]] == pytest.approx([0.001, 0.002, 0.044 / 3])
    assert rates[2] == 1.0
    assert np.isnan(rates[3])


def test_each_methods_rate_is_times_the_number_of_methods_and_null_where_it_is_silent() -> None:
    stations = pl.DataFrame({"a.strength": [4.0, None, 0.0], "b.strength": [None, 3.0, 0.1], "b.other": [1, 2, 3]})
    assert methods_with_strength(stations) == ("a", "b")
    rates = station_rates(stations, bayesian=("b",))
    assert rates["a"].to_list() == pytest.approx([4e-4, None, 1.0])
    assert rates["b"].to_list() == pytest.approx([None, 2e-3, 1.0])


def test_a_table_without_methods_has_no_rates() -> None:
    assert station_rates(pl.DataFrame({"station": ["1"]})).width == 0
