"""What is known of a method's errors on an election like the one at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tallyscope.forensics.calibration.places import PLACES
from tallyscope.forensics.calibration.rates import Rate, Rates, packaged
from tallyscope.forensics.finding import AlarmRate, ErrorRates, Power

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns

__all__ = ["error_rates", "rates_for"]

#: Prefix of the election ids that `simulation.like` gives.
_SIMULATED = "simulated-"


def error_rates(method: str, returns: Returns) -> ErrorRates | None:
    """The packaged rates of a method for this election; None if it was never calibrated."""
    return rates_for(method, returns.election.id, packaged())


def rates_for(method: str, election_id: str, rates: Rates) -> ErrorRates | None:
    """False alarms and power on elections of this very structure where those were measured, else on the designs.

    Undisputed real elections are always there. An `applicable` counts the runs in which the method gave a verdict.
    """
    measured = rates.of(method)
    clean = [r for r in measured if not r.mechanism]
    if not clean:
        return None
    real = [r for r in clean if _kind(rates, r) in ("real", "parts")]
    alarms = [*_nearest(clean, election_id, rates), *real]
    power = _nearest([r for r in measured if r.mechanism], election_id, rates)
    studies = dict.fromkeys(r.study for r in (*alarms, *power))
    return ErrorRates(
        alarms=tuple(_alarm(r, rates) for r in alarms),
        power=tuple(_power(r, rates) for r in power),
        provenance="; ".join(rates.provenance(s) for s in studies),
    )


def _nearest(given: Sequence[Rate], election_id: str, rates: Rates) -> list[Rate]:
    own = f"like {election_id.removeprefix(_SIMULATED)}"
    return [r for r in given if r.structure == own] or [r for r in given if _kind(rates, r) == "design"]


def _kind(rates: Rates, rate: Rate) -> str:
    return str(rates.structures[rate.structure]["kind"])


def _alarm(r: Rate, rates: Rates) -> AlarmRate:
    return AlarmRate(str(rates.structures[r.structure]["title"]), r.runs, r.tested, r.at_5, r.at_1)


def _power(r: Rate, rates: Rates) -> Power:
    on = f"{rates.structures[r.structure]['title']}; {PLACES.get(r.place, r.place)}"
    return Power(r.mechanism, on, r.gained, r.runs, r.tested, r.at_5, r.at_1)
