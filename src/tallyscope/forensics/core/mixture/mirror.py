"""A test of the mixture with a known rate of false alarms: each station beside one that it might have been.

Where nothing was done the logits theta of a station's turnout and share are as often on one side of m, the mean
of its place for its size, as on the other, whatever spreads, correlation and tails are. Of each station draw theta
given its counts, reflect it in m, and draw counts anew. The pair of what was counted and what was drawn
has then a law that does not change when the two are exchanged,

    p(y, y') = integral of p(theta) p(y | theta) p(y' | 2m - theta),   p(theta) = p(2m - theta),

counting noise, which leans to one side, included. So for any function f the differences f(y) - f(y') are as likely
their negatives, all of a place together, and flipping signs gives the law of their sum (Fisher 1935; Romano 1990).
Here f is the log likelihood ratio of the mixture, a station in fifty being changed, for several kinds of change:
the largest sum counts, and is held against the largest sums of flipped signs (Westfall & Young 1993). What is
straight in the deviations is taken off, since the means are estimated from the same stations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from tallyscope.forensics.core.mixture.nodes import (
    EXTREME_FROM,
    Grid,
    PseudoData,
    Station,
    as_it_is,
    grid,
    logits,
    pseudo_data,
    references,
)
from tallyscope.forensics.core.mixture.units import sizes, within_units
from tallyscope.forensics.core.sign_flips import flipped

__all__ = ["DIRECTIONS", "Direction", "Mirror", "mirror_test"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Direction:
    """One kind of change: `theta`, the scale of incremental stuffing, or None for extreme stuffing, which leaves at
    most .3 of the abstainers; `switching`: whether as large a part of the others' ballots is switched."""

    theta: float | None
    switching: bool

    def __str__(self) -> str:
        amount = "extreme" if self.theta is None else f"incremental, scale {self.theta:g}"
        return f"{amount}, {'with' if self.switching else 'without'} switching"


#: Smaller scales than these look like an honest country whose turnouts are skewed, which many are.
DIRECTIONS = tuple(Direction(theta, r) for theta in (0.35, 0.8, None) for r in (False, True))
#: The share of changed stations, of honest atypical ones, and the spread of those in spreads of the others.
_CHANGED, _ATYPICAL, _ATYPICAL_SCALE = 0.02, 0.05, 2.0
#: Places flip their signs together where there are so many; else stations do.
_PLACES = 100
_FLIPS = 19_999
_STATIONS_AT_ONCE = 4096
_LEAST_SD, _WITHIN = 0.05, 0.95
_NEWTON, _STEPS = 6, 8
#: How widely stations vary, in proportion; the weight of 1 to begin with; steps of EM, and stations that tell.
_WIDTHS = np.array([0.4, 0.7, 0.85, 1.0, 1.2, 1.5, 2.5, 4.5, 9.0])
_PLAIN, _EM, _TOLD_BY = 0.97, 500, 20_000


@dataclass(frozen=True)
class Mirror:
    """`p_value`: of the largest of `z`, the sums of differences in their own spreads, one for each direction;
    `flipped`: "places" or "stations", what has one sign."""

    p_value: float
    z: tuple[float, ...]
    flipped: str


def mirror_test(station: Station, unit: Ints, seed: int) -> Mirror:
    """One-sided test that no station was changed. `unit`: (stations,) numbers of the places whose means differ.

    Draws from `seed`: the same stations get the same answer. Where no station differs from its place p is 1.
    """
    rng = np.random.default_rng(seed)
    honest = _honest(station, unit)
    other = _reflected(station, honest, rng)
    # What was drawn is held against the mean of its place as what was counted is: that of the stations themselves.
    there = within_units(logits(other) - honest.mean, unit)
    away = honest.away - there
    difference = _ratios(station, honest) - _ratios(other, replace(honest, mean=logits(other) - there))
    rest = difference - away @ np.linalg.lstsq(away, difference, rcond=None)[0]
    many = int(unit.max(initial=-1)) + 1 >= _PLACES
    summed = np.stack([np.bincount(unit, weights=c) for c in rest.T]) if many else rest.T
    found = flipped(np.asarray(summed, dtype=np.float64), rng, _FLIPS)
    return Mirror(found.p_value, tuple(found.z.tolist()), "places" if many else "stations")


