"""The mirrored country: whether stations lean to high turnout and high share together, and to nothing opposite.

An honest country is heterogeneous: places differ, turnout and share correlate, tails are heavy. What the null asks
for is only this: within a territory, the logits of turnout and share of a station,

    d = (logit a - mean of the territory - slope * size,   logit v - ...),

are as often d as -d. Of normal logits that holds whatever the means, spreads and correlation are. Ballots added for
the leader (Klimek, Yegorov, Hanel & Thurner 2012) move stations one way only, up in both. The odd statistic

    U_c = sum over the stations of a place c of w psi(q),    q = (d_a / s_a + d_v / s_v) / sqrt(2 + 2 rho),

has a law symmetric about zero place by place, so T = sum U_c / sqrt(sum U_c^2) is a self-normalised sum whatever
the laws of the places are (Efron 1969), and t = T sqrt((C - 1) / (C - T^2)) is referred to Student's law. psi is a
cube that levels off, so that single stations do not decide, less what is straight in it. Binomial noise is skewed
and larger on one side; what one more helping of it would add is taken away (Cook & Stefanski 1994,
simulation-extrapolation, here by exact sums).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "Asymmetry",
    "Deviations",
    "asymmetry",
    "between",
    "cluster_test",
    "cube",
    "deviations",
    "diagonal",
    "group_mean",
    "logistic",
    "two_points",
    "upper_tail",
    "without_noise",
    "without_straight",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Standardised deviation at which the cube has levelled off.
_LEVEL = 3.0
#: Median absolute deviation -> standard deviation of a normal law.
_MAD = 1.4826


@dataclass(frozen=True, eq=False)
class Deviations:
    """Of every station, (stations,): `turnout`, `share`: logit less its territory's mean and size; `at_turnout`,
    `at_share`: that mean; `noise_*`, `skew_*`: variance and third moment of binomial noise;
    `scale_*`: honest standard deviation of a station of this size; `trust`: its squared reliability."""

    turnout: Floats
    share: Floats
    at_turnout: Floats
    at_share: Floats
    noise_turnout: Floats
    noise_share: Floats
    skew_turnout: Floats
    skew_share: Floats
    scale_turnout: Floats
    scale_share: Floats
    trust: Floats


@dataclass(frozen=True)
class Asymmetry:
    """`t`: Student's t of the sum over places; `places`: how many; `p_value`: one-sided, towards the leader."""

    t: float
    places: int
    p_value: float


def logistic(x: Floats) -> Floats:
    """1 / (1 + exp(-x))."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def group_mean(values: Floats, group: Ints) -> Floats:
    """The mean of each group at each of its members, (members,)."""
    return np.asarray((np.bincount(group, weights=values) / np.maximum(np.bincount(group), 1))[group])


def deviations(registered: Ints, cast: Ints, leader: Ints, territory: Ints) -> Deviations:
    """Deviations of stations, all (stations,): voters, ballots, the leader's ballots, territory numbers from 0."""
    t, noise_t, skew_t = _logit(cast, registered)
    s, noise_s, skew_s = _logit(leader, cast)
    size = np.log(registered)
    size = size - group_mean(size, territory)
    square = float(size @ size)
    at_t, at_s = group_mean(t, territory), group_mean(s, territory)
    dt, ds = (_without_size(x, size, square) for x in (t - at_t, s - at_s))
    typical_t, typical_s = logistic(np.array([np.median(t), np.median(s)])).tolist()
    # Of the size alone, never of the result: a scale that knew the turnout would undo the symmetry.
    voters = registered.astype(np.float64)
    by_size_t = 1.0 / (voters * typical_t * (1 - typical_t))
    by_size_s = 1.0 / (voters * typical_t * typical_s * (1 - typical_s))
    own_t, own_s = _own_variance(dt, by_size_t), _own_variance(ds, by_size_s)
    trust = (own_t / (own_t + by_size_t) * own_s / (own_s + by_size_s)) ** 2
    scale_t, scale_s = np.sqrt(own_t + by_size_t), np.sqrt(own_s + by_size_s)
    return Deviations(dt, ds, at_t, at_s, noise_t, noise_s, skew_t, skew_s, scale_t, scale_s, trust)


def _logit(count: Ints, total: Ints) -> tuple[Floats, Floats, Floats]:
    """Empirical logit, its sampling variance 1/npq and third central moment 2(2p - 1)/(npq)^2 to that order."""
    yes, no = count + 0.5, total - count + 0.5
    variance = (yes + no) / (yes * no)
    return np.log(yes / no), variance, 2.0 * (yes - no) / (yes + no) * variance**2


def _without_size(values: Floats, size: Floats, square: float) -> Floats:
    rest = values - (float(values @ size) / square if square > 0 else 0.0) * size
    # What is alike is alike: the rounding of means is not a deviation.
    return np.where(np.abs(rest) < 1e-9, 0.0, rest)


def _own_variance(deviation: Floats, noise: Floats) -> float:
    """Robust variance between stations of a territory beyond binomial noise, at least a quarter of the whole."""
    whole = max(float(np.median(np.abs(deviation))) * _MAD, 1e-9) ** 2
    return max(whole - float(np.median(noise)), 0.25 * whole)


