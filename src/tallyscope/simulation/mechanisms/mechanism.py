"""What is known of a mechanism: its name, what its dose means, what it can be asked, which lines it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tallyscope.returns.table import Returns
from tallyscope.simulation.site import Site
from tallyscope.simulation.truth import Truth

__all__ = ["Apply", "Mechanism", "Option"]


class Apply(Protocol):
    """Changes returns at a site, and tells the truth of it. Raises ValueError where that cannot be done."""

    def __call__(self, returns: Returns, site: Site, dose: float, seed: int) -> tuple[Returns, Truth]: ...


@dataclass(frozen=True)
class Option:
    """One thing besides dose and place that a mechanism can be asked. `read`: from the text that a person typed."""

    read: Callable[[str], object]
    meaning: str


@dataclass(frozen=True)
class Mechanism:
    """One kind of manipulation. `name`: one of `names.NAMES`."""

    name: str
    apply: Apply
    #: What a dose is, in words; `unit` is "votes" (a share of the gaining choice's votes) or "points".
    meaning: str
    unit: str
    #: Ascending, for power curves; at one place or another the largest may not be possible.
    doses: tuple[float, ...]
    #: What it leaves in the protocols, in a sentence.
    leaves: str
    #: Lines that the returns must carry besides voters, ballots cast, valid, invalid and votes.
    lines: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
