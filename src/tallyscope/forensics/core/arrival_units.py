"""The drift in each unit of a level, how much a station stands out, and the running share with what explains it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.arrival_within import Swept

__all__ = ["Running", "UnitSlopes", "conformal_chance", "running_share", "unit_slopes"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class UnitSlopes:
    """b of each unit, (units,), with its standard error, effective clusters and p-value; NaN where none is told."""

    value: Floats
    se: Floats
    clusters: Floats
    p_value: Floats


def unit_slopes(swept: Swept, units: Ints, clusters: Ints, *, fewest: int = 10) -> UnitSlopes:
    """b of the first column of x within every unit; errors by leaving out one of its clusters after another.

    units, clusters: (stations,) numbers; a cluster lies in one unit. The p-value is two-sided, Student's with one
    degree of freedom less than effective clusters carry b (see `effective`), and told where those are `fewest`.
    """
    from scipy.special import stdtr

    count, all_clusters = int(units.max(initial=-1)) + 1, int(clusters.max(initial=-1)) + 1
    x, weight = swept.x[:, 0], swept.weight
    squares = np.bincount(units, weights=weight * x**2, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.bincount(units, weights=weight * x * swept.y, minlength=count) / squares
        unit_of = np.zeros(all_clusters, dtype=np.int64)
        unit_of[clusters] = units
        carried = np.bincount(clusters, weights=weight * x**2, minlength=all_clusters)
        carrying = squares**2 / np.bincount(unit_of, weights=carried**2, minlength=count)
        error = np.bincount(clusters, weights=weight * x * (swept.y - value[units] * x), minlength=all_clusters)
        # How far b moves when a cluster is left out: without it, less is left to divide by.
        moved = error / (squares[unit_of] - carried)
        se = np.sqrt(np.bincount(unit_of, weights=moved**2, minlength=count))
        told = (carrying >= fewest) & (se > 0) & np.isfinite(se)
        p = 2.0 * stdtr(np.maximum(carrying - 1.0, 1.0), -np.abs(value / se))
    carrying = np.nan_to_num(carrying)
    nothing = np.full(count, np.nan)
    return UnitSlopes(
        np.where(told, value, nothing), np.where(told, se, nothing), carrying, np.where(told, p, nothing)
    )


def conformal_chance(rest: Floats, ballots: Floats, leverage: Floats, asked: Bools, sign: float) -> Floats:
    """(stations,) how often another station is as far from its place as each one asked about, in direction `sign`.

    rest: share minus what place and size explain. Its variance is a + b / ballots, times what the place's own mean
    leaves of it, 1 - leverage; the rank among the others is a p-value where those asked about are like them
    (conformal prediction). NaN for the others, for stations that are most of their place, and below 100 others.
    """
    usable = (leverage < 0.9) & (ballots > 0)
    out = np.full(rest.shape, np.nan)
    others = usable & ~asked
    if others.sum() < 100:
        return out
    free = rest / np.sqrt(np.maximum(1.0 - leverage, 0.1))
    inverse = 1.0 / np.maximum(ballots, 1.0)
    design = np.column_stack([np.ones(int(others.sum())), inverse[others]])
    a, b = np.linalg.lstsq(design, free[others] ** 2, rcond=None)[0]
    low = 0.05 * float(np.mean(free[others] ** 2))
    far = sign * free / np.sqrt(np.maximum(a + b * inverse, low) if low > 0 else 1.0)
    ordered = np.sort(far[others])
    beyond = ordered.size - np.searchsorted(ordered, far[usable & asked], side="left")
    out[usable & asked] = (1.0 + beyond) / (1.0 + ordered.size)
    return out


@dataclass(frozen=True, eq=False)
class Running:
    """After `counted` of the ballots (points,): the running share, and what it would be by composition alone."""

    counted: Floats
    share: Floats
    composition: Floats


def running_share(share: Floats, drift: Floats, p: Floats, weight: Floats, *, points: int = 100) -> Running:
    """share: (stations,) per cent; drift: (stations,) what is not composition. Both end at the same final share."""
    order = np.argsort(p, kind="stable")
    ballots = np.cumsum(weight[order])
    total = max(float(ballots[-1]), 1e-300) if ballots.size else 1.0
    # Stations that came together are one step: running shares are told after whole groups.
    last = np.flatnonzero(np.append(np.diff(p[order]) > 0, True))
    wanted = np.searchsorted(ballots[last] / total, np.linspace(0.01, 1.0, points), side="left")
    at = last[np.unique(np.minimum(wanted, last.size - 1))]
    run = np.cumsum((weight * share)[order])[at] / ballots[at]
    same = np.cumsum((weight * (share - drift))[order])
    shift = float(np.sum(weight * drift)) / total
    return Running(ballots[at] / total, run, same[at] / ballots[at] + shift)
