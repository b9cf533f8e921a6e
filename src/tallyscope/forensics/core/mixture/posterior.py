"""The posterior of the territorial mixture, classes and station effects summed and integrated out.

    (u, v)_i = mean of i's territory + size effects + N2(0, S);  atypical, honest, with probability e: N2(0, c^2 S)
    territory ~ N2(its region, S_t),  region ~ N2(mu, S_r)
    class of i: none 1 - m, incremental m (1 - f), extreme m f; in a part b of both with switching
    incremental x = |N(0, theta)| cut at .7 (Klimek et al. 2012);  extreme 1 - x = |N(0, .1)| cut at .3

(u, v) are the logits of honest turnout and of the leader's honest share. What a node makes of a station is normal
in (u, v) (`nodes`), so a station's likelihood is a weighted sum of normal densities (`kernel`). Written for JAX.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tallyscope.forensics.core.mixture.kernel import Rows, log_each, log_rows, log_slopes, log_sum
from tallyscope.forensics.core.mixture.nodes import EXTREME_FROM, EXTREME_SCALE
from tallyscope.forensics.core.mixture.parameters import constrained, log_prior
from tallyscope.forensics.core.mixture.shape import HONEST, Blocks, Shape

__all__ = [
    "Seen",
    "changed_weights",
    "effects_of",
    "honest",
    "level_root",
    "log_posterior",
    "lowest_means",
    "of_lowest",
    "of_stations",
    "seen",
    "unit_means",
]

Array = Any


def log_posterior(raw: Array, effects: Array, shape: Shape, data: Blocks) -> Array:
    """Log posterior density, but for a constant: `raw`: (globals,) unconstrained, `effects`: (effects,)."""
    g = constrained(raw, shape.order)
    means, prior = unit_means(g, effects, shape, data)
    likelihood = log_sum(_rows(g, shape), data.rows, _station_means(g, means, data))
    return likelihood + prior + log_prior(raw, shape.order)


class Seen(NamedTuple):
    """Given the parameters: log (weight x likelihood) of every row, (rows, stations); means of the stations' honest
    logits, (2, stations), and the covariance around them, (3,) as uu, uv, vv."""

    log_rows: Array
    means: Array
    spread: Array


def seen(raw: Array, effects: Array, shape: Shape, data: Blocks) -> Seen:
    """What the parameters say of the stations, and last of those that fill the last block up."""
    g = constrained(raw, shape.order)
    means = _station_means(g, unit_means(g, effects, shape, data)[0], data)
    rows = _rows(g, shape)
    density = log_rows(rows, data.rows, means)
    flat = density.transpose(1, 0, 2).reshape(density.shape[1], -1)
    return Seen(flat, means.transpose(1, 0, 2).reshape(2, -1), rows.spread)


def honest(raw: Array, effects: Array, shape: Shape, data: Blocks) -> tuple[Array, Array]:
    """Means of the stations' honest logits, (2, stations), and the covariance around them, (3,), as in `Seen`."""
    got = seen(raw, effects, shape, data)
    return got.means, got.spread


def unit_means(g: Mapping[str, Array], effects: Array, shape: Shape, data: Blocks) -> tuple[Array, Array]:
    """Means of the lowest level's units, (units, 2), and the log density of all effects."""
    _, means, prior = _descend(g, effects, shape, data)
    return means, prior


def lowest_means(g: Mapping[str, Array], effects: Array, shape: Shape, data: Blocks) -> tuple[Array, Array]:
    """Of the lowest level's units, (units, 2) each: the means of the units above them, and their own."""
    return _descend(g, effects, shape, data)[:2]


def of_stations(g: Mapping[str, Array], means: Array, shape: Shape, data: Blocks) -> tuple[Array, Array]:
    """With these means of the lowest level's units, (units, 2), each station's log likelihood, (blocks, block), and
    its gradient by its unit's mean, (blocks, 2, block)."""
    return log_slopes(_rows(g, shape), data.rows, _station_means(g, means, data))


def of_lowest(g: Mapping[str, Array], above: Array, means: Array, shape: Shape, data: Blocks) -> Array:
    """Given all else, the log density of the mean of each unit of the lowest level but for a constant, (units,).

    `above`, `means`: as from `lowest_means`."""
    each = log_each(_rows(g, shape), data.rows, _station_means(g, means, data))
    likelihood = jnp.zeros(len(means), means.dtype).at[data.unit.ravel()].add(each.ravel().astype(means.dtype))
    away = jax.scipy.linalg.solve_triangular(level_root(g, shape.levels[-1].name), (means - above).T, lower=True)
    return likelihood - 0.5 * (away**2).sum(axis=0)


