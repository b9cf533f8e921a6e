"""What every mechanism works on and answers with: stations, the choice that gains, and the figures before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tallyscope.returns.table import Returns
from tallyscope.simulation.protocol import figures_at, rewrite, votes_at
from tallyscope.simulation.site import Chosen, Site
from tallyscope.simulation.truth import Truth

__all__ = ["Protocols", "Target", "gainer"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Protocols:
    """The figures that mechanisms change: ballots cast, invalid (stations,) and votes (stations, choices)."""

    cast: Ints
    invalid: Ints
    votes: Ints

    def where(self, keep: npt.NDArray[np.bool_]) -> Protocols:
        """Those of some stations."""
        return Protocols(self.cast[keep], self.invalid[keep], self.votes[keep])


def gainer(returns: Returns, choice: str | None) -> int:
    """The place among `returns.choices` of this choice, or of the leader for None. Raises ValueError."""
    wanted = returns.leader.id if choice is None and returns.leader is not None else choice
    ids = [c.id for c in returns.choices]
    if wanted not in ids:
        raise ValueError(f"there is no choice {wanted!r}; there are: {', '.join(ids)}")
    return ids.index(wanted)


@dataclass(frozen=True, eq=False)
class Target:
    """The stations that a mechanism may change; arrays have one entry for each of them, in order."""

    returns: Returns
    chosen: Chosen
    #: The place of the choice that gains among `returns.choices`.
    column: int

    @classmethod
    def at(cls, returns: Returns, site: Site, choice: str | None, rng: np.random.Generator) -> Target:
        """The stations of `site` and the choice that gains. Raises ValueError where there are none."""
        return cls(returns, site.choose(returns, rng), gainer(returns, choice))

    def line(self, role: str) -> Ints:
        """One line of the protocols as they are, (stations,)."""
        return figures_at(self.returns, role, self.chosen.stations)

    @cached_property
    def before(self) -> Protocols:
        """The protocols as they are."""
        return Protocols(self.line("cast"), self.line("invalid"), votes_at(self.returns, self.chosen.stations))

    def votes_for(self, dose: float) -> int:
        """`dose` times the gaining choice's votes in the whole election, to the nearest vote."""
        return round(dose * int(self.returns.table[self.returns.votes_columns[self.column]].sum()))

    def answer(
        self, mechanism: str, keep: npt.NDArray[np.bool_], after: Protocols, dose: Mapping[str, float], seed: int
    ) -> tuple[Returns, Truth]:
        """Writes the protocols `after` into the stations marked in `keep`, and says what that did.

        `keep`: (stations,); `after` has the entries of the kept stations only.
        """
        at, before = self.chosen.stations[keep], self.before.where(keep)
        truth = Truth(
            mechanism=mechanism,
            choice=self.returns.choices[self.column].id,
            level=self.chosen.level,
            units=self.chosen.units,
            stations=at,
            added=after.cast - before.cast,
            gained=after.votes[:, self.column] - before.votes[:, self.column],
            dose=dose,
            seed=seed,
        )
        return rewrite(self.returns, at, after.cast, after.invalid, after.votes), truth
