"""Modes of places, and jumps between them, against densities summed on a grid; needs the extra `bayes`."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

jax = pytest.importorskip("jax")
pytest.importorskip("numpyro")

from tallyscope.forensics.core.mixture.fit import Places, prepare  # noqa: E402
from tallyscope.forensics.core.mixture.jumps import jump, on_device  # noqa: E402
from tallyscope.forensics.core.mixture.modes import modes, moved  # noqa: E402
from tallyscope.forensics.core.mixture.nodes import Station  # noqa: E402
from tallyscope.forensics.core.mixture.parameters import constrained  # noqa: E402
from tallyscope.forensics.core.mixture.posterior import log_posterior, lowest_means, of_lowest  # noqa: E402
from tallyscope.forensics.core.mixture.shape import Level, blocks, shape_of  # noqa: E402

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
