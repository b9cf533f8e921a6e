"""The curvature of a posterior whose effects form a tree, and coordinates in which it is nearly a standard normal.

Given the global parameters and the level above, the units of a level do not depend on one another, so that a few
differences of gradients give every 2 x 2 block of second derivatives. Eliminating the levels from below (a Cholesky
factorisation of an arrow-shaped matrix) gives the coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.shape import Level, Shape

__all__ = [
    "Coordinates",
    "Curvature",
    "Gradient",
    "LevelCoordinates",
    "coordinates",
    "covariance_of",
    "curvature",
    "information",
    "share_known",
    "split",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: (globals,), (effects,) -> log density, its gradients.
Gradient = Callable[[Floats, Floats], tuple[float, Floats, Floats]]

_STEP = 0.01
#: Curvature is not taken to be less than this, in units of the priors' own.
_FLATTEST = 0.25


@dataclass(frozen=True, eq=False)
class LevelCoordinates:
    """effects = `centre` + `by_globals` (raw - its centre) + `by_parent` (the parent's - its centre) + `own` z.

    (units, 2), (units, 2, globals), (units, 2, 2), (units, 2, 2).
    """

    centre: Floats
    by_globals: Floats
    by_parent: Floats
    own: Floats


@dataclass(frozen=True, eq=False)
class Coordinates:
    """raw = `centre` + `own` z, (globals,), (globals, globals); and the levels', the top one first."""

    centre: Floats
    own: Floats
    levels: tuple[LevelCoordinates, ...]


@dataclass(frozen=True, eq=False)
class Curvature:
    """Minus the second derivatives: of each level with itself, its parents, the globals; and of the globals."""

    diagonal: list[Floats]
    parent: list[Floats]
    globals: list[Floats]
    top: Floats


def covariance_of(raw: Floats, at: int) -> Floats:
    """The covariance whose log spreads and inverse hyperbolic tangent of the correlation stand at `at`, (2, 2)."""
    su, sv, rho = np.exp(raw[at]), np.exp(raw[at + 1]), np.tanh(raw[at + 2])
    return np.array([[su**2, rho * su * sv], [rho * su * sv, sv**2]])


def split(shape: Shape, effects: Floats) -> list[Floats]:
    """The effects level by level, (units, 2) each."""
    ends = np.cumsum([2 * level.units for level in shape.levels])
    return [part.reshape(-1, 2) for part in np.split(effects, ends[:-1])] if shape.levels else []


def curvature(shape: Shape, gradient: Gradient, raw: Floats, effects: Floats) -> Curvature:
    """Minus the second derivatives, by central differences of the gradient."""

    def change(d_raw: Floats, d_effects: Floats) -> tuple[Floats, Floats]:
        up, down = (gradient(raw + s * d_raw, effects + s * d_effects)[1:] for s in (_STEP, -_STEP))
        return (down[0] - up[0]) / (2 * _STEP), (down[1] - up[1]) / (2 * _STEP)

    diagonal, parent = ([np.zeros((level.units, 2, 2)) for level in shape.levels] for _ in range(2))
    for depth in range(len(shape.levels)):
        for column in range(2):
            probe = split(shape, np.zeros_like(effects))
            probe[depth][:, column] = 1.0
            answer = split(shape, change(np.zeros_like(raw), np.concatenate([p.ravel() for p in probe]))[1])
            diagonal[depth][:, :, column] = answer[depth]
            if depth + 1 < len(shape.levels):
                parent[depth + 1][:, :, column] = answer[depth + 1]
    columns = [change(np.eye(raw.size)[i], np.zeros_like(effects)) for i in range(raw.size)]
    top = np.column_stack([c[0] for c in columns])
    by_globals = [split(shape, c[1]) for c in columns]
    mixed = [np.stack([g[depth] for g in by_globals], axis=2) for depth in range(len(shape.levels))]
    floored = [
        _at_least(d, _prior_precision(level, raw, shape)) for d, level in zip(diagonal, shape.levels, strict=True)
    ]
    return Curvature(floored, parent, mixed, (top + top.T) / 2)


def _prior_precision(level: Level, raw: Floats, shape: Shape) -> float:
    if not level.centred:
        return _FLATTEST
    covariance = covariance_of(raw, shape.order.index(f"{level.name}_sd_turnout"))
    return float(_FLATTEST / np.linalg.eigvalsh(covariance)[-1])


def _at_least(matrices: Floats, least: float) -> Floats:
    """Symmetric matrices, (..., k, k), with no eigenvalue below `least`."""
    values, vectors = np.linalg.eigh((matrices + np.swapaxes(matrices, -1, -2)) / 2)
    return np.asarray((vectors * np.maximum(values, least)[..., None, :]) @ np.swapaxes(vectors, -1, -2))


def coordinates(
    shape: Shape, parents: tuple[Ints, ...], blocks: Curvature, raw: Floats, effects: Floats, fixed: list[int]
) -> Coordinates:
    """Elimination from the lowest level up. `fixed`: places of globals that do not move; their own spread is 1."""
    diagonal, mixed, top = (
        [d.copy() for d in blocks.diagonal],
        [m.copy() for m in blocks.globals],
        blocks.top.copy(),
    )
    found: list[LevelCoordinates] = []
    known: list[float] = []
    for depth in range(len(shape.levels) - 1, -1, -1):
        level = shape.levels[depth]
        precision = _at_least(diagonal[depth], _prior_precision(level, raw, shape))
        covariance = np.linalg.inv(precision)
        by_globals, by_parent = -covariance @ mixed[depth], -covariance @ blocks.parent[depth]
        back = np.swapaxes(blocks.parent[depth], 1, 2)
        if depth:
            np.add.at(diagonal[depth - 1], parents[depth], back @ by_parent)
            np.add.at(mixed[depth - 1], parents[depth], back @ by_globals)
        top += np.einsum("uig,uih->gh", mixed[depth], by_globals)
        own = np.linalg.cholesky(covariance)
        known.insert(0, share_known(level, covariance, raw, shape))
        found.insert(0, LevelCoordinates(split(shape, effects)[depth], by_globals, by_parent, own))
    for level, share in zip(shape.levels, known, strict=True):
        at = shape.order.index(f"{level.name}_sd_turnout")
        # Of the levels' own spreads the joint curvature says nothing (see above); of their EM likelihood it does.
        top[at : at + 3, :] = top[:, at : at + 3] = 0.0
        top[at : at + 3, at : at + 3] = level.units * share**2 * information(raw[at + 2]) + 3.0 * np.eye(3)
    top[fixed, :] = top[:, fixed] = 0.0
    top[fixed, fixed] = 1.0
    covariance = np.linalg.inv(_at_least(top, _FLATTEST))
    return Coordinates(raw, np.linalg.cholesky(covariance), tuple(found))


def information(z: float) -> Floats:
    """That of one bivariate normal pair on its two log spreads and the inverse hyperbolic tangent z of its
    correlation, (3, 3)."""
    rho = np.tanh(z)
    one, two = rho**2 / 2.0, rho / 2.0
    return np.asarray(np.linalg.inv(np.array([[0.5, one, two], [one, 0.5, two], [two, two, 1.0]])))


def share_known(level: Level, covariance: npt.NDArray[Any], raw: Floats, shape: Shape) -> float:
    """The share of a unit's effect that its data tell, on average."""
    prior = covariance_of(raw, shape.order.index(f"{level.name}_sd_turnout")) if level.centred else np.eye(2)
    typical = np.trace(covariance, axis1=1, axis2=2).mean() / np.trace(prior)
    return float(np.clip(1.0 - typical, 0.05, 1.0))
