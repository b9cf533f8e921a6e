"""Where the means of a place's honest logits may lie: the modes of each unit of the lowest level, given all else.

A place of high turnout may be an honest one, or an ordinary one to whose ballots some were added: two modes, which
neither a descent nor a sampler of small steps gets across. They are looked for on a grid of the level's own
spreads, followed up by Newton's method for all units at once, and weighed by Laplace's approximation. What is found
here is a place to begin and a proposal (`jumps`); nothing of it enters the posterior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.curvature import covariance_of, split
from tallyscope.forensics.core.mixture.parameters import constrained
from tallyscope.forensics.core.mixture.posterior import lowest_means, of_stations
from tallyscope.forensics.core.mixture.shape import Blocks, Shape

__all__ = ["MODES", "Modes", "modes", "moved"]

Floats = npt.NDArray[np.float64]
#: (units, 2) deviations in spreads of the level -> log densities, (units,), and their gradients, (units, 2).
_Slopes = Callable[[Floats], tuple[Floats, Floats]]

#: Modes that are kept of each unit.
MODES = 3
_GRID = np.arange(-3.0, 4.0)
#: Steps of Newton's method at most, and where they end: no unit moves so far, in spreads of its mode.
_NEWTON, _ARRIVED = 10, 0.05
_STEP, _FLATTEST = 0.02, 0.25
#: Modes nearer than this to a better one, in its spreads, are that one.
_SAME = 2.0
_NOWHERE = -1e30


@dataclass(frozen=True, eq=False)
class Modes:
    """`centre`: (modes, units, 2) means, the best mode first; `root`: (modes, units, 2, 2) lower roots of the
    covariances; `log_weight`: (modes, units), that of a mode which is not one `-1e30`."""

    centre: Floats
    root: Floats
    log_weight: Floats


def modes(shape: Shape, data: Blocks, raw: Floats, effects: Floats) -> Modes:
    """The modes of the lowest level's units, given the global parameters and the levels above."""
    above, own = (np.asarray(x) for x in _means(shape)(raw, effects, data))
    level = np.linalg.cholesky(covariance_of(raw, shape.order.index(f"{shape.levels[-1].name}_sd_turnout")))

    unit = np.asarray(data.unit).ravel()

    def slopes(away: Floats) -> tuple[Floats, Floats]:
        each, slope = (np.asarray(x) for x in _stations(shape)(raw, above + away @ level.T, data))
        value = np.bincount(unit, each.ravel())
        by_mean = np.column_stack([np.bincount(unit, slope[:, i].ravel()) for i in range(2)])
        return value - 0.5 * (away**2).sum(axis=1), by_mean @ level - away

    begin = _beginnings(slopes, np.linalg.solve(level, (own - above).T).T)
    found = [_follow(slopes, one) for one in begin]
    centre, precision, evidence = (np.stack(x) for x in zip(*found, strict=True))
    order = np.argsort(-evidence, axis=0)
    centre, precision = (
        np.take_along_axis(x, order[(...,) + (None,) * (x.ndim - 2)], 0) for x in (centre, precision)
    )
    weight = _apart(centre, precision, np.take_along_axis(evidence, order, 0))
    root = np.linalg.cholesky(level @ np.linalg.inv(precision) @ level.T)
    return Modes(above + centre @ level.T, root, weight)


def moved(shape: Shape, data: Blocks, raw: Floats, effects: Floats, to: Modes) -> Floats:
    """The effects with each unit of the lowest level at its best mode."""
    parts = split(shape, effects)
    last, mean = shape.levels[-1], to.centre[0]
    if not last.centred:
        above = np.asarray(_means(shape)(raw, effects, data)[0])
        level = np.linalg.cholesky(covariance_of(raw, shape.order.index(f"{last.name}_sd_turnout")))
        mean = np.linalg.solve(level, (mean - above).T).T
    return np.concatenate([p.ravel() for p in (*parts[:-1], mean)])


@cache
def _means(shape: Shape) -> Any:
    return jax.jit(lambda raw, effects, data: lowest_means(constrained(raw, shape.order), effects, shape, data))


@cache
def _stations(shape: Shape) -> Any:
    return jax.jit(lambda raw, means, data: of_stations(constrained(raw, shape.order), means, shape, data))


def _beginnings(slopes: _Slopes, own: Floats) -> list[Floats]:
    """`MODES` places to begin: where the unit is, the best point of the grid, the best that is another peak."""
    side = _GRID.size
    points = np.stack(np.meshgrid(_GRID, _GRID, indexing="ij"), axis=-1).reshape(-1, 2)
    values = np.stack([slopes(np.broadcast_to(p, own.shape))[0] for p in points]).reshape(side, side, -1)
    edged = np.pad(values, ((1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    around = np.max(
        [edged[i : i + side, j : j + side] for i in range(3) for j in range(3) if (i, j) != (1, 1)], axis=0
    )
    peaks = np.where(values >= around, values, -np.inf).reshape(side * side, -1)
    best = np.argsort(-peaks, axis=0)[: MODES - 1]
    # A unit of one peak begins there twice; the second is found to be the same.
    best = np.where(np.isfinite(np.take_along_axis(peaks, best, 0)), best, best[:1])
    return [own, *points[best]]


def _follow(slopes: _Slopes, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Newton's method for every unit: the mode, (units, 2), minus the second derivatives there, the evidence."""
    radius = np.ones(len(at))
    value, slope = slopes(at)
    for _ in range(_NEWTON):
        precision = _precision(slopes, at, slope)
        step = np.linalg.solve(precision, slope[..., None])[..., 0]
        if np.einsum("ui,ui->u", step, slope).max() < _ARRIVED**2:
            break
        length = np.linalg.norm(step, axis=1)
        tried = at + step * np.minimum(1.0, radius / np.maximum(length, 1e-9))[:, None]
        new, new_slope = slopes(tried)
        better = new >= value
        at, slope = (np.where(better[:, None], x, y) for x, y in ((tried, at), (new_slope, slope)))
        value = np.where(better, new, value)
        radius = np.where(better, 2.0 * radius, radius / 4.0)
    else:
        precision = _precision(slopes, at, slope)
    return at, precision, value - 0.5 * np.linalg.slogdet(precision)[1]


def _precision(slopes: _Slopes, at: Floats, slope: Floats) -> Floats:
    """Minus the second derivatives, (units, 2, 2), with no eigenvalue below a quarter of the prior's."""
    columns = [(slope - slopes(at + _STEP * unit)[1]) / _STEP for unit in np.eye(2)]
    matrix = np.stack(columns, axis=2)
    values, vectors = np.linalg.eigh((matrix + np.swapaxes(matrix, 1, 2)) / 2.0)
    # A saddle is left along its gradient as fast as its curvature says.
    return np.asarray((vectors * np.maximum(np.abs(values), _FLATTEST)[:, None, :]) @ np.swapaxes(vectors, 1, 2))


def _apart(centre: Floats, precision: Floats, evidence: Floats) -> Floats:
    """The log weights of modes, best first, those left out that are a better one over again."""
    weight = evidence - evidence[:1]
    for later in range(1, len(centre)):
        for better in range(later):
            away = centre[later] - centre[better]
            near = np.einsum("ui,uij,uj->u", away, precision[better], away) < _SAME**2
            weight[later] = np.where(near & (weight[better] > _NOWHERE), _NOWHERE, weight[later])
    return np.asarray(weight)
