from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.simulation.latent import latent, standardised_log
from tallyscope.simulation.spec import Behaviour, Effect


@given(st.floats(-0.8, 0.9))
def test_the_correlation_asked_for_is_the_one_that_the_spreads_imply(rho: float) -> None:
    assert Behaviour().with_correlation(rho).correlation == pytest.approx(rho, abs=1e-12)


def test_a_correlation_that_sizes_forbid_is_refused() -> None:
    bound = Behaviour(size_turnout=-1.0, size_share=-1.0)
    with pytest.raises(ValueError, match="out of reach"):
        bound.with_correlation(-0.5)


@pytest.mark.parametrize("rho", [0.0, 0.47, -0.33])
def test_latent_turnout_and_share_have_the_correlation_asked_for(rho: float) -> None:
    # Every station its own region and territory, so that all n are independent: the standard error of a
    # correlation is (1 - rho^2) / sqrt(n) (Fisher 1915), and four of them are allowed.
    n = 40_000
    behaviour = Behaviour().with_correlation(rho)
    rng = np.random.Generator(np.random.PCG64(7))
    own = np.arange(n)
    values = latent(behaviour, rng.standard_normal(n), (own, own), rng).values
    measured = np.corrcoef(values.T)[0, 1]
    assert abs(measured - rho) < 4 * (1 - rho**2) / np.sqrt(n)


def test_an_effect_has_its_two_standard_deviations() -> None:
    # The standard error of a standard deviation of n normals is sd / sqrt(2n).
    n = 40_000
    still = Effect(0.0, 0.0)
    behaviour = Behaviour(0.5, 0.5, still, still, Effect(0.2, 0.5, 0.6), 0.0, 0.0)
    drawn = latent(behaviour, np.zeros(n), (), np.random.Generator(np.random.PCG64(3)))
    assert np.all(np.abs(drawn.values.std(axis=0) / [0.2, 0.5] - 1) < 4 / np.sqrt(2 * n))
    assert np.all(np.abs(drawn.standard[0].std(axis=0) - 1) < 4 / np.sqrt(2 * n))


def test_stations_of_one_territory_share_its_effect_and_no_other() -> None:
    still = Effect(0.0, 0.0)
    behaviour = replace(Behaviour(), region=still, station=still, size_turnout=0.0, size_share=0.0)
    units = (np.array([0, 0, 0]), np.array([0, 0, 1]))
    values = latent(behaviour, np.zeros(3), units, np.random.Generator(np.random.PCG64(1))).values
    assert (values[0] == values[1]).all()
    assert (values[0] != values[2]).all()


def test_equal_sizes_have_no_size_effect() -> None:
    assert not standardised_log(np.array([900, 900, 900])).any()
