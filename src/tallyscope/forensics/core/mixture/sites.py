"""What each station says of its honest logits under each manipulation, by moments: exact where the model stands.

Where the honest logits (u, v) of a station are N2(m, S), a node's likelihood of its counts has an integral Z, and
the logits given the counts have a mean and a covariance. The normal likelihood with these three (a "site" of
expectation propagation, Minka 2001) gives the exact log Z at (m, S) and its exact slope. The approximation by
derivatives (`nodes.pseudo_data`) misses them where few abstainers are left, or honest rates lie near 0 or 1.
Integrals are by Gauss-Hermite quadrature laid around the moments (Naylor & Smith 1982). Written for JAX.
"""

from __future__ import annotations

import math
from functools import cache, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from tallyscope.forensics.core.mixture.nodes import EXTREME_FROM, EXTREME_SCALE, Grid, PseudoData, Station

__all__ = ["sites"]

Floats = npt.NDArray[np.float64]
Array = Any

#: Points along each logit, in every round but the last and in that; points within a bin of x.
_ROUNDS, _INSIDE = (5, 5, 5, 5, 7), 8
#: Points are laid for spreads somewhat wider than the moments say, so that a tail is not overlooked.
_WIDER = 1.15
#: A station tells at least this much of its logits, in units of what S tells.
_LEAST_KNOWN = 0.01
#: And so much that no site is centred much farther off than this, in spreads of S.
_FARTHEST = 10.0
#: Sites are told of stations whose logits under the node lie no farther from the model than this, in spreads of S.
_NEAR = 6.0
_CHUNK = 2048
_IMPOSSIBLE = -1e4


def sites(station: Station, nodes: Grid, rough: PseudoData, means: Floats, spread: Floats) -> PseudoData:
    """The sites of every node and station. `rough`: where to look first; `means`: (stations, 2) m; `spread`: S.

    Constants are as in `nodes.pseudo_data`: logs of densities of the counts over N^2.
    """
    count = station.registered.size
    root = np.asarray(np.linalg.cholesky(spread), dtype=np.float64)
    filled = -count % min(_CHUNK, count)
    rows = np.concatenate([np.arange(count), np.zeros(filled, dtype=np.int64)])
    counts = np.stack([station.abstain, station.other, station.leader]).astype(np.float64)
    log_count = _log_count(counts)
    of_counts = np.concatenate([counts, _log_parts(counts), means.T])
    found = np.empty((7, nodes.s.size, count))
    for k in range(nodes.s.size):
        left, log_weight = _inside(nodes, k)
        first = _first(rough, nodes, k, means, root)
        wide = np.concatenate([of_counts, first])[:, rows].astype(np.float32)
        chunks = wide.reshape(wide.shape[0], -1, min(_CHUNK, count)).transpose(1, 0, 2)
        given = (np.float32(one) for one in (left, log_weight, nodes.r[k], root))
        answer = np.asarray(_compiled()(chunks, *given), dtype=np.float64)
        found[:, k] = answer.transpose(1, 0, 2).reshape(7, -1)[:, :count]
    found[5] = np.maximum(found[5] + log_count, _IMPOSSIBLE)
    # A site is a straight line laid to a curve: far from where the model stands it would promise what no station
    # can give, and the derivatives, which look at the counts alone, are the better guide.
    instead = [getattr(rough, name)[: nodes.s.size] for name in ("u", "v", "uu", "uv", "vv", "log_constant")]
    return PseudoData(*np.where(found[6] <= _NEAR**2, found[:6], instead))


def _log_parts(counts: Floats) -> Floats:
    """The logs of each count's part of all, 0 for none, (3, stations): likelihoods are told beside the greatest
    one, so that single precision is enough for them."""
    return np.asarray(np.log(np.where(counts > 0.0, counts / counts.sum(axis=0), 1.0)))


def _log_count(counts: Floats) -> Floats:
    """log of N^2 times the greatest probability of these counts, (stations,)."""
    n = counts.sum(axis=0)
    log_coefficient = gammaln(n + 1.0) - gammaln(counts + 1.0).sum(axis=0)
    return np.asarray(log_coefficient + (counts * _log_parts(counts)).sum(axis=0) + 2.0 * np.log(n))


