from __future__ import annotations

import numpy as np
import pytest

from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.randomness import generator
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec


@pytest.fixture(scope="module")
def returns() -> Returns:
    return clean_election(CleanSpec(stations=900, regions=6), seed=1)


def test_named_regions_are_taken_whole(returns: Returns) -> None:
    chosen = Site.regions("Brookdale", "Ambermere").choose(returns, generator(1, "test"))
    inside = returns.table["region"].is_in(["Ambermere", "Brookdale"]).to_numpy()
    assert chosen.units == (("Ambermere",), ("Brookdale",))
    assert chosen.stations.tolist() == np.flatnonzero(inside).tolist()


def test_a_fifth_of_the_territories_is_a_fifth_of_them(returns: Returns) -> None:
    territories = returns.table.select("region", "territory").n_unique()
    chosen = Site("territory", share_of_units=0.2).choose(returns, generator(1, "test"))
    assert len(chosen.units) == len(set(chosen.units)) == round(0.2 * territories)
    rows = returns.table.select("region", "territory")[chosen.stations.tolist()].unique().rows()
    assert set(rows) == set(chosen.units)


def test_half_of_the_stations_is_half_of_them(returns: Returns) -> None:
    chosen = Site(share_of_stations=0.5).choose(returns, generator(1, "test"))
    assert chosen.stations.size == 450
    assert (np.diff(chosen.stations) > 0).all()


@pytest.mark.parametrize(
    ("site", "message"),
    [
        (Site(level="county"), "no level 'county'; there are: region, territory"),
        (Site.regions("Atlantis"), "is named: Atlantis"),
        (Site("territory", (("Ambermere", "District 99"),)), "Ambermere / District 99"),
    ],
)
def test_a_place_that_does_not_exist_is_named(returns: Returns, site: Site, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        site.choose(returns, generator(1, "test"))


@pytest.mark.parametrize("share", [0.0, 1.5, -1.0])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share_of_units"):
        Site(share_of_units=share)
