"""The joint law of turnout and share under stuffing (Klimek, Yegorov, Hanel & Thurner, PNAS 2012), as a density.

Of the paper: a station with honest turnout a and share v, where a part x of those who stayed at home is added for
the leader and a part x^alpha of the others' votes is moved to the leader, reports

    1 - a' = (1 - a)(1 - x),        (1 - v') a' = (1 - v) a (1 - x^alpha);

x = 0 with probability 1 - f_i - f_e, |N(0, theta)| with f_i, 1 - |N(0, .075)| with f_e. The map is inverted:
the density of the reported logits is the honest one at the preimage times the Jacobian (a'/a)(v'/v), averaged over
values of x, and nothing is drawn. Ours: the honest law. Logits of a and v are bivariate normal with any correlation
and a part `eccentric` of the stations has sqrt(6) times the spread. Binomial noise is that of what is reported, by
the size of the station; carried back to the preimage it is wider by the same slopes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "EXTREME",
    "PARAMETERS",
    "THETA",
    "Grid",
    "components",
    "half_normal",
    "histogram",
    "preimages",
    "probabilities",
]

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
    "log_alpha",
    "incremental",
    "extreme",
)
#: Standard deviation of 1 - x where nearly everything is written for the leader.
EXTREME = 0.075
#: Spread of x where something is added; the recipe's plug-in is .27 to .55 in Russia. It is not fitted: where it
#: may fall, a slightly skewed honest country passes for one in which next to nothing was added nearly everywhere.
THETA = 0.4
_WIDER = 6.0
#: Noise is carried back along the slope of the map, which runs off where hardly anybody is left to be honest.
_STRETCH = 2.0
_BINS, _CLASSES, _EXTREME_NODES, _INCREMENTAL_NODES = 34, 3, 8, 32
#: x = 1 - exp(-y) at Gauss-Legendre nodes of y over (0, 5): turnout moves evenly in y. Then the law of x.
_Y, _STEP = (5 * v / 2 for v in np.polynomial.legendre.leggauss(_INCREMENTAL_NODES))
_X = 1 - np.exp(-(_Y + 2.5))
_LAW = _STEP * (1 - _X) * np.exp(-0.5 * (_X / THETA) ** 2)
#: The grid is even in the inverse hyperbolic sine of the standardised deviation: its lower end there, and its upper
#: end as a logit, above which lies next to nothing of what the extreme kind reports.
_LOWEST, _HIGHEST = -2.3, 5.5


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of logit turnout by logit share, for stations of each class of size.

    `turnout`, `share`: (bins,) middles; `area`: (bins, bins) of a cell; `voters`: (classes,) on a typical list;
    `counts`: (classes, bins, bins) stations; `cell`: (stations,) where each station lies, over all three;
    `centre`, `scale`: (2,) median of the logits and their robust spread.
    """

    turnout: Floats
    share: Floats
    area: Floats
    voters: Floats
    counts: Floats
    cell: Ints
    centre: Floats
    scale: Floats


def histogram(turnout: Floats, share: Floats, registered: Ints) -> Grid:
    """Counts stations by their logits and by class of voters on the list; all (stations,)."""
    centre = np.array([np.median(turnout), np.median(share)])
    scale = np.array([np.median(np.abs(x - c)) * 1.4826 for x, c in zip((turnout, share), centre, strict=True)])
    scale = np.maximum(scale, 1e-3)
    axes = [_axis(x, c, s) for x, c, s in zip((turnout, share), centre, scale, strict=True)]
    places = [axis[2] for axis in axes]
    limits = np.quantile(registered, np.arange(1, _CLASSES) / _CLASSES)
    kind = np.searchsorted(limits, registered, side="right")
    cell = (kind * _BINS + places[0]) * _BINS + places[1]
    counts = np.bincount(cell, minlength=_CLASSES * _BINS**2).reshape(_CLASSES, _BINS, _BINS)
    voters = [1 / np.mean(1 / registered[kind == k]) if np.any(kind == k) else 1e6 for k in range(_CLASSES)]
    return Grid(
        axes[0][0],
        axes[1][0],
        np.outer(axes[0][1], axes[1][1]),
        np.array(voters),
        counts.astype(np.float64),
        cell,
        centre,
        scale,
    )


def _axis(values: Floats, centre: float, scale: float) -> tuple[Floats, Floats, Ints]:
    """Middles and widths of the bins, (bins,), and the bin of each value; those beyond the ends are in the last."""
    top = max(float(np.arcsinh((_HIGHEST - centre) / scale)), -_LOWEST)
    edges = centre + scale * np.sinh(np.linspace(_LOWEST, top, 2 * _BINS + 1))
    place = np.clip(np.searchsorted(edges[::2], values) - 1, 0, _BINS - 1)
    return edges[1::2], np.diff(edges[::2]), place


