"""What is known of a method's errors on an election like the one at hand."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

from tallyscope.forensics.calibration.places import PLACES
from tallyscope.forensics.calibration.rates import Rate, Rates, packaged
from tallyscope.forensics.finding import AlarmRate, ErrorRates, Power

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns

__all__ = ["error_rates", "nearest_in_size", "rates_for"]

#: Prefix of the election ids that `simulation.like` gives.
_SIMULATED = "simulated-"


def error_rates(method: str, returns: Returns) -> ErrorRates | None:
    """The packaged rates of a method for this election; None if it was never calibrated."""
    return rates_for(method, returns.election.id, packaged(), len(returns))


def rates_for(method: str, election_id: str, rates: Rates, stations: int | None = None) -> ErrorRates | None:
    """False alarms and power on elections of this very structure where those were measured, else on the designs.

    `stations`: of the election; of designs of several sizes those nearest to it are told, without it the largest.
    Undisputed real elections are always there. An `applicable` counts the runs in which the method gave a verdict.
    """
    measured = rates.of(method)
    clean = [r for r in measured if not r.mechanism]
    if not clean:
        return None
    real = [r for r in clean if _kind(rates, r) in ("real", "parts")]
    alarms = [*_nearest(clean, election_id, rates, stations), *real]
    power = _nearest([r for r in measured if r.mechanism], election_id, rates, stations)
    studies = dict.fromkeys(r.study for r in (*alarms, *power))
    return ErrorRates(
        alarms=tuple(_alarm(r, rates) for r in alarms),
        power=tuple(_power(r, rates) for r in power),
        provenance="; ".join(rates.provenance(s) for s in studies),
    )


def nearest_in_size(given: Sequence[Rate], rates: Rates, stations: int | None = None) -> list[Rate]:
    """Those on countries whose number of stations is, in proportion, nearest to this one; None: on the largest."""

    def apart(r: Rate) -> float:
        size = int(rates.structures[r.structure]["stations"])
        return -size if stations is None else abs(log(max(size, 1) / max(stations, 1)))

    least = min(map(apart, given), default=0.0)
    return [r for r in given if apart(r) == least]


def _nearest(given: Sequence[Rate], election_id: str, rates: Rates, stations: int | None) -> list[Rate]:
    own = f"like {election_id.removeprefix(_SIMULATED)}"
    here = [r for r in given if r.structure == own]
    return here or nearest_in_size([r for r in given if _kind(rates, r) == "design"], rates, stations)


def _kind(rates: Rates, rate: Rate) -> str:
    return str(rates.structures[rate.structure]["kind"])


def _alarm(r: Rate, rates: Rates) -> AlarmRate:
    return AlarmRate(str(rates.structures[r.structure]["title"]), r.runs, r.tested, r.at_5, r.at_1)


def _power(r: Rate, rates: Rates) -> Power:
    on = f"{rates.structures[r.structure]['title']}; {PLACES.get(r.place, r.place)}"
    return Power(r.mechanism, on, r.gained, r.runs, r.tested, r.at_5, r.at_1)
