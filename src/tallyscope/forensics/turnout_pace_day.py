"""A day of voting hour by hour: every interval against its territory, queues, falls, regularity, round counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.balance import roundness
from tallyscope.forensics.core.concentration import upper_tails
from tallyscope.forensics.core.movements import standardised_log, usual
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.core.pace import (
    REGISTRARS,
    SECONDS,
    VOTERS,
    beyond_queue,
    falls,
    increments,
    regularity,
)
from tallyscope.forensics.movements_figures import Moved
from tallyscope.forensics.stations import Figures

__all__ = ["Day", "day_details", "late_hour", "most_unusual", "unusual"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: An interval with a smaller share of all voters says nothing: the last minutes before the polls close.
_SMALLEST = 0.03
_STANDS_OUT = 0.01
_LISTED = 20
#: Of many intervals with counts in the hundreds only the upper hundredth needs its exact tail.
_EXACT_FROM = 2.2


@dataclass(frozen=True, eq=False)
class Day:
    """Stations whose turnout is told at every hour. `by_hour`: (stations, hours) counts, `total`: in all.

    `place`: (stations,) their row in the figures of the line that is tested, -1 where they are not among those.
    """

    hours: tuple[int, ...]
    figures: Figures
    by_hour: Ints
    total: Ints
    place: Ints

    @cached_property
    def steps(self) -> Ints:
        """(stations, intervals) increments."""
        return increments(self.by_hour, self.total)

    @cached_property
    def sound(self) -> Ints:
        """Which stations are among those tested, with a turnout that never falls: their numbers."""
        return np.flatnonzero(~falls(self.steps).where & (self.place >= 0))

    @cached_property
    def shares(self) -> Floats:
        """(intervals,) of all voters of sound stations."""
        whole = self.steps[self.sound].sum(axis=0)
        return np.asarray(whole / max(int(whole.sum()), 1))

    @property
    def told(self) -> Ints:
        """The intervals in which enough voters come."""
        return np.flatnonzero(self.shares >= _SMALLEST)

    @property
    def names(self) -> list[str]:
        """What the intervals are called."""
        first, last = f"until {self.hours[0]}:00", f"after {self.hours[-1]}:00"
        between = [f"{a}:00 to {b}:00" for a, b in zip(self.hours[:-1], self.hours[1:], strict=True)]
        return [first, *between, last]


def late_hour(hours: tuple[int, ...], by_hour: Ints, total: Ints) -> int:
    """The last hour after which at least so many come; the first one if none leaves enough."""
    after = 1 - by_hour.sum(axis=0) / max(int(total.sum()), 1)
    enough = [h for h, share in zip(hours, after, strict=True) if share >= _SMALLEST]
    return enough[-1] if enough else hours[0]


def unusual(day: Day, of: Moved) -> Floats:
    """(stations, intervals) log10 P of an increment at least so large; NaN where it is not told, or falls."""
    answer = np.full(day.steps.shape, np.nan)
    at = day.sound
    if not at.size:
        return answer
    size = standardised_log(day.figures["registered"][at])
    territory, region = (np.unique(u.of[day.place[at]], return_inverse=True)[1] for u in (of.territory, of.region))
    for j in day.told:
        x, n = day.steps[at, j], day.total[at]
        fitted = usual(x, n, size, territory, region)
        answer[at, j] = upper_tails(x, n, fitted.mean, fitted.spread, exact_from=_EXACT_FROM)
    return answer


def most_unusual(log10_p: Floats) -> Floats:
    """(stations,) of the most unusual interval, Bonferroni over intervals; NaN where nothing is known."""
    known = ~np.isnan(log10_p)
    least = np.where(known, log10_p, 0.0).min(axis=1, initial=0.0)
    count = known.sum(axis=1)
    return np.where(count > 0, np.minimum(least + np.log10(np.maximum(count, 1)), 0.0), np.nan)


def day_details(day: Day, of: Moved, log10_p: Floats) -> dict[str, Any]:
    """What there is to tell of the day, JSON-ready."""
    q = q_values(np.power(10.0, np.maximum(most_unusual(log10_p), -300.0)))
    falling = falls(day.steps)
    return {
        "intervals": [{"when": n, "share": float(s)} for n, s in zip(day.names, day.shares, strict=True)],
        "falls": {
            "stations": int(falling.where.sum()),
            "of": int(falling.where.size),
            "most": int(falling.most.max(initial=0)),
        },
        "stations_with_unusual_interval": int(np.count_nonzero(q <= _STANDS_OUT)),
        "queue": _queue(day),
        "too_regular": _too_regular(day, of),
        "round_hours": _round(day),
    }


def _queue(day: Day) -> dict[str, Any]:
    hours = np.array([np.nan, *np.diff(day.hours).astype(float), np.nan])
    beyond = beyond_queue(day.steps, day.figures["registered"], hours).any(axis=1)
    assumed = {
        "seconds_per_voter": SECONDS,
        "voters_per_registrar": VOTERS,
        "registrars_at_least": REGISTRARS,
    }
    rows = day.figures.rows[beyond][:_LISTED].tolist()
    return {"assumed": assumed, "stations_beyond": int(beyond.sum()), "rows": rows}


def _too_regular(day: Day, of: Moved) -> dict[str, Any]:
    """Territories whose stations are more alike in an interval than chance allows; q over all of both."""
    at, told = day.sound, day.told
    if not at.size or not told.size:
        return {"tested": 0, "listed": []}
    unit, units = of.territory.of[day.place[at]], len(of.territory.names)
    found = [regularity(day.steps[at, j], day.total[at], unit, units) for j in told]
    p = np.column_stack([f.p_value for f in found])
    q = q_values(p.ravel()).reshape(p.shape)
    listed: list[dict[str, Any]] = [
        {
            "unit": list(of.territory.names[i]),
            "when": day.names[int(told[j])],
            "stations": int(found[j].stations[i]),
            "dispersion": float(found[j].dispersion[i]),
            "p_value": float(p[i, j]),
            "q": float(q[i, j]),
        }
        for i, j in np.argwhere(q <= _STANDS_OUT)
    ]
    listed.sort(key=lambda one: one["p_value"])
    return {"tested": int(np.count_nonzero(~np.isnan(p))), "found": len(listed), "listed": listed[:_LISTED]}


def _round(day: Day) -> list[dict[str, Any]]:
    """Multiples of ten among the counts of every hour, and of the whole day."""
    columns = [*day.by_hour.T, day.total]
    names = [f"by {h}:00" for h in day.hours] + ["in all"]
    found = [roundness(c) for c in columns]
    return [
        {"when": name, "counts": r.counts, "multiples_of_ten": r.round_, "p_value": r.p_value}
        for name, r in zip(names, found, strict=True)
    ]