def _inside(nodes: Grid, k: int) -> tuple[Floats, Floats]:
    """Points 1 - x within a node's bin, and their log weights; extreme bins keep the slope of their density."""
    at, weight = np.polynomial.legendre.leggauss(_INSIDE)
    left = 1.0 - nodes.low[k] - (nodes.high[k] - nodes.low[k]) * (at + 1.0) / 2.0
    if nodes.low[k] >= EXTREME_FROM - 1e-9:
        weight = weight * np.exp(-0.5 * (left / EXTREME_SCALE) ** 2)
    return left, np.log(weight / weight.sum())


def _first(rough: PseudoData, nodes: Grid, k: int, means: Floats, root: Floats) -> Floats:
    """Mean and covariance, (5, stations), of the whitened logits as the rough site has them."""
    inverse = np.linalg.inv(root)
    centre = inverse @ (np.stack([rough.u[k], rough.v[k]]) - means.T)
    own = np.array([[rough.uu[k], rough.uv[k]], [rough.uv[k], rough.vv[k]]]).transpose(2, 0, 1)
    # The further a rough site lies from the model, the less its straight lines are to be trusted.
    astray = (centre**2).sum(axis=0) / 4.0 if nodes.high[k] > 0.0 else np.zeros(own.shape[0])
    own = inverse @ own @ inverse.T * (1.0 + astray)[:, None, None]
    possible = np.isfinite(rough.log_constant[k])
    precision = np.where(possible[:, None, None], np.linalg.inv(own), 0.0)
    covariance = np.linalg.inv(np.eye(2) + precision)
    mean = np.einsum("ijk,ikl,li->ji", covariance, precision, np.where(possible, centre, 0.0))
    return np.concatenate([mean, [covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]]])


@cache
def _compiled() -> Any:
    def one(chunk: Array, left: Array, log_weight: Array, r: Array, root: Array) -> Array:
        given = chunk, left, log_weight, r, root
        blank = jnp.zeros_like(chunk[:1])
        near = _moments(*given, chunk[8:10], chunk[10:13], _ROUNDS[0])
        # Where the rough site is astray, more of the integral is found around the model's own mean.
        start = jnp.concatenate([blank, blank]), jnp.concatenate([blank + 1.0, blank, blank + 1.0])
        own = _moments(*given, *start, _ROUNDS[0])
        log_z, mean, covariance = (jnp.where(near[0] >= own[0], x, y) for x, y in zip(near, own, strict=True))
        for points in _ROUNDS[1:]:
            log_z, mean, covariance = _moments(*given, mean, covariance, points)
        return _site(chunk[6:8], root, log_z, mean, covariance)

    def every(chunks: Array, *rest: Array) -> Array:
        return jax.lax.map(lambda chunk: one(chunk, *rest), chunks)

    return jax.jit(every)


def _moments(
    chunk: Array, left: Array, log_weight: Array, r: Array, root: Array, mean: Array, covariance: Array, points: int
) -> tuple[Array, Array, Array]:
    """log Z and the moments of the whitened logits, from points laid around `mean` and `covariance`."""
    first, second, log_rule = _rule(points)
    a11 = _WIDER * jnp.sqrt(covariance[0])
    a21 = _WIDER**2 * covariance[1] / a11
    a22 = jnp.sqrt(jnp.maximum(_WIDER**2 * covariance[2] - a21**2, 1e-10))
    z1 = mean[0][:, None] + a11[:, None] * first
    z2 = mean[1][:, None] + a21[:, None] * first + a22[:, None] * second
    u = chunk[6][:, None] + root[0, 0] * z1
    v = chunk[7][:, None] + root[1, 0] * z1 + root[1, 1] * z2
    log = _log_likelihood(chunk[:6], u, v, left, log_weight, r) - 0.5 * (z1**2 + z2**2) - math.log(2.0 * math.pi)
    log = log + log_rule + jnp.log(a11 * a22)[:, None]
    log_z = jax.nn.logsumexp(log, axis=1)
    share = jnp.exp(log - log_z[:, None])
    m1, m2 = (share * z1).sum(axis=1), (share * z2).sum(axis=1)
    d1, d2 = z1 - m1[:, None], z2 - m2[:, None]
    # A spread cannot be told finer than the points lie, nor while they are still on their way.
    least = 0.02 * a11**2 + 0.25 * (m1 - mean[0]) ** 2, 0.02 * a22**2 + 0.25 * (m2 - mean[1]) ** 2
    c11 = jnp.maximum((share * d1 * d1).sum(axis=1), least[0])
    c22 = jnp.maximum((share * d2 * d2).sum(axis=1), least[1])
    bound = 0.98 * jnp.sqrt(c11 * c22)
    c12 = jnp.clip((share * d1 * d2).sum(axis=1), -bound, bound)
    return log_z, jnp.stack([m1, m2]), jnp.stack([c11, c12, c22])


