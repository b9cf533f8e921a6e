"""Turnout against share within territories: slopes with noise taken away, and what no honest correlation explains.

An honest country may have any correlation of turnout and share; a straight line (on the logit scale) through the
middle of a territory looks the same mirrored in that middle. Two things do not:

- the slope of the leader's votes per voter on turnout (Sobyanin & Sukhovolsky 1995): of W/N on r/N, pooled over
  stations within their territories, against the slope of the country mirrored station by station. Ballots added
  are all for the leader, so at the upper end the slope goes to one;
- curvature: whether the logit of share steepens as turnout rises, the mean of e (a^2 - 1), e the residual of the
  straight line, a the standardised deviation of turnout.

Turnout and share are told with binomial noise, and turnout's is in both terms of the first slope; what one more
helping of noise would change is taken away from every sum (Cook & Stefanski 1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.fingerprint_mirror import Deviations, group_mean, logistic
from tallyscope.forensics.core.nu_shape import through_noise

__all__ = ["Slopes", "Territories", "national", "per_group", "relation"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Standardised deviations are cut here, so that single stations do not decide.
_CUT = 3.0
_MAD = 1.4826


@dataclass(frozen=True, eq=False)
class Slopes:
    """`slope`, `mirrored`: of W/N on turnout; `slope_parts`, `curve_parts`: (stations,), odd where nothing bends;
    `size`: what the slope's parts are divided by to give slope - mirrored; `curvature`: mean of e (a^2 - 1)."""

    slope: float
    mirrored: float
    slope_parts: Floats
    curve_parts: Floats
    size: float
    curvature: float


@dataclass(frozen=True, eq=False)
class Territories:
    """Slopes of share on turnout by group, (groups,): estimate, standard error, z against the groups' own honest
    distribution, one-sided p-value; NaN where a group is too small. `centre`, `spread`: of that distribution."""

    slope: Floats
    error: Floats
    z: Floats
    p_value: Floats
    centre: float
    spread: float


def relation(d: Deviations) -> tuple[float, float, Floats]:
    """Slope of logit share on logit turnout, their correlation (both without noise), and its score, (stations,).

    Summed by places, the score shows whether the slope differs from zero.
    """
    w = d.trust
    product = _cut(d.turnout, d.scale_turnout) * _cut(d.share, d.scale_share)
    a, b = _cut(d.turnout, d.scale_turnout), _cut(d.share, d.scale_share)
    own_a = np.sum(w * (a**2 - d.noise_turnout / d.scale_turnout**2))
    own_b = np.sum(w * (b**2 - d.noise_share / d.scale_share**2))
    together = float(np.sum(w * product))
    correlation = together / float(np.sqrt(max(own_a, 1e-12) * max(own_b, 1e-12)))
    return together / max(float(own_a), 1e-12), float(np.clip(correlation, -1, 1)), w * product


def _cut(deviation: Floats, scale: Floats) -> Floats:
    return np.clip(deviation / scale, -_CUT, _CUT)


def national(d: Deviations, territory: Ints) -> Slopes:
    """The slope and the curvature of all stations within their territories, and their parts."""
    scale_t, scale_s = d.scale_turnout, d.scale_share

    def rates(turnout: Floats, share: Floats) -> tuple[Floats, Floats]:
        a = logistic(d.at_turnout + scale_t * _cut(turnout, scale_t))
        return a, a * logistic(d.at_share + scale_s * _cut(share, scale_s))

    middles = [[group_mean(x, territory) for x in rates(side * d.turnout, side * d.share)] for side in (1.0, -1.0)]

    straight = relation(d)[0]

    def terms(turnout: Floats, share: Floats) -> Floats:
        """(5, stations): x y and x^2, the same mirrored, and e (a^2 - 1)."""
        rows = []
        for side, (at_a, at_w) in zip((1.0, -1.0), middles, strict=True):
            a, won = rates(side * turnout, side * share)
            rows += [(a - at_a) * (won - at_w), (a - at_a) ** 2]
        z, e = _cut(turnout, scale_t), _cut(share, scale_s)
        return np.stack([*rows, (e - straight * z) * (z**2 - 1)])

    found = d.trust * through_noise(terms, d)
    xy, xx, xy_mirrored, xx_mirrored, curve = found.sum(axis=1)
    slope, mirrored = float(xy / xx), float(xy_mirrored / xx_mirrored)
    middle = (slope + mirrored) / 2
    parts = found[0] - middle * found[1] - (found[2] - middle * found[3])
    size = float(xx + xx_mirrored) / 2
    # Noise left over shows most in the curvature, so small stations count less still.
    return Slopes(slope, mirrored, parts, d.trust * found[4], size, float(curve / d.trust.sum()))


def per_group(registered: Ints, cast: Ints, leader: Ints, territory: Ints, group: Ints, part: Ints) -> Territories:
    """Slope of share on turnout within territories, by `group`; errors from sums over the `part`s of each group.

    All (stations,): counts, territory, group to be told, and the part (a territory of a region, a station of a
    territory) that varies independently; a part lies in one group. Binomial noise of turnout is taken away.
    """
    from scipy.special import stdtr

    turnout, share = cast / registered, leader / cast
    x, y = turnout - group_mean(turnout, territory), share - group_mean(share, territory)
    noise = turnout * (1 - turnout) / registered
    square = np.bincount(group, weights=x**2)
    own = square - np.bincount(group, weights=noise)
    _, first, number = np.unique(part, return_index=True, return_inverse=True)
    parts = np.bincount(group[first], minlength=square.size)
    tested = (parts >= 8) & (own > 0.3 * square) & (own > 0)
    safe = np.where(tested, own, 1.0)
    slope = np.where(tested, np.bincount(group, weights=x * y) / safe, np.nan)
    score = np.bincount(
        number, weights=x * (y - np.nan_to_num(slope)[group] * x) + np.nan_to_num(slope)[group] * noise
    )
    error = np.where(
        tested, np.sqrt(np.bincount(group[first], weights=score**2, minlength=square.size)) / safe, np.nan
    )
    if not tested.any():
        nothing = np.full(square.size, np.nan)
        return Territories(slope, error, nothing, nothing, float("nan"), float("nan"))
    centre = float(np.nanmedian(slope))
    spread = max((float(np.nanmedian(np.abs(slope - centre))) * _MAD) ** 2 - float(np.nanmedian(error)) ** 2, 0.0)
    z = (slope - centre) / np.sqrt(spread + np.maximum(error, 1e-9) ** 2)
    p = np.where(tested, stdtr(np.maximum(parts - 1, 1), -np.nan_to_num(z)), np.nan)
    return Territories(slope, error, z, p, centre, float(np.sqrt(spread)))