def cube(u: Floats) -> Floats:
    """u^3 / (1 + (u / 3)^4)^(3/4): the cube of small deviations, at most 27 for large ones; odd."""
    square = u * u
    root = np.sqrt(1.0 + (square / _LEVEL**2) ** 2)
    return np.asarray(u * square / (root * np.sqrt(root)))


def two_points(variance: Floats, third: Floats) -> tuple[Floats, Floats, Floats]:
    """The law on two points with mean 0, this variance and third moment: upper, lower, weight of the upper."""
    sd = np.sqrt(variance)
    half = third / np.maximum(sd, 1e-12) ** 3 / 2
    root = np.sqrt(1.0 + half * half)
    upper, lower = sd * (half + root), sd * (half - root)
    return upper, lower, -lower / np.maximum(upper - lower, 1e-300)


def diagonal(d: Deviations) -> tuple[Floats, Floats, Floats]:
    """q of each station, up in turnout and share together, with its noise variance and third moment."""
    a, b = d.turnout / d.scale_turnout, d.share / d.scale_share
    rho = float(np.mean(np.clip(a, -2.5, 2.5) * np.clip(b, -2.5, 2.5))) if a.size else 0.0
    f = 1.0 / np.sqrt(max(2.0 + 2.0 * rho, 0.2))
    noise = f**2 * (d.noise_turnout / d.scale_turnout**2 + d.noise_share / d.scale_share**2)
    skew = f**3 * (d.skew_turnout / d.scale_turnout**3 + d.skew_share / d.scale_share**3)
    return f * (a + b), noise, skew


def without_noise(q: Floats, noise: Floats, skew: Floats) -> Floats:
    """psi(q) less what one more helping of noise would add to it."""
    upper, lower, weight = two_points(noise, skew)
    return 2 * cube(q) - (weight * cube(q + upper) + (1 - weight) * cube(q + lower))


def asymmetry(d: Deviations) -> Floats:
    """w psi(q) of each station, (stations,): its mean is zero in a country that is as often d as -d."""
    return without_straight(d.trust * without_noise(*diagonal(d)), d)


def without_straight(part: Floats, d: Deviations) -> Floats:
    """The parts, (stations,), less what is straight in d (weighted least squares): that much says nothing of shape.

    Deviations sum to zero in every territory, so straight parts would cancel, were it not for unequal weights.
    """
    straight = np.stack([d.turnout / d.scale_turnout, d.share / d.scale_share])
    matrix = (straight * d.trust) @ straight.T
    slope = np.linalg.lstsq(matrix, straight @ part, rcond=None)[0]
    return np.asarray(part - d.trust * (slope @ straight))


def cluster_test(part: Floats, cluster: Ints) -> Asymmetry:
    """One-sided test that the parts, (stations,), sum to more than zero; clusters are independent."""
    sums = np.bincount(cluster, weights=part)
    sums = sums[np.bincount(cluster) > 0]
    square, places = float(sums @ sums), int(sums.size)
    if places < 2 or square <= 0:
        return Asymmetry(0.0, places, 0.5)
    own = float(sums.sum()) / np.sqrt(square)
    t = own * np.sqrt((places - 1) / max(places - own**2, 1e-9))
    return Asymmetry(float(t), places, upper_tail(t, places - 1))


def upper_tail(t: float, freedom: int) -> float:
    """P(Student's t with so many degrees of freedom > t)."""
    from scipy.special import stdtr

    return float(stdtr(freedom, -t))


def between(registered: Ints, cast: Ints, leader: Ints, place: Ints, above: Ints) -> tuple[Floats, Ints]:
    """The same parts for places in the place of stations: their mean logits against others of the unit above.

    place, above: (stations,) numbers from 0. Answers (places,) parts and the unit of each; units of fewer than
    five places are left out. Small places count like large ones.
    """
    n = np.bincount(place)
    parent = np.zeros(n.size, dtype=np.int64)
    parent[place] = above
    logits = [_logit(cast, registered)[0], _logit(leader, cast)[0], np.log(registered)]
    means = [np.bincount(place, weights=x) / np.maximum(n, 1) for x in logits]
    kept = (n > 0) & (np.bincount(parent)[parent] >= 5)
    if kept.sum() < 10:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    parent = np.unique(parent[kept], return_inverse=True)[1].astype(np.int64)
    t, s, size = (x[kept] - group_mean(x[kept], parent) for x in means)
    square = float(size @ size)
    scaled = [_robust(_without_size(x, size, square)) for x in (t, s)]
    rho = float(np.mean(np.clip(scaled[0], -2.5, 2.5) * np.clip(scaled[1], -2.5, 2.5)))
    return cube((scaled[0] + scaled[1]) / np.sqrt(max(2 + 2 * rho, 0.2))), parent


def _robust(values: Floats) -> Floats:
    scale = float(np.median(np.abs(values))) * _MAD
    return values / scale if scale > 0 else np.zeros_like(values)
