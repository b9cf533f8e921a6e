"""The demonstration: a country of 20,000 stations, most of it clean, with known changes in some regions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tallyscope.election.roles import votes_column
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import stuffing, written
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec
from tallyscope.simulation.truth import Simulation

__all__ = ["demo_election"]

#: One region in so many has ballots stuffed, at this share of its stations.
_ONE_IN, _STATIONS = 5, 0.8
#: Ballots stuffed, as a share of the leader's clean votes in the regions where they are.
_DOSE = 0.5


def demo_election(seed: int = 2024, stations: int = 20_000) -> Simulation:
    """Simulates the demonstration: ballots stuffed in a fifth of the regions, results written in advance in two.

    The ballots stuffed are half of the leader's votes there; of the two others, in one 40 % of the stations
    report multiples of five per cent, in the other 60 % whole per cents. The same seed gives the same country.
    Raises ValueError for fewer than 500 stations.
    """
    if stations < 500:
        raise ValueError(f"the demonstration needs at least 500 stations, not {stations}")
    regions = min(40, max(12, stations // 500))
    spec = CleanSpec(stations=stations, regions=regions, title="A simulated country (demonstration)")
    clean = clean_election(spec, seed)
    fives, wholes, *stuffed = names = _regions(clean, 2 + regions // _ONE_IN, generator(seed, "demo"))
    dose = _DOSE * _weight(clean, stuffed)
    returns, first = stuffing.apply(clean, Site.regions(*stuffed, share_of_stations=_STATIONS), dose, seed)
    leader = first.choice
    place = Site.regions(fives, share_of_stations=0.4)
    returns, second = written.apply(returns, place, 2.0, seed + 1, step=5, choice=leader)
    place = Site.regions(wholes, share_of_stations=0.6)
    returns, third = written.apply(returns, place, 1.0, seed + 2, step=1, choice=leader)
    notice = f"A simulated election (seed {seed}), {len(names)} of its regions changed: there is no such country."
    return Simulation(replace(returns, notices=(notice,)), clean, (first, second, third))


def _weight(returns: Returns, regions: list[str]) -> float:
    """The leader's votes in these regions / in the whole country."""
    leader = returns.leader
    votes = returns.counts(votes_column(leader.id)) if leader else np.ones(len(returns), dtype=np.int64)
    inside = returns.table["region"].is_in(regions).to_numpy()
    return float(votes[inside].sum() / votes.sum())


def _regions(returns: Returns, count: int, rng: np.random.Generator) -> list[str]:
    """Draws regions of middling size: neither the smallest third nor the two largest, so that each can be seen."""
    sizes = returns.table.group_by("region", maintain_order=True).len().sort("len", maintain_order=True)
    middling = sizes["region"].to_list()[sizes.height // 3 : -2]
    return [middling[i] for i in rng.choice(len(middling), count, replace=False)]
