"""Regression within strata: what is left of a slope once places are held fixed, with errors that places share.

y_i = a_s(i) + x_i b + z_i c + e_i, weighted by w. Strata s are swept out (weighted means), then the controls z
(Frisch & Waugh 1933): b = sum w x~ y~ / sum w x~^2. Errors are correlated within clusters g as they like, and are
measured by leaving out one cluster after the other, Var b = (G - 1) / G sum_g (b_(-g) - b)^2, which stays honest
where a few clusters carry much (the jackknife; MacKinnon, Nielsen & Webb 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Slope", "Swept", "cluster_sums", "effective", "slope", "slopes", "sweep", "within"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Slope:
    """b, its standard error, and how many clusters carry it, as an effective number (see `effective`)."""

    value: float
    se: float
    clusters: float

    @property
    def z(self) -> float:
        """b / se; 0 where there is no error to measure it by."""
        return self.value / self.se if self.se > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Swept:
    """Columns with strata and controls swept out: y (stations,), x (stations, k); the weights (stations,)."""

    y: Floats
    x: Floats
    weight: Floats


def within(columns: Floats, strata: Ints, weight: Floats) -> Floats:
    """(stations, k) columns minus their weighted means in each stratum; `strata`: (stations,) 0, 1, ..."""
    total = np.bincount(strata, weights=weight)
    total[total == 0] = 1.0
    out = np.empty(columns.shape, order="F")
    for j in range(columns.shape[1]):
        mean = np.bincount(strata, weights=weight * columns[:, j]) / total
        out[:, j] = columns[:, j] - mean[strata]
    return out


def sweep(y: Floats, x: Floats, controls: Floats, strata: Ints, weight: Floats) -> Swept:
    """Takes strata and controls (stations, c) out of y (stations,) and x (stations, k)."""
    k, c = x.shape[1], controls.shape[1]
    both = np.empty((y.size, 1 + k + c), order="F")
    both[:, 0], both[:, 1 : k + 1], both[:, k + 1 :] = y, x, controls
    both = within(both, strata, weight)
    kept, z = both[:, : k + 1], both[:, k + 1 :]
    if c:
        weighted = z * weight[:, None]
        loading = np.linalg.pinv(weighted.T @ z, rcond=1e-10) @ (weighted.T @ kept)
        kept -= (loading.T @ z.T).T
    return Swept(kept[:, 0], kept[:, 1:], weight)


def cluster_sums(columns: Floats, clusters: Ints) -> Floats:
    """(clusters, k) sums of (stations, k) columns over each cluster 0, 1, ..."""
    count = int(clusters.max(initial=-1)) + 1
    return np.column_stack([np.bincount(clusters, weights=column, minlength=count) for column in columns.T])


def effective(square: Floats) -> Floats:
    """(k,) how many clusters carry each b: (sum b_g)^2 / sum b_g^2, b_g = sum over g of w x~^2, (clusters, k).

    All of them where they carry alike, one where one carries all (Carter, Schnepel & Steigerwald 2017).
    """
    spread = np.sum(square**2, axis=0)
    total = np.sum(square, axis=0)
    return np.asarray(np.divide(total**2, spread, out=np.zeros_like(spread), where=spread > 0))


def slopes(swept: Swept, clusters: Ints) -> tuple[Floats, Floats, Floats]:
    """b of every column of x alone, its standard error, and how many clusters carry it; (k,) each.

    0 with an error of 0 where nothing in a column is left to compare.
    """
    pull = swept.x * swept.weight[:, None]
    joint, square = cluster_sums(pull * swept.y[:, None], clusters), cluster_sums(pull * swept.x, clusters)
    joints, squares = joint.sum(axis=0), square.sum(axis=0)
    carrying = np.sum(square > 1e-12 * squares, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = joints / squares
        without = (joints - joint) / (squares - square)
        se = np.sqrt((carrying - 1) / carrying * np.sum((without - value) ** 2, axis=0))
    some = squares > 0
    return np.where(some, value, 0.0), np.where(some & np.isfinite(se), se, 0.0), effective(square)


def slope(swept: Swept, clusters: Ints, column: int = 0) -> tuple[Slope, Floats]:
    """b of one column of x, and what each cluster adds to its error, (clusters,): b - true b ~ their sum."""
    x, weight = swept.x[:, column], swept.weight
    value, se, carrying = slopes(Swept(swept.y, x[:, None], weight), clusters)
    one = Slope(float(value[0]), float(se[0]), float(carrying[0]))
    squares = max(float(np.sum(weight * x**2)), 1e-300)
    added = cluster_sums((weight * x * (swept.y - one.value * x))[:, None], clusters)[:, 0] / squares
    return one, added
