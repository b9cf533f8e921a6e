"""The shape of nu: moments, the mirrored country, edges, power and silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tallyscope
from made_returns import made_returns
from tallyscope.forensics.core.fingerprint_mirror import Deviations, deviations
from tallyscope.forensics.core.nu_shape import log_vote_rate, moments, nu_parts, through_noise
from tallyscope.forensics.nu_shape import nu_shape
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(clean_design("correlated", stations=12_000, regions=30), seed=2)


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=40))
@settings(max_examples=60, deadline=None)
def test_moments_are_scipys(values: list[float]) -> None:
    from scipy import stats

    x = np.array(values)
    if x.std() < 1e-6:
        assert moments(np.full(5, 2.0)).skewness == 0
        return
    assert moments(x).skewness == pytest.approx(float(stats.skew(x)), abs=1e-6)
    assert moments(x).excess_kurtosis == pytest.approx(float(stats.kurtosis(x)), abs=1e-6)


def test_nu_is_the_log_of_everybody_else_over_the_leaders_votes() -> None:
    nu = log_vote_rate(np.array([1000, 1000]), np.array([250, 0]))
    assert nu[0] == pytest.approx(np.log(3), abs=0.01)
    assert np.isfinite(nu[1])


def _drawn(seed: int) -> tuple[Deviations, np.ndarray]:
    rng = np.random.default_rng(seed)
    territory = np.repeat(np.arange(60), 40)
    voters = rng.integers(200, 2500, territory.size)
    cast = rng.binomial(voters, rng.beta(12, 8, territory.size))
    return deviations(voters, cast, rng.binomial(cast, rng.beta(6, 6, territory.size)), territory), territory


def test_noise_is_taken_away_as_four_plain_evaluations_say() -> None:
    d, _ = _drawn(1)

    def plain(t: np.ndarray, s: np.ndarray) -> np.ndarray:
        return t**2 * s

    fast = through_noise(plain, d)
    # E[(t + e)^2 (s + f)] - t^2 s = var(e) s, since the two noises have mean zero and are independent.
    assert np.allclose(fast, d.turnout**2 * d.share - d.noise_turnout * d.share, atol=1e-9)


def test_parts_of_the_mirrored_country_are_opposite() -> None:
    from dataclasses import replace

    d, territory = _drawn(2)
    back = replace(d, turnout=-d.turnout, share=-d.share, skew_turnout=-d.skew_turnout, skew_share=-d.skew_share)
    assert np.allclose(nu_parts(d, territory).part, -nu_parts(back, territory).part)


def test_stuffing_is_seen_and_a_clean_country_is_not(clean: Returns) -> None:
    silent = nu_shape(clean)
    assert silent.p_value is not None
    assert silent.p_value > 0.05
    stuffed, _ = stuffing.apply(clean, Site(share_of_stations=0.1), 0.10, 1)
    found = nu_shape(stuffed)
    assert found.p_value is not None
    assert found.p_value < 1e-6
    assert found.estimate is not None
    assert found.estimate.low > 0
    assert found.stations is not None
    assert found.stations.height == len(clean)


def test_a_clean_country_has_a_skewness_of_geography_that_is_told_and_not_tested(shared_data: Path) -> None:
    """Spain 2019: nu is skewed by regions, and leans, if at all, away from the leader within municipalities."""
    found = nu_shape(tallyscope.read(shared_data / "spain-2019apr-congress" / "mesas.csv.gz"))
    assert found.details["published"]["skewness"] > 0.5
    assert found.p_value is not None
    assert found.p_value > 0.5


@pytest.mark.parametrize("levels", [(), ("region",)])
def test_it_says_so_where_it_does_not_apply(levels: tuple[str, ...]) -> None:
    made = made_returns()
    found = nu_shape(Returns(made.table.drop([x for x in made.levels if x not in levels]), made.election))
    assert not found.applicable
    assert found.p_value is None
    assert found.summary.startswith("Does not apply")


def test_edges(clean: Returns) -> None:
    assert not nu_shape(Returns(clean.table.head(1), clean.election)).applicable
    alike = clean.table.with_columns(
        registered=pl.lit(1000), cast=pl.lit(600), **{c: pl.lit(120) for c in clean.votes_columns}
    )
    assert not nu_shape(Returns(alike, clean.election)).applicable
    none = {c: pl.col(c) * 0 for c in clean.votes_columns}
    assert not nu_shape(Returns(clean.table.with_columns(**none), clean.election)).applicable
