"""Figures of stations by the unit they lie in: means, and how far each station is from its unit's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["differing", "sizes", "unit_means", "within_units"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Units of a level differ if chance alone would have their means as far apart this seldom, in either column.
_BY_CHANCE = 0.01


def sizes(registered: Ints) -> Floats:
    """The standardised log of the voters on each station's list, (stations,); zeros where all have as many."""
    logs = np.log(registered)
    spread = float(logs.std())
    return np.asarray((logs - logs.mean()) / spread if spread > 0 else np.zeros(logs.size))


def unit_means(values: Floats, unit: Ints) -> Floats:
    """(units, columns) from (stations, columns) and the number of each station's unit, none without stations."""
    count = np.bincount(unit)
    return np.column_stack([np.bincount(unit, weights=c) / count for c in values.T])


def within_units(values: Floats, unit: Ints) -> Floats:
    """What is left of each station's values without its unit's mean."""
    return np.asarray(values - unit_means(values, unit)[unit])


def differing(values: Floats, size: Floats, units: tuple[Ints, ...]) -> tuple[bool, ...]:
    """Of each level, the top one first, whether its units differ by more than the stations in them.

    `values`: (stations, columns); `size`: (stations,) what they may depend on besides, in a line or a parabola;
    `units`: each level's, (stations,), those of a level within those of the one above. F tests (Fisher 1925), one a
    column and level: the lowest level's units against stations, those above against the lower units that differ.
    """
    if not units:
        return ()
    design = np.column_stack([size, size**2 - 1.0])
    inside, slopes = within_units(values, units[-1]), within_units(design, units[-1])
    values = values - design @ np.linalg.lstsq(slopes, inside, rcond=None)[0]
    found: list[bool] = []
    below = np.arange(len(values))
    for depth in range(len(units) - 1, -1, -1):
        unit = units[depth]
        above = units[depth - 1] if depth else np.zeros_like(unit)
        found.insert(0, _differ(values, unit, above, below))
        below = unit if found[0] else below
    return tuple(found)


def _differ(values: Floats, unit: Ints, above: Ints, below: Ints) -> bool:
    """Whether units, within those above, differ by more than those below do within them."""
    from scipy.stats import f

    at, of, over = (unit_means(values, code)[code] for code in (below, unit, above))
    free = _count(unit) - _count(above), _count(below) - _count(unit)
    if min(free) < 1:
        return False
    between, rest = ((of - over) ** 2).sum(axis=0), ((at - of) ** 2).sum(axis=0)
    ratio = np.divide(between / free[0], rest / free[1], out=np.full(between.size, np.inf), where=rest > 0)
    chance = f.sf(np.where(between > 0, ratio, 0.0), *free)
    return bool(chance.min() < _BY_CHANCE / between.size)


def _count(code: Ints) -> int:
    return int(np.count_nonzero(np.bincount(code)))
