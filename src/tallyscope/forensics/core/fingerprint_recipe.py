"""The published recipe for f_i, f_e and alpha (Klimek, Yegorov, Hanel & Thurner, PNAS 2012), not simulated.

    W = N [a v + x (1 - a) + x^alpha (1 - v) a],    turnout' = 1 - (1 - x)(1 - a),    share' = W / (N turnout')

a, v: normal around the honest modes, cut to (0, 1); x = 0 with probability 1 - f_i - f_e, |N(0, theta)| with f_i,
1 - |N(0, .075)| with f_e. The paper draws a country for every point of a grid of (f_i, f_e, alpha), compares the
histogram of its shares with the observed one by least squares, and repeats. But the histogram is linear in f_i and
f_e: for each alpha the three components are reckoned once, at equally probable values of a, v and x, and the
weights are non-negative least squares in two unknowns, solved exactly for all draws of a bootstrap at once.

Plug-ins: the honest modes are the first local maxima of the histograms (smoothed over five bins, since one bin's
count jumps at round percentages); spreads are one-sided, from the stations below the mode;
theta = sqrt(sqrt(mean((v - nu)^2 above nu))), nu the share's highest bin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.fingerprint_model import EXTREME, half_normal

__all__ = ["ALPHAS", "PlugIns", "Recipe", "component_shares", "plug_ins", "recipe", "share_bin", "solve_weights"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Bins of one percentage point, the first centred at 0, the last at 100.
BINS = 101
ALPHAS = np.arange(0.5, 5.01, 0.25)
_BOX = 5
#: A local maximum is where the next bin has fewer stations by more than this share of all (5 of 95 thousand).
_FALL = 5 / 95_000
#: Bins below which no mode is looked for: of shares, of turnouts.
_FROM = (9, 14)
_A, _V, _X = 16, 80, 40


@dataclass(frozen=True)
class PlugIns:
    """Honest mode and lower spread of turnout and share, and theta."""

    turnout: float
    share: float
    turnout_spread: float
    share_spread: float
    theta: float


@dataclass(frozen=True)
class Recipe:
    """Estimates, and for each the 5th and 95th percentile over draws of places: (low, high)."""

    incremental: float
    extreme: float
    alpha: float
    incremental_interval: tuple[float, float]
    extreme_interval: tuple[float, float]
    alpha_interval: tuple[float, float]
    plug_ins: PlugIns


def share_bin(part: Ints, whole: Ints) -> Ints:
    """(stations,) the whole percentage point nearest to 100 part / whole, halves up, exact."""
    return (200 * part + whole) // (2 * whole)


def plug_ins(turnout: Floats, share: Floats) -> PlugIns | None:
    """From turnouts and shares of stations, (stations,); None where the densities have no such maximum."""
    counts = [np.bincount(np.floor(100 * x + 0.5).astype(np.int64), minlength=BINS) for x in (share, turnout)]
    modes = [_first_maximum(c.astype(np.float64), start) for c, start in zip(counts, _FROM, strict=True)]
    if modes[0] is None or modes[1] is None:
        return None
    nu_first, a_first = modes[0], modes[1]
    lower = share < nu_first
    core = lower & (turnout < a_first)
    highest = int(np.argmax(counts[0])) / 100
    above = share > highest
    if not core.any() or not above.any():
        return None
    return PlugIns(
        a_first,
        nu_first,
        float(np.sqrt(np.mean((turnout[core] - a_first) ** 2))),
        float(np.sqrt(np.mean((share[lower] - nu_first) ** 2))),
        float(np.sqrt(np.sqrt(np.mean((share[above] - highest) ** 2)))),
    )


def _first_maximum(counts: Floats, start: int) -> float | None:
    smooth = np.convolve(counts, np.ones(_BOX) / _BOX, mode="same")
    falls = np.flatnonzero(np.diff(smooth[start:]) < -_FALL * counts.sum())
    return (start + int(falls[0])) / 100 if falls.size else None


def component_shares(of: PlugIns, alpha: float) -> Floats:
    """(3, BINS) histograms of the share that honest, incremental and extreme stations report; each sums to one."""
    a = _truncated(of.turnout, of.turnout_spread, _A)[:, None, None]
    v = _truncated(of.share, of.share_spread, _V)[None, :, None]
    rows = [_binned(v + 0 * a)]
    for x in (half_normal(of.theta, _X), 1 - half_normal(EXTREME, _X)):
        added = x[None, None, :]
        won = a * v + added * (1 - a) + added**alpha * (1 - v) * a
        rows.append(_binned(won / (1 - (1 - added) * (1 - a))))
    return np.stack(rows)


def _truncated(mean: float, sd: float, nodes: int) -> Floats:
    """(nodes,) equally probable values of N(mean, sd) given that it lies in (0, 1)."""
    from scipy.special import ndtr, ndtri

    low, high = ndtr(-mean / sd), ndtr((1 - mean) / sd)
    return np.asarray(mean + sd * ndtri(low + (high - low) * (np.arange(nodes) + 0.5) / nodes))


def _binned(share: Floats) -> Floats:
    """(BINS,) part of the values in each bin, divided linearly between the two nearest bins."""
    at = 100 * share.ravel()
    low = np.minimum(np.floor(at).astype(np.int64), BINS - 2)
    rest = at - low
    counts = np.bincount(low, weights=1 - rest, minlength=BINS) + np.bincount(low + 1, weights=rest, minlength=BINS)
    return np.asarray(counts / at.size)


def solve_weights(observed: Floats, parts: Floats) -> tuple[Floats, Floats]:
    """Least squares of observed: (draws, BINS) on the components: weights (draws, 2) and sums of squares (draws,).

    Weights are not negative and sum to at most one: the best of the interior and the three edges.
    """
    base = parts[1:] - parts[0]
    rest = observed - parts[0]
    gram, cross = base @ base.T, rest @ base.T
    whole = np.einsum("db,db->d", rest, rest)
    singles = np.clip(cross / np.maximum(np.diag(gram), 1e-300), 0, 1)
    none = np.zeros(len(rest))
    along = gram[0, 0] - 2 * gram[0, 1] + gram[1, 1]
    edge = np.clip((cross[:, 0] - cross[:, 1] - gram[0, 1] + gram[1, 1]) / max(along, 1e-300), 0, 1)
    inner = np.linalg.lstsq(gram, cross.T, rcond=None)[0].T
    feasible = (inner >= 0).all(axis=1) & (inner.sum(axis=1) <= 1)
    inner = np.where(feasible[:, None], inner, 0.0)
    candidates = np.stack(
        [
            inner,
            np.column_stack([singles[:, 0], none]),
            np.column_stack([none, singles[:, 1]]),
            np.column_stack([edge, 1 - edge]),
        ]
    )
    error = whole - 2 * np.einsum("kdi,di->kd", candidates, cross)
    error += np.einsum("kdi,ij,kdj->kd", candidates, gram, candidates)
    best = np.argmin(error, axis=0)
    rows = np.arange(len(rest))
    return candidates[best, rows], error[best, rows]


def recipe(registered: Ints, cast: Ints, leader: Ints, cluster: Ints, draws: int = 200) -> Recipe | None:
    """The recipe on stations, (stations,) each; intervals from drawing the places `cluster` anew (seed 1)."""
    of = plug_ins(cast / registered, leader / cast)
    if of is None:
        return None
    places = int(cluster.max()) + 1
    by_place = np.bincount(cluster * BINS + share_bin(leader, cast), minlength=places * BINS)
    by_place = by_place.reshape(places, BINS).astype(np.float64)
    weights = np.random.default_rng(1).multinomial(places, np.full(places, 1 / places), size=draws)
    counts = np.vstack([np.ones(places), weights]) @ by_place
    observed = np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)
    solved = [solve_weights(observed, component_shares(of, float(alpha))) for alpha in ALPHAS]
    best = np.argmin(np.stack([error for _, error in solved]), axis=0)
    found = np.stack([w for w, _ in solved])[best, np.arange(draws + 1)]
    low, high = np.quantile(np.column_stack([found, ALPHAS[best]])[1:], [0.05, 0.95], axis=0)
    f_i, f_e, alpha = ((float(lo), float(hi)) for lo, hi in zip(low, high, strict=True))
    return Recipe(float(found[0, 0]), float(found[0, 1]), float(ALPHAS[best[0]]), f_i, f_e, alpha, of)
