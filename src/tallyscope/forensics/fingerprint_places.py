"""Where the parts of an asymmetry sum to more than they should: units of the clusters' level, and territories."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Place
from tallyscope.forensics.fingerprint_stations import Stations
from tallyscope.forensics.stations import Units

__all__ = ["asymmetry_places", "grouped_p"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Independent parts that a unit needs to be tested: territories of a region, stations of a territory.
_FEWEST = 8
#: Territories are told when the false discovery rate among them is at most this.
_STANDS_OUT = 0.05


def asymmetry_places(stations: Stations, part: Floats, weight: Floats, unit: str) -> tuple[Place, ...]:
    """Units of the upper level by p-value, and territories that stand out. `part`, `weight`: (stations,).

    The value is the weighted mean of the parts. A region's p-value takes its territories as independent, a
    territory's takes its stations so.
    """
    territory, cluster = stations.territory, stations.cluster
    places: list[Place] = []
    if cluster is not territory:
        sums = np.asarray(np.bincount(territory.of, weights=part), dtype=np.float64)
        above = np.zeros(len(territory.names), dtype=np.int64)
        above[territory.of] = cluster.of
        places += _ranked(cluster, part, weight, grouped_p(sums, above, len(cluster.names)), 1.0, unit)
    p = grouped_p(part, territory.of, len(territory.names))
    most = _STANDS_OUT if places else 1.0
    return tuple(places + _ranked(territory, part, weight, p, most, unit))


def grouped_p(part: Floats, group: Ints, groups: int) -> Floats:
    """(groups,) one-sided p-value of each group's sum of symmetric parts; NaN for fewer than eight."""
    from scipy.special import stdtr

    n = np.bincount(group, minlength=groups)
    total = np.bincount(group, weights=part, minlength=groups)
    square = np.bincount(group, weights=part**2, minlength=groups)
    tested = (n >= _FEWEST) & (square > 0)
    own = np.where(tested, total / np.sqrt(np.where(tested, square, 1.0)), 0.0)
    t = own * np.sqrt((n - 1).clip(1) / np.maximum(n - own**2, 1e-9))
    return np.where(tested, stdtr((n - 1).clip(1), -t), np.nan)


def _ranked(units: Units, part: Floats, weight: Floats, p: Floats, most: float, unit: str) -> list[Place]:
    q = q_values(p)
    n = np.bincount(units.of, minlength=len(units.names))
    mean = np.bincount(units.of, weights=part) / np.maximum(np.bincount(units.of, weights=weight), 1e-300)
    return [
        Place(
            level=units.level,
            unit=units.names[i],
            value=float(mean[i]),
            unit_of_value=unit,
            p_value=float(p[i]),
            q_value=float(q[i]),
            details={"stations": int(n[i])},
        )
        for i in np.argsort(np.where(np.isnan(p), 2.0, p), kind="stable")
        if not np.isnan(p[i]) and q[i] <= most
    ]
