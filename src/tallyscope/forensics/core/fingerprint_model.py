"""The joint law of turnout and share under stuffing (Klimek, Yegorov, Hanel & Thurner, PNAS 2012), as a density.

Of the paper: a station with honest turnout a and share v, where a part x of those who stayed at home is added for
the leader and a part x^alpha of the others' votes is moved to the leader, reports

    1 - a' = (1 - a)(1 - x),        (1 - v') a' = (1 - v) a (1 - x^alpha);

x = 0 with probability 1 - f_i - f_e, |N(0, theta)| with f_i, 1 - |N(0, .075)| with f_e. The map is inverted:
the density of the reported logits is the honest one at the preimage times the Jacobian (a'/a)(v'/v), averaged over
a few values of x, and nothing is drawn. Ours: the honest law. Logits of a and v are bivariate normal with any
correlation, a part `eccentric` of the stations has sqrt(6) times the spread, and binomial noise goes by the size of
the station.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["EXTREME", "PARAMETERS", "Grid", "components", "half_normal", "histogram", "probabilities"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Meaning of the entries of a parameter vector.
PARAMETERS = (
    "turnout",
    "share",
    "log_spread_turnout",
    "log_spread_share",
    "atanh_correlation",
    "logit_eccentric",
    "log_theta",
    "log_alpha",
    "incremental",
    "extreme",
)
#: Standard deviation of 1 - x where nearly everything is written for the leader.
EXTREME = 0.075
_WIDER = 6.0
_BINS, _CLASSES, _EXTREME_NODES = 34, 3, 5
#: Gauss-Legendre nodes and weights of x over (0, 1): with 16, f_i comes back within .01 of what was drawn.
_X, _X_WEIGHT = (v / 2 for v in np.polynomial.legendre.leggauss(16))
_X = _X + 0.5
#: The grid is even in the inverse hyperbolic sine of the standardised deviation; its ends.
_ENDS = (-2.3, 2.7)


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of logit turnout by logit share, for stations of each class of size.

    `turnout`, `share`: (bins,) middles; `area`: (bins, bins) of a cell; `noise`: (classes, 2) binomial variances;
    `counts`: (classes, bins, bins) stations; `cell`: (stations,) where each station lies, over all three;
    `centre`, `scale`: (2,) median of the logits and their robust spread.
    """

    turnout: Floats
    share: Floats
    area: Floats
    noise: Floats
    counts: Floats
    cell: Ints
    centre: Floats
    scale: Floats


def histogram(turnout: Floats, share: Floats, noise_turnout: Floats, noise_share: Floats, size: Ints) -> Grid:
    """Counts stations by their logits and by class of `size`; all (stations,)."""
    centre = np.array([np.median(turnout), np.median(share)])
    scale = np.array([np.median(np.abs(x - c)) * 1.4826 for x, c in zip((turnout, share), centre, strict=True)])
    scale = np.maximum(scale, 1e-3)
    edges = np.sinh(np.linspace(*_ENDS, _BINS + 1))
    middles = np.sinh(np.linspace(*_ENDS, 2 * _BINS + 1)[1::2])
    places = [
        np.clip(np.searchsorted(edges, (x - c) / s) - 1, 0, _BINS - 1)
        for x, c, s in zip((turnout, share), centre, scale, strict=True)
    ]
    limits = np.quantile(size, np.arange(1, _CLASSES) / _CLASSES)
    kind = np.searchsorted(limits, size, side="right")
    cell = (kind * _BINS + places[0]) * _BINS + places[1]
    counts = np.bincount(cell, minlength=_CLASSES * _BINS**2).reshape(_CLASSES, _BINS, _BINS)
    noise = [[np.median(x[kind == k]) if np.any(kind == k) else 1.0 for x in (noise_turnout, noise_share)]
             for k in range(_CLASSES)]  # fmt: skip
    widths = np.diff(edges)
    return Grid(
        centre[0] + scale[0] * middles,
        centre[1] + scale[1] * middles,
        np.outer(widths * scale[0], widths * scale[1]),
        np.array(noise),
        counts.astype(np.float64),
        cell,
        centre,
        scale,
    )


