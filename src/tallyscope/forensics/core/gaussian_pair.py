"""Least-squares fit of the sum of two Gaussians to many curves at once (Levenberg 1944, Marquardt 1963).

    y(x) = a1 exp(-(x - m1)^2 / 2 s1^2) + a2 exp(-(x - m2)^2 / 2 s2^2)

The published core finder uses SciPy's `curve_fit`; the same minimum is found here without loading it, for all
replicates of a bootstrap in one go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["PairFit", "fit_pairs"]

Floats = npt.NDArray[np.float64]

_STEPS = 200
#: Relative decrease of the sum of squares at which a fit has arrived (that of MINPACK).
_TOLERANCE = 1.5e-8


@dataclass(frozen=True)
class PairFit:
    """`parameters`: (curves, 6) m1, s1, a1, m2, s2, a2, signs of s as they fell; `converged`: (curves,) bool."""

    parameters: Floats
    converged: npt.NDArray[np.bool_]


def fit_pairs(x: Floats, y: Floats, start: Floats) -> PairFit:
    """Fits each row of y: (curves, points) over x: (points,), from start: (curves, 6)."""
    parameters, converged = start.astype(np.float64), np.zeros(y.shape[0], dtype=np.bool_)
    damping = np.full(y.shape[0], 1e-3)
    scale = np.zeros_like(parameters)
    error = _error(x, y, parameters)
    # A curve that is met exactly leaves only rounding, which does not decrease any further.
    nothing = 1e-24 * np.einsum("cp,cp->c", y, y)
    live = np.flatnonzero(np.isfinite(error))
    for _ in range(_STEPS):
        if not live.size:
            break
        trial, scale[live] = _step(x, y[live], parameters[live], damping[live], scale[live])
        new = _error(x, y[live], trial)
        better = new <= error[live]
        done = better & (error[live] - new <= _TOLERANCE * error[live])
        done |= (damping[live] > 1e12) | (np.minimum(new, error[live]) <= nothing[live])
        rows = live[better]
        parameters[rows], error[rows] = trial[better], new[better]
        damping[live] = np.where(better, damping[live] / 10, damping[live] * 10)
        converged[live[done]] = True
        live = live[~done]
    return PairFit(parameters, converged & np.all(np.isfinite(parameters), axis=1))


def _bells(x: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """(curves, 2, points): z = (x - m) / s and exp(-z^2 / 2) of both Gaussians."""
    mean, width = parameters[:, [0, 3], None], parameters[:, [1, 4], None]
    with np.errstate(all="ignore"):
        z = (x - mean) / width
        return z, np.exp(-0.5 * z * z)


def _error(x: Floats, y: Floats, parameters: Floats) -> Floats:
    """(curves,) sum of squares; infinite where it is not a number."""
    _, bell = _bells(x, parameters)
    with np.errstate(all="ignore"):
        rest = np.einsum("cg,cgp->cp", parameters[:, [2, 5]], bell) - y
        error = np.einsum("cp,cp->c", rest, rest)
    return np.where(np.isfinite(error), error, np.inf)


def _step(x: Floats, y: Floats, parameters: Floats, damping: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """One damped step, and the largest curvature met in each parameter, which scales the damping (Moré 1978)."""
    z, bell = _bells(x, parameters)
    height = parameters[:, [2, 5], None]
    with np.errstate(all="ignore"):
        by_mean = height * bell * z / parameters[:, [1, 4], None]
        jacobian = np.stack([by_mean, by_mean * z, bell], axis=2).reshape(y.shape[0], 6, x.size)
        jacobian = np.nan_to_num(jacobian, nan=0.0, posinf=0.0, neginf=0.0)
    rest = y - np.einsum("cg,cgp->cp", parameters[:, [2, 5]], bell)
    curvature = np.einsum("cip,cjp->cij", jacobian, jacobian)
    gradient = np.einsum("cip,cp->ci", jacobian, rest)
    scale = np.maximum(scale, np.einsum("cii->ci", curvature))
    # Work in units in which the diagonal is one, so that votes and turnout condition alike.
    unit = np.sqrt(np.maximum(scale, 1e-300))
    matrix = curvature / (unit[:, :, None] * unit[:, None, :])
    matrix[:, range(6), range(6)] += damping[:, None] + 1e-14
    move = np.linalg.solve(matrix, (gradient / unit)[..., None])[..., 0] / unit
    return parameters + move, scale
