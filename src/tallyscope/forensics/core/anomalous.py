"""Anomalous votes: what the leader has beyond a constant ratio to the others (Shpilkin 2009-2024).

L(b), O(b): the leader's votes and all other ballots of the stations (N > 100) whose turnout is in bin b, that is in
(b, b+1] %. Where ballots are cast honestly and support does not depend on turnout, L = c O in every bin. With c
taken in the core, the hump of ordinary turnout: c = L(core)/O(core), and the

    anomalous votes = sum over all bins of L(b) - c O(b),

which can be negative. Core finders are functions of the two curves: `core_finder`, `anomalous_flat`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "BINS",
    "SMALLEST",
    "Curves",
    "anomalous_votes",
    "curves_by_unit",
    "ratios",
    "turnout_bin",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Turnout bins of one percentage point: bin b is (b, b + 1] %.
BINS = 100
#: Stations must have more voters on their list than this.
SMALLEST = 100


@dataclass(frozen=True)
class Curves:
    """Votes by turnout, one row a unit (a territory, a replicate, or the whole country as the only row).

    leader, others: (units, bins) ballots; others are all ballots cast but the leader's, invalid ones too.
    """

    leader: Floats
    others: Floats

    def total(self) -> Curves:
        """The units taken together: curves of one row."""
        return Curves(self.leader.sum(axis=0, keepdims=True), self.others.sum(axis=0, keepdims=True))


def turnout_bin(registered: Ints, cast: Ints) -> Ints:
    """(stations,) bin b with turnout in (b, b + 1] %, in exact arithmetic; 0 for no ballots, 99 from 99 % up."""
    return np.clip(-(-100 * cast // np.maximum(registered, 1)) - 1, 0, BINS - 1)


def curves_by_unit(registered: Ints, cast: Ints, leader: Ints, unit: Ints, units: int) -> Curves:
    """Curves of the stations with more than `SMALLEST` voters; registered, cast, leader, unit: (stations,)."""
    used = registered > SMALLEST
    place = unit[used] * BINS + turnout_bin(registered[used], cast[used])
    votes, ballots = leader[used], cast[used]
    return Curves(_added(place, votes, units), _added(place, ballots - votes, units))


def _added(place: Ints, ballots: Ints, units: int) -> Floats:
    added = np.bincount(place, weights=ballots.astype(np.float64), minlength=units * BINS)
    return np.asarray(added, dtype=np.float64).reshape(units, BINS)


def ratios(curves: Curves) -> Floats:
    """(units, bins) c = L(b)/O(b); NaN where the others have no ballot."""
    ratio = np.full(curves.leader.shape, np.nan)
    np.divide(curves.leader, curves.others, out=ratio, where=curves.others > 0)
    return ratio


def anomalous_votes(curves: Curves, ratio: Floats) -> Floats:
    """sum over the bins of L(b) - c O(b) of the first row of `curves`, for each ratio c, in votes."""
    return np.asarray(curves.leader[0].sum() - ratio * curves.others[0].sum(), dtype=np.float64)
