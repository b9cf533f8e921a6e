"""What the distribution of stations along the axis looks like for every amount of stuffing and every concentration.

Stations in a group: a share f had ballots stuffed for a share x of those who stayed at home, x log-normal with
mean m and spread `UNEVENNESS` (never above `MOST`); the others had none. The position before was normal (mu,
sigma). `f = 1` is stuffing everywhere, small f stuffing in few stations. A small part of the stations is taken to
be anything at all, so that single odd ones weigh little. Votes: with E x the mean over all stations, those who
stayed at home were z / (1 - E x), so that z E x / (1 - E x) of the voters on the list were stuffed.

The grids are constants: only the effect of x on the position is the election's own.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.stuffing_axis import Axis

__all__ = ["BINS", "CONCENTRATIONS", "REACH", "UNEVENNESS", "Templates", "amounts", "finer", "templates"]

Floats = npt.NDArray[np.float64]
Templates = npt.NDArray[np.float32]

#: Positions lie in (-REACH, REACH), in BINS bins; what is beyond counts in the outermost ones.
REACH, BINS = 6.5, 130
#: f: the shares of stations in which ballots were stuffed.
CONCENTRATIONS = (1.0, 0.72, 0.52, 0.37, 0.27, 0.19, 0.13, 0.09, 0.06)
#: Standard deviation of log x between the stations that had any.
UNEVENNESS = 0.8
MOST = 0.99
_MEANS = 14
_SMALLEST, _LARGEST = 0.01, 2.4
#: Steps of m between two of the grid, once evidence is interpolated.
_FINER = 4
MU = np.linspace(-1.7, 0.5, 16)
SIGMA = np.geomspace(0.5, 1.3, 16)
_ANYTHING = 2e-3
_NODES = np.geomspace(0.003, MOST, 36)
#: Steps in a unit of the table of the normal distribution, and how far it goes.
_STEPS, _FAR = 4000, 6


def _normal(x: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(x))


@cache
def _table() -> npt.NDArray[np.float32]:
    return _normal(np.arange(2 * _FAR * _STEPS + 1) / _STEPS - _FAR).astype(np.float32)


def _node_weights(means: Floats) -> Floats:
    """(means, nodes) the log-normal distribution of x with each mean before the cut at MOST, on the nodes."""
    logs = np.log(_NODES)
    edges = np.concatenate([[-np.inf], (logs[1:] + logs[:-1]) / 2, [np.inf]])
    return np.diff(_normal((edges - (np.log(means) - UNEVENNESS**2 / 2)[:, None]) / UNEVENNESS), axis=1)


def _grid(points: int) -> Floats:
    return np.geomspace(_SMALLEST, _LARGEST, points)


@cache
def amounts() -> Floats:
    """(concentrations, finer means) E x / (1 - E x): ballots stuffed for each voter who is left at home."""
    mean = _node_weights(_grid(_FINER * (_MEANS - 1) + 1)) @ _NODES
    overall = np.asarray(CONCENTRATIONS)[:, None] * mean
    return np.asarray(overall / (1 - overall))


@cache
def finer() -> Floats:
    """(means, finer means) cubic interpolation (Catmull & Rom 1974) along the logarithm of m."""
    out = np.zeros((_MEANS, _FINER * (_MEANS - 1) + 1))
    for column in range(out.shape[1]):
        at = column // _FINER
        t = column % _FINER / _FINER
        pieces = (-t / 2 + t**2 - t**3 / 2, 1 - 2.5 * t**2 + 1.5 * t**3, t / 2 + 2 * t**2 - 1.5 * t**3)
        for place, weight in zip(range(at - 1, at + 3), (*pieces, (t**3 - t**2) / 2), strict=True):
            inside = min(max(place, 0), _MEANS - 1)
            out[inside, column] += weight
            if place != inside:  # beyond the end the line goes straight on
                out[inside, column] += weight
                out[inside + (1 if place < inside else -1), column] -= weight
    return out


def positions_before(axis: Axis, edges: Floats) -> Floats:
    """(nodes, edges) the position from which stuffing x of those at home carries the typical group's station to
    each.

    A station at position w has, on average, a and b in the direction S (S^-1 v) = v from the centre.
    """
    w = np.linspace(-8, 14, 441)
    t, s = axis.turnout, axis.share
    z = 1 - t
    slopes = np.array(axis.slopes)
    along = np.array([1 / t, z / (t * s)])
    along *= axis.unit / (along @ slopes)
    turnout = 1 / (1 + (z / t) * np.exp(-along[0] * w))
    share = 1 / (1 + ((1 - s) / s) * np.exp(-along[1] * w))
    home, x = 1 - turnout, _NODES[:, None]
    by_turnout = np.log1p(x * home / turnout) - np.log1p(-x)
    moved = w + (slopes[0] * by_turnout + slopes[1] * np.log1p(x * home / (turnout * share))) / axis.unit
    return np.stack([np.interp(edges, np.maximum.accumulate(row), w) for row in moved])


def templates(axis: Axis) -> Templates:
    """(mu, sigma, 1 + concentrations * means, bins) log probability of each bin; first of the third: no
    stuffing."""
    edges = np.linspace(-REACH, REACH, BINS + 1)[1:-1]
    before = np.concatenate([edges[None], positions_before(axis, edges)])
    table, weights = _table(), _node_weights(_grid(_MEANS)).astype(np.float32)
    shares = np.asarray(CONCENTRATIONS, dtype=np.float32)[:, None, None]
    out = np.empty((MU.size, SIGMA.size, 1 + shares.size * _MEANS, BINS), dtype=np.float32)
    reached = np.ones((1 + _MEANS, BINS + 1), dtype=np.float32)
    reached[:, 0] = 0
    for j, sigma in enumerate(SIGMA):
        scaled = (before * (_STEPS / sigma) + (_FAR * _STEPS + 0.5)).astype(np.float32)
        for i, mu in enumerate(MU):
            place = np.clip(scaled - np.float32(_STEPS * mu / sigma), 0, 2 * _FAR * _STEPS).astype(np.int32)
            normal = table[place]
            reached[0, 1:-1] = normal[0]
            np.matmul(weights, normal[1:], out=reached[1:, 1:-1])
            inside = np.diff(reached, axis=1)
            out[i, j, 0] = inside[0]
            out[i, j, 1:] = (inside[0] + shares * (inside[1:] - inside[0])).reshape(-1, BINS)
    np.maximum(out, 0, out=out)
    out *= 1 - _ANYTHING
    out += _ANYTHING / BINS
    return np.asarray(np.log(out, out=out))
