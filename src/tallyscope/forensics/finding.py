"""What every method answers with: a Finding. It measures and never accuses; there is no single score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

__all__ = [
    "OWN_ERROR",
    "AlarmRate",
    "Condition",
    "ErrorRates",
    "Estimate",
    "Finding",
    "Place",
    "Power",
    "in_figures",
]


#: Where `details` have the error that a method ended with, which is a defect and says nothing of the returns.
OWN_ERROR = "own_error"


@dataclass(frozen=True)
class Estimate:
    """A number with its interval. `level` is the interval's coverage (0.95); `unit` says of what: "votes"."""

    value: float
    low: float
    high: float
    level: float
    unit: str


@dataclass(frozen=True)
class Condition:
    """A condition of applicability, measured on these data. `met` None: it cannot be judged from these data."""

    text: str
    met: bool | None
    measured: str


@dataclass(frozen=True)
class Place:
    """A unit that carries part of the finding. `level`: "region", "territory" or "station"."""

    level: str
    unit: tuple[str, ...]
    value: float
    unit_of_value: str
    p_value: float | None = None
    q_value: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AlarmRate:
    """How often the method cried where nothing was done. `on`: what was examined, for people.

    `runs`: elections examined; `applicable`: those in which the method answered; `at_5`, `at_1`: of these, the
    number in which it cried at 5 % and at 1 %.
    """

    on: str
    runs: int
    applicable: int
    at_5: int
    at_1: int


@dataclass(frozen=True)
class Power:
    """How often the method cried where `mechanism` was at work with a dose, on simulations of the kind `on`.

    `dose`: votes gained / the gaining choice's honest votes, as simulated. Counts as in AlarmRate.
    """

    mechanism: str
    on: str
    dose: float
    runs: int
    applicable: int
    at_5: int
    at_1: int


@dataclass(frozen=True)
class ErrorRates:
    """What is known of a method's errors, measured on reference elections and simulations (`calibrate`)."""

    alarms: tuple[AlarmRate, ...]
    power: tuple[Power, ...]
    #: How and when it was measured: version, seeds, command.
    provenance: str


def in_figures(probability: float) -> str:
    """A posterior probability for a sentence: nothing is said to be certain or impossible, however near to it."""
    if probability < 1e-6:
        return "below one in a million"
    if probability >= 0.9995:
        return "above 0.999"
    return f"{probability:.3f}" if probability > 0.99 else f"{probability:.2g}"


@dataclass(frozen=True)
class Finding:
    """The answer of one method on one election.

    A method that does not apply has `applicable=False`, no estimate and no p-value, and says why in `conditions`.
    `q_value` is filled in once all methods have run (Benjamini & Hochberg 1995). `stations`: one row per row of
    the Returns, in its order, the method's per-station figures; None if the method has none. Its column `strength`,
    where there is one, is -log10 of the chance of a station at least as unusual where nothing was done (for a
    Bayesian method, of the posterior probability of that); null where the method says nothing of a station.
    """

    method: str
    mechanisms: tuple[str, ...]
    question: str
    applicable: bool
    conditions: tuple[Condition, ...]
    #: One plain sentence: what was measured, in the field's words ("anomalous", "consistent with").
    summary: str
    estimate: Estimate | None = None
    p_value: float | None = None
    q_value: float | None = None
    #: Numbers behind the estimate, JSON-ready (str, int, float, bool, None, lists, dicts).
    details: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[Place, ...] = ()
    alternatives: tuple[str, ...] = ()
    source: str = ""
    stations: pl.DataFrame | None = field(default=None, compare=False)
    #: Posterior probability that nothing of what the method looks for is there; for Bayesian methods only.
    posterior: float | None = None
    #: False-alarm rate and power as calibrated; None for a method that has not been.
    error_rates: ErrorRates | None = None

    def cries(self, at: float = 0.05) -> bool | None:
        """Whether the method finds something at this level (of the p-value, or of the posterior of nothing).

        None where it does not apply or has no test.
        """
        level = self.p_value if self.p_value is not None else self.posterior
        return None if level is None or not self.applicable else level <= at
