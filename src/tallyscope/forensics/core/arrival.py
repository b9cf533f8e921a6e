"""Does the leader's share drift with the order of arrival once places are held fixed?

p_i in [0, 1]: the part of all ballots that had been counted when half of those that arrived together with station i
had been. Trend: share = a_place + f(size) + b p, so that b is the change from the first to the last ballot. Jump at
t: share = a_place + f(size) + d [p > t]. The total trend (without places and sizes) is the composition's, that of
a_place + f(size), plus b, exactly: what is left of a within regression is orthogonal to p.

Whether anything drifts is asked of the trend and of all jumps together: the largest of their |z|, which are
correlated as the sums of their scores over clusters show (a max-type test; Hothorn, Bretz & Westfall 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.arrival_within import Slope, Swept, cluster_sums, slope, slopes, sweep

__all__ = ["Decomposition", "Largest", "cut_points", "decompose", "largest_of", "moments", "progress"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_DRAWS = 20_000


def progress(arrived: Ints, weight: Floats) -> Floats:
    """(stations,) p: the middle of each station's group of arrival in the count, 0 the first, 1 the last ballot.

    arrived: (stations,) times in any unit; stations of the same time are one group.
    """
    _, group = np.unique(arrived, return_inverse=True)
    ballots = np.bincount(group, weights=weight)
    total = ballots.sum()
    if total <= 0:
        return np.full(arrived.shape, 0.5)
    middle = (np.cumsum(ballots) - ballots / 2) / total
    return np.asarray(middle[group])


def cut_points(arrived: Ints, weight: Floats, *, most: int = 19, pauses: int = 3) -> Floats:
    """Where the count is cut in an earlier and a later part: values of p between groups of arrival.

    Evenly spread over the ballots between 5 % and 95 %, `most` at most, and the longest `pauses` between arrivals.
    """
    times, group = np.unique(arrived, return_inverse=True)
    counted = np.cumsum(np.bincount(group, weights=weight))[:-1] / max(float(weight.sum()), 1e-300)
    border = np.flatnonzero((counted >= 0.05) & (counted <= 0.95))
    if border.size <= most:
        return np.asarray(counted[border])
    near = np.abs(counted[border] - np.linspace(0.05, 0.95, most)[:, None]).argmin(axis=1)
    longest = np.argsort(-np.diff(times)[border], kind="stable")[:pauses]
    return np.unique(counted[border[np.concatenate([near, longest])]])


@dataclass(frozen=True)
class Decomposition:
    """The change of the share from the first to the last ballot counted: total = composition + within."""

    total: Slope
    composition: Slope
    within: Slope


def decompose(
    share: Floats, p: Floats, controls: Floats, places: Ints, weight: Floats, clusters: Ints
) -> Decomposition:
    """share, p, weight: (stations,); controls: (stations, c); places, clusters: (stations,) numbers."""
    alone = np.zeros_like(places)
    total, moved = slope(sweep(share, p[:, None], np.empty((p.size, 0)), alone, weight), clusters)
    fixed, added = slope(sweep(share, p[:, None], controls, places, weight), clusters)
    factor = total.clusters / (total.clusters - 1) if total.clusters > 1 else 0.0
    error = float(np.sqrt(factor * np.sum((moved - added) ** 2)))
    return Decomposition(total, Slope(total.value - fixed.value, error, total.clusters), fixed)


@dataclass(frozen=True)
class Largest:
    """The largest |z| of the trend (column 0) and the jumps, and the chance of one as large."""

    z: float
    column: int
    p_value: float


def moments(swept: Swept, clusters: Ints) -> tuple[Floats, Floats]:
    """z of each column of x, (k,), and how they go together where there is no effect, (k, k).

    z is b / se, Student's with one degree of freedom less than effective clusters, as a normal of the same chance
    (Wallace 1959).
    """
    value, se, carrying = slopes(swept, clusters)
    df = np.maximum(carrying - 1.0, 1.0)
    t = np.divide(value, se, out=np.zeros_like(value), where=se > 0)
    z = np.sign(t) * (8 * df + 1) / (8 * df + 3) * np.sqrt(df * np.log1p(t**2 / df))
    parts = cluster_sums(swept.x * (swept.weight * swept.y)[:, None], clusters)
    together = parts.T @ parts
    sd = np.sqrt(np.diag(together))
    sd[sd <= 0] = np.inf
    return z, together / np.outer(sd, sd)


def largest_of(z: Floats, together: Floats, seed: int = 20191020) -> Largest:
    """The max-type test: z (k,), correlated as `together` (k, k).

    The chance is simulated (20,000 draws, fixed seed); where it is so small that draws are too few, k times the
    chance of a single one (Bonferroni).
    """
    from scipy.special import ndtr

    column = int(np.argmax(np.abs(z)))
    top = float(abs(z[column]))
    values, vectors = np.linalg.eigh(together)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    drawn = np.abs(np.random.default_rng(seed).standard_normal((_DRAWS, z.size)) @ root.T).max(axis=1)
    simulated = (1 + int(np.sum(drawn >= top))) / (1 + _DRAWS)
    bound = 2.0 * z.size * float(ndtr(-top))
    return Largest(top, column, min(1.0, bound if simulated < 0.001 else simulated))
