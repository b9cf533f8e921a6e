"""The joint fingerprint fitted to the cells of turnout by share, and its intervals by places.

The paper compares histograms by least squares. Here the squares are of square roots, which weighs every cell by
its own chance (the Hellinger distance: Beran 1977), with a floor, so that a few stations where the model expects
none do not decide as they would in a likelihood:

    2 N sum over the cells of (sqrt(n + d) - sqrt(p + d))^2  +  (log alpha - log 2)^2 / (2 * .5^2)

n, p: observed and expected parts of all stations; d = 1e-4. The last term is a weak prior around what Klimek et al.
(2012) find in Russia, for alpha is not determined where little was added. Solved by damped Gauss-Newton steps
(Levenberg 1944) from two starts. Limits come from what the stations of each place add to the slope (a cluster
sandwich: White 1982; Liang & Zeger 1986), because stations of a place are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.fingerprint_model import (
    PARAMETERS,
    Grid,
    components,
    preimages,
    probabilities,
)

__all__ = ["At", "Fit", "fit", "spread_of_estimates"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FIRST_STEPS, _STEPS, _GAIN = 3, 10, 0.5
_FLOOR = 1e-4
_ECCENTRIC, _ALPHA, _WEIGHTS = 5, 6, slice(7, 9)
#: Values of x are finitely many, so that the objective is wrinkled along alpha: slopes are taken across a wrinkle,
#: and this standard error of log alpha is added for them.
_ALPHA_STEP, _WRINKLES = 0.02, 0.15
#: No country is quite the model: on clean ones f_i comes out at up to .02, and limits say so.
_MISFIT = 0.01
_PRIOR_MEAN, _PRIOR_SD = float(np.log(2.0)), 0.5
#: Largest sum of the weights, and limits of the logit of the eccentric part.
_MOST, _ECCENTRIC_LIMITS = 0.97, (-8.0, 0.5)


@dataclass(frozen=True, eq=False)
class At:
    """One vector of parameters, (9,): see PARAMETERS; its components; and the objective there."""

    parameters: Floats
    parts: Floats
    distance: float


@dataclass(frozen=True, eq=False)
class Fit:
    """`here`: where it arrived; `information`: (9, 9) curvature of the objective; `influence`: (9, cells) what a
    station of each cell adds to its slope; `steps`: taken from the start."""

    here: At
    information: Floats
    influence: Floats
    steps: int

    @property
    def parameters(self) -> Floats:
        """(9,) see PARAMETERS."""
        return self.here.parameters

    @property
    def distance(self) -> float:
        """The objective."""
        return self.here.distance


def fit(grid: Grid) -> Fit:
    """Fits the model to the cells of `grid`: a few steps from either start, then on from the nearer place."""
    tries = [_descend(grid, _evaluate(grid, start), _FIRST_STEPS) for start in _starts(grid)]
    return _descend(grid, min(tries, key=lambda f: f.distance).here, _STEPS)


def _descend(grid: Grid, here: At, steps: int) -> Fit:
    damping, taken = 1e-2, 0
    slope, information, influence = _linear(grid, here)
    while taken < steps and _promise(here.parameters, slope, information) > _GAIN:
        found = _search(grid, here, slope, information, damping)
        if found is None:
            break
        here, damping = found
        taken += 1
        slope, information, influence = _linear(grid, here)
    return Fit(here, information, influence, taken)


def _starts(grid: Grid) -> tuple[Floats, Floats]:
    """An honest core a little below the median with a seventh incremental, and one at the median with a twentieth
    and many votes moved."""
    t, s = grid.scale
    spread = [float(np.log(0.8 * t)), float(np.log(0.8 * s)), 0.1, -2.0]
    russian = [-0.15 * t, -0.15 * s, *spread, _PRIOR_MEAN, 0.15, 0.005]
    mild = [-0.05 * t, -0.05 * s, *spread, float(np.log(0.5)), 0.05, 0.002]
    return np.array(russian), np.array(mild)


def _roots(grid: Grid, parts: Floats, parameters: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Square roots of observed and expected parts of cells, the part of each class, and the number of stations."""
    total = float(grid.counts.sum())
    observed = grid.counts / total
    of_class = observed.sum(axis=(1, 2), keepdims=True)
    expected = probabilities(parts, parameters) * of_class
    return np.sqrt(observed + _FLOOR), np.sqrt(expected + _FLOOR), of_class, total


def _evaluate(grid: Grid, parameters: Floats) -> At:
    parts = components(grid, parameters)
    observed, expected, _, total = _roots(grid, parts, parameters)
    prior = 0.5 * (float(parameters[_ALPHA]) - _PRIOR_MEAN) ** 2 / _PRIOR_SD**2
    return At(parameters, parts, 2 * total * float(np.sum((observed - expected) ** 2)) + prior)


