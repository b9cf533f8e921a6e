"""What the protocols of a given election count besides turnout and votes, estimated: each line that they carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.returns.table import Returns
from tallyscope.simulation.estimate import empirical_logit, nested_covariances
from tallyscope.simulation.habits import Arrivals, Certificates, Habits, Hours, Rate, Tied
from tallyscope.simulation.observed import Observed, fitted, rate_of
from tallyscope.simulation.protocol import known_at, taking_part

__all__ = ["habits_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Ballots that voters take away are no more than this share of those issued; what is more is a mistake of the file.
_MOST_TAKEN = 0.05
#: The log of a hub's factor lies around 2.7: what is this far above its territory is taken for one.
_HUB = 2.2
#: With fewer stations than this the spreads are left at their defaults.
_STATIONS = 100


def habits_of(returns: Returns, places: Observed) -> Habits:
    """Rates of usable `returns` and how they differ between places; parts whose lines are not there are None."""
    habits = Habits()
    invalid = rate_of(_line(returns, "invalid"), _line(returns, "cast"), places, Rate(habits.invalid))
    spread = float(np.sqrt(sum(t.spread**2 for t in invalid.effects)))
    issued = _line(returns, "issued")
    outside, early, inside = (_line(returns, f"issued_{w}") for w in ("outside", "early", "in_station"))
    # Returns without certificates or hours say nothing of them, so their like has none either.
    part = inside if inside.any() else _line(returns, taking_part(returns))
    return replace(
        _ballots(returns, habits),
        invalid=invalid.typical,
        invalid_spread=spread or habits.invalid_spread,
        home=rate_of(outside, issued - early, places, habits.home)
        if returns.has("issued_outside")
        else habits.home,
        added=rate_of(_line(returns, "added"), part, places, habits.added or Rate(0))
        if returns.has("added")
        else None,
        certificates=_certificates(returns, part, places),
        hours=_hours(returns, places),
        arrivals=_arrivals(returns, places),
        scanners=None,
    )


def _line(returns: Returns, role: str) -> Ints:
    """A line, with 0 where it is not known or not on the form, (rows,)."""
    if role not in returns.table.columns:
        return np.zeros(len(returns), dtype=np.int64)
    return known_at(returns, role, np.arange(len(returns)))


def _ballots(returns: Returns, habits: Habits) -> Habits:
    """Early voting, ballots taken away, lost and unaccounted for: pooled, where the lines are there."""
    issued, cast, early = (_line(returns, c) for c in ("issued", "cast", "issued_early"))
    if returns.has("issued_early"):
        some = _share(early)
        rate = float(early.sum() / max(issued.sum(), 1)) / some if some else 0.0
        habits = replace(habits, early_stations=some, early=min(0.9, rate))
    if returns.has("issued_in_station"):
        taken = float(issued.sum() - cast.sum()) / max(float(_line(returns, "issued_in_station").sum()), 1.0)
        habits = replace(habits, taken=float(np.clip(taken, 0.0, _MOST_TAKEN)))
    if returns.has("ballots_lost", "ballots_unaccounted"):
        lost, unaccounted = (_share(_line(returns, f"ballots_{w}")) for w in ("lost", "unaccounted"))
        habits = replace(habits, lost=lost, unaccounted=unaccounted)
    return habits


def _share(counts: Ints) -> float:
    """Share of stations that have any."""
    return float((counts > 0).mean())


def _certificates(returns: Returns, inside: Ints, places: Observed) -> Certificates | None:
    if not returns.has("certificates_used"):
        return None
    default, registered = Certificates(), _line(returns, "registered")
    issued, above, used, unused = (
        _line(returns, f"certificates_{w}") for w in ("issued", "issued_above", "used", "unused")
    )
    if not issued.sum():
        return replace(default, presented=0.0) if not used.sum() else default
    drawn = rate_of(used, inside, places, default.drawn)
    hubs = _far_above(used, inside, places)
    without = max(drawn.station.spread**2 - float(hubs.mean()) * np.log(default.hub_factor) ** 2, 0.05)
    return replace(
        default,
        issued=rate_of(issued, registered, places, default.issued),
        issued_above=rate_of(above, registered, places, default.issued_above),
        presented=min(1.0, float(used.sum()) / float(issued.sum() + above.sum())),
        drawn=replace(drawn, typical=0.5, station=replace(drawn.station, spread=float(np.sqrt(without)))),
        hubs=float(hubs.mean()),
        left_over=_share(unused),
    )


def _far_above(count: Ints, total: Ints, places: Observed) -> Mask:
    """Stations whose logit of count / total lies far above their territory's mean, (stations,)."""
    values = empirical_logit(np.minimum(count, total), total)[0]
    codes = places.tree.territory
    mean = np.bincount(codes, weights=values) / np.bincount(codes)
    return np.asarray((values - mean[codes] > _HUB) & (count >= 10))


