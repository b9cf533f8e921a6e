"""An invented country: regions, territories and stations, with the sizes that real polling stations have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.names import region_names
from tallyscope.simulation.spec import CleanSpec

__all__ = ["Country", "country", "station_sizes"]

Ints = npt.NDArray[np.int64]

#: Stations of villages, of small towns, of cities: (median or mean, spread of the log or in voters).
_VILLAGE, _TOWN, _CITY = (270.0, 0.72), (1050.0, 300.0), (1950.0, 420.0)
#: Of the stations that are not a village's, the share that are a small town's.
_TOWNS = 0.3
_SMALLEST, _LARGEST = 25, 3500


@dataclass(frozen=True, eq=False)
class Country:
    """Stations in order; `region`, `territory`: (stations,) numbers of their units; `registered`: voters."""

    region: Ints
    territory: Ints
    registered: Ints
    region_names: tuple[str, ...]
    #: The region of each territory, (territories,).
    region_of: Ints


def country(spec: CleanSpec, rng: np.random.Generator) -> Country:
    """Draws a tree and its sizes: regions and territories of uneven size, villages and cities in clusters."""
    territories = min(spec.stations, max(spec.regions, round(spec.stations / spec.stations_per_territory)))
    per_region = _shared_out(territories, spec.regions, 2.5, rng)
    region_of = np.repeat(np.arange(spec.regions), per_region)
    per_territory = _shared_out(spec.stations, territories, 4.0, rng)
    territory = np.repeat(np.arange(territories), per_territory)
    rural = rng.beta(0.7, 0.8, territories)[territory]
    sizes = station_sizes(rural, rng)
    return Country(region_of[territory], territory, sizes, region_names(spec.regions), region_of)


def _shared_out(total: int, units: int, evenness: float, rng: np.random.Generator) -> Ints:
    """`total` in `units` parts of at least one, of gamma-distributed expectation; (units,), in all `total`."""
    weights = rng.gamma(evenness, size=units)
    return 1 + rng.multinomial(total - units, weights / weights.sum())


def station_sizes(rural: npt.NDArray[np.float64], rng: np.random.Generator) -> Ints:
    """Voters on the list of each station: a mixture of villages, small towns and cities, (stations,).

    `rural`: (stations,) the chance that a station is a village's. The quartiles of the default country come out
    near those of Russia 2018 (346, 1,012, 1,789 voters; 5 % below 109, 5 % above 2,507).
    """
    n = rural.size
    village = np.exp(np.log(_VILLAGE[0]) + _VILLAGE[1] * rng.standard_normal(n))
    town = _TOWN[0] + _TOWN[1] * rng.standard_normal(n)
    city = _CITY[0] + _CITY[1] * rng.standard_normal(n)
    kind, urban = rng.random(n), rng.random(n)
    sizes = np.where(kind < rural, village, np.where(urban < _TOWNS, town, city))
    return np.clip(np.rint(sizes), _SMALLEST, _LARGEST).astype(np.int64)
