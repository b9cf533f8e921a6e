"""What the draws say of stations, votes and of nothing at all: classes, gains, and the Savage-Dickey ratio."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.nodes import EXTREME_FROM, Station
from tallyscope.forensics.core.mixture.posterior import Seen, seen
from tallyscope.forensics.core.mixture.sample import Draws
from tallyscope.forensics.core.mixture.shape import HONEST, Blocks, Shape

__all__ = ["Evidence", "evidence", "posterior_of_nothing"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Array = Any

#: Draws that are looked at, of all chains together.
_LOOKED_AT = 200
#: Shares of manipulated stations at which their conditional posterior is reckoned, on the logit scale.
_GRID = np.linspace(-16.0, 6.0, 111)


@dataclass(frozen=True, eq=False)
class Evidence:
    """All given that something may have been changed (the model without the spike).

    `incremental`, `extreme`: (stations,) posterior probabilities; `gain`: (stations,) expected votes gained;
    `votes`: (draws, places) votes gained in each place; `log_bayes_factor`: of nothing against something.
    """

    incremental: Floats
    extreme: Floats
    gain: Floats
    votes: Floats
    log_bayes_factor: float


def evidence(shape: Shape, data: Blocks, station: Station, draws: Draws, place: Ints, seed: int) -> Evidence:
    """Looks at every station under evenly spaced draws.

    `place`: (stations,) number of the place whose votes are added up. What was done to each station, and what its
    honest result was, is drawn in every one of them, so that the votes vary as they should.
    """
    stations, looked = place.size, np.linspace(0, draws.raw[..., 0].size - 1, _LOOKED_AT).astype(np.int64)
    raw, effects = (np.concatenate(list(x))[looked] for x in (draws.raw, draws.effects))
    filled = np.zeros((2, data.size.size), dtype=np.float32)
    filled[:, :stations] = station.registered, station.leader
    counts = jnp.asarray(filled)
    sums, votes, log_zero = (
        np.zeros((3, stations)),
        np.zeros((_LOOKED_AT, int(place.max()) + 1)),
        np.zeros(_LOOKED_AT),
    )
    for i, key in enumerate(jax.random.split(jax.random.PRNGKey(seed), _LOOKED_AT)):
        found, log_whole = _look(shape)(raw[i], effects[i], data, counts, key)
        of_stations = np.asarray(found, dtype=np.float64)[:, :stations]
        sums += of_stations
        votes[i] = np.bincount(place, weights=of_stations[2], minlength=votes.shape[1])
        log_zero[i] = -float(log_whole)
    incremental, extreme, gain = sums / _LOOKED_AT
    return Evidence(incremental, extreme, gain, votes, float(np.logaddexp.reduce(log_zero) - np.log(_LOOKED_AT)))


@cache
def _look(shape: Shape) -> Any:
    at = shape.order.index("manipulated")
    extreme = np.asarray(shape.low[HONEST:]) >= EXTREME_FROM - 1e-9

    def look(raw: Array, effects: Array, data: Blocks, counts: Array, key: Array) -> tuple[Array, Array]:
        by_row, by_honest = jax.random.split(key)
        got = seen(raw, effects, shape, data)
        chance = jax.nn.softmax(got.log_rows, axis=0)
        drawn = _draw_row(chance, by_row)
        gained = _gained(got, drawn, data, counts, by_honest)
        is_extreme = (chance[HONEST:] * extreme[:, None]).sum(axis=0)
        found = jnp.stack(
            [chance[HONEST:].sum(axis=0) - is_extreme, is_extreme, jnp.where(drawn < HONEST, 0.0, gained)]
        )
        return found, _log_whole(got.log_rows, raw[at])

    return jax.jit(look)


def _draw_row(chance: Array, key: Array) -> Array:
    """A row for every station, (stations,), from their chances, (rows, stations)."""
    threshold = jax.random.uniform(key, chance.shape[1:], dtype=chance.dtype)
    return jnp.minimum((threshold >= jnp.cumsum(chance, axis=0)).sum(axis=0), chance.shape[0] - 1)


def _gained(got: Seen, row: Array, data: Blocks, counts: Array, key: Array) -> Array:
    """Votes beyond those of an honest result drawn given the row, (stations,).

    The honest logits are normal: with A = S + V and d from the mean to the row's centre, of mean m + S A^-1 d and
    covariance S - S A^-1 S.
    """
    at = [
        jnp.take_along_axis(x.transpose(1, 0, 2).reshape(x.shape[1], -1), row[None], axis=0)[0] for x in data.rows
    ]
    s_uu, s_uv, s_vv = got.spread
    a, b, c = s_uu + at[2], s_uv + at[3], s_vv + at[4]
    det = a * c - b * b
    x, y = at[0] - got.means[0], at[1] - got.means[1]
    p, q = (c * x - b * y) / det, (a * y - b * x) / det
    # S A^-1, and the lower root of S - S A^-1 S.
    k_uu, k_uv = (s_uu * c - s_uv * b) / det, (s_uv * a - s_uu * b) / det
    k_vu, k_vv = (s_uv * c - s_vv * b) / det, (s_vv * a - s_uv * b) / det
    r_uu = jnp.maximum(s_uu - k_uu * s_uu - k_uv * s_uv, 1e-12)
    r_uv = s_uv - k_uu * s_uv - k_uv * s_vv
    r_vv = s_vv - k_vu * s_uv - k_vv * s_vv
    first, second = jax.random.normal(key, (2, *row.shape), dtype=a.dtype)
    root = jnp.sqrt(r_uu)
    u = got.means[0] + s_uu * p + s_uv * q + root * first
    v = got.means[1] + s_uv * p + s_vv * q + r_uv / root * first
    v += jnp.sqrt(jnp.maximum(r_vv - r_uv**2 / r_uu, 0.0)) * second
    registered, leader = counts
    return jnp.clip(leader - registered * jax.nn.sigmoid(u) * jax.nn.sigmoid(v), 0.0, leader)


def _log_whole(rows: Array, manipulated: Array) -> Array:
    """log of the integral over m from 0 to 1 of prod_i ((1 - m) clean_i + m changed_i) / clean_i.

    Its inverse is the density at m = 0 of the share of manipulated stations given all else, under a flat prior:
    with everything else drawn from the posterior, its mean is the Savage-Dickey ratio (Dickey 1971; in this form
    Verdinelli & Wasserman 1995), the Bayes factor of nothing against something.
    """
    clean = jax.nn.logsumexp(rows[:HONEST], axis=0) - jax.nn.log_sigmoid(-manipulated)
    changed = jax.nn.logsumexp(rows[HONEST:], axis=0) - jax.nn.log_sigmoid(manipulated)
    # Never so large that the product with m overflows in single precision.
    ratio = jnp.clip(changed - clean, -80.0, 80.0)

    def at(z: Array) -> Array:
        m = jax.nn.sigmoid(z).astype(ratio.dtype)
        return jnp.log1p(m * jnp.expm1(ratio)).sum(dtype=z.dtype) + jax.nn.log_sigmoid(z) + jax.nn.log_sigmoid(-z)

    logs = jax.lax.map(at, jnp.asarray(_GRID))
    step = _GRID[1] - _GRID[0]
    return jax.nn.logsumexp(logs) + np.log(step)


def posterior_of_nothing(log_bayes_factor: float, prior: float = 0.5) -> float:
    """The posterior probability of nothing, with this prior one."""
    log_odds = log_bayes_factor + np.log(prior) - np.log1p(-prior)
    return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -700.0, 700.0))))