def _hours(returns: Returns, places: Observed) -> Hours | None:
    """Typical shares of the day's voters by each hour, and how they differ, where hours never fall."""
    columns = [c for c in returns.figures if c.startswith("voted_by_") and returns.has(c)]
    if not columns:
        return None
    come = np.column_stack([_line(returns, c) for c in (*columns, taking_part(returns))])
    come = come - _line(returns, "issued_early")[:, None]
    known = returns.table.select(pl.all_horizontal(pl.col(columns).is_not_null())).to_series().to_numpy()
    rows = known & (come[:, 0] >= 0) & (np.diff(come, axis=1) >= 0).all(axis=1) & (come[:, -1] > 0)
    if not rows.any():
        return None
    total = come[rows].sum(axis=0)
    shares = np.clip(total / total[-1], 1e-4, 1 - 1e-4)
    by = tuple((int(c[-2:]), float(s)) for c, s in zip(columns, shares[:-1], strict=True))
    # An hour by which nearly everybody has come says nothing of who comes early.
    use = [i for i, s in enumerate(shares[:-1]) if s < 0.98]
    if rows.sum() < _STATIONS or not use:
        return replace(Hours(), by=by)
    pairs = [empirical_logit(come[rows, i], come[rows, i + 1]) for i in use]
    values, noise = (np.column_stack([p[k] for p in pairs]) for k in (0, 1))
    lever = np.array([1.0 if i + 1 == len(columns) else shares[i + 1] for i in use])
    early, hourly = _rising(nested_covariances(values, noise, places.at(rows).tree), lever)
    each = np.zeros(len(columns))
    each[use] = hourly
    return Hours(by, early, tuple(each.tolist()))


def _rising(covariances: Floats, lever: Floats) -> tuple[Rate, Floats]:
    """Early rising and hourly spreads (hours,), from covariances (3, hours, hours) of the logits of F(h) / F(h').

    Such a logit moves by c = F(h') when the whole day comes earlier by 1 on the logit of F. So the covariance of
    two of them is c1 c2 x the variance of early rising at any level; on the diagonal of the stations stands the
    hourly variance as well. `lever`: c, (hours,).
    """
    region, territory = (np.sqrt(_common(c, lever, 1.0)) for c in covariances[:2])
    station = _common(covariances[2], lever, 0.0)
    hourly = np.maximum(np.diag(covariances[2]) - station * lever**2, 0.0)
    ties = Tied(float(region)), Tied(float(territory)), Tied(float(np.sqrt(station)))
    return Rate(0.5, *ties, tail=Hours().early.tail), np.sqrt(hourly)


def _common(covariance: Floats, lever: Floats, diagonal: float) -> float:
    """Least squares of v in covariance = v c c', the diagonal with weight `diagonal`; not below 0."""
    weights = np.ones_like(covariance) - (1.0 - diagonal) * np.eye(len(lever))
    outer = np.outer(lever, lever)
    scale = float((weights * outer**2).sum())
    return max(0.0, float((weights * outer * covariance).sum()) / scale) if scale else 0.0


def _arrivals(returns: Returns, places: Observed) -> Arrivals | None:
    """Delays as they were, from where their logs are symmetric; within territories not tied to the share."""
    if "arrived" not in returns.table.columns or not returns.table["arrived"].count():
        return None
    arrived, default = returns.table["arrived"], Arrivals()
    rows = arrived.is_not_null().to_numpy()
    minutes = arrived.filter(rows).dt.epoch("s").to_numpy() / 60
    start = _start(minutes)
    logs = np.log(np.clip(minutes - start, 1.0, default.days * 24 * 60))
    delay = default.delay
    if rows.sum() >= _STATIONS:
        delay = fitted(logs, np.zeros_like(logs), places.at(rows), delay)
        # An honest station is as late as its place and size make it, whatever it counted: a tie within territories
        # is what `order-of-arrival` looks for, and would be planted here.
        delay = replace(delay, station=replace(delay.station, share=0.0))
    closes = datetime(1970, 1, 1) + timedelta(minutes=start)
    return replace(default, closes=closes, minutes=float(np.exp(np.median(logs))), delay=delay, urban=0.0)


def _start(minutes: Floats) -> float:
    """The threshold t with (m - t)^2 = (l - t)(h - t), for median m and 5 % and 95 % quantiles l and h.

    The three-parameter log-normal by quantiles; at the least a minute before the first hundredth, at the most
    thrice as long before it as the median is after it.
    """
    first, low, median, high = np.quantile(minutes, [0.01, 0.05, 0.5, 0.95])
    bend = low + high - 2 * median
    earliest = first - 3 * (median - first) - 1.0
    start = (low * high - median**2) / bend if bend > 0 else earliest
    return float(np.clip(np.floor(start), earliest, first - 1.0))
