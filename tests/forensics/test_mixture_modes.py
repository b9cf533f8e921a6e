"""Modes of places, and jumps between them, against densities summed on a grid; needs the extra `bayes`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

jax = pytest.importorskip("jax")
pytest.importorskip("numpyro")

from numpyro.diagnostics import effective_sample_size  # noqa: E402

from tallyscope.forensics.core.mixture.curvature import information  # noqa: E402
from tallyscope.forensics.core.mixture.fit import Places, prepare  # noqa: E402
from tallyscope.forensics.core.mixture.generate import generate  # noqa: E402
from tallyscope.forensics.core.mixture.jumps import jump, on_device  # noqa: E402
from tallyscope.forensics.core.mixture.modes import modes, moved  # noqa: E402
from tallyscope.forensics.core.mixture.nodes import Station  # noqa: E402
from tallyscope.forensics.core.mixture.parameters import constrained  # noqa: E402
from tallyscope.forensics.core.mixture.posterior import log_posterior, lowest_means, of_lowest  # noqa: E402
from tallyscope.forensics.core.mixture.sample import Effort, draw  # noqa: E402
from tallyscope.forensics.core.mixture.shape import Level, blocks, shape_of  # noqa: E402
from tallyscope.forensics.core.mixture.weighing import located  # noqa: E402

#: Regions: an ordinary one, one of high turnout, one of a single station that nearly everybody came to.
REGION = np.array([0, 0, 0, 1, 1, 2])
STATION = Station(
    np.array([400, 410, 390, 330, 350, 90]),
    np.array([300, 290, 310, 130, 110, 100]),
    np.array([300, 300, 300, 540, 540, 810]),
)
PLAIN, HIGH, FULL = range(3)
AT = {
    "mu_turnout": 0.4, "mu_share": 0.0, "size_turnout": 0.0, "size_share": 0.0, "size2_turnout": 0.0,
    "size2_share": 0.0, "sd_turnout": np.log(0.1), "sd_share": np.log(0.1), "correlation": 0.0,
    "region_sd_turnout": np.log(0.6), "region_sd_share": np.log(0.6), "region_correlation": 0.2,
    "manipulated": logit(0.03), "extreme": logit(0.2), "switching": logit(0.1), "theta": 0.5,
    "atypical": logit(0.01), "atypical_scale": 0.0,
}  # fmt: skip


@cache
def problem(centred: bool) -> Any:
    """Shape, data, parameters, effects, and the compiled log densities of units by their means, (units, 2)."""
    with jax.enable_x64(True):
        stations = prepare(STATION, Places(("region",), (REGION,), REGION))
        shape, data = shape_of(stations.nodes, (Level("region", 3, centred),)), blocks(stations)
        raw = np.array([AT[name] for name in shape.order])
        effects = np.array([0.4, 0.0, 0.7, 0.8, 2.0, 2.0]) if centred else np.zeros(6)
        g = constrained(raw, shape.order)
        above = lowest_means(g, effects, shape, data)[0]
        density = jax.jit(lambda means: of_lowest(g, above, means, shape, data))
        return shape, data, raw, effects, density


@cache
def gridded(centred: bool) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Places on a grid, (points, 2), and the log densities of all three units there, (points, 3)."""
    density = problem(centred)[-1]
    axis = np.linspace(-2.5, 3.5, 121)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    with jax.enable_x64(True):
        return points, np.stack([np.asarray(density(np.tile(p, (3, 1)))) for p in points])


def test_the_density_of_a_unit_is_the_posterior_but_for_what_does_not_depend_on_it() -> None:
    shape, data, raw, effects, density = problem(centred=True)
    other = effects + np.array([0.3, -0.2, 0.0, 0.0, -0.5, 0.1])
    with jax.enable_x64(True):
        whole = float(log_posterior(raw, other, shape, data) - log_posterior(raw, effects, shape, data))
        parts = float((density(other.reshape(3, 2)) - density(effects.reshape(3, 2))).sum())
    assert parts == pytest.approx(whole, abs=2e-3)


@pytest.mark.parametrize("centred", [True, False])
def test_the_best_mode_is_the_highest_place_of_a_grid(centred: bool) -> None:
    shape, data, raw, effects, density = problem(centred)
    log = gridded(centred)[1]
    with jax.enable_x64(True):
        found = modes(shape, data, raw, effects)
        heights = np.stack([np.asarray(density(c)) for c in found.centre])
        at_best = moved(shape, data, raw, effects, found)
        means = np.asarray(lowest_means(constrained(raw, shape.order), at_best, shape, data)[1])
    np.testing.assert_allclose(means, found.centre[0], atol=1e-6)
    real = found.log_weight > -1e29
    assert np.all(real[0])
    # A grid of steps of .05 comes within a step of the mode, and lies no higher than it.
    assert np.all(heights.max(axis=0) >= log.max(axis=0) - 1e-3)
    assert np.all(heights.max(axis=0) <= log.max(axis=0) + 1.0)
    assert np.all(found.log_weight <= 0)


