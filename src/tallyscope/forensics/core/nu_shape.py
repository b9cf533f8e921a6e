"""The shape of nu = log((N - W) / W): its skewness within territories, against that of the mirrored country.

Klimek, Yegorov, Hanel & Thurner (PNAS 2012) note that the logarithmic vote rate nu is close to normal where an
election is clean: skewness and excess kurtosis near zero. They are not zero: (N - W) / W, which is
(1 + e^-t)(1 + e^-s) - 1, is no linear function of the logits t of turnout and s of share, small stations carry
skewed binomial noise, and places differ. What they would be is read off the country mirrored: every station is
reflected in the middle of its territory, t and s together. If stations are as often above their territory as below
it, the mirrored country has the same law, whatever correlation, spread or tails it has, and

    part_i = w_i [psi(y_i) - psi(y'_i)],    y = -(nu - mean of its territory) / scale,    y' = the same, mirrored,

is odd: sums over places are symmetric about zero. Ballots added for the leader draw nu out to the left, y to the
right. Noise is taken away as in `fingerprint_mirror`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.fingerprint_mirror import (
    Deviations,
    cube,
    group_mean,
    two_points,
    without_straight,
)

__all__ = ["Moments", "Nu", "log_vote_rate", "moments", "nu_parts", "through_noise"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Skewness and excess kurtosis."""

    skewness: float
    excess_kurtosis: float


@dataclass(frozen=True, eq=False)
class Nu:
    """All (stations,). `part`: see above; `within`, `mirrored`: deviations of nu from its territory's mean."""

    part: Floats
    within: Floats
    mirrored: Floats


def log_vote_rate(registered: Ints, leader: Ints) -> Floats:
    """(stations,) log((N - W + 1/2) / (W + 1/2)): the halves keep it finite (Haldane 1956)."""
    return np.asarray(np.log((registered - leader + 0.5) / (leader + 0.5)))


def moments(values: Floats) -> Moments:
    """Skewness m3 / m2^(3/2) and excess kurtosis m4 / m2^2 - 3 of values that are not all alike, else zero."""
    d = values - values.mean() if values.size else values
    square = d * d
    second = float(square.mean()) if values.size else 0.0
    if second < 1e-18:
        return Moments(0.0, 0.0)
    return Moments(float(np.mean(square * d)) / second**1.5, float(np.mean(square * square)) / second**2 - 3.0)


def nu_parts(d: Deviations, territory: Ints) -> Nu:
    """Parts of the skewness of nu beyond the mirrored country's, station by station; territory: (stations,)."""
    y, mirrored = _y(d, d.turnout, d.share), _y(d, -d.turnout, -d.share)
    middle, middle_mirrored = group_mean(y, territory), group_mean(mirrored, territory)
    # The scale of both countries, so that the mirrored one has exactly the opposite parts.
    apart = np.concatenate([y - middle, mirrored - middle_mirrored])
    scale = max(float(np.median(np.abs(apart))) * 1.4826, 1e-9) if y.size else 1.0

    def odd(turnout: Floats, share: Floats) -> Floats:
        seen = cube((_y(d, turnout, share) - middle) / scale)
        return seen - cube((_y(d, -turnout, -share) - middle_mirrored) / scale)

    part = without_straight(d.trust * through_noise(odd, d), d)
    return Nu(part, middle - y, middle_mirrored - mirrored)


def _y(d: Deviations, turnout: Floats, share: Floats) -> Floats:
    """-nu at these deviations from the territory: minus log((1 + e^-t)(1 + e^-s) - 1)."""
    t, s = np.exp(-(d.at_turnout + turnout)), np.exp(-(d.at_share + share))
    return np.asarray(-np.log(t + s + t * s))


def through_noise(f: Callable[[Floats, Floats], Floats], d: Deviations) -> Floats:
    """f(turnout, share) of the deviations, (..., stations), less what one more helping of binomial noise would add.

    The noise of turnout and of share are independent, each on two points with its own variance and third moment.
    """
    up_t, low_t, weight_t = two_points(d.noise_turnout, d.skew_turnout)
    up_s, low_s, weight_s = two_points(d.noise_share, d.skew_share)
    now = f(d.turnout, d.share)
    more = np.zeros_like(now)
    for by_t, of_t in ((up_t, weight_t), (low_t, 1 - weight_t)):
        for by_s, of_s in ((up_s, weight_s), (low_s, 1 - weight_s)):
            more += of_t * of_s * f(d.turnout + by_t, d.share + by_s)
    return np.asarray(2 * now - more)
