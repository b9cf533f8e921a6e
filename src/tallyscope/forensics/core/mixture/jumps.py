"""Jumps of places between their modes: what a sampler of small steps cannot do.

Given the global parameters and the levels above, the units of the lowest level do not depend on one another. Each
is offered a mean drawn from a mixture of normal densities, those of its modes (`modes`) and that of its level, and
takes it with the chance of Metropolis & Hastings (1970; "mode jumping", Tjelmeland & Hegstad 2001), so that the
posterior stays as it is. With the level among them no place is ever far likelier than it is offered (Mengersen &
Tweedie 1996).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tallyscope.forensics.core.mixture.modes import Modes
from tallyscope.forensics.core.mixture.parameters import constrained
from tallyscope.forensics.core.mixture.posterior import effects_of, level_root, lowest_means, of_lowest
from tallyscope.forensics.core.mixture.shape import Blocks, Shape

__all__ = ["jump", "on_device"]

Array = Any

#: Proposals are this much wider than the modes; a unit's least mode, and its level, are offered this often.
_WIDER, _LEAST, _ANYWHERE = 1.2, 0.1, 0.1


def on_device(modes: Modes | None) -> Array:
    """Centres, roots and log chances of the proposals' parts, or None."""
    if modes is None:
        return None
    real = modes.log_weight > -1e29
    kept = np.where(real, np.exp(modes.log_weight), 0.0)
    chance = np.where(real, np.maximum(kept / kept.sum(axis=0), _LEAST), 0.0)
    log = np.log(np.maximum(chance / chance.sum(axis=0), 1e-300))
    return jnp.asarray(modes.centre), jnp.asarray(_WIDER * modes.root), jnp.asarray(log)


def jump(key: Array, raw: Array, effects: Array, shape: Shape, data: Blocks, modes: Array) -> Array:
    """What the effects of the lowest level's units are changed by, (units, 2): nothing where a unit stays."""
    g = constrained(raw, shape.order)
    above, own = lowest_means(g, effects, shape, data)
    by_mode, by_place, by_chance = jax.random.split(key, 3)
    modes = _with_level(modes, above, level_root(g, shape.levels[-1].name))
    centre, root, log_chance = modes
    chosen = jax.random.categorical(by_mode, log_chance, axis=0)[None, :, None]
    middle = jnp.take_along_axis(centre, chosen, 0)[0]
    wide = jnp.take_along_axis(root, chosen[..., None], 0)[0]
    offered = middle + jnp.einsum("uij,uj->ui", wide, jax.random.normal(by_place, own.shape, own.dtype))
    before, after = (of_lowest(g, above, one, shape, data) - _offer(modes, one) for one in (own, offered))
    takes = jnp.log(jax.random.uniform(by_chance, before.shape, before.dtype)) < after - before
    change = effects_of(g, above, offered, shape) - effects_of(g, above, own, shape)
    return jnp.where(takes[:, None], change, 0.0)


def _with_level(modes: Array, above: Array, root: Array) -> Array:
    """The proposals with one more part: units as their level has them."""
    centre, roots, log_chance = modes
    whole = jnp.broadcast_to(root, (1, *roots.shape[1:]))
    rest = jnp.full((1, log_chance.shape[1]), jnp.log(_ANYWHERE))
    return (
        jnp.concatenate([centre, above[None]]),
        jnp.concatenate([roots, whole]),
        jnp.concatenate([log_chance + jnp.log1p(-_ANYWHERE), rest]),
    )


def _offer(modes: Array, means: Array) -> Array:
    """The log density of the proposal at these means but for a constant, (units,)."""
    centre, root, log_chance = modes
    first = (means[:, 0] - centre[..., 0]) / root[..., 0, 0]
    second = (means[:, 1] - centre[..., 1] - root[..., 1, 0] * first) / root[..., 1, 1]
    log_size = jnp.log(root[..., 0, 0] * root[..., 1, 1])
    return jax.nn.logsumexp(log_chance - log_size - 0.5 * (first**2 + second**2), axis=0)
