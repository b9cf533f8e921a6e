"""Units of the mixture's levels: whether they differ, against the F test written out, and their means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, f_oneway

from tallyscope.forensics.core.mixture import units
from tallyscope.forensics.core.mixture.units import differing, sizes, unit_means, within_units


def test_one_level_is_the_textbooks_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        unit = rng.integers(0, 5, 60)
        unit[:5] = np.arange(5)
        values = rng.standard_normal((60, 1)) + 0.4 * rng.standard_normal(5)[unit, None]
        p = f_oneway(*(values[unit == u, 0] for u in range(5))).pvalue
        for level in (p * 0.999, p * 1.001):
            monkeypatch.setattr(units, "_BY_CHANCE", level)
            # Of a size that is the same everywhere nothing can depend.
            assert differing(values, np.zeros(60), (unit,)) == (p < level,)


def tree(rng: np.random.Generator, region: float, territory: float) -> tuple[np.ndarray, ...]:  # type: ignore[type-arg]
    of = np.repeat(np.arange(80), 20)
    top = of // 10
    size = rng.standard_normal(of.size)
    away = region * rng.standard_normal((8, 2))[top] + territory * rng.standard_normal((80, 2))[of]
    values = away + 0.3 * rng.standard_normal((of.size, 2)) + np.outer(0.5 * size + 0.2 * size**2, [1, -1])
    return values, size, top, of


@pytest.mark.parametrize(
    ("region", "territory", "wanted"),
    [(0.3, 0.2, (True, True)), (0.3, 0.0, (True, False)), (0.0, 0.3, (False, True)), (0.0, 0.0, (False, False))],
)
def test_levels_that_differ_are_told_from_those_that_do_not(
    region: float, territory: float, wanted: tuple[bool, bool]
) -> None:
    right = 0
    for seed in range(60):
        values, size, top, of = tree(np.random.default_rng(seed), region, territory)
        right += differing(values, size, (top, of)) == wanted
    # Either level is wrongly found to differ once in a hundred times.
    assert binomtest(right, 60, 0.98, alternative="less").pvalue > 0.001


def test_a_unit_a_station_or_one_unit_alone_does_not_differ() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal((12, 2))
    assert differing(values, np.zeros(12), ()) == ()
    assert differing(values, np.zeros(12), (np.arange(12),)) == (False,)
    assert differing(values, np.zeros(12), (np.zeros(12, dtype=np.int64),)) == (False,)
    assert differing(np.ones((12, 2)), np.zeros(12), (np.arange(12) // 3,)) == (False,)
    # Stations that are all alike within units that are not.
    apart = np.repeat([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]], 4, axis=0)
    assert differing(apart, np.zeros(12), (np.arange(12) // 4,)) == (True,)


def test_means_and_what_is_left_add_up() -> None:
    rng = np.random.default_rng(2)
    values, unit = rng.standard_normal((50, 2)), rng.integers(0, 4, 50)
    unit[:4] = np.arange(4)
    means = unit_means(values, unit)
    for u in range(4):
        np.testing.assert_allclose(means[u], values[unit == u].mean(axis=0))
    np.testing.assert_allclose(within_units(values, unit) + means[unit], values)


def test_sizes_are_standardised_logs() -> None:
    size = sizes(np.array([100, 1000, 10_000]))
    np.testing.assert_allclose(size, np.sqrt(1.5) * np.array([-1.0, 0.0, 1.0]))
    np.testing.assert_array_equal(sizes(np.array([700, 700])), 0.0)
