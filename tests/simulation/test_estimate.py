from __future__ import annotations

import numpy as np

from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.estimate import Nested, empirical_logit, nested_covariances, within_slope
from tallyscope.simulation.latent import latent
from tallyscope.simulation.like import usable
from tallyscope.simulation.like_voters import behaviour_of
from tallyscope.simulation.spec import Behaviour, CleanSpec, Effect


def balanced_anova(values: np.ndarray, regions: int, territories: int, stations: int) -> list[float]:
    """Variance components of one balanced nested response by the textbook's mean squares, without noise."""
    cube = values.reshape(regions, territories, stations)
    t, r, g = cube.mean(axis=2), cube.mean(axis=(1, 2)), cube.mean()
    within = ((cube - t[:, :, None]) ** 2).sum() / (regions * territories * (stations - 1))
    between_t = stations * ((t - r[:, None]) ** 2).sum() / (regions * (territories - 1))
    between_r = stations * territories * ((r - g) ** 2).sum() / (regions - 1)
    return [(between_r - between_t) / (stations * territories), (between_t - within) / stations, within]


def test_a_balanced_country_gives_the_textbook_mean_squares() -> None:
    regions, territories, stations = 7, 5, 9
    rng = np.random.Generator(np.random.PCG64(5))
    region = np.repeat(np.arange(regions), territories * stations)
    territory = np.repeat(np.arange(regions * territories), stations)
    values = rng.standard_normal(regions)[region] + rng.standard_normal(regions * territories)[territory]
    values = (values + rng.standard_normal(region.size))[:, None]
    fast = nested_covariances(values, np.zeros_like(values), Nested(region, territory))[:, 0, 0]
    np.testing.assert_allclose(fast, balanced_anova(values[:, 0], regions, territories, stations), rtol=1e-10)


def test_estimates_of_unbalanced_countries_are_unbiased() -> None:
    # 300 countries of uneven regions and territories with heteroscedastic noise: the mean of each entry of the
    # three matrices lies within four standard errors of the truth.
    behaviour = Behaviour(
        region=Effect(0.6, 0.5, 0.4), territory=Effect(0.4, 0.5, -0.3), station=Effect(0.5, 0.4, 0.2)
    )
    rng = np.random.Generator(np.random.PCG64(11))
    territory = np.repeat(np.arange(60), rng.integers(2, 12, 60))
    region = np.sort(rng.integers(0, 12, 60))[territory]
    region = np.unique(region, return_inverse=True)[1]
    noise = rng.uniform(0.01, 0.3, (territory.size, 2))
    drawn = []
    for _ in range(300):
        values = latent(behaviour, np.zeros(territory.size), (region, territory), rng).values
        values += np.sqrt(noise) * rng.standard_normal(noise.shape)
        drawn.append(nested_covariances(values, noise, Nested(region, territory)))
    truth = np.stack([e.covariance() for e in behaviour.effects])
    error = np.std(drawn, axis=0) / np.sqrt(len(drawn))
    assert np.all(np.abs(np.mean(drawn, axis=0) - truth) < 4 * error)


def test_a_level_that_does_not_exist_has_no_variance() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    values, nothing = rng.standard_normal((50, 2)), np.zeros(50, dtype=np.int64)
    of = nested_covariances(values, np.zeros((50, 2)), Nested(nothing, nothing))
    assert not of[0].any()
    assert not of[1].any()
    np.testing.assert_allclose(of[2], np.cov(values.T), rtol=1e-10)


def test_the_slope_on_size_is_that_within_territories() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    territory = np.repeat(np.arange(40), 5)
    size = rng.standard_normal(200) + 3 * rng.standard_normal(40)[territory]
    values = (0.7 * size + 10 * rng.standard_normal(40)[territory])[:, None]
    np.testing.assert_allclose(within_slope(values, size, territory), [0.7], rtol=1e-10)


def test_the_empirical_logit_of_nobody_and_of_everybody_is_finite_and_opposite() -> None:
    values, noise = empirical_logit(np.array([0, 50, 100]), np.array([100, 100, 100]))
    assert values[0] == -values[2]
    assert values[1] == 0
    assert noise[0] > noise[1]


def test_a_simulated_country_gives_back_what_it_was_drawn_with() -> None:
    # Eight countries; the mean of each estimate lies within four standard errors (of these eight) of the truth.
    spec = CleanSpec(stations=6000, regions=60)
    truth = spec.behaviour.with_correlation(0.47)
    spec = CleanSpec(stations=6000, regions=60, behaviour=truth)

    def figures(b: Behaviour) -> list[float]:
        spreads = [x for e in b.effects for x in (e.turnout, e.share)]
        return [b.correlation, b.station.correlation, b.size_turnout, b.size_share, b.turnout, b.share, *spreads]

    drawn = np.array([figures(behaviour_of(usable(clean_election(spec, seed)))) for seed in range(8)])
    error = drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
    assert np.all(np.abs(drawn.mean(axis=0) - figures(truth)) < 4 * error + 0.003)
