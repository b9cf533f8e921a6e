"""Counting stations into percentage bins: the arithmetic of every figure, in pure NumPy.

A percentage is 100 part / whole of two counts. Bins are found in exact integer arithmetic, so that 58 of 100 never
falls below 58 % by a rounding of the machine; only noise on the numerators makes them floats.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = [
    "centred_bins",
    "grid",
    "group_sums",
    "levels",
    "log_thresholds",
    "lower_bins",
    "noise",
    "sums",
    "window",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def lower_bins(part: Ints, whole: Ints, per_point: int = 1) -> Ints:
    """(n,) bin k with 100 part / whole in [k, k + 1) / per_point; 100 % itself lies in the last bin.

    part, whole: (n,) counts, whole > 0. Parts beyond their whole get bins beyond the last one.
    """
    bins = 100 * per_point * part // whole
    return np.where(part == whole, bins - 1, bins)


def centred_bins(part: Ints | Floats, whole: Ints, per_point: int = 10) -> Ints:
    """(n,) bin k whose middle k / per_point is nearest to 100 part / whole: edges lie at half a bin.

    Bins run from 0 to 100 per_point, both included; a value on an edge belongs to the bin above it. Whole numbers
    (Kobak, Shpilkin & Pshenichnikov 2016: 0.1-point bins) fall into the middle of a bin. part: counts, or counts
    with noise; noise that carries a value below 0 % or above 100 % leaves it in the bin at that end.
    """
    if np.issubdtype(part.dtype, np.integer):
        return np.asarray((200 * per_point * part + whole) // (2 * whole), dtype=np.int64)
    bins = np.floor(100 * per_point * part / whole + 0.5).astype(np.int64)
    return np.clip(bins, 0, 100 * per_point)


def noise(part: Ints, seed: int) -> Floats:
    """(n,) part + U(-1/2, 1/2): removes the spikes that division of small whole numbers leaves in a histogram."""
    shift = np.random.default_rng(seed).uniform(-0.5, 0.5, size=part.shape)
    return np.asarray(part + shift, dtype=np.float64)


def sums(bins: Ints, weights: Ints | Floats, size: int) -> Floats:
    """(size,) the weights that fall into each bin; what falls outside 0 .. size - 1 is left out."""
    inside = (bins >= 0) & (bins < size)
    return np.bincount(bins[inside], weights=weights[inside], minlength=size).astype(np.float64)


def grid(x: Ints, y: Ints, weights: Ints | Floats, size: int) -> Floats:
    """(size, size) weights by bin of x (first axis) and of y; what falls outside is left out."""
    return group_sums(x, y, weights, size, size)


def group_sums(group: Ints, bins: Ints, weights: Ints | Floats, groups: int, size: int) -> Floats:
    """(groups, size) weights by group and bin; what falls outside is left out."""
    inside = (group >= 0) & (group < groups) & (bins >= 0) & (bins < size)
    place = group[inside] * size + bins[inside]
    counted = np.bincount(place, weights=weights[inside], minlength=groups * size)
    return counted.astype(np.float64).reshape(groups, size)


def log_thresholds(values: Floats, colours: int, per_decade: int = 4) -> Floats:
    """(colours - 1,) ascending steps of a log scale, round powers of 10**(1/per_decade), for the values above zero.

    The last colour is used by the largest value; what is below the first step shares the first colour.
    """
    top = np.floor(np.log10(max(float(values.max(initial=1.0)), 1.0)) * per_decade + 1e-9)
    exponents = np.arange(top - (colours - 2), top + 1) / per_decade
    return np.asarray(10.0**exponents, dtype=np.float64)


def levels(values: Floats, thresholds: Floats) -> Ints:
    """How many thresholds each value reaches: 0 .. len(thresholds), the number of its colour."""
    return np.searchsorted(thresholds, values, side="right").astype(np.int64)


def window(weights: Floats, per_point: int, outside: float = 0.002) -> tuple[int, int]:
    """(low, high) multiples of ten per cent that hold all but the part `outside` of the weight on either side.

    weights: (bins,) of bins that begin (or lie) at k / per_point per cent.
    """
    reached = np.cumsum(weights)
    first = int(np.searchsorted(reached, outside * reached[-1]))
    last = int(np.searchsorted(reached, (1 - outside) * reached[-1]))
    low, high = first // (10 * per_point) * 10, -(-(last + 1) // (10 * per_point)) * 10
    return low, max(min(high, 100), low + 10)