def _linear(grid: Grid, here: At) -> tuple[Floats, Floats, Floats]:
    """Downhill slope (9,), its Gauss-Newton curvature (9, 9), and what a station adds to the slope (9, cells)."""
    observed, expected, of_class, total = _roots(grid, here.parts, here.parameters)
    changes = _changes(grid, here) * of_class / expected
    flat = changes.reshape(len(PARAMETERS), -1)
    slope = 2 * total * flat @ (observed - expected).ravel()
    information = total * flat @ flat.T
    slope[_ALPHA] -= (here.parameters[_ALPHA] - _PRIOR_MEAN) / _PRIOR_SD**2
    information[_ALPHA, _ALPHA] += 1 / _PRIOR_SD**2
    information += 1e-9 * (np.diag(np.diag(information)) + np.eye(flat.shape[0]))
    return slope, information, (changes / observed).reshape(flat.shape)


def _changes(grid: Grid, here: At) -> Floats:
    """(9, classes, bins, bins) slopes of the probabilities: differences, and exact for the two weights."""
    at, parts = here.parameters, here.parts
    now, changes = probabilities(parts, at), np.empty((len(PARAMETERS), *grid.counts.shape))
    same = preimages(grid, float(at[_ALPHA]))
    for i in range(_WEIGHTS.start):
        near = at.copy()
        step = _ALPHA_STEP if i == _ALPHA else 1e-4
        near[i] += step
        moved = components(grid, near, None if i == _ALPHA else same)
        changes[i] = (probabilities(moved, near) - now) / step
    changes[_WEIGHTS] = parts[1:] - parts[0]
    return changes


def _free(at: Floats, slope: Floats) -> npt.NDArray[np.bool_]:
    """(9,) which parameters may move: not one that stands at its limit and is driven against it."""
    free = np.ones(at.size, dtype=np.bool_)
    free[_WEIGHTS] = (at[_WEIGHTS] > 0) | (slope[_WEIGHTS] > 0)
    if at[_WEIGHTS].sum() >= _MOST - 1e-9:
        free[_WEIGHTS] &= slope[_WEIGHTS] < 0
    low, high = _ECCENTRIC_LIMITS
    eccentric = at[_ECCENTRIC]
    free[_ECCENTRIC] = (eccentric < high or slope[_ECCENTRIC] < 0) and (eccentric > low or slope[_ECCENTRIC] > 0)
    return free


def _promise(at: Floats, slope: Floats, information: Floats) -> float:
    """What a whole step would gain if the objective were its own quadratic (half the squared Newton decrement)."""
    free = _free(at, slope)
    return 0.5 * float(slope[free] @ np.linalg.solve(information[np.ix_(free, free)], slope[free]))


def _search(grid: Grid, here: At, slope: Floats, information: Floats, damping: float) -> tuple[At, float] | None:
    """The next place that is nearer to the data, and the damping for the step after; None where no step is."""
    at = here.parameters
    free = _free(at, slope)
    matrix = information[np.ix_(free, free)]
    while damping < 1e8:
        step = np.zeros(at.size)
        step[free] = np.linalg.solve(matrix + damping * np.diag(np.diag(matrix)), slope[free])
        trial = _evaluate(grid, _inside(at + np.clip(step, -0.5, 0.5)))
        if trial.distance <= here.distance:
            return trial, max(damping / 10, 1e-7)
        damping *= 8
    return None


def _inside(at: Floats) -> Floats:
    """The nearest parameters within their limits: weights are not negative and leave something honest."""
    at[_WEIGHTS] = np.maximum(at[_WEIGHTS], 0.0)
    total = float(at[_WEIGHTS].sum())
    if total > _MOST:
        at[_WEIGHTS] *= _MOST / total
    at[4] = np.clip(at[4], -2.5, 2.5)
    at[_ECCENTRIC] = np.clip(at[_ECCENTRIC], *_ECCENTRIC_LIMITS)
    return at


def spread_of_estimates(found: Fit, grid: Grid, cluster: Ints) -> Floats:
    """(9,) standard errors of the parameters, stations of one cluster, (stations,), not being independent."""
    parts = found.influence[:, grid.cell]
    parts -= parts.mean(axis=1, keepdims=True)
    sums = np.stack([np.bincount(cluster, weights=row) for row in parts], axis=1)
    places = int(np.count_nonzero(np.bincount(cluster)))
    middle = sums.T @ sums * (places / max(places - 1, 1))
    middle[_ALPHA, _ALPHA] += 1 / _PRIOR_SD**2
    inverse = np.linalg.inv(found.information)
    variance = np.maximum(np.diag(inverse @ middle @ inverse), 0.0)
    variance[_ALPHA] += _WRINKLES**2
    variance[_WEIGHTS.start] += _MISFIT**2
    return np.sqrt(variance)
