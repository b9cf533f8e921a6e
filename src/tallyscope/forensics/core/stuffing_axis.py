"""The axis along which stuffed ballots move a polling station, and where on it each station stands.

z, l, y: registered voters who stayed at home, who were counted for the leader, and all others, as shares; t = 1 -
z, s = l / t. Ballots stuffed for the leader for a share x of those who stayed at home leave y alone:

    z -> (1 - x) z,    l -> l + x z,    so that, with a = logit t and b = logit s,
    a -> a + log(1 + x z/t) - log(1 - x),    b -> b + log(1 + x z/l),

for small x a move of x (1/t, z/l) =: x v. Where nothing was done (a, b) is taken as bivariate normal with
covariance S around the centre of the station's group, once the size of the station is allowed for. No linear
figure shows the move better than Fisher's (1936) discriminant

    w = v' S^-1 (a - a0, b - b0) / sqrt(v' S^-1 v),

which is normal where nothing was done, whatever the honest correlation of turnout and share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Axis", "group_quantiles", "stuffing_axis", "votes_for_shift"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: The share of a normal distribution below its mean less one standard deviation.
_LOWER = 0.15865525393145707
_MAD = 1.482602218505602
_SMALLEST_SCALE = 0.05
_NEARLY_ALL = 0.9999
#: Standard deviations at which deviations are cut before they are correlated; the largest correlation believed.
_DRAWN_IN, _MOST_ALIKE = 2.0, 0.95


@dataclass(frozen=True, eq=False)
class Axis:
    """`position`: (stations,) w from the group's median in units of its lower half's standard deviation.

    `slopes`: of w on a and b, before that unit; `scale`: (groups,) the unit; `turnout`, `share`: t and s of the
    typical (median) station; `group`: (stations,) as given.
    """

    position: Floats
    slopes: tuple[float, float]
    scale: Floats
    turnout: float
    share: float
    group: Ints

    @property
    def unit(self) -> float:
        """The unit of the typical group."""
        return float(np.median(self.scale))


def stuffing_axis(registered: Ints, cast: Ints, leader: Ints, group: Ints, groups: int) -> Axis | None:
    """The axis of these stations (cast <= registered, leader <= cast, both positive); None if all are alike.

    group: (stations,) numbers below `groups`, each with a station. Centres are medians, spreads those of the lower
    half, where stuffed stations are few: stuffing only adds.
    """
    a, b = _logit(cast, registered), _logit(leader, cast)
    t, s = float(np.median(cast / registered)), float(np.median(leader / cast))
    counts = np.bincount(group, minlength=groups)
    by_size = _by_size(np.log(registered))
    a, b = (_without_size(v, by_size, group, counts) for v in (a, b))
    spread = [_MAD * float(np.median(np.abs(v))) for v in (a, b)]
    if min(spread) < 1e-6 or not 0 < t < 1 or not 0 < s < 1:
        return None
    slopes = _slopes(a, b, spread, np.array([1 / t, (1 - t) / (t * s)]))
    raw = slopes[0] * a + slopes[1] * b
    middle, low = group_quantiles(raw, group, counts, (0.5, _LOWER))
    scale = np.maximum(middle - low, _SMALLEST_SCALE)
    position = (raw - middle[group]) / scale[group]
    position -= _counting_skewness(slopes, t, s) / (6 * registered * scale[group] ** 3) * _hermite(position)
    return Axis(position, slopes, scale, t, s, group)


def _logit(part: Ints, whole: Ints) -> Floats:
    """log((k + 1/2) / (n - k + 1/2)), nearly unbiased (Haldane 1956)."""
    return np.asarray(np.log((part + 0.5) / (whole - part + 0.5)))


def _hermite(position: Floats) -> Floats:
    return np.asarray(np.clip(position, -4, 4) ** 2 - 1)


def group_quantiles(values: Floats, group: Ints, counts: Ints, at: tuple[float, ...]) -> list[Floats]:
    """One (groups,) array for each quantile wanted: the order statistic nearest to it. |values| < 45."""
    shift = np.arange(counts.size) * 100.0
    ordered = np.sort(shift[group] + np.clip(values, -45, 45)) - np.repeat(shift, counts)
    first = np.cumsum(counts) - counts
    last = np.maximum(counts - 1, 0)
    return [ordered[first + np.floor(q * last + 0.5).astype(np.int64)] for q in at]


def _by_size(log_size: Floats) -> Floats:
    """(stations, 2): a line in the log of the voters on the list, with a bend at its mean."""
    centred = log_size - log_size.mean()
    return np.column_stack([centred, np.maximum(centred, 0)])


def _without_size(values: Floats, by_size: Floats, group: Ints, counts: Ints) -> Floats:
    """`values` from the group's median, less what goes with size within groups (least squares, tails drawn in)."""

    def centred(v: Floats) -> Floats:
        return np.asarray(v - (np.bincount(group, v) / counts)[group])

    plain = values - group_quantiles(values, group, counts, (0.5,))[0][group]
    spread = _MAD * np.median(np.abs(plain))
    drawn_in = centred(np.clip(plain, -3 * spread, 2.5 * spread))
    columns = np.column_stack([centred(column) for column in by_size.T])
    slope = np.linalg.lstsq(columns, drawn_in, rcond=None)[0]
    rest = values - by_size @ slope
    return np.asarray(rest - group_quantiles(rest, group, counts, (0.5,))[0][group])


