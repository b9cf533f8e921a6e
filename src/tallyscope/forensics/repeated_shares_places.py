"""Where values repeat: units of the dividing level, and lowest ones that stand out, with the values they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.core.repeated_cells import Cells
from tallyscope.forensics.core.repeated_values import Repeats, repeats, station_tails, unit_tails
from tallyscope.forensics.core.repeated_windows import Windows
from tallyscope.forensics.finding import Place
from tallyscope.forensics.stations import Figures, Units, dividing_level, units_at
from tallyscope.returns.table import Returns

__all__ = ["KINDS", "levels_of", "repeated_places"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: What can be the same.
KINDS = ("share", "turnout", "both")
#: Units below the dividing level are told where the false discovery rate among those of their level is at most:
_STANDS_OUT = 0.05
#: Values of a place beside its best one are told where their p-value, corrected for all its values, is at most:
_TOLD = 0.05
_MOST_VALUES = 10


def levels_of(returns: Returns, used: Figures) -> tuple[Units, ...]:
    """The level that divides the election and the lowest one, in this order; without levels, all as one unit."""
    if not returns.levels:
        return (Units("election", np.zeros(used.rows.size, dtype=np.int64), (("all stations",),)),)
    top = dividing_level(returns, used, np.ones(used.rows.size, dtype=np.int64))
    lowest = len(returns.levels) - 1
    return tuple(units_at(returns, used, depth) for depth in sorted({lowest if top is None else top, lowest}))


def repeated_places(
    levels: Sequence[Units], share: Windows, turnout: Windows, lowest: Mapping[str, Cells]
) -> tuple[tuple[Place, ...], dict[str, int], dict[str, Any]]:
    """Places, how many units of each level were tested, and the columns of stations.

    A unit's p-value is that of its most surprising value (share, turnout or both), corrected for all values it
    could have repeated and for the three kinds; q-values are over all units of a level.
    `lowest`: the cells of the last of the levels, by kind.
    """
    figures = {"share": (share,), "turnout": (turnout,), "both": (share, turnout)}
    places: list[Place] = []
    tested: dict[str, int] = {}
    tails: list[Floats] = []
    same: dict[str, Any] = {}
    for i, level in enumerate(levels):
        known = lowest if level is levels[-1] else {}
        found = {kind: repeats(level.of, len(level.names), figures[kind], known.get(kind)) for kind in KINDS}
        tested[level.level] = int(np.unique(level.of).size)
        upper = i == 0 and len(levels) > 1
        if len(level.names) > 1:
            places += _places(level, found, share, turnout, 1.0 if upper else _STANDS_OUT)
        tails += [station_tails(found[kind], figures[kind]) for kind in KINDS]
        same = {f"same_{kind}": _others(found[kind]) for kind in KINDS}
    p = np.minimum(np.min(tails, axis=0) * len(tails), 1.0)
    return tuple(places), tested, {**same, "strength": -np.log10(np.maximum(p, 1e-300)) + 0.0}


def _others(found: Repeats) -> Ints:
    """(stations,) how many other stations of the unit have the same value."""
    if not found.count.size:
        return np.zeros(found.group.size, dtype=np.int64)
    return np.where(found.group >= 0, found.count[np.maximum(found.group, 0)] - 1, 0)


def _places(
    level: Units, found: Mapping[str, Repeats], share: Windows, turnout: Windows, most: float
) -> list[Place]:
    """Units with a q-value of at most `most`, the smallest p-value first."""
    sizes = np.bincount(level.of, minlength=len(level.names))
    p = np.where(sizes > 0, unit_tails(list(found.values()), len(level.names)), np.nan)
    q = q_values(p)
    values = _values(found, q <= most, share, turnout)
    return [
        Place(
            level=level.level,
            unit=level.names[i],
            value=values[i][0]["sharing"] - values[i][0]["expected"],
            unit_of_value="stations",
            p_value=float(p[i]),
            q_value=float(q[i]),
            details={"stations": int(sizes[i]), **values[i][0], "values": values[i]},
        )
        for i in np.argsort(p, kind="stable")
        if i in values
    ]


def _values(
    found: Mapping[str, Repeats], wanted: Bools, share: Windows, turnout: Windows
) -> dict[int, list[dict[str, Any]]]:
    """Repeated values of the wanted units, (units,) bool, JSON-ready: the best of a kind, and what stands out."""
    listed: dict[int, list[dict[str, Any]]] = {}
    for kind, one in found.items():
        p = one.p_value
        for i in np.flatnonzero(wanted[one.unit] & ((p <= _TOLD) | one.best)):
            station = one.station[i]
            listed.setdefault(int(one.unit[i]), []).append(
                {
                    "of": kind,
                    "share_percent": None if kind == "turnout" else float(share.value[station]) / 10,
                    "turnout_percent": None if kind == "share" else float(turnout.value[station]) / 10,
                    "sharing": int(one.count[i]),
                    "expected": float(one.expected[i]),
                    "p_value": float(p[i]),
                }
            )
    return {unit: sorted(rows, key=lambda r: float(r["p_value"]))[:_MOST_VALUES] for unit, rows in listed.items()}
