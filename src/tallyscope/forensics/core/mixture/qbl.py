"""The published mixture (Mebane; R package eforensics, "qbl") with latent classes and station effects summed out.

For a station of N voters, a abstainers and w votes of the leader, k = .7, L the logistic function:

    logit tau ~ N(mu_t, s_t^2), logit nu ~ N(mu_n, s_n^2);  iota = k L(.), chi = k + (1 - k) L(.), each for m and s
    Z ~ pi, of none, incremental, extreme;  a ~ Bin(N, (1 - tau) (1, 1 - iota_m, 1 - chi_m)[Z]),  w ~ Bin(N, P_Z)
    P_1 = nu (1 - a/N)
    P_2 = nu (1 - iota_s) / (1 - iota_m) (1 - iota_m - a/N) + (a/N) (iota_m - iota_s) / (1 - iota_m) + iota_s
    P_3 = the same with chi

Every probability is const + slope L(x) with one normal x, so each class is a product of two one-dimensional
integrals, done by adaptive Gauss-Hermite quadrature (Liu & Pierce 1994). The prior of pi is flat: unlike the
reference implementation's it does not force the class "none" to be the largest. Written for JAX.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["QBL", "K", "class_terms", "log_posterior", "qbl_values"]

Array = Any

K = 0.7
_NODES = 5
_POINTS, _WEIGHTS = np.polynomial.hermite.hermgauss(_NODES)
_AWAY = (np.sqrt(2.0) * _POINTS).astype(np.float32)
_LOG_WEIGHTS = (np.log(_WEIGHTS) + _POINTS**2).astype(np.float32)
_NEWTON = 6
_HALF_LOG_PI = 0.5 * float(np.log(np.pi))
_EDGE = 1e-6

#: The unconstrained parameters in order; priors are normal (mean, sd), that of pi flat on the simplex.
QBL = {
    "mu_turnout": (0.5, 1.0),
    "mu_share": (0.0, 1.0),
    "sd_turnout": (-1.0, 0.7),
    "sd_share": (-1.0, 0.7),
    "iota_m": (0.0, 1.0),
    "iota_s": (0.0, 1.0),
    "chi_m": (0.0, 1.0),
    "chi_s": (0.0, 1.0),
    "changed": (0.0, 0.0),
    "extreme": (0.0, 0.0),
}


def qbl_values(raw: Array) -> dict[str, Array]:
    """Parameters on their own scales; pi from the share of changed stations and of extreme ones among them."""
    x = dict(zip(QBL, jnp.moveaxis(raw, -1, 0), strict=True))
    out = {"mu_turnout": x["mu_turnout"], "mu_share": x["mu_share"]}
    out |= {name: jnp.exp(x[name]) for name in ("sd_turnout", "sd_share")}
    out |= {name: K * jax.nn.sigmoid(x[name]) for name in ("iota_m", "iota_s")}
    out |= {name: K + (1 - K) * jax.nn.sigmoid(x[name]) for name in ("chi_m", "chi_s")}
    changed, extreme = jax.nn.sigmoid(x["changed"]), jax.nn.sigmoid(x["extreme"])
    return out | {
        "pi_none": 1 - changed,
        "pi_incremental": changed * (1 - extreme),
        "pi_extreme": changed * extreme,
    }


def log_posterior(raw: Array, n: Array, a: Array, w: Array) -> Array:
    """Log posterior, but for a constant. `raw`: (parameters,); voters, abstainers, leader's votes: (stations,)."""
    # Each station in single precision, which is enough for it and twice as fast; their sum in double.
    narrow = {name: value.astype(n.dtype) for name, value in qbl_values(raw).items()}
    total = jax.nn.logsumexp(class_terms(narrow, n, a, w), axis=0).sum(dtype=raw.dtype)
    for i, (name, (mean, sd)) in enumerate(QBL.items()):
        if name == "changed":
            # A flat Dirichlet is Beta(2, 1) on the share of changed stations times Beta(1, 1) on the extreme ones.
            total += 2 * jax.nn.log_sigmoid(raw[i]) + jax.nn.log_sigmoid(-raw[i])
        elif name == "extreme":
            total += jax.nn.log_sigmoid(raw[i]) + jax.nn.log_sigmoid(-raw[i])
        else:
            total -= 0.5 * ((raw[i] - mean) / sd) ** 2
    return total


def class_terms(g: dict[str, Array], n: Array, a: Array, w: Array) -> Array:
    """log pi_Z P(a | Z) P(w | a, Z), (3, stations), but for the binomial coefficients, which all classes share."""
    rate = a / n
    zero = jnp.zeros((), n.dtype)
    terms = []
    for weight, m, s in (
        (g["pi_none"], zero, zero),
        (g["pi_incremental"], g["iota_m"], g["iota_s"]),
        (g["pi_extreme"], g["chi_m"], g["chi_s"]),
    ):
        slope = (1 - s) / (1 - m) * (1 - m - rate)
        const = rate * (m - s) / (1 - m) + s
        of_a = _log_integral(a, n, zero, 1 - m, -g["mu_turnout"], g["sd_turnout"])
        of_w = _log_integral(w, n, const, slope, g["mu_share"], g["sd_share"])
        terms.append(jnp.log(jnp.maximum(weight, 1e-30)) + of_a + of_w)
    return jnp.stack(terms)


def _log_integral(k: Array, n: Array, const: Array, slope: Array, mean: Array, sd: Array) -> Array:
    """log of the integral of p^k (1 - p)^(n - k) N(x; mean, sd^2) dx, p = const + slope L(x), (stations,).

    Nodes lie around the mode, found by Fisher scoring. Their place has no bearing on the integral, so that no
    gradient is carried through it.
    """
    fixed = jax.lax.stop_gradient((const, slope, mean, sd))
    centre, width = _mode(k, n, *fixed)
    x = centre[..., None] + _AWAY * width[..., None]
    p = _clipped(const[..., None] + slope[..., None] * jax.nn.sigmoid(x))
    k, n = k[..., None], n[..., None]
    density = k * jnp.log(p) + (n - k) * jnp.log1p(-p) - 0.5 * ((x - mean) / sd) ** 2 - jnp.log(sd)
    inside = jax.nn.logsumexp(density + _LOG_WEIGHTS, axis=-1)
    return inside + jnp.log(width) - _HALF_LOG_PI


def _mode(k: Array, n: Array, const: Array, slope: Array, mean: Array, sd: Array) -> tuple[Array, Array]:
    safe = jnp.where(jnp.abs(slope) < _EDGE, _EDGE, slope)
    first = jnp.clip((k / n - const) / safe, 0.02, 0.98)
    x = jnp.log(first / (1 - first)) + jnp.zeros_like(k)
    information = jnp.ones_like(x)
    for _ in range(_NEWTON):
        s = jax.nn.sigmoid(x)
        p = _clipped(const + slope * s)
        by_x = slope * s * (1 - s)
        information = n * by_x**2 / (p * (1 - p)) + 1 / sd**2
        score = (k - n * p) / (p * (1 - p)) * by_x - (x - mean) / sd**2
        x = x + jnp.clip(score / information, -1.0, 1.0)
    return x, 1 / jnp.sqrt(information)


def _clipped(p: Array) -> Array:
    return jnp.clip(p, _EDGE, 1 - _EDGE)