def _slopes(a: Floats, b: Floats, spread: list[float], move: Floats) -> tuple[float, float]:
    """S^-1 v / sqrt(v' S^-1 v); S from median absolute deviations and the correlation of what they draw in."""
    x, y = (np.clip(v / sd, -_DRAWN_IN, _DRAWN_IN) for v, sd in zip((a, b), spread, strict=True))
    rho = float(np.clip(np.corrcoef(x, y)[0, 1], -_MOST_ALIKE, _MOST_ALIKE))
    covariance = np.outer(spread, spread) * np.array([[1, rho], [rho, 1]])
    slopes = np.maximum(np.linalg.solve(covariance, move), 0)
    slopes /= np.sqrt(slopes @ covariance @ slopes)
    return float(slopes[0]), float(slopes[1])


def _counting_skewness(slopes: tuple[float, float], t: float, s: float) -> float:
    """Third cumulant of w, times N, that counting N voters leaves: 3 cov(w, variance of counting at w).

    Counting adds variances 1/(N t (1-t)) to a and 1/(N t s (1-s)) to b, which grow or shrink along the axis. It is
    taken out with the first term of Cornish & Fisher (1938): w - k/6 (w^2 - 1).
    """
    ca, cb = slopes
    z = 1 - t
    along = np.array([1 / t, z / (t * s)])
    along /= along @ np.array(slopes)
    by_share = 1 / (t * s * (1 - s))
    of_a = (2 * t - 1) / (t * z) * along[0]
    of_b = by_share * ((2 * s - 1) * along[1] - z * along[0])
    return float(3 * (ca**2 * of_a + cb**2 * of_b))


def votes_for_shift(axis: Axis, shift: Floats, turnout: Floats, leader: Floats) -> Floats:
    """(units,) ballots, as a share of the voters on the list, whose stuffing moves a unit by `shift` to where it
    is.

    shift: (units,) in units of the typical group, taken as none where negative; turnout, leader: (units,) ballots
    cast and the leader's votes as shares of the voters on the list, as they are now.
    """
    part = np.concatenate([[0.0], np.geomspace(1e-4, 0.999, 200)])
    out = np.zeros(shift.size)
    # A unit in which everybody voted would have come from infinitely far.
    for i, (t, mine) in enumerate(zip(np.minimum(turnout, _NEARLY_ALL), leader, strict=True)):
        if mine > 0:
            d = min(mine, t) * part
            by_turnout = np.log(t * (1 - t + d) / ((1 - t) * (t - d)))
            moved = (axis.slopes[0] * by_turnout - axis.slopes[1] * np.log1p(-d / mine)) / axis.unit
            out[i] = np.interp(shift[i], moved, d)
    return out
