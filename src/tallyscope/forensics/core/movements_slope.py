"""How the leader's share moves with a movement line inside territories: slopes, and whether they are too steep.

Let z = x / n be the share of a station's voters that came by the line, u its logit, y the leader's share. Honest
voters who move may be of another kind than their neighbours (older, travelling), and places with many of them may
be of another kind too, so that some relation of y and z is no sign of anything:

    y_i = a_t(i) + gamma' c_i + f(u_i) + e_i,         f linear between the median, upper decile and
                                                      percentile of what is usual for stations like i.

Votes that all go to the leader give a slope of 1 - s, s being the others' share; the null is that at most half of
that is seen, over all stations or where z is far above the usual: an intersection-union test (Berger 1982) of
`overall`, the slope of y on z as a whole, and `high`, that on the part of z above q90 beside low = min(z, q50) and
what lies between, q50_i and q90_i being the median and the upper decile of what is usual for stations like i.

Variances: the territories are left out one at a time (Bell & McCaffrey 2002, CR3; Cameron & Miller 2015), with
Student's t of as many degrees of freedom as there are effective territories (Carter, Schnepel & Steigerwald 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.movements import group_medians

__all__ = ["Association", "Pieces", "Slope", "association", "cut", "t_tail"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Slope:
    """A coefficient, its standard error, its effective number of clusters less one, P(t >= value / error)."""

    value: float
    error: float
    freedom: float
    p_value: float

    def interval(self, level: float) -> tuple[float, float]:
        """The central interval of this coverage, of Student's t."""
        from scipy.special import stdtrit

        half = float(stdtrit(max(self.freedom, 1.0), (1 + level) / 2)) * self.error
        return self.value - half, self.value + half


@dataclass(frozen=True, eq=False)
class Pieces:
    """(stations,) z in three parts that add up to it; `curve`: (stations, 4) u in four that add up to it."""

    low: Floats
    mid: Floats
    high: Floats
    curve: Floats


@dataclass(frozen=True, eq=False)
class Association:
    """Slopes of y on z: `overall`, on z as a whole; `mid`, `high`. `p_steep`: see the module.

    For single units: `cleared`, `dose`: (stations,) y and z less a_t and gamma' c; `residual`: (stations,) y less
    f(u) too; `weight`: (stations,) 1 / variance of the residual, nearly.
    """

    overall: Slope
    mid: Slope
    high: Slope
    p_steep: float
    residual: Floats
    cleared: Floats
    dose: Floats
    weight: Floats


def cut(count: Ints, total: Ints, median: Floats, decile: Floats, percentile: Floats) -> Pieces:
    """Cuts z = count / total and its logit at what is usual: (stations,) the median, upper decile, percentile."""
    share = count / np.maximum(total, 1)
    u = np.log((count + 0.5) / (total - count + 0.5))
    knots = [np.log(q / (1 - q)) for q in (median, decile, percentile)]
    low, high = np.minimum(share, median), np.maximum(share - decile, 0.0)
    return Pieces(low, share - low - high, high, _spline(u, knots))


def association(
    y: Floats, ballots: Ints, pieces: Pieces, controls: Floats, cluster: Ints, likely: float
) -> Association:
    """The regressions above. `controls`: c, (stations, k); `ballots`: r; `cluster`: territory from 0, none empty.

    `likely`: the steepest slope that is still likely. Weights are 1 / (tau^2 + y (1 - y) / r) of the whole
    country's y, tau its spread within territories.
    """
    weight = _weights(y, ballots, cluster)
    z = pieces.low + pieces.mid + pieces.high
    parts = np.column_stack([y, pieces.low, pieces.mid, pieces.high, z, pieces.curve, controls])
    curved = 5 + pieces.curve.shape[1]
    root = np.sqrt(weight)[:, None]
    within = (parts - _means(parts, weight, cluster)[cluster]) * root
    free = _without(within[:, curved:], within[:, :curved])
    response, low, mid, high, dose = free[:, :5].T
    rest = _without(free[:, 5:], free[:, [0]])[:, 0]
    overall = _one(dose, np.empty((y.size, 0)), response, cluster)
    above = _one(high, np.column_stack([low, mid]), response, cluster)
    tails = [
        t_tail(np.array([c.value - likely]), np.array([c.error]), np.array([c.freedom])) for c in (overall, above)
    ]
    return Association(
        overall=overall,
        mid=_one(mid, np.column_stack([low, high]), response, cluster),
        high=above,
        p_steep=float(np.max(tails)),
        residual=rest / root[:, 0],
        cleared=response / root[:, 0],
        dose=dose / root[:, 0],
        weight=weight,
    )


