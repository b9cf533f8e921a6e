"""A past election as a night: in which order its protocols come in, when, and when a bulletin is due. Pure.

Orders, of protocols by their index in a table:

    region, tik     whole units one after another, the units and the protocols inside them in a drawn order
    time            by the time at which each arrived
    random          a drawn order
    small-first     by voters on the list, the smallest first

Everything drawn follows from `seed`: the same seed plays the same night. Ties are drawn too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import floor

import numpy as np
import numpy.typing as npt

__all__ = [
    "ORDERS",
    "Night",
    "Unordered",
    "by_key",
    "by_unit",
    "due",
    "pause",
    "spread",
    "with_corrections",
]

#: The orders a night can be played in, as a person asks for them.
ORDERS = ("region", "tik", "time", "random", "small-first")

Index = npt.NDArray[np.int64]


class Unordered(ValueError):
    """The table does not say what the order asked for needs."""


@dataclass(frozen=True)
class Night:
    """What comes in, one event after another.

    `protocol`: (events,) int64, index of the protocol; `corrects`: (events,) bool, the event is the correction of
    a protocol that came in before with an error; `slipped`: (protocols,) bool, came in with an error first.
    `processed`: (events,) int64, stations with a protocol once the event has happened.
    """

    protocol: Index
    corrects: npt.NDArray[np.bool_]
    slipped: npt.NDArray[np.bool_]

    @property
    def processed(self) -> Index:
        """Stations with a protocol after each event, (events,)."""
        return np.cumsum(~self.corrects)


def by_unit(units: Index, seed: int) -> Index:
    """The order in which whole units come in, (protocols,) indices. `units`: (protocols,) the unit of each."""
    random = np.random.default_rng(seed)
    names, code = np.unique(units, return_inverse=True)
    turn = random.permutation(names.size)
    return np.lexsort((random.permutation(units.size), turn[code]))


def by_key(key: npt.NDArray[np.int64 | np.float64] | None, count: int, seed: int) -> Index:
    """The order of a rising key, ties drawn; without a key a drawn order. Protocols whose key is NaN come last."""
    drawn = np.random.default_rng(seed).permutation(count)
    return drawn if key is None else np.lexsort((drawn, key))


def with_corrections(order: Index, can_slip: npt.NDArray[np.bool_], share: float, seed: int) -> Night:
    """The night of an order in which a share of the protocols comes in with an error and is corrected later.

    `can_slip`: (protocols,) of the table, where an error can be made at all; `share` of the protocols of the
    order, from 0 to 1, as far as there are such. A correction follows its protocol at a drawn place of the rest of
    the night, so that at the end every protocol stands as it is. Raises ValueError for a share outside 0 ... 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share of protocols is from 0 to 1, not {share:g}")
    random = np.random.default_rng((seed, 1))
    able = np.flatnonzero(can_slip[order])
    many = min(round(share * order.size), able.size)
    places = np.sort(random.choice(able, many, replace=False)) if many else able[:0]
    # A correction has its place between two protocols: after its own at the earliest, after the last at the latest.
    later = places + 1 + np.floor(random.random(many) * (order.size - places)).astype(np.int64)
    when = np.concatenate((np.arange(order.size, dtype=np.float64), later - 0.5))
    sequence = np.argsort(when, kind="stable")
    slipped = np.zeros(can_slip.size, dtype=np.bool_)
    slipped[order[places]] = True
    return Night(
        protocol=np.concatenate((order, order[places]))[sequence],
        corrects=np.repeat([False, True], [order.size, many])[sequence],
        slipped=slipped,
    )


def due(
    protocols: int,
    *,
    of: int | None = None,
    bulletins: int | None = None,
    every: int | None = None,
    at: Sequence[str] = (),
    seconds: Index | None = None,
    each: timedelta | None = None,
) -> Index:
    """After how many protocols a bulletin is due, rising, each once; the last is always `protocols`, the whole.

    `bulletins`: so many in equal parts; `every`: after every so many protocols; `at`: percentages of `of` as
    printed ("99.3"), each the nearest whole number of protocols, exactly; `each`: of simulated time, where
    `seconds`, (protocols,) rising, are those of the night at which they come in. `of`: what progress is told of;
    `protocols` unless given.
    Raises ValueError for what is no number of protocols.
    """
    found = {protocols}
    for name, value in (("bulletins", bulletins), ("every", every)):
        if value is not None and value < 1:
            raise ValueError(f"{name} is at least 1, not {value}")
    if bulletins:
        found |= {_rounded(Fraction(protocols * i, bulletins)) for i in range(1, bulletins)}
    if every:
        found |= set(range(every, protocols, every))
    found |= {_nearest(text, protocols if of is None else of) for text in at}
    if each is not None:
        if each < timedelta(seconds=1):
            raise ValueError("the time between two bulletins is a second at least")
        found |= set() if seconds is None else _by_time(seconds, each // timedelta(seconds=1))
    return np.array(sorted(n for n in found if 0 <= n <= protocols), dtype=np.int64)


def _nearest(percent: str, of: int) -> int:
    """The number of protocols nearest to a percentage, half up: 99.3 % of 95,415 are 94,747."""
    try:
        share = Fraction(percent.strip().replace(",", "."))
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 100:
        raise ValueError(f"{percent!r} is not a percentage from 0 to 100")
    return _rounded(share * of / 100)


def _rounded(value: Fraction) -> int:
    """The nearest whole number, half up; `round` would go to the even one."""
    return floor(value + Fraction(1, 2))


def _by_time(seconds: Index, each: int) -> set[int]:
    if not seconds.size:
        return set()
    ends = np.arange(each, seconds[-1], each)
    return {int(n) for n in np.searchsorted(seconds, ends, side="right")}


def spread(protocols: int, length: timedelta) -> Index:
    """Seconds of the night at which protocols come in at an even pace, (protocols,) int64; the last at its end."""
    whole = length // timedelta(seconds=1)
    return np.arange(1, protocols + 1, dtype=np.int64) * whole // max(protocols, 1)


def pause(sent: int, elapsed: float, speed: float | None) -> float:
    """Seconds to wait before the next protocol, `sent` being in after `elapsed` seconds.

    `speed`: protocols a second; None: as fast as possible, never a wait.
    """
    return 0.0 if speed is None else max(0.0, sent / speed - elapsed)
