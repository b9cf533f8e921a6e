"""What every method answers with: a Finding. It measures and never accuses; there is no single score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

__all__ = ["Condition", "Estimate", "Finding", "Place"]


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
class Finding:
    """The answer of one method on one election.

    A method that does not apply has `applicable=False`, no estimate and no p-value, and says why in `conditions`.
    `q_value` is filled in once all methods have run (Benjamini & Hochberg 1995). `stations`: one row per row of
    the Returns, in its order, the method's per-station figures; None if the method has none.
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