def t_tail(value: Floats, error: Floats, freedom: Floats) -> Floats:
    """P(t >= value / error); 1 where there is no error to speak of."""
    from scipy.special import stdtr

    ratio = np.divide(value, error, out=np.zeros_like(value), where=error > 0)
    return np.where(error > 0, stdtr(np.maximum(freedom, 1.0), -ratio), 1.0)


def _spline(u: Floats, knots: list[Floats]) -> Floats:
    """(stations, knots + 1) linear pieces of u between the knots, which add up to it."""
    first = np.minimum(u, knots[0])
    between = [np.clip(u, a, b) - a for a, b in pairwise(knots)]
    return np.column_stack([first, *between, np.maximum(u - knots[-1], 0.0)])


def _weights(y: Floats, ballots: Ints, cluster: Ints) -> Floats:
    mean = float(np.clip(np.average(y, weights=np.maximum(ballots, 1)), 0.01, 0.99)) if y.size else 0.5
    noise = mean * (1 - mean) / np.maximum(ballots, 1)
    deviation = y - group_medians(y, cluster)[cluster]
    scale = (1.4826 * float(np.median(np.abs(deviation)))) ** 2 - float(np.median(noise)) if y.size else 0.0
    return np.asarray(1 / (max(scale, 1e-4) + noise))


def _means(values: Floats, weight: Floats, cluster: Ints) -> Floats:
    sums = np.bincount(cluster, weight)
    columns = [np.bincount(cluster, weight * c) / sums for c in values.T]
    return np.column_stack(columns)


def _without(what: Floats, of: Floats) -> Floats:
    """`of` less its projection on the columns of `what`, (stations, k) each; empty columns do no harm."""
    scale = np.sqrt((what**2).sum(axis=0))
    kept = what[:, scale > 1e-9] / scale[scale > 1e-9]
    if not kept.shape[1]:
        return of
    return np.asarray(of - kept @ (np.linalg.pinv(kept.T @ kept, rcond=1e-10, hermitian=True) @ (kept.T @ of)))


def _one(column: Floats, beside: Floats, response: Floats, cluster: Ints) -> Slope:
    """The coefficient of `column` beside others, its error from leaving clusters out.

    By the Frisch-Waugh theorem beta = sum S_g / sum A_g over clusters, A_g = sum d^2, S_g = sum d y for d, the
    column less the others; leaving g out leaves the others' part as it is.
    """
    d = _without(beside, column[:, None])[:, 0]
    information, score = np.bincount(cluster, d**2), np.bincount(cluster, d * response)
    whole, square = float(information.sum()), float((information**2).sum())
    if whole <= 1e-9 * max(float((column**2).sum()), 1e-12):
        return Slope(0.0, 0.0, 0.0, 1.0)
    value = float(score.sum()) / whole
    left = np.maximum(whole - information, 1e-6 * whole)
    off = (score.sum() - score) / left - value
    clusters = int(np.count_nonzero(information))
    error = float(np.sqrt((clusters - 1) / max(clusters, 1) * (off**2).sum()))
    freedom = whole**2 / square - 1
    p = float(t_tail(np.array([value]), np.array([error]), np.array([freedom]))[0])
    return Slope(value, error, freedom, p)