def half_normal(scale: float, nodes: int, largest: float = 1.0) -> Floats:
    """(nodes,) equally probable values of |N(0, scale)| given that it is below `largest`."""
    from scipy.special import ndtr, ndtri

    top = ndtr(largest / scale)
    return np.asarray(scale * ndtri(0.5 + (top - 0.5) * (np.arange(nodes) + 0.5) / nodes))


@dataclass(frozen=True, eq=False)
class _Preimages:
    """Where cells come from, (nodes, bins, bins): logits of a and v, the Jacobian times the area (0 where there is
    no preimage), and binomial variances of the logits there for one voter on the list."""

    turnout: Floats
    share: Floats
    jacobian: Floats
    noise_turnout: Floats
    noise_share: Floats


def preimages(grid: Grid, log_alpha: float) -> _Preimages:
    """The honest rates behind every cell: as reported, and for each value of x; they depend on alpha alone."""
    extreme = np.minimum(1 - half_normal(EXTREME, _EXTREME_NODES), 0.999)
    x = np.concatenate([[0.0], _X, extreme])[:, None, None]
    a1 = 1 / (1 + np.exp(-grid.turnout))[:, None]
    v1 = 1 / (1 + np.exp(-grid.share))[None, :]
    a = 1 - (1 - a1) / (1 - x)
    with np.errstate(divide="ignore", invalid="ignore"):
        v = 1 - (1 - v1) * a1 / (a * (1 - x ** np.exp(log_alpha)))
    possible = (a > 1e-6) & (v > 1e-6)
    a, v = np.where(possible, a, 0.5), np.where(possible, v, 0.5)
    by_a, by_v = a1 / a, v1 / v
    return _Preimages(
        np.log(a / (1 - a)) - grid.centre[0],
        np.log(v / (1 - v)) - grid.centre[1],
        np.where(possible, by_a * by_v, 0.0) * grid.area,
        np.minimum(by_a, _STRETCH) ** 2 / (a1 * (1 - a1)),
        np.minimum(by_v, _STRETCH) ** 2 / (a1 * v1 * (1 - v1)),
    )


def components(grid: Grid, parameters: Floats, of: _Preimages | None = None) -> Floats:
    """(3, classes, bins, bins) probabilities of cells: honest, incremental, extreme; one in all for each class."""
    of = preimages(grid, float(parameters[6])) if of is None else of
    mixing = np.zeros((3, of.jacobian.shape[0]))
    mixing[0, 0] = 1
    mixing[1, 1 : 1 + _X.size] = _LAW / _LAW.sum()
    mixing[2, 1 + _X.size :] = 1 / _EXTREME_NODES
    flat = of.jacobian.shape[0]
    layers = [mixing @ _honest(of, parameters, v).reshape(flat, -1) for v in grid.voters]
    summed = np.stack(layers, axis=1).reshape(3, len(layers), *grid.area.shape)
    return np.asarray(summed / np.maximum(summed.sum(axis=(2, 3), keepdims=True), 1e-300))


def probabilities(parts: Floats, parameters: Floats) -> Floats:
    """(classes, bins, bins) the mixture of the components with f_i and f_e, never quite zero."""
    incremental, extreme = parameters[7:9]
    mixed = (1 - incremental - extreme) * parts[0] + incremental * parts[1] + extreme * parts[2]
    return np.asarray(np.maximum(mixed, 1e-13))


def _honest(of: _Preimages, parameters: Floats, voters: float) -> Floats:
    """(nodes, bins, bins) probability of cells for stations of so many voters; noise included."""
    spread = np.exp(2 * parameters[2:4])
    covariance = np.tanh(parameters[4]) * np.sqrt(spread[0] * spread[1])
    eccentric = 1 / (1 + np.exp(-parameters[5]))
    t, s = of.turnout - parameters[0], of.share - parameters[1]
    vt, vs = spread[0] + of.noise_turnout / voters, spread[1] + of.noise_share / voters
    determinant = vt * vs - covariance**2
    far = vs * t
    far -= 2 * covariance * s
    far *= t
    far += vt * s * s
    far *= -0.5 / _WIDER
    far /= determinant
    np.exp(far, out=far)
    near = far * far * far
    near *= near
    near *= 1 - eccentric
    near += eccentric / _WIDER * far
    near *= of.jacobian
    near /= np.sqrt(determinant)
    return np.asarray(near)
