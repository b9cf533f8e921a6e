"""Where the posterior lies and how wide it is, found before sampling: its mode and curvature, level by level.

The mode of all effects and global parameters given the spreads of the levels, and those spreads by EM (their joint
mode would collapse to zero): Sigma = mean over units of (deviation deviation' + posterior covariance). Nothing here
enters the posterior itself: it is a change of coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.curvature import (
    Coordinates,
    Curvature,
    Gradient,
    coordinates,
    covariance_of,
    curvature,
    share_known,
    split,
)
from tallyscope.forensics.core.mixture.modes import Modes, modes, moved
from tallyscope.forensics.core.mixture.parameters import SPREAD, log_prior_of
from tallyscope.forensics.core.mixture.shape import Blocks, Shape
from tallyscope.forensics.core.mixture.start import Start

__all__ = ["Pilot", "pilot"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_EM_STEPS, _EM_AGAIN, _DESCENT = 4, 2, 60
_FIRST_MANIPULATED = (-4.0, 0.0)


@dataclass(frozen=True, eq=False)
class Pilot:
    """`log_evidence`: Laplace's approximation (Tierney & Kadane 1986) of the log of the posterior's integral;
    `modes`: where the units of the lowest level may lie, None without levels or where nothing was changed."""

    coordinates: Coordinates
    log_evidence: float
    modes: Modes | None


def pilot(
    shape: Shape,
    data: Blocks,
    parents: tuple[Ints, ...],
    gradient: Gradient,
    begin: Start,
    stations: int,
    held: Mapping[str, float] | None = None,
    again: bool = False,
) -> Pilot:
    """Coordinates for this posterior, from the best of the modes that two starts lead to.

    `held`: unconstrained parameters that are known, with their values. Their priors are left out of the evidence.
    `again`: `begin` is a mode of nearly the same posterior.
    """
    held = held or {}
    fixed = [shape.order.index(name) for name in held]
    # With everything as it is no unit has a second mode.
    several = bool(shape.levels) and "manipulated" not in held
    raw, effects = _first(shape, gradient, begin, held, again)
    if several and not again:
        effects = moved(shape, data, raw, effects, modes(shape, data, raw, effects))
    for _ in range((_EM_AGAIN if again else _EM_STEPS) if shape.levels else 0):
        blocks = curvature(shape, gradient, raw, effects)
        raw, effects = _spreads(shape, parents, blocks, raw, effects)
        _, raw, effects = _mode(shape, gradient, replace(begin, raw=raw, effects=effects), fixed)
    found = modes(shape, data, raw, effects) if several else None
    if found:
        effects = moved(shape, data, raw, effects, found)
    value = gradient(raw, effects)[0]
    blocks = curvature(shape, gradient, raw, effects)
    along = coordinates(shape, parents, blocks, _less_fitted(shape, blocks, raw, stations), effects, fixed)
    return Pilot(along, value - log_prior_of(held) + _log_volume(along, len(fixed)), found)


def _first(
    shape: Shape, gradient: Gradient, begin: Start, held: Mapping[str, float], again: bool
) -> tuple[Floats, Floats]:
    """The mode that this start leads to, or the better one of two starts in few and in many changed stations."""
    at, fixed = shape.order.index("manipulated"), [shape.order.index(name) for name in held]
    best: tuple[float, Floats, Floats] | None = None
    for first in (begin.raw[at],) if again or "manipulated" in held else _FIRST_MANIPULATED:
        raw = begin.raw.copy()
        raw[at] = first
        raw[fixed] = list(held.values())
        found = _mode(shape, gradient, replace(begin, raw=raw), fixed)
        if best is None or found[0] > best[0]:
            best = found
    assert best is not None
    return best[1:]


def _log_volume(along: Coordinates, fixed: int) -> float:
    """log of the integral of a normal density of these coordinates' spreads over its height."""
    roots = [np.diag(along.own), *(np.diagonal(level.own, axis1=1, axis2=2).ravel() for level in along.levels)]
    size = sum(r.size for r in roots) - fixed
    return float(sum(np.log(r).sum() for r in roots) + 0.5 * size * np.log(2.0 * np.pi))


def _less_fitted(shape: Shape, blocks: Curvature, raw: Floats, stations: int) -> Floats:
    """The spreads of stations, which their mode has too small by what the units' effects take up."""
    new = raw.copy()
    if shape.levels:
        known = share_known(shape.levels[-1], np.linalg.inv(blocks.diagonal[-1]), raw, shape)
        spread = [shape.order.index(name) for name in SPREAD[:2]]
        new[spread] -= 0.5 * np.log1p(-min(shape.levels[-1].units * known / stations, 0.5))
    return new


def _mode(shape: Shape, gradient: Gradient, begin: Start, fixed: list[int]) -> tuple[float, Floats, Floats]:
    """The mode given the levels' spreads and what is held fixed."""
    from scipy.optimize import minimize

    n = begin.raw.size
    free = np.ones(n, dtype=bool)
    free[_hyper(shape) + fixed] = False
    scale = np.concatenate([begin.raw_scale * free, begin.effects_scale])
    origin = np.concatenate([begin.raw, begin.effects])

    def minus(z: Floats) -> tuple[float, Floats]:
        x = origin + scale * z
        value, by_raw, by_effects = gradient(x[:n], x[n:])
        return -value, -scale * np.concatenate([by_raw, by_effects])

    found: Any = minimize(minus, np.zeros(origin.size), jac=True, method="L-BFGS-B", options={"maxiter": _DESCENT})
    x = origin + scale * found.x
    return -float(found.fun), x[:n], x[n:]


def _hyper(shape: Shape) -> list[int]:
    """The places of the levels' spreads among the globals."""
    return [shape.order.index(f"{level.name}_{s}") for level in shape.levels for s in SPREAD]


def _deviations(shape: Shape, parents: tuple[Ints, ...], raw: Floats, effects: Floats) -> list[Floats]:
    """How far each unit is from the unit above, (units, 2) a level."""
    above, found = raw[None, :2], []
    for level, parent, own in zip(shape.levels, parents, split(shape, effects), strict=True):
        lower = np.linalg.cholesky(covariance_of(raw, shape.order.index(f"{level.name}_sd_turnout")))
        deviation = own - above[parent] if level.centred else own @ lower.T
        above = above[parent] + deviation
        found.append(deviation)
    return found


def _spreads(
    shape: Shape, parents: tuple[Ints, ...], blocks: Curvature, raw: Floats, effects: Floats
) -> tuple[Floats, Floats]:
    """One EM step of the levels' covariances; effects keep the deviations they stand for."""
    new, parts = raw.copy(), []
    deviations = _deviations(shape, parents, raw, effects)
    for level, own, deviation, diagonal in zip(
        shape.levels, split(shape, effects), deviations, blocks.diagonal, strict=True
    ):
        at = shape.order.index(f"{level.name}_sd_turnout")
        posterior = np.linalg.inv(diagonal)
        if not level.centred:
            lower = np.linalg.cholesky(covariance_of(raw, at))
            posterior = lower @ posterior @ lower.T
        sigma = (deviation[:, :, None] * deviation[:, None, :] + posterior).mean(axis=0)
        sd = np.sqrt(np.diag(sigma))
        new[at : at + 2] = np.log(sd)
        new[at + 2] = np.arctanh(np.clip(sigma[0, 1] / sd.prod(), -0.95, 0.95))
        lower = np.linalg.cholesky(covariance_of(new, at))
        parts.append(own.ravel() if level.centred else np.linalg.solve(lower, deviation.T).T.ravel())
    return new, np.concatenate([np.zeros(0), *parts])
