"""Where the published recipe (Shpilkin) puts the core of the turnout distribution; `anomalous_flat` has another
one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.anomalous import Curves
from tallyscope.forensics.core.gaussian_pair import fit_pairs

__all__ = ["Cores", "shpilkin_core", "smoothed"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BOX = 5
#: Bins at the right end that take no part: stations of (nearly) full turnout.
_LEFT_OUT = 3


@dataclass(frozen=True)
class Cores:
    """One core a row of the curves. `low`, `high`: the window it was looked for in; `mean`, `width`: of the hump.

    core, low, high: (units,) bins, -1 where there is no ballot of others; mean, width: (units,) turnout as a
    fraction; converged: (units,) whether the fit succeeded, without which the core is the highest bin.
    """

    core: Ints
    low: Ints
    high: Ints
    mean: Floats
    width: Floats
    converged: npt.NDArray[np.bool_]


def smoothed(others: Floats) -> Floats:
    """(units, bins) mean of five neighbouring bins, zeros beyond the ends; the last two bins as they are."""
    bins = others.shape[1]
    padded = np.pad(others, ((0, 0), (_BOX // 2, _BOX // 2)))
    smooth = np.mean([padded[:, i : i + bins] for i in range(_BOX)], axis=0)
    smooth[:, -2:] = others[:, -2:]
    return np.asarray(smooth, dtype=np.float64)


def shpilkin_core(curves: Curves) -> Cores:
    """The published automatic core: the highest bin of the lower of two Gaussians fitted to the others' curve.

    The sum of two Gaussians is fitted to (upper edge of the bin / 100, smoothed O) without the last three bins,
    starting at (m = argmax/100, .1, max) and (midpoint of m and 1, .01, the value there). The core is the argmax of
    smoothed O within int(100 (mean - width)) .. int(100 (mean + width)) of the Gaussian with the lower mean; the
    argmax of O without its last three bins if the fit fails.
    """
    smooth = smoothed(curves.others)
    bins = smooth.shape[1]
    used = smooth[:, :-_LEFT_OUT]
    fit = fit_pairs((np.arange(used.shape[1]) + 1) / bins, used, _start(used, bins))
    first = fit.parameters[:, 0] <= fit.parameters[:, 3]
    mean = np.where(first, fit.parameters[:, 0], fit.parameters[:, 3])
    width = np.abs(np.where(first, fit.parameters[:, 1], fit.parameters[:, 4]))
    some = used.max(axis=1) > 0
    fitted = fit.converged & some & (mean + width > 0) & (mean - width < 1) & (width < 1)
    low = np.where(fitted, np.clip(_whole(bins * (mean - width), fitted), 0, bins - 1), 0)
    high = np.where(fitted, np.clip(_whole(bins * (mean + width), fitted), 0, bins - 1), bins - 1 - _LEFT_OUT)
    place = np.arange(bins)
    inside = (place >= low[:, None]) & (place <= high[:, None])
    searched = np.where(inside, np.where(fitted[:, None], smooth, curves.others), -1.0)
    core = np.where(some, np.argmax(searched, axis=1), -1)
    return Cores(core, low, high, np.where(fitted, mean, np.nan), np.where(fitted, width, np.nan), fitted)


def _start(used: Floats, bins: int) -> Floats:
    rows = np.arange(used.shape[0])
    peak = np.argmax(used, axis=1)
    mode = peak / bins
    upper = (mode + 1) / 2
    value = used[rows, np.minimum((upper * bins).astype(np.int64), used.shape[1] - 1)]
    ones = np.ones(rows.size)
    return np.stack([mode, 0.1 * ones, used[rows, peak], upper, 0.01 * ones, value], axis=1)


def _whole(values: Floats, where: npt.NDArray[np.bool_]) -> Ints:
    """Towards zero, as `int` does; 0 where the fit did not succeed."""
    return np.trunc(np.where(where, values, 0.0)).astype(np.int64)
