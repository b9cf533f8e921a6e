"""How well every amount and concentration of stuffing explains the stations of a group: profile likelihoods.

The histogram of a group's positions is compared with every template; mu and sigma are the group's own and maximised
over. Amounts may be negative: the mirror image, ballots that the leader lacks, so that a clean election errs to
either side alike. Stations weigh by their voters (votes are asked for), scaled to the effective number of
stations; evidence is divided by the design effect (Kish 1965), because stations of a territory resemble one
another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.stuffing_axis import Axis
from tallyscope.forensics.core.stuffing_family import (
    BINS,
    CONCENTRATIONS,
    MU,
    REACH,
    SIGMA,
    amounts,
    finer,
    templates,
)

__all__ = ["Evidence", "Skewness", "evidence", "skewness", "voter_weights"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Positions beyond this weigh as if they were there, in the test.
_FAR = 4.0


@dataclass(frozen=True, eq=False)
class Evidence:
    """`log`: (groups, concentrations, amounts) log likelihood against no stuffing. `amount`: (concentrations,
    amounts) ballots stuffed for each voter left at home, ascending, negative ones first."""

    log: Floats
    amount: Floats


@dataclass(frozen=True, eq=False)
class Skewness:
    """The mean third Hermite polynomial of standardised positions, by unit: 0 where nothing was done.

    `value`, `sum`, `weight`: (groups,) mean, weighted sum and weight; `each`: (stations,) the weighted terms.
    """

    value: Floats
    sum: Floats
    weight: Floats
    each: Floats


def voter_weights(registered: Ints) -> Floats:
    """(stations,) proportional to voters, adding up to the effective number of stations (Kish 1965)."""
    voters = registered.astype(np.float64)
    return np.asarray(voters * voters.sum() / (voters @ voters))


def skewness(position: Floats, weight: Floats, group: Ints) -> Skewness:
    """H3(u) = u^3 - 3u of u = position standardised within its group (mean and standard deviation).

    H3 is orthogonal to errors in the centre and the spread; stuffing makes it positive, at first order the only
    trace that neither a shift nor a wider spread can make.
    """
    u = np.clip(position, -_FAR, _FAR)
    weights = np.bincount(group, weight).astype(np.float64)
    u = u - (np.bincount(group, weight * u) / weights)[group]
    spread = np.sqrt(np.bincount(group, weight * u * u) / weights)
    u = u / np.maximum(spread, 1e-9)[group]
    each = weight * (u**3 - 3 * u)
    total = np.bincount(group, each).astype(np.float64)
    return Skewness(total / weights, total, weights, each)


def design_effect(terms: Floats, cluster: Ints) -> float:
    """Variance of the sum of `terms` (stations,) over clusters, over what independent ones would have; at least
    1."""
    apart = float(terms @ terms)
    together = np.bincount(cluster, terms)
    return max(1.0, float(together @ together) / apart) if apart > 0 else 1.0


def evidence(axis: Axis, weight: Floats, groups: int, effect: float) -> Evidence:
    """The evidence of every group; `effect`: the design effect."""
    place = np.clip(((axis.position + REACH) * (BINS / (2 * REACH))).astype(np.int64), 0, BINS - 1)
    counts = np.bincount(axis.group * BINS + place, weight, groups * BINS).astype(np.float64).reshape(groups, BINS)
    # Sums of thousands of logarithms in single precision depend on how many threads share them.
    shapes = templates(axis).astype(np.float64)
    more, less = (_profile(c, shapes) for c in (counts, np.ascontiguousarray(counts[:, ::-1])))
    sides = [_against_nothing(side) / effect for side in (less, more)]
    amount = amounts()
    nothing = np.zeros((groups, len(CONCENTRATIONS), 1))
    return Evidence(
        np.concatenate([sides[0][..., ::-1], nothing, sides[1]], axis=2),
        np.concatenate([-amount[:, ::-1], np.zeros((len(CONCENTRATIONS), 1)), amount], axis=1),
    )


def _against_nothing(profile: Floats) -> Floats:
    """(groups, concentrations, finer means) from (groups, 1 + concentrations * means)."""
    apart = profile[:, 1:] - profile[:, :1]
    return np.asarray(apart.reshape(profile.shape[0], len(CONCENTRATIONS), -1) @ finer())


def _profile(counts: Floats, shapes: Floats) -> Floats:
    """(groups, shapes) log likelihood, its maximum over mu and sigma from the parabola through 3 x 3 points."""
    kinds = shapes.shape[2]
    log = (counts @ shapes.reshape(-1, BINS).T).reshape(counts.shape[0], MU.size * SIGMA.size, kinds)
    best = np.argmax(log, axis=1)
    i, j = np.divmod(best, SIGMA.size)
    i, j = np.clip(i, 1, MU.size - 2), np.clip(j, 1, SIGMA.size - 2)
    rows, columns = np.arange(counts.shape[0])[:, None], np.arange(kinds)[None]

    def at(di: int, dj: int) -> Floats:
        return np.asarray(log[rows, (i + di) * SIGMA.size + j + dj, columns], dtype=np.float64)

    centre, right, left, up, down = at(0, 0), at(1, 0), at(-1, 0), at(0, 1), at(0, -1)
    gx, gy = (right - left) / 2, (up - down) / 2
    hx, hy = np.minimum(right + left - 2 * centre, -1e-9), np.minimum(up + down - 2 * centre, -1e-9)
    hxy = (at(1, 1) + at(-1, -1) - at(1, -1) - at(-1, 1)) / 4
    determinant = hx * hy - hxy**2
    safe = determinant > 1e-12
    divisor = np.where(safe, determinant, 1.0)
    dx = np.clip(np.where(safe, (hxy * gy - hy * gx) / divisor, -gx / hx), -1, 1)
    dy = np.clip(np.where(safe, (hxy * gx - hx * gy) / divisor, -gy / hy), -1, 1)
    return np.asarray(centre + gx * dx + gy * dy + (hx * dx**2 + hy * dy**2) / 2 + hxy * dx * dy)
