"""Method-of-moments estimates of how logit turnout and logit share vary between regions, territories and stations.

Core: pure functions on arrays. Nested unbalanced analysis of variance (Searle, Casella & McCulloch, Variance
Components, 1992, section 5.3, "Henderson's method I"), for two responses at once, with the binomial noise of each
station taken out: the expectations of the sums of squares within territories, between territories within regions
and between regions are linear in the three covariance matrices and in the noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Nested", "empirical_logit", "nested_covariances", "within_slope"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Nested:
    """Stations numbered into a tree: `region`, `territory`: (stations,) from 0; a territory lies in one region."""

    region: Ints
    territory: Ints


def empirical_logit(count: Ints, total: Ints) -> tuple[Floats, Floats]:
    """log((k + 1/2) / (n - k + 1/2)) and its sampling variance, (stations,) each (Haldane 1956; Anscombe 1956)."""
    yes, no = count + 0.5, total - count + 0.5
    return np.log(yes / no), 1.0 / yes + 1.0 / no


def within_slope(values: Floats, size: Floats, territory: Ints) -> Floats:
    """Least-squares slope of each column of `values` (stations, k) on `size`, within territories, (k,)."""
    deviation = size - _means(size[:, None], territory)[territory, 0]
    square = float(deviation @ deviation)
    return np.asarray(deviation @ values / square) if square > 0 else np.zeros(values.shape[1])


def nested_covariances(values: Floats, noise: Floats, tree: Nested) -> Floats:
    """Covariance matrices of the effects of region, territory and station, (3, k, k), each positive semi-definite.

    `values`: (stations, k); `noise`: (stations, k) their sampling variances, independent between columns. A level
    that the data cannot show (one region, one territory a region) comes out as zero.
    """
    n = len(values)
    per_territory, per_region = np.bincount(tree.territory), np.bincount(tree.region)
    own_t, own_r = per_territory[tree.territory], per_region[tree.region]
    by_territory = _means(values, tree.territory)[tree.territory]
    by_region = _means(values, tree.region)[tree.region]
    grand = values.mean(axis=0)
    # Sums over stations: n_t^2 / n_r over territories is the sum of n_t / n_r over their stations, and so on.
    t_in_r, t_in_n, r_in_n = float((own_t / own_r).sum()), float((own_t / n).sum()), float((own_r / n).sum())
    a, b = per_territory.size, per_region.size
    station = _component(values - by_territory, noise, 1 - 1 / own_t, np.zeros_like(noise.T @ noise), n - a)
    known = station * (a - b)
    territory = _component(by_territory - by_region, noise, 1 / own_t - 1 / own_r, known, n - t_in_r)
    known = station * (b - 1) + territory * (t_in_r - t_in_n)
    region = _component(by_region - grand, noise, 1 / own_r - 1 / n, known, n - r_in_n)
    return np.stack([_psd(region), _psd(territory), _psd(station)])


def _component(deviation: Floats, noise: Floats, weight: Floats, known: Floats, factor: float) -> Floats:
    """(sum of squares - what noise and lower levels put into it) / the factor of this level's covariance."""
    if factor <= 1e-9:
        return np.zeros_like(known)
    return np.asarray((deviation.T @ deviation - np.diag(weight @ noise) - known) / factor)


def _means(values: Floats, codes: Ints) -> Floats:
    """Mean of each column by group, (groups, k)."""
    sums = np.column_stack([np.bincount(codes, weights=column) for column in values.T])
    return np.asarray(sums / np.bincount(codes)[:, None])


def _psd(matrix: Floats) -> Floats:
    """The nearest positive semi-definite matrix: negative eigenvalues become zero."""
    eigenvalues, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T)
