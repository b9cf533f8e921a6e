"""What lies between stations counted by hand and by machine in the same place, at equal size.

For share and turnout alike: y_i = a_place + f(size) + d hand_i + e_i, weighted by voters on the list; d is the jump
from machine to hand. Whether there is any is asked of both together: with V the jackknife covariance of
(d_share, d_turnout), T^2 = d' V^-1 d and T^2 (G - 2) / (2 (G - 1)) ~ F(2, G - 2), G the effective number of
places that carry d (Hotelling 1931; Carter, Schnepel & Steigerwald 2017).
Stations without a counterpart of their size are left out: a regression cannot make up for those (Rubin 1973).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.arrival_within import Slope, Swept, cluster_sums, effective, sweep

__all__ = ["Gap", "counterparts", "gap"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Gap:
    """d of share and of turnout, in the units of y; the chance that nothing lies between, asked of both; what the
    share's regression leaves, as swept columns (hand is its only x)."""

    share: Slope
    turnout: Slope
    p_value: float
    swept: Swept


def counterparts(scanner: Bools, places: Ints, size: Ints, *, ratio: float = 1.25) -> Bools:
    """(stations,) whether its place has a station of the other kind whose size is within this ratio of its own."""
    # Places far apart on one axis, log sizes within them: the nearest of the other kind is found by one search.
    at = 100.0 * places + np.log(np.maximum(size, 1))
    out = np.zeros(scanner.shape, dtype=np.bool_)
    for kind in (True, False):
        own, others = at[scanner == kind], np.sort(at[scanner != kind])
        if own.size and others.size:
            above = np.searchsorted(others, own)
            near = np.minimum(
                np.abs(own - others[np.minimum(above, others.size - 1)]),
                np.abs(own - others[np.maximum(above - 1, 0)]),
            )
            out[scanner == kind] = near <= np.log(ratio) + 1e-12
    return out


def gap(share: Floats, turnout: Floats, scanner: Bools, controls: Floats, places: Ints, voters: Floats) -> Gap:
    """share, turnout, voters: (stations,); controls: (stations, c); every place has stations of both kinds."""
    from scipy.special import fdtrc

    hand = (~scanner).astype(np.float64)[:, None]
    of_share = sweep(share, hand, controls, places, voters)
    of_turnout = sweep(turnout, hand, controls, places, voters)
    d_share, off_share = _jackknife(of_share, places)
    d_turnout, off_turnout = _jackknife(of_turnout, places)
    squares = cluster_sums(voters[:, None] * of_share.x**2, places)
    count, carrying = off_share.size, float(effective(squares)[0])
    off = np.column_stack([off_share, off_turnout])
    spread = (count - 1) / count * off.T @ off
    d = np.array([d_share, d_turnout])
    square = float(d @ np.linalg.pinv(spread, hermitian=True) @ d)
    free = max(carrying - 2.0, 0.5)
    p = float(fdtrc(2, free, square * free / (2 * (free + 1))))
    se = np.sqrt(np.diag(spread))
    return Gap(Slope(d_share, float(se[0]), carrying), Slope(d_turnout, float(se[1]), carrying), p, of_share)


def _jackknife(swept: Swept, places: Ints) -> tuple[float, Floats]:
    """d, and how far it moves when each place is left out, (places,)."""
    x, weight = swept.x[:, 0], swept.weight
    parts = cluster_sums(np.column_stack([weight * x * swept.y, weight * x**2]), places)
    joint, square = parts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = joint / square
        off = (joint - parts[:, 0]) / (square - parts[:, 1]) - d
    return float(np.nan_to_num(d)), np.nan_to_num(off)