@cache
def _rule(points: int) -> tuple[npt.NDArray[np.float32], ...]:
    """Places along both whitened logits and log weights over the standard normal density, (points^2,) each."""
    point, weight = np.polynomial.hermite_e.hermegauss(points)
    first, second = (p.ravel() for p in np.meshgrid(point, point, indexing="ij"))
    log_rule = np.log(np.outer(weight, weight).ravel()) + 0.5 * (first**2 + second**2)
    return tuple(one.astype(np.float32) for one in (first, second, log_rule))


def _log_likelihood(counts: Array, u: Array, v: Array, left: Array, log_weight: Array, r: Array) -> Array:
    """log P(a, o, w | u, v, bin) less that of the likeliest honest rates, (stations, points)."""
    a, o, w, part_a, part_o, part_w = (c[:, None] for c in counts)
    log_abstain, log_other = jax.nn.log_sigmoid(-u), jax.nn.log_sigmoid(u) + jax.nn.log_sigmoid(-v)
    abstain, other = jnp.exp(log_abstain), jnp.exp(log_other)
    honest = jnp.exp(jax.nn.log_sigmoid(u) + jax.nn.log_sigmoid(v))

    def at(y: Array, log_w: Array) -> Array:
        leader = honest + abstain * (1.0 - y) + other * (1.0 - y**r)
        return log_w + (a + r * o) * jnp.log(y) + w * (jnp.log(jnp.maximum(leader, 1e-30)) - part_w)

    inside = [at(left[i], log_weight[i]) for i in range(_INSIDE)]
    top = reduce(jnp.maximum, inside)
    whole = top + jnp.log(sum(jnp.exp(one - top) for one in inside))
    return a * (log_abstain - part_a) + o * (log_other - part_o) + whole


def _site(means: Array, root: Array, log_z: Array, mean: Array, covariance: Array) -> Array:
    """u, v, uu, uv, vv, log constant, (7, stations): the normal likelihood of these moments under N2(m, S).

    The last one is the squared distance of the mean from m in spreads of S.
    """
    half, difference = (covariance[0] + covariance[2]) / 2.0, (covariance[0] - covariance[2]) / 2.0
    away = jnp.sqrt(difference**2 + covariance[1] ** 2)
    turn = 0.5 * jnp.arctan2(covariance[1], difference)
    cos, sin = jnp.cos(turn), jnp.sin(turn)
    along = cos * mean[0] + sin * mean[1], cos * mean[1] - sin * mean[0]
    known = [
        jnp.maximum(1.0 / c - 1.0, jnp.maximum(_LEAST_KNOWN, jnp.abs(m) / _FARTHEST))
        for c, m in zip((half + away, jnp.maximum(half - away, 1e-8)), along, strict=True)
    ]
    centre = [m * (1.0 + k) / k for m, k in zip(along, known, strict=True)]
    z1, z2 = cos * centre[0] - sin * centre[1], sin * centre[0] + cos * centre[1]
    k1, k2 = 1.0 / known[0], 1.0 / known[1]
    v11, v12, v22 = cos**2 * k1 + sin**2 * k2, cos * sin * (k1 - k2), sin**2 * k1 + cos**2 * k2
    a, b, c = root[0, 0], root[1, 0], root[1, 1]
    log_height = -math.log(2.0 * math.pi) - jnp.log(a * c)
    for one, k in zip(centre, (k1, k2), strict=True):
        log_height = log_height - 0.5 * jnp.log1p(k) - 0.5 * one**2 / (1.0 + k)
    return jnp.stack(
        [
            means[0] + a * z1,
            means[1] + b * z1 + c * z2,
            a**2 * v11,
            a * (b * v11 + c * v12),
            b**2 * v11 + 2.0 * b * c * v12 + c**2 * v22,
            log_z - log_height,
            mean[0] ** 2 + mean[1] ** 2,
        ]
    )