def effects_of(g: Mapping[str, Array], above: Array, means: Array, shape: Shape) -> Array:
    """The effects of the lowest level's units that give these means, (units, 2)."""
    level = shape.levels[-1]
    if level.centred:
        return means
    return jax.scipy.linalg.solve_triangular(level_root(g, level.name), (means - above).T, lower=True).T


def level_root(g: Mapping[str, Array], level: str) -> Array:
    """The lower root of the covariance of a level's units, (2, 2)."""
    su, sv, rho = (g[f"{level}_{what}"] for what in ("sd_turnout", "sd_share", "correlation"))
    return jnp.array([[su, 0.0], [sv * rho, sv * jnp.sqrt(1.0 - rho**2)]])


def _descend(g: Mapping[str, Array], effects: Array, shape: Shape, data: Blocks) -> tuple[Array, Array, Array]:
    """From the whole down to the lowest level: means of the units above it, of its own, log density of effects."""
    means = jnp.stack([g["mu_turnout"], g["mu_share"]])[None, :]
    above = means
    prior, start = jnp.zeros((), effects.dtype), 0
    for level, parent in zip(shape.levels, data.parents, strict=True):
        own = effects[start : start + 2 * level.units].reshape(level.units, 2)
        start += 2 * level.units
        su, sv = g[f"{level.name}_sd_turnout"], g[f"{level.name}_sd_share"]
        rho = g[f"{level.name}_correlation"]
        rest = jnp.sqrt(1.0 - rho**2)
        above = means[parent]
        if level.centred:
            first = (own[:, 0] - above[:, 0]) / su
            second = ((own[:, 1] - above[:, 1]) / sv - rho * first) / rest
            prior -= 0.5 * (first**2 + second**2).sum() + level.units * jnp.log(su * sv * rest)
            means = own
        else:
            prior -= 0.5 * (own**2).sum()
            away = jnp.stack([su * own[:, 0], sv * (rho * own[:, 0] + rest * own[:, 1])], axis=1)
            means = above + away
    return above, means, prior


def _station_means(g: Mapping[str, Array], means: Array, data: Blocks) -> Array:
    """(blocks, 2, block) single precision."""
    narrow = data.size.dtype
    unit = means.astype(narrow)[data.unit]
    square = data.size**2 - 1.0
    slopes = {k: v.astype(narrow) for k, v in g.items() if k.startswith("size")}
    m_u = unit[..., 0] + slopes["size_turnout"] * data.size + slopes["size2_turnout"] * square
    m_v = unit[..., 1] + slopes["size_share"] * data.size + slopes["size2_share"] * square
    return jnp.stack([m_u, m_v], axis=1)


def _rows(g: Mapping[str, Array], shape: Shape) -> Rows:
    su, sv = g["sd_turnout"], g["sd_share"]
    spread = jnp.stack([su**2, g["correlation"] * su * sv, sv**2])
    scale = jnp.ones(len(shape.low), spread.dtype).at[1].set(g["atypical_scale"] ** 2)
    m, e = g["manipulated"], g["atypical"]
    honest = (1 - m) * jnp.stack([1 - e, e])
    weight = jnp.concatenate([honest, m * changed_weights(g, shape)])
    return Rows(*(one.astype(jnp.float32) for one in (spread, scale, jnp.log(jnp.maximum(weight, 1e-20)))))


def changed_weights(g: Mapping[str, Array], shape: Shape) -> Array:
    """The chance of each row but the honest ones, given that a station was changed, (rows - 2,)."""
    low, high, r = (np.asarray(one[HONEST:]) for one in (shape.low, shape.high, shape.r))
    theta = g["theta"]
    incremental = (_half(high / theta) - _half(low / theta)) / _half(EXTREME_FROM / theta)
    left = _half((1.0 - low) / EXTREME_SCALE) - _half((1.0 - high) / EXTREME_SCALE)
    extreme = left / _half((1.0 - EXTREME_FROM) / EXTREME_SCALE)
    amount = jnp.where(low >= EXTREME_FROM - 1e-9, g["extreme"] * extreme, (1.0 - g["extreme"]) * incremental)
    return amount * jnp.where(r > 0, g["switching"], 1.0 - g["switching"])


def _half(x: Array) -> Array:
    """P(|N(0, 1)| < x)."""
    return jax.scipy.special.erf(x / np.sqrt(2.0))
