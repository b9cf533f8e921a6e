"""A set of missing stations that makes every printed share, where the weighted conditions leave room for one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tallyscope.claims.core.swaps import exchanged

if TYPE_CHECKING:
    from tallyscope.claims.core.joint import Conditions

__all__ = ["witness"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Stations around the threshold that the small linear programme decides.
_UNDECIDED = 600
_MOST_FRACTIONS = 10
_DRAWS, _SEED = 4, 20120304


def witness(of: Conditions, weights: Floats, mixture: Floats) -> Ints | None:
    """A set of whole stations, by row, with margins of at least 0; None if none is found.

    weights: (conditions,) y that minimises D; mixture: (stations,) fractional stations of the largest margin.
    """
    found = _of_mixture(of, mixture)
    return _at_the_threshold(of, weights) if found is None else found


def _at_the_threshold(of: Conditions, weights: Floats) -> Ints | None:
    """Where the weighted margin decides nearly all stations, a small programme settles the others."""
    value = of.rate @ weights
    order = np.argsort(-value, kind="stable")
    edge = of.most if (value > 0).sum() >= of.most else max(of.fewest, int((value > 0).sum()))
    low = max(0, edge - _UNDECIDED)
    sure, open_ = order[:low], order[low : edge + _UNDECIDED]
    x = _small_programme(of, sure, open_)
    if x is None:
        return None
    for chosen in _roundings(x):
        rows = np.concatenate([sure, open_[chosen]])
        if of.fewest <= rows.size <= of.most and bool((_margins(of, rows) >= 0).all()):
            return np.sort(rows)
    return _exchanged(of, sure, open_, x)


def _exchanged(of: Conditions, sure: Ints, open_: Ints, x: Floats) -> Ints | None:
    """The nearest set, of each size at the ends and between, with stations exchanged; None if none is found."""
    few, most = max(of.fewest - sure.size, 0), min(of.most - sure.size, open_.size)
    for size in dict.fromkeys((min(max(round(float(x.sum())), few), most), few, most)):
        chosen = np.zeros(open_.size, dtype=bool)
        chosen[np.argsort(-x, kind="stable")[:size]] = True
        rows = np.concatenate([sure, open_[chosen]])
        found = exchanged(_margins(of, rows), of.rate[open_], chosen)
        if found is not None:
            return np.sort(np.concatenate([sure, open_[found]]))
    return None


def _of_mixture(of: Conditions, mixture: Floats) -> Ints | None:
    """Sets drawn from fractional stations, with stations exchanged.

    Where two conditions weigh against each other (a share's lower and its upper end), the weighted margin decides
    no station; then the mixture has thousands of fractions, and a set drawn from it is off by little.
    """
    rng = np.random.default_rng(_SEED)
    size = min(max(round(float(mixture.sum())), of.fewest), of.most)
    for _ in range(_DRAWS):
        rows = _drawn(of, mixture, size, rng)
        if not of.fewest <= rows.size <= of.most:
            continue
        others = np.setdiff1d(np.arange(mixture.size), rows)
        inside, outside = (rng.choice(r, min(_UNDECIDED, r.size), replace=False) for r in (rows, others))
        open_ = np.concatenate([inside, outside])
        chosen = np.arange(open_.size) < inside.size
        found = exchanged(_margins(of, rows), of.rate[open_], chosen)
        if found is not None:
            return np.sort(np.concatenate([np.setdiff1d(rows, inside), open_[found]]))
    return None


def _drawn(of: Conditions, mixture: Floats, size: int, rng: np.random.Generator) -> Ints:
    """`size` rows, each as likely as its fraction: systematically, by what weighs most (Madow 1949)."""
    order = np.argsort(of.rate[:, int(np.argmax(np.abs(of.rate).sum(axis=0)))])
    reached = np.cumsum(mixture[order]) * (size / max(float(mixture.sum()), 1e-12))
    at = np.searchsorted(reached, np.arange(size) + rng.random())
    return np.asarray(order[np.unique(at.clip(0, order.size - 1))])


def _small_programme(of: Conditions, sure: Ints, open_: Ints) -> Floats | None:
    """x of the undecided stations that makes the smallest margin largest, (undecided,)."""
    from scipy.optimize import linprog

    fixed, m = _margins(of, sure), of.constant.size
    scale = max(1.0, float(np.abs(of.rate[open_]).max(initial=1.0)))
    table = np.hstack([-of.rate[open_].T / scale, np.ones((m, 1))])
    count = np.append(np.ones(open_.size), 0.0)
    answer = linprog(
        np.append(np.zeros(open_.size), -1.0),
        A_ub=np.vstack([table, count, -count]),
        b_ub=np.concatenate([fixed / scale, [of.most - sure.size, sure.size - of.fewest]]),
        bounds=[(0, 1)] * open_.size + [(None, None)],
    )
    return np.asarray(answer.x)[:-1] if answer.status == 0 else None


def _roundings(x: Floats) -> Iterator[npt.NDArray[np.bool_]]:
    """The nearest rounding first, then every rounding of the fractions that are nearest to a half."""
    nearest = x > 0.5
    yield nearest
    fractions = np.flatnonzero((x > 1e-7) & (x < 1 - 1e-7))
    fractions = fractions[np.argsort(np.abs(x[fractions] - 0.5))][:_MOST_FRACTIONS]
    for bits in product((False, True), repeat=fractions.size):
        chosen = nearest.copy()
        chosen[fractions] = bits
        yield chosen


def _margins(of: Conditions, missing: Ints) -> Floats:
    return np.asarray(of.constant + of.rate[missing].sum(axis=0))
