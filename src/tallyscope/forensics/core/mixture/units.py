"""Figures of stations by the unit they lie in: means, and how far each station is from its unit's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["sizes", "unit_means", "within_units"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
