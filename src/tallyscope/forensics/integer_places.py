"""Where integer percentages are too frequent: every unit of the upper level, and lower ones that stand out."""

from __future__ import annotations

import numpy as np

from tallyscope.forensics.core.integer_test import GroupExcess, Percentages, group_excess
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Place
from tallyscope.forensics.stations import Figures, Units, dividing_level, units_at
from tallyscope.returns.table import Returns

__all__ = ["integer_places"]

#: Units below the upper level are told when the false discovery rate among those of their level is at most this.
_STANDS_OUT = 0.05


def integer_places(returns: Returns, used: Figures, of: Percentages) -> tuple[tuple[Place, ...], dict[str, int]]:
    """Units by their excess, and how many units were tested, by level.

    All units of the upper level (the first that divides the election), then those of the next level that stand out.
    The q-values are over all tested units of a level (Benjamini & Hochberg 1995).
    """
    top = dividing_level(returns, used, np.ones(used.rows.size, dtype=np.int64))
    if top is None:
        return (), {}
    places: list[Place] = []
    tested: dict[str, int] = {}
    for depth, most in ((top, 1.0), (top + 1, _STANDS_OUT)):
        if depth < len(returns.levels):
            units = units_at(returns, used, depth)
            groups = group_excess(of.integer["union"], of.chance["union"], units.of, len(units.names))
            tested[units.level] = len(units.names)
            places += _ranked(units, groups, most)
    return tuple(places), tested


def _ranked(units: Units, groups: GroupExcess, most: float) -> list[Place]:
    """Places with a q-value of at most `most`, the greatest excess first."""
    q = q_values(groups.p_value)
    excess = groups.observed - groups.expected
    return [
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(excess[i]),
            unit_of_value="stations",
            p_value=float(groups.p_value[i]),
            q_value=float(q[i]),
            details={
                "stations": int(groups.stations[i]),
                "observed": int(groups.observed[i]),
                "expected": float(groups.expected[i]),
                "sd": float(groups.sd[i]),
            },
        )
        for i in np.argsort(-excess, kind="stable")
        if q[i] <= most
    ]
