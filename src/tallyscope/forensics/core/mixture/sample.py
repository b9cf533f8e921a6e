"""Draws from the posterior, every parameter watched: NumPyro's No-U-Turn sampler (Hoffman & Gelman 2014) for few
stations, its Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011) for many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
from jax import numpy as jnp
from numpyro.infer.hmc import hmc

from tallyscope.forensics.core.mixture.curvature import Coordinates, Gradient
from tallyscope.forensics.core.mixture.jumps import jump, on_device
from tallyscope.forensics.core.mixture.modes import Modes
from tallyscope.forensics.core.mixture.posterior import log_posterior
from tallyscope.forensics.core.mixture.qbl import QBL
from tallyscope.forensics.core.mixture.qbl import log_posterior as qbl_posterior
from tallyscope.forensics.core.mixture.shape import Blocks, Shape

__all__ = ["Draws", "Effort", "draw", "draw_qbl", "gradient_of"]

Floats = npt.NDArray[np.float64]
Array = Any

#: The length of a trajectory after which a standard normal has forgotten where it was.
_QUARTER_TURN = np.pi / 2.0
#: After a rehearsal: steps in which only the step size is found anew, and how much its spreads count.
_AGAIN, _TOLD = 30, 0.9


@dataclass(frozen=True)
class Effort:
    """How long to sample. `method`: NumPyro's "vectorized" (one device) or "parallel" (a chain a device); `nuts`:
    the No-U-Turn sampler, which learns the spreads anew while warming up, for posteriors far from normal; else
    Hamiltonian trajectories of a quarter turn, which in the coordinates of a nearly normal posterior are as good as
    new draws for fewer gradients. `rehearsed`: draws of each chain after which the spreads of the globals are taken
    from all chains, and sampling begins anew where they are: for posteriors wider than their mode tells."""

    chains: int
    warmup: int
    draws: int
    method: str = "vectorized"
    nuts: bool = True
    depth: int = 8
    rehearsed: int = 0


@dataclass(frozen=True, eq=False)
class Draws:
    """`raw`: (chains, draws, globals), `effects`: (chains, draws, effects), on the unconstrained scale;
    `divergent`: transitions that left the track; `steps`: gradients of the kept draws."""

    raw: Floats
    effects: Floats
    divergent: int
    steps: int


@cache
def _compiled_gradient(shape: Shape) -> Any:
    return jax.jit(jax.value_and_grad(lambda raw, effects, data: log_posterior(raw, effects, shape, data), (0, 1)))


def gradient_of(shape: Shape, data: Blocks) -> Gradient:
    """The log posterior and its gradients on NumPy arrays."""
    compiled = _compiled_gradient(shape)

    def gradient(raw: Floats, effects: Floats) -> tuple[float, Floats, Floats]:
        value, (by_raw, by_effects) = compiled(raw, effects, data)
        return float(value), np.asarray(by_raw), np.asarray(by_effects)

    return gradient


def draw(
    shape: Shape, data: Blocks, along: Coordinates, effort: Effort, seed: int, modes: Modes | None = None
) -> Draws:
    """Chains that start at random, half as wide again as the posterior is thought to be in the globals.

    `modes`: between them units jump after every transition."""
    rng = np.random.default_rng(seed)
    first = {
        "z": jnp.asarray(1.5 * rng.standard_normal((effort.chains, along.centre.size))),
        "e": jnp.asarray(rng.standard_normal((effort.chains, shape.effects))),
    }
    keys = jax.random.split(jax.random.PRNGKey(seed), effort.chains)

    def sampled(effort: Effort, keys: Array, first: Array) -> Array:
        return _sampler(shape, effort, modes is not None)(keys, first, data, _on_device(along), on_device(modes))

    if effort.rehearsed:
        short = replace(effort, draws=effort.rehearsed, rehearsed=0)
        tried = {k: np.asarray(v) for k, v in sampled(short, keys, first)[0].items()}
        root = _spread(tried["z"])
        along = replace(along, own=along.own @ root)
        first = {
            "z": jnp.asarray(np.linalg.solve(root, tried["z"][:, -1].T).T),
            "e": jnp.asarray(tried["e"][:, -1]),
        }
        keys = jax.vmap(lambda key: jax.random.fold_in(key, 2))(keys)
        effort = replace(effort, warmup=_AGAIN, rehearsed=0)
    found, diverging, steps = sampled(effort, keys, first)
    placed = _on_device(along)
    raw, effects = _compiled_place(shape)(data, placed, *(_gathered(found[k]) for k in ("z", "e")))
    return Draws(np.asarray(raw), np.asarray(effects), int(np.sum(diverging)), int(np.sum(steps)))


def _spread(z: Floats) -> Floats:
    """The lower root of the covariance of the coordinates z, (chains, draws, globals), over all chains, drawn a
    little to what they were laid out for, which is the unit matrix."""
    covariance = np.cov(z.reshape(-1, z.shape[2]), rowvar=False)
    return np.asarray(np.linalg.cholesky(_TOLD * covariance + (1.0 - _TOLD) * np.eye(z.shape[2])))


def _gathered(values: Array) -> Array:
    """On one device, wherever the chains ran."""
    return jnp.asarray(np.asarray(values))


def _on_device(along: Coordinates) -> Array:
    levels = [tuple(map(jnp.asarray, (p.centre, p.by_globals, p.by_parent, p.own))) for p in along.levels]
    return jnp.asarray(along.centre), jnp.asarray(along.own), levels


def _place(shape: Shape, data: Blocks, along: Array, z: Array, e: Array) -> tuple[Array, Array]:
    """Unconstrained parameters and effects at the coordinates z, (globals,), and e, (effects,)."""
    centre, own, levels = along
    away = own @ z
    above, parts, start = jnp.zeros((1, 2)), [], 0
    for level, parent, (middle, by_globals, by_parent, lower) in zip(
        shape.levels, data.parents, levels, strict=True
    ):
        mine = e[start : start + 2 * level.units].reshape(level.units, 2)
        start += 2 * level.units
        from_above = jnp.einsum("uij,uj->ui", by_parent, above[parent])
        above = by_globals @ away + from_above + jnp.einsum("uij,uj->ui", lower, mine)
        parts.append((middle + above).ravel())
    return centre + away, jnp.concatenate([jnp.zeros(0), *parts])


@cache
def _compiled_place(shape: Shape) -> Any:
    one = lambda data, along, z, e: _place(shape, data, along, z, e)  # noqa: E731
    over = jax.vmap(jax.vmap(one, (None, None, 0, 0)), (None, None, 0, 0))
    return jax.jit(over)


@cache
def _sampler(shape: Shape, effort: Effort, jumps: bool) -> Any:
    def minus_log(data: Blocks, along: Array, _: Array) -> Any:
        return lambda at: -log_posterior(*_place(shape, data, along, at["z"], at["e"]), shape, data)

    def jumped(key: Array, at: Array, data: Blocks, along: Array, modes: Array) -> Array:
        change = jump(key, *_place(shape, data, along, at["z"], at["e"]), shape, data, modes)
        # Only the own part of the lowest level changes.
        root = along[2][-1][3]
        first = change[:, 0] / root[:, 0, 0]
        own = jnp.stack([first, (change[:, 1] - root[:, 1, 0] * first) / root[:, 1, 1]], axis=1)
        return {"z": at["z"], "e": at["e"].at[-own.size :].add(own.ravel())}

    return _chains(minus_log, effort, 3, jumped if jumps else None)


def _chains(minus_log: Any, effort: Effort, arguments: int, jumped: Any = None) -> Any:
    """A compiled function (keys, starts, arguments...) -> positions, divergences and steps of every chain.

    `minus_log`: arguments -> the function to sample from; `jumped`: (key, position, arguments...) -> another
    position, by a move that leaves the posterior as it is. NumPyro's own driver compiles anew for every data set;
    this one compiles once a shape.
    """

    def chain(key: Array, first: Array, *given: Any) -> Any:
        begin, step = hmc(potential_fn_gen=minus_log, algo="NUTS" if effort.nuts else "HMC")
        state = begin(
            first,
            effort.warmup,
            step_size=0.25,
            adapt_mass_matrix=effort.nuts,
            trajectory_length=None if effort.nuts else _QUARTER_TURN,
            dense_mass=[("z",)],
            target_accept_prob=0.85 if effort.nuts else 0.75,
            max_tree_depth=effort.depth,
            model_args=given,
            rng_key=key,
        )

        def further(state: Any, moves: Array) -> Any:
            by_length, by_jump = jax.random.split(jax.random.fold_in(moves, state.i))
            if not effort.nuts:
                # Of one length, a spread of which that is half a turn would never be seen to vary.
                length = _QUARTER_TURN * jax.random.uniform(by_length, minval=0.6, maxval=1.4)
                state = state._replace(trajectory_length=length)
            state = step(state, given)
            if jumped is None:
                return state
            at = jumped(by_jump, state.z, *given)
            value, slope = jax.value_and_grad(minus_log(*given))(at)
            return state._replace(z=at, potential_energy=value, z_grad=slope)

        warm, kept = jax.random.split(jax.random.fold_in(key, 1))

        def forward(state: Any, _: Array) -> tuple[Any, Any]:
            state = further(state, kept)
            return state, (state.z, state.diverging, state.num_steps)

        state = jax.lax.fori_loop(0, effort.warmup, lambda _, s: further(s, warm), state)
        return jax.lax.scan(forward, state, jnp.arange(effort.draws))[1]

    over = (0, 0, *[None] * arguments)
    if effort.method == "parallel":
        return jax.pmap(chain, in_axes=over)
    return jax.jit(jax.vmap(chain, in_axes=over))


def draw_qbl(
    registered: Array, abstain: Array, leader: Array, chains: int, method: str, seed: int
) -> tuple[Floats, int]:
    """Chains of the published model, (chains, draws, parameters) unconstrained, and the divergent transitions."""
    rng = np.random.default_rng(seed)
    first = 0.3 * rng.standard_normal((chains, len(QBL)))
    first[:, list(QBL).index("changed")] = np.linspace(-3.0, 0.0, chains)
    first += _qbl_start(registered, abstain, leader)
    counts = tuple(jnp.asarray(c, dtype=jnp.float32) for c in (registered, abstain, leader))
    keys = jax.random.split(jax.random.PRNGKey(seed), chains)
    found, diverging, _ = _qbl_sampler(chains, method)(keys, {"z": jnp.asarray(first)}, *counts)
    return np.asarray(found["z"]), int(np.sum(diverging))


def _qbl_start(registered: Array, abstain: Array, leader: Array) -> Floats:
    """Means and spreads of the logits as they are."""
    turnout = np.log((registered - abstain + 0.5) / (abstain + 0.5))
    share = np.log((leader + 0.5) / (registered - abstain - leader + 0.5))
    at = [turnout.mean(), share.mean(), np.log(turnout.std() + 0.05), np.log(share.std() + 0.05)]
    return np.concatenate([at, np.zeros(len(QBL) - 4)])


@cache
def _qbl_sampler(chains: int, method: str) -> Any:
    def minus_log(n: Array, a: Array, w: Array) -> Any:
        return lambda at: -qbl_posterior(at["z"], n, a, w)

    return _chains(minus_log, Effort(chains, 300, 500, method), 3)
