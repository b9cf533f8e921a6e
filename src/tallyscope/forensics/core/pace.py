"""The pace of voting: increments between the hours at which turnout is told, queues, falls, regularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Falls", "Regularity", "beyond_queue", "falls", "increments", "queue_limit", "regularity"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: A registrar needs at least so many seconds for a voter; there is one for so many voters on the list, two at
#: least. Both are generous on purpose: what goes beyond could hardly have stood at the tables.
SECONDS, VOTERS, REGISTRARS = 40, 300, 2
_FEWEST, _SMALLEST = 8, 50


@dataclass(frozen=True, eq=False)
class Falls:
    """`where`: (stations,) whether turnout falls at some hour; `most`: (stations,) by how many voters at most."""

    where: npt.NDArray[np.bool_]
    most: Ints


@dataclass(frozen=True, eq=False)
class Regularity:
    """Dispersion of one interval in each unit: X^2 / (stations - 1), 1 for chance; `p_value`: of so little.

    NaN for units of fewer than eight stations with fifty voters.
    """

    stations: Ints
    dispersion: Floats
    p_value: Floats


def increments(by_hour: Ints, total: Ints) -> Ints:
    """(stations, hours + 1) voters until the first hour, between hours, and after the last one.

    `by_hour`: (stations, hours) who had taken part by each hour; `total`: in the end. They add up to `total`.
    """
    edges = np.column_stack([np.zeros(total.size, dtype=np.int64), by_hour, total])
    return np.diff(edges, axis=1)


def falls(steps: Ints) -> Falls:
    """Where a later count is below an earlier one, which cannot be. `steps`: (stations, intervals) increments."""
    most = np.maximum(-steps, 0).max(axis=1, initial=0)
    return Falls(most > 0, most)


def queue_limit(registered: Ints, hours: float) -> Floats:
    """(stations,) how many voters can be served in so many hours: registrars x time / time for a voter."""
    registrars = np.maximum(np.ceil(registered / VOTERS), REGISTRARS)
    return np.asarray(registrars * hours * 3600 / SECONDS)


def beyond_queue(steps: Ints, registered: Ints, hours: Floats) -> npt.NDArray[np.bool_]:
    """(stations, intervals) increments beyond `queue_limit`. `hours`: (intervals,); NaN: not known, no limit."""
    limits = np.column_stack([queue_limit(registered, float(h)) for h in np.nan_to_num(hours, nan=np.inf)])
    return np.asarray(steps > limits)


def regularity(count: Ints, total: Ints, unit: Ints, units: int) -> Regularity:
    """Whether stations of a unit are more alike than tossed coins: X^2 = sum (x - n p)^2 / (n p (1 - p)), p pooled.

    Honest stations differ more than by chance, never less, so that the lower tail of chi^2 with stations - 1
    degrees of freedom is a conservative p-value.
    """
    from scipy.special import gammainc

    kept = total >= _SMALLEST
    x, n, at = count[kept], total[kept], unit[kept]
    stations = np.bincount(at, minlength=units)
    whole = np.bincount(at, n, minlength=units)
    p = np.bincount(at, x, minlength=units) / np.maximum(whole, 1)
    variance = n * (p * (1 - p))[at]
    square = np.bincount(at, (x - n * p[at]) ** 2 / np.maximum(variance, 1e-12), minlength=units)
    told = (stations >= _FEWEST) & (p > 0) & (p < 1)
    freedom = np.maximum(stations - 1, 1)
    chance = gammainc(freedom / 2, square / 2)
    return Regularity(stations, np.where(told, square / freedom, np.nan), np.where(told, chance, np.nan))