@dataclass(frozen=True, eq=False)
class _Honest:
    """`mean`, `away`: (stations, 2) logits expected of a station of this size in this place, and those counted
    less these; `covariance`: (2, 2) of honest logits about the mean; `reference`: (stations, 2) logits at which
    covariances of counting are reckoned; `free`: degrees of freedom a station."""

    mean: Floats
    away: Floats
    covariance: Floats
    reference: Floats
    free: float


def _honest(station: Station, unit: Ints) -> _Honest:
    """Moments, as if nothing had been done."""
    reference, values, size = references(station, unit), logits(station), sizes(station.registered)
    first = pseudo_data(station, as_it_is(), reference)
    noise = np.array([[first.uu.mean(), first.uv.mean()], [first.uv.mean(), first.vv.mean()]])
    design = within_units(np.column_stack([size, size**2 - 1.0]), unit)
    away = within_units(values, unit)
    away = away - design @ np.linalg.lstsq(design, away, rcond=None)[0]
    free = max(unit.size - int(unit.max()) - 1, 1)
    covariance = away.T @ away / free - noise
    sd = np.sqrt(np.maximum(np.diag(covariance), _LEAST_SD**2))
    correlation = np.clip(covariance[0, 1] / sd.prod(), -_WITHIN, _WITHIN)
    matrix = np.array([[1.0, correlation], [correlation, 1.0]]) * np.outer(sd, sd)
    return _Honest(values - away, away, matrix, reference, free / unit.size)


def _reflected(station: Station, honest: _Honest, rng: np.random.Generator) -> Station:
    """Counts of the same voters, of logits drawn given the counts and reflected in their mean."""
    wide = _widths(station, honest, rng)
    drawn = _drawn(station, honest, wide, rng)
    turnout, share = (1.0 / (1.0 + np.exp(drawn - 2.0 * honest.mean))).T
    registered = station.registered
    cast = np.maximum(rng.binomial(registered, turnout), 1)
    leader = rng.binomial(cast, share)
    return Station(registered - cast, cast - leader, leader)


def _drawn(station: Station, honest: _Honest, wide: Floats, rng: np.random.Generator) -> Floats:
    """Logits drawn given the counts, (stations, 2): by Laplace's law, set right by Metropolis & Hastings (1970).

    Without that the skewness of a posterior of few ballots would be missing on one side of the pair.
    """
    centre, covariance = _given_counts(station, honest, wide)
    root = np.linalg.cholesky(covariance)
    trials, hits = _binomial(station)
    prior = np.linalg.inv(honest.covariance)

    def one() -> tuple[Floats, Floats]:
        z = rng.standard_normal(centre.shape)
        at = centre + np.einsum("nij,nj->ni", root, z)
        away = at - honest.mean
        log = (hits * at - trials * np.logaddexp(0.0, at)).sum(axis=1)
        log -= 0.5 * np.einsum("ni,ij,nj->n", away, prior, away) / wide
        return at, log + 0.5 * (z**2).sum(axis=1)

    found, weight = one()
    for _ in range(_STEPS):
        offered, its = one()
        takes = np.log(rng.random(weight.size)) < its - weight
        found, weight = np.where(takes[:, None], offered, found), np.where(takes, its, weight)
    return found


def _widths(station: Station, honest: _Honest, rng: np.random.Generator) -> Floats:
    """How widely each station's logits vary, drawn given its counts, in units of the covariance, (stations,).

    Honest tails may be heavy: a mixture of normal laws of `_WIDTHS`, whose weights are found by EM (Dempster, Laird
    & Rubin 1977).
    """
    centre, _ = _given_counts(station, honest, np.ones(station.abstain.size))
    trials, _ = _binomial(station)
    rate = 1.0 / (1.0 + np.exp(-centre))
    noise = (1.0 / (trials * rate * (1.0 - rate)))[:, :, None] * np.eye(2)
    log = np.stack(
        [_log_normal(honest.away, honest.free * (w * honest.covariance + noise)) for w in _WIDTHS], axis=1
    )
    likelihood = np.exp(log - log.max(axis=1, keepdims=True))
    told = likelihood[rng.permutation(len(likelihood))[:_TOLD_BY]]
    # It begins with normal tails, so that heavier ones are those that the stations ask for.
    weight = np.where(_WIDTHS == 1.0, _PLAIN, (1.0 - _PLAIN) / (_WIDTHS.size - 1))
    for _ in range(_EM):
        weight = weight * (told / (told @ weight)[:, None]).mean(axis=0)
    chance = np.cumsum(weight * likelihood, axis=1)
    drawn = (rng.random(len(chance))[:, None] * chance[:, -1:] >= chance).sum(axis=1)
    return np.asarray(_WIDTHS[np.minimum(drawn, _WIDTHS.size - 1)])


