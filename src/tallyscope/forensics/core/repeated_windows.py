"""Where in its percentage point a station could have ended: the null of repeated shares.

A share 100 k/n is told to one decimal: its value is v = round(1000 k/n), 0 .. 1000, and its window the whole
percentage point that v lies in (62.0 .. 62.9). Nothing honest prefers one tenth of a point to the next, so given
its window a station's count is one of those that round into the window, each weighted by a smooth density, and

    q(v) = sum of f(k/n) over the counts k with round(1000 k/n) = v, over the same sum for the whole window.

f is the density of shares in the station's territory: normal on the logit scale, with the territory's mean and, as
variance, the territory's own spread plus the counting noise of a station of this size. Inside one point f is nearly
level; it matters where a territory is tight and the stations are large. That a territory can never be tighter than
counting noise keeps a pile of equal shares from explaining itself. Sizes enter through the counts k that there are:
a small station has few possible values, and may have only one in its window (then q = 1 and it says nothing).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["WIDTH", "Windows", "logit_density", "values", "windows"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Values in a window: ten tenths of a percentage point.
WIDTH = 10
#: How many stations of a territory its own spread has to outvote: territories of few stations borrow that of all.
_BORROWED = 5.0
_MIDDLE = np.clip(np.arange(1010) / 1000, 0.0005, 0.9995)
_LOGIT = np.log(_MIDDLE / (1 - _MIDDLE))
#: The density of a share is that of its logit over share (1 - share).
_LOG_JACOBIAN = -np.log(_MIDDLE * (1 - _MIDDLE))


@dataclass(frozen=True, eq=False)
class Windows:
    """value: (stations,) the share in tenths of a per cent; window: (stations,) the point it lies in; chance:
    (stations, WIDTH) q of the values window * WIDTH + 0 .. WIDTH - 1, rows that sum to one."""

    value: Ints
    window: Ints
    chance: Floats

    @cached_property
    def place(self) -> Ints:
        """(stations,) which of its window's values the station has, 0 .. WIDTH - 1."""
        return self.value - self.window * WIDTH


def values(count: Ints, size: Ints) -> Ints:
    """(stations,) round(1000 count/size), halves up, in exact arithmetic; size > 0."""
    return (2000 * count + size) // (2 * size)


def windows(count: Ints, size: Ints, territory: Ints) -> Windows:
    """The windows of stations; count, size, territory: (stations,) with 0 <= count <= size and size > 0."""
    value = values(count, size)
    window = value // WIDTH
    edges = (window * WIDTH)[:, None] + np.arange(WIDTH + 1)
    # The first count that rounds to each value, and past the window: ceil(n (2 v - 1) / 2000). Floats divide
    # several times as fast, and a quotient of whole numbers this small is a whole one only if it is so exactly.
    first = np.ceil(size.astype(np.float64)[:, None] * (2 * edges - 1) / 2000)
    weight = np.diff(np.clip(first, 0, size[:, None] + 1), axis=1)
    mean, variance = logit_density(count, size, territory)
    inside = edges[:, :-1]
    log_density = _LOGIT[inside]
    log_density -= mean[:, None]
    log_density *= log_density
    log_density *= (-0.5 / variance)[:, None]
    log_density += _LOG_JACOBIAN[inside]
    # Beside the middle of the window, so that nothing over- or underflows; the sum takes the factor out again.
    log_density -= log_density[:, WIDTH // 2, None]
    weight *= np.exp(log_density)
    weight /= weight.sum(axis=1, keepdims=True)
    return Windows(value, window, weight)


def logit_density(count: Ints, size: Ints, territory: Ints) -> tuple[Floats, Floats]:
    """Mean and variance of the logit of a share at each station's place and size, (stations,) each.

    Moments: within a territory the squares about the mean add up to (n - 1) spread + the noise of its stations.
    """
    yes, no = count + 0.5, size - count + 0.5
    logit, noise = np.log(yes / no), 1 / yes + 1 / no
    number = np.bincount(territory)
    safe = np.maximum(number, 1)
    mean = np.bincount(territory, weights=logit) / safe
    squares = np.bincount(territory, weights=(logit - mean[territory]) ** 2)
    noises = np.bincount(territory, weights=noise) * (1 - 1 / safe)
    freedom = np.maximum(number - 1, 0)
    common = max(float((squares - noises).sum()) / max(int(freedom.sum()), 1), 0.0)
    spread = np.maximum((squares - noises + _BORROWED * common) / (freedom + _BORROWED), 0.0)
    return mean[territory], spread[territory] + noise
