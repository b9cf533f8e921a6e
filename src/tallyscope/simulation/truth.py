"""The known truth of a simulation: what was changed, where, and by how many votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.returns.table import Returns

__all__ = ["Simulation", "Truth", "changes"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Truth:
    """What one mechanism did. Enough to do it again: mechanism, place, dose and seed."""

    mechanism: str
    #: Id of the choice that gained.
    choice: str
    level: str
    units: tuple[tuple[str, ...], ...]
    #: Rows of the Returns that were changed, (changed,) in order.
    stations: Ints
    #: Ballots put into the boxes that no voter cast, per changed station.
    added: Ints
    #: Votes that the choice has more than before, per changed station.
    gained: Ints
    dose: Mapping[str, float]
    seed: int
    #: Column of the Returns -> what was added to it (or taken from it), per changed station; changed columns only.
    lines: Mapping[str, Ints] = field(default_factory=dict)
    #: What else was asked for, in words.
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def votes_added(self) -> int:
        """Ballots that no voter cast, in all."""
        return int(self.added.sum())

    @property
    def votes_gained(self) -> int:
        """Votes that the choice has more than it had, in all."""
        return int(self.gained.sum())

    @property
    def votes_moved(self) -> int:
        """Votes that the choice has from others' voters: gained beyond the ballots added."""
        return self.votes_gained - self.votes_added

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: numbers, texts and lists only."""
        return {
            "mechanism": self.mechanism,
            "choice": self.choice,
            "level": self.level,
            "units": [list(u) for u in self.units],
            "dose": {k: float(v) for k, v in self.dose.items()},
            "options": dict(self.options),
            "seed": self.seed,
            "votes_added": self.votes_added,
            "votes_moved": self.votes_moved,
            "votes_gained": self.votes_gained,
            "totals": {column: int(delta.sum()) for column, delta in self.lines.items()},
            "stations": self.stations.tolist(),
            "added": self.added.tolist(),
            "gained": self.gained.tolist(),
        }


def changes(before: Returns, after: Returns) -> tuple[Ints, dict[str, Ints]]:
    """Rows with another figure than before, (changed,), and what was added to each changed column, (changed,) each.

    Both have the same rows and columns; figures are known in both or in neither.
    """
    columns = [c for c in before.figures if not before.table[c].equals(after.table[c])]
    deltas = {c: (after.table[c] - before.table[c]).fill_null(0).cast(pl.Int64).to_numpy() for c in columns}
    touched = np.zeros(len(before), dtype=bool)
    for delta in deltas.values():
        touched |= delta != 0
    at = np.flatnonzero(touched)
    return at, {c: delta[at] for c, delta in deltas.items()}


@dataclass(frozen=True, eq=False)
class Simulation:
    """An election with everything that was done to it, beside the clean one that it was made from, row by row."""

    returns: Returns
    clean: Returns
    truths: tuple[Truth, ...] = field(default_factory=tuple)

    def votes_gained(self) -> Ints:
        """Votes gained through all mechanisms, by row of the returns, (rows,)."""
        total = np.zeros(len(self.returns), dtype=np.int64)
        for truth in self.truths:
            np.add.at(total, truth.stations, truth.gained)
        return total

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; the tables themselves are left out."""
        return {
            "election": self.returns.election.id,
            "stations": len(self.returns),
            "truths": [t.as_dict() for t in self.truths],
        }
