"""Printed shares of a part of the count, read as shares of ballots cast and of valid votes: can they have stood?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tallyscope.claims.checks.count import Base, Count
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.core.joint import Feasibility, conditions, feasibility
from tallyscope.claims.core.single import share_bounds

__all__ = ["Reading", "read_as"]


@dataclass(frozen=True, eq=False)
class Reading:
    """The printed shares read as shares of one denominator.

    `bounds`: choice -> lowest and highest per cent with `most` protocols out. `sum_fits`: whether what the shares
    leave of 100 is what the denominator leaves (nothing, or invalid ballots); None: not all choices were printed.
    `joint`: of all printed shares at once; None where a single one or the sum is impossible already.
    """

    base: Base
    left: float | None
    sum_fits: bool | None
    bounds: Mapping[str, tuple[float, float]]
    impossible: tuple[str, ...]
    joint: Feasibility | None

    @property
    def possible(self) -> bool | None:
        """None: neither a witness nor a certificate was found."""
        if self.impossible or self.sum_fits is False:
            return False
        return None if self.joint is None else self.joint.possible


def read_as(count: Count, printed: Mapping[str, Printed], out: tuple[int, int], base: Base) -> Reading:
    """Holds the shares against the protocols. `out`: fewest and most protocols that were out."""
    columns = [count.choices.index(c) for c in printed]
    ballots, declared = count.base(base), count.declared
    totals = tuple(declared.votes[c] for c in printed)
    most = min(out[1], ballots.size - 1)
    bounds = {}
    for choice, column, total in zip(printed, columns, totals, strict=True):
        whole = (total, declared.base(base))
        low, high = share_bounds(count.votes[:, column], ballots, most, whole)
        bounds[choice] = (100 * low.share, 100 * high.share)
    impossible = tuple(c for c, p in printed.items() if bounds[c][0] > p.high or bounds[c][1] < p.low)
    left, fits = _sum(count, printed, most, base)
    joint = None
    if not impossible and fits is not False:
        shares = np.array([float(p.value) / 100 for p in printed.values()])
        half = np.array([float(p.half) / 100 for p in printed.values()])
        whole_votes = (np.array(totals, dtype=np.int64), declared.base(base))
        few = min(out[0], most)
        joint = feasibility(conditions(count.votes[:, columns], ballots, shares, half, few, most, whole_votes))
    return Reading(base, left, fits, bounds, impossible, joint)


def _sum(count: Count, printed: Mapping[str, Printed], most: int, base: Base) -> tuple[float | None, bool | None]:
    """What the shares leave of 100, and whether the denominator can leave it."""
    if set(printed) != set(count.choices):
        return None, None
    left = 100 - sum(p.value for p in printed.values())
    slack = sum(p.half for p in printed.values())
    low = high = 0.0
    if base == "cast":
        declared = count.declared
        totals = (declared.base("cast") - declared.valid, declared.base("cast"))
        below, above = share_bounds(count.cast - count.valid, count.cast, most, totals)
        low, high = 100 * below.share, 100 * above.share
    return float(left), bool(low - slack <= left <= high + slack)
