"""From what voters do to what a protocol says: integer counts that fulfil every control relation of the form.

Core: pure functions on arrays, one entry a station.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.habits import Habits
from tallyscope.simulation.latent import Latent, expit, logit
from tallyscope.simulation.rates import rates

__all__ = ["ballot_lines", "choice_votes", "other_weights", "rates_around"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Papers are delivered in round numbers.
_DELIVERY = 10


def rates_around(typical: float, spread: float, shift: Floats, rng: np.random.Generator) -> Floats:
    """Logit-normal rates around a typical one; `shift`: (stations,) on the logit scale. A typical 0 stays 0."""
    if typical <= 0:
        return np.zeros(shift.size)
    return expit(logit(typical) + shift + spread * rng.standard_normal(shift.size))


def ballot_lines(registered: Ints, land: Latent, habits: Habits, rng: np.random.Generator) -> dict[str, Ints]:
    """Every line that is about ballots and boxes: role -> (stations,).

    Issued ballots are Binomial(registered, turnout); all else divides them. A voter who takes the ballot away took
    it in the station, so the boxes hold at most what was issued for each of them.
    """
    issued = rng.binomial(registered, expit(land.values[:, 0]))
    early_rate = np.where(rng.random(issued.size) < habits.early_stations, habits.early, 0.0)
    early = rng.binomial(issued, early_rate)
    outside = rng.binomial(issued - early, rates(habits.home, land, rng))
    inside = issued - early - outside
    stationary = inside - rng.binomial(inside, habits.taken)
    lost = _rare(habits.lost, issued.size, rng)
    unaccounted = _rare(habits.unaccounted, issued.size, rng)
    delivered = registered * rng.normal(0.97, 0.06, issued.size)
    received = np.maximum(np.ceil(delivered / _DELIVERY).astype(np.int64) * _DELIVERY, issued + lost)
    return {
        "registered": registered,
        "ballots_received": received,
        "issued_early": early,
        "issued_in_station": inside,
        "issued_outside": outside,
        "cancelled": received - issued - lost + unaccounted,
        "portable": early + outside,
        "stationary": stationary,
        "ballots_lost": lost,
        "ballots_unaccounted": unaccounted,
    }


def _rare(rate: float, stations: int, rng: np.random.Generator) -> Ints:
    """Zero nearly everywhere; one ballot or a few at a share `rate` of the stations."""
    return np.where(rng.random(stations) < rate, rng.geometric(0.4, stations), 0)


def other_weights(
    typical: Floats, region: Ints, region_spread: float, station_spread: float, rng: np.random.Generator
) -> Floats:
    """How the choices other than the leader divide the rest: rows that sum to one, (stations, others)."""
    units = int(region.max(initial=-1)) + 1
    logs = np.log(typical) + region_spread * rng.standard_normal((units, typical.size))[region]
    weights = np.exp(logs + station_spread * rng.standard_normal(logs.shape))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def choice_votes(
    cast: Ints, share: Floats, invalid: Floats, others: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Multinomial votes: the leader's (stations,), invalid ballots (stations,), the others' (stations, others).

    `share` and `invalid` are probabilities of a ballot cast; `others` divides what remains.
    """
    leader = rng.binomial(cast, share)
    rest = cast - leader
    spoiled = rng.binomial(rest, np.minimum(invalid / (1.0 - share), 0.5))
    return leader, spoiled, rng.multinomial(rest - spoiled, others)
