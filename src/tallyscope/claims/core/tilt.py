"""Where missing stations would be: the least informative chances of being out that explain printed shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["tilted_chances"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def tilted_chances(votes: Ints, ballots: Ints, shares: Floats, missing: int) -> Floats:
    """(stations,) the chance that each station was out, of largest entropy given what is expected of them.

    Expected: `missing` stations out, and for each choice a_c(R) - s_c b(R) = A_c - s_c B, the printed share. The
    solution is p_i = 1/(1 + exp(-(t_0 + t'(a_i - s b_i)))) (Jaynes 1957; a maximum-entropy tilt); t solves a convex
    problem by Newton steps with halving. Raises ValueError where no chances explain the shares.
    """
    feature = votes - shares * ballots[:, None]
    goal = np.append(missing, votes.sum(axis=0) - shares * ballots.sum()).astype(np.float64)
    scale = np.maximum(feature.std(axis=0), 1e-12)
    design = np.column_stack([np.ones(ballots.size), feature / scale])
    wanted = goal / np.append(1.0, scale)
    t = np.zeros(design.shape[1])
    t[0] = np.log(missing / (ballots.size - missing))
    value = _dual(design, wanted, t)
    for _ in range(200):
        chance = _logistic(design @ t)
        gradient = design.T @ chance - wanted
        if np.abs(gradient).max() <= 1e-6 * max(1.0, np.abs(wanted).max()):
            return chance
        hessian = (design * (chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.lstsq(hessian, gradient, rcond=1e-12)[0]
        size = 1.0
        while (found := _dual(design, wanted, t - size * step)) > value and size > 1e-12:
            size /= 2
        t, value = t - size * step, found
    raise ValueError("no chances of being out explain the printed shares")


def _dual(design: Floats, wanted: Floats, t: Floats) -> float:
    """sum log(1 + exp(t'x_i)) - t'wanted: convex, and smallest at the solution."""
    return float(np.logaddexp(0.0, design @ t).sum() - t @ wanted)


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(x / 2)))