def test_a_full_station_may_be_an_honest_one_or_one_that_votes_were_added_to() -> None:
    shape, data, raw, effects, _ = problem(centred=True)
    with jax.enable_x64(True):
        found = modes(shape, data, raw, effects)
    kept = found.centre[:, FULL][found.log_weight[:, FULL] > -1e29]
    assert len(kept) >= 2
    honest, changed = kept[:, 0].max(), kept[:, 0].min()
    assert honest == pytest.approx(logit(0.91), abs=0.3)
    assert changed < 1.0
    assert (found.log_weight[:, PLAIN] > -1e29).sum() == 1


@pytest.mark.parametrize("centred", [True, False])
def test_jumps_alone_draw_from_the_density_of_every_unit(centred: bool) -> None:
    shape, data, raw, effects, _ = problem(centred)
    points, log = gridded(centred)
    share = np.exp(log - log.max(axis=0))
    share /= share.sum(axis=0)
    with jax.enable_x64(True):
        between = on_device(modes(shape, data, raw, effects))

        def further(at: Any, key: Any) -> Any:
            at = at + jump(key, raw, at, shape, data, between).ravel()
            return at, at

        draws = 20_000
        every = jax.jit(lambda keys: jax.lax.scan(further, effects, keys)[1])
        drawn = np.asarray(every(jax.random.split(jax.random.PRNGKey(5), draws)))[500:]
        g = constrained(raw, shape.order)
        means = jax.jit(jax.vmap(lambda e: lowest_means(g, e, shape, data)[1]))
        drawn = np.asarray(means(drawn))
    for unit in (PLAIN, HIGH, FULL):
        expected = share[:, unit] @ points
        spread = np.sqrt(share[:, unit] @ (points - expected) ** 2)
        moved_at = np.mean(np.any(np.diff(drawn[:, unit], axis=0) != 0, axis=1))
        assert moved_at > 0.2, unit
        assert drawn[:, unit].mean(axis=0) == pytest.approx(expected, abs=0.1 * spread.max()), unit
        assert drawn[:, unit].std(axis=0) == pytest.approx(spread, rel=0.1), unit
    # Both modes of the full station are drawn as often as they weigh.
    honest = (points[:, 0] > 1.6) @ share[:, FULL]
    assert 0.02 < honest < 0.98
    assert (drawn[:, FULL, 0] > 1.6).mean() == pytest.approx(honest, abs=0.04)


def test_trajectories_of_a_quarter_turn_rehearsed_or_not_draw_what_the_no_u_turn_sampler_draws() -> None:
    stations = _country()
    with jax.enable_x64(True):
        shape, data, found = located(stations, ("region",), 0)
        # Coordinates of a fifth of the spreads: steps so short that without a rehearsal they lead nowhere.
        narrow = replace(found.coordinates, own=found.coordinates.own / 5.0)
        quartiles, effective = [], []
        for along, effort in (
            (found.coordinates, Effort(2, 100, 400)),
            (found.coordinates, Effort(2, 100, 400, nuts=False)),
            (narrow, Effort(2, 100, 400, nuts=False, rehearsed=150)),
            (narrow, Effort(2, 100, 400, nuts=False)),
        ):
            drawn = draw(shape, data, along, effort, 1, found.modes)
            quartiles.append(np.quantile(drawn.raw.reshape(-1, len(shape.order)), [0.25, 0.5, 0.75], axis=0))
            effective.append(np.median(effective_sample_size(drawn.raw)))
    # Of 800 draws a quartile is known to a twentieth of what lies between the outer two, or two.
    between = quartiles[0][2] - quartiles[0][0]
    assert np.all(np.abs(quartiles[1] - quartiles[0]) < 0.25 * between)
    assert np.all(np.abs(quartiles[2] - quartiles[0]) < 0.35 * between)
    assert effective[2] > 3.0 * effective[3]


def _country() -> Any:
    """Eight regions of twenty stations, a fifth of which have ballots added."""
    rng = np.random.default_rng(8)
    region, voters = np.arange(160) % 8, rng.integers(300, 2_500, 160)
    values = {
        "mu_turnout": 0.4, "mu_share": 0.1, "size_turnout": -0.1, "size_share": 0.0, "size2_turnout": 0.0,
        "size2_share": 0.0, "sd_turnout": 0.25, "sd_share": 0.3, "correlation": 0.2, "region_sd_turnout": 0.2,
        "region_sd_share": 0.2, "region_correlation": 0.3, "manipulated": 0.2, "extreme": 0.2, "switching": 0.3,
        "theta": 0.4, "atypical": 0.05, "atypical_scale": 2.5,
    }  # fmt: skip
    with jax.enable_x64(True):
        drawn = generate(values, voters, (("region", region),), rng)
        return prepare(drawn.station, Places(("region",), (region,), region))


def test_the_information_of_a_pair_is_what_estimates_of_many_pairs_vary_by() -> None:
    rng, rho, pairs = np.random.default_rng(0), 0.7, 400
    drawn = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], (2_000, pairs))
    seen = np.einsum("npi,npj->nij", drawn, drawn) / pairs
    logs = 0.5 * np.log(seen[:, [0, 1], [0, 1]])
    z = np.arctanh(seen[:, 0, 1] / np.sqrt(seen[:, 0, 0] * seen[:, 1, 1]))
    expected = np.linalg.inv(information(np.arctanh(rho)))
    np.testing.assert_allclose(pairs * np.cov(np.column_stack([logs, z]).T), expected, atol=0.08)
