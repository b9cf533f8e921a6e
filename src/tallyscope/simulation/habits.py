"""What a protocol counts besides turnout and votes, and how much that honestly differs from place to place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Arrivals", "Certificates", "Habits", "Hours", "Rate", "Scanners", "Tied"]


@dataclass(frozen=True)
class Tied:
    """A random effect of one level of the tree that goes along with how people vote there.

    `spread`: its standard deviation. `turnout`, `share`: its correlations with the effects of that level on logit
    turnout and on the leader's logit share. They leave turnout and share themselves as they are.
    """

    spread: float
    turnout: float = 0.0
    share: float = 0.0


@dataclass(frozen=True)
class Rate:
    """A rate that differs: logit = logit(`typical`) + `size` x standardised log size + the effects of the place.

    The same effects serve a log or a latent trait where a comment says so. A typical rate of 0 stays 0 everywhere.
    """

    #: The rate of a typical (median) station.
    typical: float
    region: Tied = Tied(0.0)
    territory: Tied = Tied(0.0)
    station: Tied = Tied(0.0)
    size: float = 0.0
    #: Degrees of freedom of Student's t that the station's effect follows (scaled to `spread`); None: normal.
    tail: float | None = None

    @property
    def effects(self) -> tuple[Tied, Tied, Tied]:
        """The effects of region, territory and station."""
        return self.region, self.territory, self.station


def _home() -> Rate:
    return Rate(
        0.06,
        region=Tied(0.40, turnout=-0.35, share=0.25),
        territory=Tied(0.50, turnout=-0.30, share=0.15),
        station=Tied(0.80, turnout=-0.10, share=0.10),
        size=-0.45,
        tail=7.0,
    )


def _added() -> Rate:
    return Rate(0.010, Tied(0.40), Tied(0.50), Tied(0.85, turnout=0.10), tail=7.0)


@dataclass(frozen=True)
class Certificates:
    """Absentee certificates: who takes one where he is registered, and where he comes with it.

    Defaults near Russia 2004 and 2012: 1.0 and 2.2 million issued, .8 and 1.6 million used (78 and 74 %).
    """

    #: Certificates issued at the station / voters on its list; and by the territorial commission to its voters.
    issued: Rate = Rate(0.010, Tied(0.45), Tied(0.45), Tied(0.45, turnout=-0.15), tail=7.0)
    issued_above: Rate = Rate(0.0007, Tied(0.60), Tied(0.80), Tied(0.50))
    #: Of all certificates issued, the share that is voted with; of these, the share used in the region of issue.
    presented: float = 0.76
    stay: float = 0.80
    #: How many come to a station for each ballot issued there, relative to others: `typical` has no meaning.
    drawn: Rate = Rate(
        0.5, Tied(0.40, share=-0.15), Tied(0.50, share=-0.15), Tied(0.55, share=-0.10), size=0.05, tail=5.0
    )
    #: Share of stations where travellers come (railway stations, hospitals, barracks), and how many times as many.
    hubs: float = 0.01
    hub_factor: float = 15.0
    #: Share of stations that cancel what was left of the certificates they had received.
    left_over: float = 0.5


@dataclass(frozen=True)
class Hours:
    """When voters come: logit of the share of the day's voters who have come by an hour.

    Georgia 2013 had .37 by noon and .83 by 17:00, Spain 2019 .55 by 14:00 and .80 by 18:00. The spreads are theirs:
    .13 to .23 between regions and districts, .19 to .47 between precincts.
    """

    by: tuple[tuple[int, float], ...] = ((10, 0.13), (12, 0.35), (15, 0.63), (18, 0.87), (20, 0.997))
    #: Early risers: one effect for the whole day (`typical` has no meaning).
    early: Rate = Rate(0.5, Tied(0.14), Tied(0.20), Tied(0.25), size=-0.10, tail=7.0)
    #: Spread of the logit of who comes by an hour among those by the next: one for all hours, or one for each.
    hourly: float | tuple[float, ...] = 0.25


@dataclass(frozen=True)
class Arrivals:
    """When a protocol comes in: log minutes after the polls close.

    Turkey 2017: median 137 minutes; .33, .28 and .44 between provinces, districts and boxes; a heavy tail.
    """

    closes: datetime = datetime(2030, 3, 3, 20, 0)
    minutes: float = 137.0
    #: Effects on log minutes (`typical` has no meaning): large stations count for longer.
    delay: Rate = Rate(
        0.5, Tied(0.30, share=0.30), Tied(0.28, share=0.15), Tied(0.42, turnout=0.10), size=0.13, tail=5.0
    )
    #: Slope on the territory's mean standardised log size: cities come in later.
    urban: float = 0.10
    #: Nothing comes in later than this many days.
    days: float = 14.0


@dataclass(frozen=True)
class Scanners:
    """Where ballots are counted by a machine: in some territories, cities rather than villages, never for a result.

    St Petersburg 2021: 352 of 2,053 stations, in 14 of 64 territories, ten of these mixed.
    """

    #: Share of territories with machines, and its slope (logit) on the territory's mean standardised log size.
    territories: float = 0.20
    urban: float = 0.9
    #: Correlation of having them with the territory's effect on the leader's share: an honest difference of place.
    share: float = 0.15
    #: Of the territories with machines, those in which every station has one; share of stations in the others.
    full: float = 0.35
    mixed: tuple[float, float] = (0.2, 0.9)
    #: Slope (logit) within mixed territories on standardised log size: large stations get them first.
    size: float = 0.8


@dataclass(frozen=True)
class Habits:
    """Everything that a protocol counts besides; rates as they are in a typical station of the Russian forms.

    A part that is None leaves its lines out of the protocol.
    """

    #: Invalid ballots / ballots cast, and how its logit varies between stations.
    invalid: float = 0.009
    invalid_spread: float = 0.6
    #: Ballots issued outside the station / issued. Russia 2018: median .058, 5 % above .29, 1 % above .46.
    home: Rate = field(default_factory=_home)
    #: Share of stations that vote early, and ballots issued early / issued there.
    early_stations: float = 0.02
    early: float = 0.15
    #: Ballots taken away / ballots issued in the station.
    taken: float = 0.0006
    #: Share of stations with ballots lost, and with ballots that were not accounted for on receipt.
    lost: float = 0.0035
    unaccounted: float = 0.0005
    #: Voters added to the list on the day / ballots issued in the station.
    added: Rate | None = field(default_factory=_added)
    certificates: Certificates | None = Certificates()
    hours: Hours | None = Hours()
    arrivals: Arrivals | None = Arrivals()
    scanners: Scanners | None = Scanners()
