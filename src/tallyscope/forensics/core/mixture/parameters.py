"""The global parameters of the territorial mixture: names, order, priors, and their unconstrained scale.

Samplers work on an unconstrained vector: logs of spreads, logits of proportions, the probit of theta, inverse
hyperbolic tangents of correlations. Written for JAX.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

__all__ = ["MIXTURE", "SPREAD", "THETA", "constrained", "draw_prior", "log_prior", "log_prior_of", "names"]

Floats = npt.NDArray[np.float64]
Array = Any

_CENTRE = ("mu_turnout", "mu_share", "size_turnout", "size_share", "size2_turnout", "size2_share")
SPREAD = ("sd_turnout", "sd_share", "correlation")
MIXTURE = ("manipulated", "extreme", "switching", "theta", "atypical", "atypical_scale")

#: The least and the greatest scale of incremental stuffing. Where every station has a little added, of a scale much
#: below a seventh of its abstainers, the country looks like an honest one of somewhat different habits.
THETA = (0.15, 0.8)
_LEAST_ATYPICAL = 1.5
_HALF_LOG_TAU = 0.5 * math.log(2.0 * math.pi)

#: Normal priors (mean, sd) on the unconstrained scale, of stations and of everything else that is no proportion.
_NORMAL = {
    "mu_turnout": (0.5, 1.0),
    "mu_share": (0.0, 1.0),
    "sd_turnout": (math.log(0.25), 0.5),
    "sd_share": (math.log(0.3), 0.5),
    "atypical_scale": (0.0, 0.5),
    # Flat between its bounds, as a probit: where the data leave a bound open, its tail is that of a normal.
    "theta": (0.0, 1.0),
}
_SLOPE, _CORRELATION, _LEVEL_SD = (0.0, 0.2), (0.0, 0.6), (math.log(0.15), 0.6)
#: Beta priors of the proportions. That of manipulated stations is flat: nothing forces honest ones to be the most.
_BETA = {
    "manipulated": (1.0, 1.0),
    "extreme": (1.0, 1.0),
    "switching": (1.0, 1.0),
    "atypical": (1.0, 9.0),
}


def names(levels: tuple[str, ...]) -> tuple[str, ...]:
    """The global parameters in order, with spreads of their own for each level ("level_sd_turnout")."""
    of_levels = tuple(f"{level}_{spread}" for level in levels for spread in SPREAD)
    return (*_CENTRE, *SPREAD, *of_levels, *MIXTURE)


def constrained(raw: Array, order: tuple[str, ...]) -> dict[str, Array]:
    """From the unconstrained scale, (..., globals), to each parameter's own: name -> (...)."""
    return {name: _own_scale(name, raw[..., i]) for i, name in enumerate(order)}


def _own_scale(name: str, x: Array) -> Array:
    if "sd_" in name:
        return jnp.exp(x)
    if name.endswith("correlation"):
        return jnp.tanh(x)
    if name == "theta":
        return THETA[0] + (THETA[1] - THETA[0]) * jax.scipy.special.ndtr(x)
    if name == "atypical_scale":
        return _LEAST_ATYPICAL + jnp.exp(x)
    return jax.nn.sigmoid(x) if name in _BETA else x


def log_prior(raw: Array, order: tuple[str, ...]) -> Array:
    """Log density of the unconstrained parameters, (globals,)."""
    return jnp.stack([_log_density(name, raw[i]) for i, name in enumerate(order)]).sum()


def log_prior_of(values: Mapping[str, float]) -> float:
    """Log density of some unconstrained parameters, by name."""
    return float(sum(_log_density(name, x) for name, x in values.items()))


def _log_density(name: str, x: Array) -> Array:
    if name in _BETA:
        a, b = _BETA[name]
        constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        return a * jax.nn.log_sigmoid(x) + b * jax.nn.log_sigmoid(-x) + constant
    mean, sd = _normal(name)
    return -0.5 * ((x - mean) / sd) ** 2 - math.log(sd) - _HALF_LOG_TAU


def draw_prior(order: tuple[str, ...], rng: np.random.Generator) -> Floats:
    """One draw of the unconstrained parameters from their prior, (globals,)."""
    out = np.empty(len(order))
    for i, name in enumerate(order):
        if name in _BETA:
            p = rng.beta(*_BETA[name])
            out[i] = np.log(p) - np.log1p(-p)
        else:
            out[i] = rng.normal(*_normal(name))
    return out


def _normal(name: str) -> tuple[float, float]:
    known: Mapping[str, tuple[float, float]] = _NORMAL
    if name in known:
        return known[name]
    if name.startswith("size"):
        return _SLOPE
    return _CORRELATION if name.endswith("correlation") else _LEVEL_SD
