"""Maximum likelihood of the joint fingerprint, by Fisher scoring on the cells, and its intervals by places.

The likelihood is multinomial over the cells of each class of size, times weak priors on theta and alpha, which the
data do not determine where little was added: log theta ~ N(log .4, .15) and log alpha ~ N(log 2, .5), around
what Klimek et al. (2012) find in Russia. Intervals come from the scores summed by place (a cluster
sandwich: White 1982; Liang & Zeger 1986), because stations of a place are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.fingerprint_model import PARAMETERS, Grid, components, probabilities

__all__ = ["Fit", "fit", "spread_of_estimates"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_STEPS, _GAIN = 40, 0.5
#: Entry of the parameters -> mean and standard deviation of its normal prior.
_PRIOR = {6: (np.log(0.4), 0.15), 7: (np.log(2.0), 0.5)}
_WEIGHTS = slice(8, 10)
_MOST = 0.97


@dataclass(frozen=True, eq=False)
class Fit:
    """`parameters`: (10,) see PARAMETERS; `information`: (10, 10) with the priors'; `slopes`: (10, cells) of log
    probability; `steps`: taken; `log_likelihood`: with the priors'."""

    parameters: Floats
    information: Floats
    slopes: Floats
    log_likelihood: float
    steps: int


def fit(grid: Grid, start: Floats | None = None, counts: Floats | None = None, steps: int = _STEPS) -> Fit:
    """Fits the model to the cells of `grid` (or to other `counts` of the same shape)."""
    counts = grid.counts if counts is None else counts
    at = _start(grid) if start is None else start.copy()
    parts = components(grid, at)
    value, damping = _objective(counts, parts, at), 1e-2
    slopes, taken = _derivatives(grid, counts, parts, at), 0
    while taken < steps:
        taken += 1
        gradient, information = _scoring(counts, parts, slopes, at)
        moved = _search(grid, counts, at, value, gradient, information, damping)
        if moved is None:
            break
        gain = moved[2] - value
        at, parts, value, damping = moved
        slopes = _derivatives(grid, counts, parts, at)
        if gain < _GAIN:
            break
    _, information = _scoring(counts, parts, slopes, at)
    relative = slopes / probabilities(parts, at)
    return Fit(at, information, relative.reshape(at.size, -1), value, taken)


def _start(grid: Grid) -> Floats:
    """Half-way between clean and Russian: an honest core a little below the median, a tenth incremental."""
    t, s = grid.scale
    first = [
        -0.15 * t,
        -0.15 * s,
        np.log(0.8 * t),
        np.log(0.8 * s),
        0.1,
        -2.0,
        np.log(0.4),
        np.log(2.0),
        0.15,
        0.005,
    ]
    return np.array(first)


def _objective(counts: Floats, parts: Floats, at: Floats) -> float:
    likelihood = float(np.sum(counts * np.log(probabilities(parts, at))))
    return likelihood - sum(0.5 * float((at[i] - m) / s) ** 2 for i, (m, s) in _PRIOR.items())


def _derivatives(grid: Grid, counts: Floats, parts: Floats, at: Floats) -> Floats:
    """(10, classes, bins, bins) slopes of the probabilities: differences, and exact for the two weights."""
    now, slopes = probabilities(parts, at), np.empty((len(PARAMETERS), *counts.shape))
    for i in range(_WEIGHTS.start):
        near = at.copy()
        near[i] += 1e-4
        slopes[i] = (probabilities(components(grid, near), near) - now) / 1e-4
    slopes[_WEIGHTS] = parts[1:] - parts[0]
    return slopes


def _scoring(counts: Floats, parts: Floats, slopes: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Gradient (10,) and Fisher information (10, 10) of the objective."""
    p = probabilities(parts, at)
    gradient = (slopes * (counts / p)).reshape(at.size, -1).sum(axis=1)
    weighted = (slopes * np.sqrt(counts.sum(axis=(1, 2), keepdims=True) / p)).reshape(at.size, -1)
    information = weighted @ weighted.T
    for i, (mean, sd) in _PRIOR.items():
        gradient[i] -= (at[i] - mean) / sd**2
        information[i, i] += 1 / sd**2
    return gradient, information + 1e-9 * np.diag(np.diag(information)) + 1e-9 * np.eye(at.size)


def _search(
    grid: Grid, counts: Floats, at: Floats, value: float, gradient: Floats, information: Floats, damping: float
) -> tuple[Floats, Floats, float, float] | None:
    """The next parameters, their components and objective, and the damping; None where no step is uphill."""
    free = np.ones(at.size, dtype=np.bool_)
    free[_WEIGHTS] = (at[_WEIGHTS] > 0) | (gradient[_WEIGHTS] > 0)
    while damping < 1e8:
        matrix = information[np.ix_(free, free)]
        step = np.zeros(at.size)
        step[free] = np.linalg.solve(matrix + damping * np.diag(np.diag(matrix)), gradient[free])
        trial = _inside(at + np.clip(step, -0.5, 0.5))
        parts = components(grid, trial)
        new = _objective(counts, parts, trial)
        if new >= value:
            return trial, parts, new, max(damping / 10, 1e-7)
        damping *= 8
    return None


def _inside(at: Floats) -> Floats:
    """The nearest parameters whose weights are not negative and leave something honest."""
    at[_WEIGHTS] = np.maximum(at[_WEIGHTS], 0.0)
    total = float(at[_WEIGHTS].sum())
    if total > _MOST:
        at[_WEIGHTS] *= _MOST / total
    at[4] = np.clip(at[4], -2.5, 2.5)
    at[5] = np.clip(at[5], -8.0, 0.5)
    return at


def spread_of_estimates(found: Fit, grid: Grid, cluster: Ints) -> Floats:
    """(10,) standard errors of the parameters, stations of one cluster, (stations,), not being independent."""
    # At the maximum the scores of all stations sum to the slope of the priors, so next to nothing.
    score = found.slopes[:, grid.cell]
    sums = np.stack([np.bincount(cluster, weights=row) for row in score], axis=1)
    places = int(np.count_nonzero(np.bincount(cluster)))
    middle = sums.T @ sums * (places / max(places - 1, 1))
    for i, (_, sd) in _PRIOR.items():
        middle[i, i] += 1 / sd**2
    inverse = np.linalg.inv(found.information)
    return np.sqrt(np.maximum(np.diag(inverse @ middle @ inverse), 0.0))