def half_normal(scale: float, nodes: int, largest: float = 1.0) -> Floats:
    """(nodes,) equally probable values of |N(0, scale)| given that it is below `largest`."""
    from scipy.special import ndtr, ndtri

    top = ndtr(largest / scale)
    return np.asarray(scale * ndtri(0.5 + (top - 0.5) * (np.arange(nodes) + 0.5) / nodes))


def components(grid: Grid, parameters: Floats) -> Floats:
    """(3, classes, bins, bins) probabilities of cells: honest, incremental, extreme; one in all for each class."""
    theta, alpha = np.exp(parameters[6:8])
    extreme = np.minimum(1 - half_normal(EXTREME, _EXTREME_NODES), 0.999)
    density = _reported(grid, parameters, np.concatenate([[0.0], _X, extreme]), alpha)
    law = _X_WEIGHT * np.exp(-0.5 * (_X / theta) ** 2)
    mixing = np.zeros((3, density.shape[1]))
    mixing[0, 0] = 1
    mixing[1, 1 : 1 + _X.size] = law / law.sum()
    mixing[2, 1 + _X.size :] = 1 / _EXTREME_NODES
    summed = np.tensordot(mixing, density, axes=(1, 1)) * grid.area
    return np.asarray(summed / np.maximum(summed.sum(axis=(2, 3), keepdims=True), 1e-300))


def probabilities(parts: Floats, parameters: Floats) -> Floats:
    """(classes, bins, bins) the mixture of the components with f_i and f_e, never quite zero."""
    incremental, extreme = parameters[8:10]
    mixed = (1 - incremental - extreme) * parts[0] + incremental * parts[1] + extreme * parts[2]
    return np.asarray(np.maximum(mixed, 1e-13))


def _reported(grid: Grid, parameters: Floats, x: Floats, alpha: float) -> Floats:
    """(classes, nodes, bins, bins) density of what is reported where x: (nodes,) is at work."""
    a1 = 1 / (1 + np.exp(-grid.turnout))[:, None]
    v1 = 1 / (1 + np.exp(-grid.share))[None, :]
    stay = 1 - x[:, None, None]
    a = 1 - (1 - a1) / stay
    with np.errstate(divide="ignore", invalid="ignore"):
        v = 1 - (1 - v1) * a1 / (a * (1 - x[:, None, None] ** alpha))
    possible = (a > 1e-6) & (v > 1e-6)
    a, v = np.where(possible, a, 0.5), np.where(possible, v, 0.5)
    jacobian = np.where(possible, (a1 / a) * (v1 / v), 0.0)
    logit_a = np.log(a / (1 - a)) - grid.centre[0] - parameters[0]
    logit_v = np.log(v / (1 - v)) - grid.centre[1] - parameters[1]
    return _honest(grid, parameters, logit_a, logit_v) * jacobian


def _honest(grid: Grid, parameters: Floats, t: Floats, s: Floats) -> Floats:
    """(classes, nodes, bins, bins) density of honest deviations t, s, noise by class included."""
    spread = np.exp(2 * parameters[2:4])
    covariance = np.tanh(parameters[4]) * np.sqrt(spread[0] * spread[1])
    eccentric = 1 / (1 + np.exp(-parameters[5]))
    tt, ss, ts = t * t, s * s, t * s
    layers = []
    for noise in grid.noise:
        vt, vs = spread + noise
        determinant = vt * vs - covariance**2
        far = np.exp((vs * tt - 2 * covariance * ts + vt * ss) * (-0.5 / _WIDER / determinant))
        near = far * far * far
        near *= near
        layers.append(((1 - eccentric) * near + eccentric / _WIDER * far) / np.sqrt(determinant))
    return np.stack(layers) / (2 * np.pi)
