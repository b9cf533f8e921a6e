"""What a clean election is made of: how voters behave, what stations are like, who stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.habits import Habits

__all__ = ["Behaviour", "CleanSpec", "Effect", "Habits"]


@dataclass(frozen=True)
class Effect:
    """Random effects of one level of the tree: standard deviations on the logit scale and their correlation."""

    turnout: float
    share: float
    correlation: float = 0.0

    def covariance(self) -> npt.NDArray[np.float64]:
        """The covariance of (logit turnout, logit share) at this level, (2, 2)."""
        both = self.correlation * self.turnout * self.share
        return np.array([[self.turnout**2, both], [both, self.share**2]])


@dataclass(frozen=True)
class Behaviour:
    """How turnout and the leader's share vary over a country in which nothing was done to them.

    logit turnout = logit(`turnout`) + size + region + territory + station, and likewise the share; the three
    effects are bivariate normal, size is `size_turnout` (`size_share`) times the standardised log of the voters
    on the list. Small places often vote more, and otherwise: that honest heterogeneity is the null hypothesis.
    The default spreads are near those that `like.behaviour_of` finds in Georgia 2013 and Spain 2019, sampling noise
    taken out: turnout .28 between regions in Georgia, .18, .18 and .30 between regions, territories and stations in
    Spain; share .40 and .24, .33, .34. The correlation is .22 in Georgia and -.33 in Spain.
    """

    #: Issued ballots / registered voters in a typical (median) station.
    turnout: float = 0.62
    #: The leader's votes / ballots cast in a typical (median) station.
    share: float = 0.46
    region: Effect = Effect(0.22, 0.30, 0.15)
    territory: Effect = Effect(0.17, 0.26, 0.15)
    station: Effect = Effect(0.26, 0.30, 0.15)
    size_turnout: float = -0.16
    size_share: float = -0.10

    @property
    def effects(self) -> tuple[Effect, Effect, Effect]:
        """The effects of region, territory and station."""
        return self.region, self.territory, self.station

    def covariance(self) -> npt.NDArray[np.float64]:
        """The covariance of (logit turnout, logit share) over all stations, sizes included, (2, 2)."""
        size = np.array([self.size_turnout, self.size_share])
        effects: npt.NDArray[np.float64] = np.sum([e.covariance() for e in self.effects], axis=0)
        return effects + np.outer(size, size)

    @property
    def correlation(self) -> float:
        """The honest correlation of turnout and share over all stations (of logits); 0 without variation."""
        total = self.covariance()
        scale = sqrt(total[0, 0] * total[1, 1])
        return float(total[0, 1] / scale) if scale else 0.0

    def with_correlation(self, correlation: float) -> Behaviour:
        """The same spreads with this `correlation` over all stations: every level gets the same one.

        Raises ValueError where sizes alone already bind turnout and share more (or less) than that allows.
        """
        total, size = self.covariance(), self.size_turnout * self.size_share
        wanted = correlation * sqrt(total[0, 0] * total[1, 1]) - size
        spreads = sum(e.turnout * e.share for e in self.effects)
        level = wanted / spreads if spreads else float("inf") if wanted else 0.0
        if abs(level) > 1:
            raise ValueError(f"a correlation of {correlation} is out of reach with these spreads and size effects")
        region, territory, station = (replace(e, correlation=level) for e in self.effects)
        return replace(self, region=region, territory=territory, station=station)


@dataclass(frozen=True)
class CleanSpec:
    """A clean election to be drawn. Raises ValueError, naming everything that is wrong, when it cannot be."""

    stations: int = 20_000
    regions: int = 40
    stations_per_territory: float = 35.0
    behaviour: Behaviour = field(default_factory=Behaviour)
    habits: Habits = field(default_factory=Habits)
    choices: tuple[str, ...] = ("Alder", "Birch", "Cedar", "Hazel", "Juniper")
    #: The choice that `behaviour.share` is about: its place in `choices`.
    leader: int = 2
    #: How the other choices, in order, divide the rest in a typical station; any positive scale.
    others: tuple[float, ...] = (0.34, 0.28, 0.22, 0.16)
    #: How the log of those weights varies between regions and between stations.
    others_region: float = 0.35
    others_station: float = 0.15
    title: str = "A simulated election"

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))

    def _faults(self) -> Iterator[str]:
        if self.regions < 1:
            yield f"a country has at least one region, not {self.regions}"
        if self.stations < self.regions:
            yield f"{self.stations} stations cannot fill {self.regions} regions"
        if self.stations_per_territory < 1:
            yield f"a territory has at least one station, not {self.stations_per_territory}"
        if not 0 <= self.leader < len(self.choices):
            yield f"the leader is one of {len(self.choices)} choices (0 is the first), not {self.leader}"
        if len(self.others) != len(self.choices) - 1:
            wanted, given = len(self.choices) - 1, len(self.others)
            yield f"each choice but the leader needs a weight in `others`: {wanted}, not {given}"
        if any(w <= 0 for w in self.others):
            yield "the weights in `others` must be positive"
        for name, rate in (("turnout", self.behaviour.turnout), ("share", self.behaviour.share)):
            if not 0 < rate < 1:
                yield f"a {name} lies between 0 and 1, not at {rate}"
