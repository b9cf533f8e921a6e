"""Exact distribution of the number of successes among independent trials of unequal chance (Poisson-binomial).

Tails are computed to relative, not only absolute, accuracy: the chances are tilted by e^theta until the observed
count is the mean (Esscher 1932), the tilted distribution is recovered around it by discrete Fourier inversion
(Hong 2013), and P(X >= x) = e^(K(theta) - theta x) sum_m e^(-theta m) P_theta(x + m) with all terms positive.
The period of the transform and its highest frequency come from Bernstein's inequality and from
|phi(t)|^2 <= exp(-4 variance sin^2(t/2)), so that what is left out is below `LEFT_OUT`.
"""

from __future__ import annotations

from math import exp, inf, log, log1p, sqrt

import numpy as np
import numpy.typing as npt

__all__ = ["LEFT_OUT", "convolved_tails", "log_upper_tail", "upper_tail", "upper_tails"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Complex = npt.NDArray[np.complex128]

#: Probability that the window and the cut of the frequencies may leave out, of the tilted distribution.
LEFT_OUT = 1e-18
_BOUND = log(2 / LEFT_OUT)
#: Groups up to this many trials are convolved trial by trial, many groups at a time.
_SMALL = 400


def upper_tail(chance: Floats, count: int) -> float:
    """P(X >= count) for X the sum of independent Bernoulli(chance), chance: (trials,) in [0, 1]."""
    return min(1.0, exp(log_upper_tail(chance, count)))


def log_upper_tail(chance: Floats, count: int) -> float:
    """Natural logarithm of `upper_tail`, which does not underflow; -inf where the count is impossible.

    Above the mean it is accurate relative to the tail itself, below the mean relative to one.
    """
    certain = int(np.sum(chance >= 1))
    chance = chance[(chance > 0) & (chance < 1)]
    count -= certain
    if count <= 0:
        return 0.0
    if count > chance.size:
        return -inf
    if count > chance.sum():
        return _log_tail_above_mean(chance, count)
    if count == 0:
        return 0.0
    # P(X >= x) = 1 - P(n - X >= n - x + 1).
    lower = _log_tail_above_mean(1 - chance, chance.size - count + 1)
    return log1p(-min(exp(lower), 1 - 1e-16))


def _log_tail_above_mean(chance: Floats, count: int) -> float:
    if count == chance.size:
        return float(np.log(chance).sum())
    theta = _tilt(chance, count)
    tilted = _tilted(chance, theta)
    around = _distribution_from(tilted, count)
    weighted = float(np.exp(-theta * np.arange(around.size)) @ around)
    cumulant = float(np.log1p(chance * np.expm1(theta)).sum())
    return cumulant - theta * count + log(weighted)


def _tilted(chance: Floats, theta: float) -> Floats:
    odds = chance * exp(theta)
    return np.asarray(odds / (1 - chance + odds), dtype=np.float64)


def _tilt(chance: Floats, count: int) -> float:
    """theta >= 0 for which the tilted mean is about `count`, by Newton's method kept in bounds."""
    gap, variance = count - float(chance.sum()), float((chance * (1 - chance)).sum())
    low, high, theta = 0.0, 600.0, 0.0
    while abs(gap) > 0.01 * sqrt(variance) + 1e-9 and high - low > 1e-12:
        step = theta + gap / variance if variance > 0 else inf
        theta = step if low < step < high else (low + high) / 2
        tilted = _tilted(chance, theta)
        gap, variance = count - float(tilted.sum()), float((tilted * (1 - tilted)).sum())
        low, high = (theta, high) if gap > 0 else (low, theta)
    return theta


def _distribution_from(chance: Floats, count: int) -> Floats:
    """P(X = count), P(X = count + 1) ... as far as there is probability; the mean has to be near `count`."""
    variance = float((chance * (1 - chance)).sum())
    reach = _BOUND / 3 + sqrt(_BOUND * _BOUND / 9 + 2 * _BOUND * variance) + abs(count - float(chance.sum()))
    period = min(2 * int(reach) + 2, chance.size + 1)
    highest = 1.0 if 2 * variance <= _BOUND else sqrt(_BOUND / (2 * variance))
    frequencies = np.arange(min(int(np.arcsin(highest) / np.pi * period) + 1, period // 2) + 1)
    shifted = 2 * np.pi * ((frequencies * count) % period) / period
    phi = np.conj(_characteristic(chance, 2 * np.pi * frequencies / period)) * np.exp(1j * shifted)
    around = np.fft.irfft(phi, period)
    return np.maximum(around[: min(int(reach) + 1, chance.size - count + 1)], 0.0)


def _characteristic(chance: Floats, angles: Floats) -> Complex:
    """phi(t) = prod (1 + chance w) with w = e^(it) - 1, (angles,).

    Where |chance w| <= 1/2 throughout, log phi = sum_j (-1)^(j+1) S_j w^j / j over the power sums S_j of the
    chances, until the rest is below rounding: one pass a power instead of one a frequency.
    """
    w = np.exp(1j * angles) - 1
    ratio = float(chance.max() * np.abs(w).max())
    if ratio > 0.5:
        return np.asarray([np.prod(1 + chance * one) for one in w])
    log_phi, power, j = np.zeros(w.size, dtype=np.complex128), np.ones(chance.size), 0
    while True:
        j += 1
        power = power * chance
        total = float(power.sum())
        log_phi += total * -((-w) ** j) / j
        if total * np.abs(w).max() ** j * ratio / (1 - ratio) < 1e-17:
            return np.asarray(np.exp(log_phi))


def upper_tails(chance: Floats, observed: npt.NDArray[np.bool_], group: Ints, groups: int) -> Floats:
    """(groups,) P(X >= observed count) in each group; 1 for a group without trials.

    chance, observed, group: (trials,), group in 0 .. groups - 1.
    """
    sizes = np.bincount(group, minlength=groups)
    counts = np.bincount(group, weights=observed, minlength=groups).astype(np.int64)
    by_group = np.split(chance[np.argsort(group, kind="stable")], np.cumsum(sizes)[:-1])
    small = np.flatnonzero(sizes <= _SMALL)
    tails = np.ones(groups)
    tails[small] = convolved_tails([by_group[i] for i in small], counts[small])
    for i in np.flatnonzero(sizes > _SMALL):
        tails[i] = upper_tail(by_group[i], int(counts[i]))
    return tails


def convolved_tails(chances: list[Floats], counts: Ints) -> Floats:
    """(groups,) P(X >= count) for many small groups, trial by trial: p(k) <- p(k) (1 - u) + p(k - 1) u.

    Nothing is subtracted, so that small tails are relatively accurate. The longest groups come first, which lets
    every step work on the groups that still have a trial left.
    """
    sizes = np.asarray([c.size for c in chances], dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")
    longest = int(sizes.max(initial=0))
    padded = np.zeros((sizes.size, longest))
    for row, i in enumerate(order):
        padded[row, : sizes[i]] = chances[i]
    p = np.zeros((sizes.size, longest + 1))
    p[:, 0] = 1.0
    left = np.searchsorted(-sizes[order], -np.arange(longest), side="left")
    for j, active in enumerate(left):
        u = padded[:active, j, None]
        moved = p[:active, : j + 1] * u
        p[:active, : j + 1] *= 1 - u
        p[:active, 1 : j + 2] += moved
    tails = np.empty(sizes.size)
    tails[order] = np.where(np.arange(longest + 1) >= counts[order, None], p, 0.0).sum(axis=1)
    return np.minimum(tails, 1.0)
