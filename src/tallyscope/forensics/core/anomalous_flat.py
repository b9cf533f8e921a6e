"""The flat core: where the leader's ratio to all others does not depend on turnout.

Shpilkin's recipe supposes that L = c O wherever ballots are honest, whatever the turnout, and looks for the hump of
O. Here the core is found by the supposition itself: among all windows of `WIDTH` bins the one with the largest

    O(window) / (1 + (slope / TOLERANCE)^2),    slope: change of log(L/O) over the window, least squares weighted
    by O,

that is, the window with the most ballots over which the ratio keeps still. c = L(window) / O(window).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.anomalous import BINS, Curves

__all__ = ["WIDTH", "FlatCores", "flat_cores", "flat_draws"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WIDTH = 10
TOLERANCE = 0.05


@dataclass(frozen=True, eq=False)
class FlatCores:
    """One a row of the curves. `core`: (units,) the bin in the middle of the window's ballots of others, -1 where
    there are none; `low`: first bin of the window; `ratio`: c, NaN without ballots; `slope`: of log(L/O) over the
    window."""

    core: Ints
    low: Ints
    ratio: Floats
    slope: Floats


def flat_cores(curves: Curves) -> FlatCores:
    """The flat core of each row."""
    leader, others = curves.leader, curves.others
    turnout = np.broadcast_to(np.arange(BINS, dtype=np.float64), others.shape)
    log = np.log((leader + 0.5) / (others + 0.5))
    ballots, first, second, level, product = (
        _in_windows(v * others) for v in (np.ones_like(log), turnout, turnout**2, log, turnout * log)
    )
    spread = ballots * second - first**2
    known = spread > 1e-9 * np.maximum(ballots, 1) ** 2
    slope = np.where(known, (ballots * product - first * level) / np.where(known, spread, 1.0), np.inf) * WIDTH
    score = np.where(known, ballots / (1 + (np.where(known, slope, 0.0) / TOLERANCE) ** 2), -1.0)
    rows, low = np.arange(len(others)), np.argmax(score, axis=1)
    some = known[rows, low]
    middle = first[rows, low] / np.where(some, ballots[rows, low], 1.0)
    ratio = np.where(some, _in_windows(leader)[rows, low] / np.where(some, ballots[rows, low], 1.0), np.nan)
    return FlatCores(
        np.where(some, np.rint(middle), -1).astype(np.int64), low, ratio, np.where(some, slope[rows, low], np.nan)
    )


def _in_windows(values: Floats) -> Floats:
    """(units, windows) sums over `WIDTH` bins that follow one another."""
    reached = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray(reached[:, WIDTH:] - reached[:, :-WIDTH])


def flat_draws(by_unit: Curves, *, draws: int, seed: int) -> FlatCores:
    """The flat cores of `draws` countries made of the units (rows of `by_unit`), drawn with replacement."""
    units = by_unit.leader.shape[0]
    times = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=draws).astype(np.float64)
    return flat_cores(Curves(times @ by_unit.leader, times @ by_unit.others))
