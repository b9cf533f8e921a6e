"""A set of whole stations near fractional ones, by exchanging one station for another until every margin holds.

Few conditions and small elections leave room for no rounding, though sets that meet the conditions abound. Each
exchange is the one, of all pairs, after which the smallest margin is largest; stations just exchanged stay
where they are for a while, so that the search leaves a set from which no exchange is better (Glover 1989, tabu).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["exchanged"]

Floats = npt.NDArray[np.float64]

_EXCHANGES, _STAY = 300, 7
#: Pairs whose margins are looked at together, and in all: a few seconds at the most.
_PAIRS, _WORK = 400_000, 40_000_000


def exchanged(margin: Floats, rate: Floats, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_] | None:
    """`chosen`, (stations,), with stations exchanged so that every margin is at least 0; None if none was found.

    margin: (conditions,) with the chosen ones; rate: (stations, conditions) what each station adds to them.
    """
    chosen, since = chosen.copy(), np.full(chosen.size, -_STAY)
    pairs = max(1, int(chosen.sum()) * int((~chosen).sum()))
    for step in range(min(_EXCHANGES, _WORK // pairs)):
        if margin.min() >= 0:
            return chosen
        free = step - since >= _STAY
        inside, outside = np.flatnonzero(chosen & free), np.flatnonzero(~chosen & free)
        if not inside.size or not outside.size:
            return None
        gone, come = _best_pair(margin, rate[inside], rate[outside])
        margin = margin - rate[inside[gone]] + rate[outside[come]]
        chosen[inside[gone]], chosen[outside[come]] = False, True
        since[[inside[gone], outside[come]]] = step + 1
    return chosen if margin.min() >= 0 else None


def _best_pair(margin: Floats, inside: Floats, outside: Floats) -> tuple[int, int]:
    """Which of both are exchanged: the pair after which the smallest margin is largest."""
    best = (-np.inf, 0, 0)
    step = max(1, _PAIRS // len(outside))
    for start in range(0, len(inside), step):
        after = margin - inside[start : start + step, None, :] + outside[None, :, :]
        least = after.min(axis=2)
        i, j = np.unravel_index(int(np.argmax(least)), least.shape)
        if least[i, j] > best[0]:
            best = (float(least[i, j]), start + int(i), int(j))
    return best[1:]
