"""What every mechanism works on and answers with: stations, the choice that gains, and the figures before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tallyscope.election.roles import ROLES, votes_column
from tallyscope.returns.table import Returns
from tallyscope.simulation.protocol import figures_at, votes_at
from tallyscope.simulation.rewriting import IN_STATION, Way, rewrite
from tallyscope.simulation.site import Chosen, Site
from tallyscope.simulation.truth import Truth, changes

__all__ = ["Protocols", "Target", "gainer", "needs"]

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


def needs(returns: Returns, *roles: str) -> None:
    """Raises ValueError, naming every one, for lines that these returns do not carry."""
    missing = [ROLES[r] for r in roles if not returns.has(r)]
    if missing:
        raise ValueError(f"the protocols have no line for: {', '.join(missing)}")


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

    def units_at(self, level: str | None) -> Ints:
        """The number of each station's unit of `level`, the lowest unless given, (stations,). Raises ValueError."""
        levels = self.returns.levels
        if level is not None and level not in levels:
            raise ValueError(f"there is no level {level!r}; there are: {', '.join(levels)}")
        path = levels if level is None else levels[: levels.index(level) + 1]
        codes = self.returns.codes(path)[0][self.chosen.stations]
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)

    def votes_for(self, dose: float) -> int:
        """`dose` times the gaining choice's votes in the whole election, to the nearest vote."""
        return round(dose * int(self.returns.table[self.returns.votes_columns[self.column]].sum()))

    def with_more(self, more: Ints, way: Way = IN_STATION) -> Returns:
        """The returns with ballots `more` (stations,) for the choice."""
        votes = self.before.votes.copy()
        votes[:, self.column] += more
        after = Protocols(self.before.cast + more, self.before.invalid, votes)
        return self.rewritten(more > 0, after.where(more > 0), way)

    def rewritten(self, keep: npt.NDArray[np.bool_], after: Protocols, way: Way = IN_STATION) -> Returns:
        """The returns with the protocols `after` at the stations marked in `keep` (stations,), and only there."""
        at = self.chosen.stations[keep]
        return rewrite(self.returns, at, after.cast, after.invalid, after.votes, way)

    def answer(
        self, mechanism: str, after: Returns, dose: Mapping[str, float], seed: int, **options: str
    ) -> tuple[Returns, Truth]:
        """The returns `after` with the truth of what differs from those before."""
        choice = self.returns.choices[self.column]
        stations, lines = changes(self.returns, after)
        nothing = np.zeros(stations.size, dtype=np.int64)
        return after, Truth(
            mechanism=mechanism,
            choice=choice.id,
            level=self.chosen.level,
            units=self.chosen.units,
            stations=stations,
            added=lines.get("cast", nothing),
            gained=lines.get(votes_column(choice.id), nothing),
            dose=dose,
            seed=seed,
            lines=lines,
            options=options,
        )
