"""The integer-percentage test: how many more stations report an integer percentage than chance explains.

Kobak, Shpilkin & Pshenichnikov (Annals of Applied Statistics 2016), with exact sums in place of 1,000 simulated
elections. N registered, g issued, r cast, l the leader's votes; turnout 100 g/N, share 100 l/r. Null: in every
station independent g* ~ Bin(N, g/N) and l* ~ Bin(r, l/r). A station's turnout, share, or either one (union) is an
integer with chance q1, q2, 1 - (1 - q1)(1 - q2); the number of such stations is Poisson-binomial, so its mean, its
variance and its upper tail are exact. Weighted counts keep the weights as observed (N, g or l of the station, not
drawn anew), so that their mean is sum w q and their variance sum w^2 q (1 - q).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.integer import expected_by_percent, integer_probability, is_integer_percentage
from tallyscope.forensics.core.integer_counts import PERCENTS
from tallyscope.forensics.core.poisson_binomial import log_upper_tail, upper_tails

__all__ = [
    "STATISTICS",
    "Excess",
    "GroupExcess",
    "Percentages",
    "Profile",
    "excess",
    "group_excess",
    "percentages",
    "profile",
    "usable_stations",
    "weighted_excess",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

STATISTICS = ("union", "share", "turnout")


@dataclass(frozen=True)
class Excess:
    """Observed, expected and excess (in stations, or in the unit of the weights), and the null's sd.

    `p_value`: P(at least the observed count) under the null, one-sided; `log10_p` does not underflow. None for
    weighted counts, of which only mean and variance are computed.
    """

    observed: float
    expected: float
    excess: float
    sd: float
    p_value: float | None = None
    log10_p: float | None = None


@dataclass(frozen=True)
class GroupExcess:
    """The same of many groups at once, (groups,) each; p_value is 1 for a group without stations."""

    stations: Ints
    observed: Ints
    expected: Floats
    sd: Floats
    p_value: Floats


@dataclass(frozen=True)
class Percentages:
    """For each of `STATISTICS`, (stations,): is the station an integer one, and with what chance."""

    integer: Mapping[str, Bools]
    chance: Mapping[str, Floats]


@dataclass(frozen=True)
class Profile:
    """Stations whose percentage is (about) the integer 0, 1 ... 100: (101,) observed and expected."""

    observed: Ints
    expected: Floats


def usable_stations(registered: Ints, issued: Ints, cast: Ints, leader: Ints, smallest: int = 100) -> Bools:
    """(stations,) the published filter: r > 0, N >= smallest, g/N <= .99, l/r <= .99, in exact arithmetic.

    A station with a negative figure is not usable either.
    """
    sound = (registered >= smallest) & (cast > 0) & (issued >= 0) & (leader >= 0)
    return sound & (100 * issued <= 99 * registered) & (100 * leader <= 99 * cast)


def percentages(registered: Ints, issued: Ints, cast: Ints, leader: Ints) -> Percentages:
    """Integer flags and their exact chances; all (stations,) int, usable stations only."""
    of_turnout, of_share = is_integer_percentage(issued, registered), is_integer_percentage(leader, cast)
    both = integer_probability(np.concatenate([issued, leader]), np.concatenate([registered, cast]))
    turnout, share = both[: issued.size], both[issued.size :]
    return Percentages(
        integer={"union": of_turnout | of_share, "share": of_share, "turnout": of_turnout},
        chance={"union": 1 - (1 - turnout) * (1 - share), "share": share, "turnout": turnout},
    )


def profile(count: Ints, size: Ints) -> Profile:
    """Stations at each integer percentage 100 count/size, observed and expected; count, size: (stations,) int."""
    integer = is_integer_percentage(count, size)
    rounded = (200 * count[integer] + size[integer]) // (2 * size[integer])
    return Profile(np.bincount(rounded, minlength=PERCENTS), expected_by_percent(count, size))


def excess(integer: Bools, chance: Floats) -> Excess:
    """The count of integer stations against its exact null; integer, chance: (stations,)."""
    observed, expected = int(integer.sum()), float(chance.sum())
    log_p = log_upper_tail(chance, observed)
    sd = sqrt(float((chance * (1 - chance)).sum()))
    return Excess(observed, expected, observed - expected, sd, min(1.0, exp(log_p)), log_p / log(10))


def weighted_excess(integer: Bools, chance: Floats, weight: Ints) -> Excess:
    """The same in voters or ballots: each station counts `weight`, (stations,), which is held as observed."""
    w = weight.astype(np.float64)
    observed, expected = float(w[integer].sum()), float((w * chance).sum())
    return Excess(observed, expected, observed - expected, sqrt(float((w * w * chance * (1 - chance)).sum())))


def group_excess(integer: Bools, chance: Floats, group: Ints, groups: int) -> GroupExcess:
    """The count of integer stations in each group; group: (stations,) in 0 .. groups - 1."""
    variance = np.bincount(group, weights=chance * (1 - chance), minlength=groups)
    return GroupExcess(
        stations=np.bincount(group, minlength=groups),
        observed=np.bincount(group, weights=integer, minlength=groups).astype(np.int64),
        expected=np.asarray(np.bincount(group, weights=chance, minlength=groups), dtype=np.float64),
        sd=np.sqrt(variance),
        p_value=upper_tails(chance, integer, group, groups),
    )