def _log_normal(away: Floats, covariance: Floats) -> Floats:
    """Log densities at (stations, 2) of N(0, covariance), (stations, 2, 2), but for a constant."""
    a, b, c = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    det, (x, y) = a * c - b * b, away.T
    return np.asarray(-0.5 * (np.log(det) + (c * x * x - 2.0 * b * x * y + a * y * y) / det))


def _binomial(station: Station) -> tuple[Floats, Floats]:
    """Trials and hits of turnout and of the share, (stations, 2) each."""
    cast = station.other + station.leader
    trials, hits = np.column_stack([station.registered, cast]), np.column_stack([cast, station.leader])
    return trials.astype(np.float64), hits.astype(np.float64)


def _given_counts(station: Station, honest: _Honest, wide: Floats) -> tuple[Floats, Floats]:
    """Mode, (stations, 2), and covariance there, (stations, 2, 2), of the logits given the counts (Laplace).

    Binomial counts of turnout and of the share, under a normal law of honest logits that is so much wider, `wide`.
    """
    trials, hits = _binomial(station)
    prior = np.linalg.inv(honest.covariance) / wide[:, None, None]
    at = honest.mean + honest.away / 2.0
    for _ in range(_NEWTON):
        rate = 1.0 / (1.0 + np.exp(-at))
        precision = prior + (trials * rate * (1.0 - rate))[:, :, None] * np.eye(2)
        slope = hits - trials * rate - np.einsum("nij,nj->ni", prior, at - honest.mean)
        at = at + np.clip(np.linalg.solve(precision, slope[..., None])[..., 0], -1.0, 1.0)
    return at, np.asarray(np.linalg.inv(precision), dtype=np.float64)


def _ratios(station: Station, honest: _Honest) -> Floats:
    """log (1 - m + m changed / honest) of every station for each direction, (stations, directions)."""
    nodes = grid()
    weights = np.log(np.maximum(_weights(nodes), 1e-300))
    found = []
    for begin in range(0, station.abstain.size, _STATIONS_AT_ONCE):
        rows = slice(begin, begin + _STATIONS_AT_ONCE)
        part = Station(station.abstain[rows], station.other[rows], station.leader[rows])
        data = pseudo_data(part, nodes, honest.reference[rows])
        density = _log_density(data, honest.mean[rows], honest.covariance)
        atypical = _log_density(data.as_it_is(), honest.mean[rows], _ATYPICAL_SCALE**2 * honest.covariance)[0]
        clean = np.logaddexp(np.log1p(-_ATYPICAL) + density[0], np.log(_ATYPICAL) + atypical)
        above = np.maximum(density[1:] - clean, -700.0)
        top = above.max(axis=0)
        with np.errstate(divide="ignore"):
            ratio = np.log(np.exp(weights) @ np.exp(above - top)) + top
        found.append(np.logaddexp(np.log1p(-_CHANGED), np.log(_CHANGED) + ratio))
    return np.concatenate(found, axis=1).T


def _log_density(data: PseudoData, mean: Floats, covariance: Floats) -> Floats:
    """Log densities of the counts, but for a constant, (nodes, stations)."""
    x, y = data.u - mean[:, 0], data.v - mean[:, 1]
    a, b, c = covariance[0, 0] + data.uu, covariance[0, 1] + data.uv, covariance[1, 1] + data.vv
    det = a * c - b * b
    square = (c * x * x - 2.0 * b * x * y + a * y * y) / det
    return np.asarray(data.log_constant - 0.5 * (np.log(det) + square))


def _weights(nodes: Grid) -> Floats:
    """The chance of each node but the first in each direction, (directions, nodes - 1)."""
    low, high, r, extreme = nodes.low[1:], nodes.high[1:], nodes.r[1:] > 0, nodes.extreme[1:]
    found = []
    for one in DIRECTIONS:
        if one.theta is None:
            weight = np.where(extreme, (high - low) / (1.0 - EXTREME_FROM), 0.0)
        else:
            # Half-normal between the edges, cut where extreme begins.
            upper, lower, whole = (erf(edge / one.theta / np.sqrt(2.0)) for edge in (high, low, EXTREME_FROM))
            weight = np.where(extreme, 0.0, (upper - lower) / whole)
        found.append(np.where(r == one.switching, weight, 0.0))
    return np.array(found)
