from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from tallyscope.returns.table import Returns
from tallyscope.simulation import Simulation, demo_election


@pytest.fixture(scope="module")
def demo() -> Simulation:
    return demo_election()


def test_the_demonstration_is_a_sound_country_of_20_000_stations(
    demo: Simulation, broken_relations: Callable[[Returns], dict[str, int]]
) -> None:
    assert len(demo.returns) == 20_000
    assert set(broken_relations(demo.returns).values()) == {0}
    assert set(broken_relations(demo.clean).values()) == {0}


def test_it_is_changed_in_ten_of_forty_regions_and_nowhere_else(demo: Simulation) -> None:
    regions = demo.returns.table["region"]
    acted = [set(regions.gather(t.stations)) for t in demo.truths]
    assert [len(a) for a in acted] == [8, 1, 1]
    assert len(set.union(*acted)) == 10
    same = (demo.returns.table == demo.clean.table).select(c for c in demo.returns.figures).min_horizontal()
    touched = set().union(*(t.stations.tolist() for t in demo.truths))
    assert set(np.flatnonzero(~same.to_numpy()).tolist()) <= touched


def test_all_truths_together_are_the_difference_between_the_two_elections(demo: Simulation) -> None:
    difference = demo.returns.counts("votes_cedar") - demo.clean.counts("votes_cedar")
    assert demo.votes_gained().tolist() == difference.tolist()
    assert sum(t.votes_gained for t in demo.truths) == difference.sum()


def test_the_same_seed_gives_the_same_demonstration(demo: Simulation) -> None:
    assert demo_election().returns.table.equals(demo.returns.table)
    assert demo_election(2025).as_dict() != demo.as_dict()


def test_the_truth_survives_json(demo: Simulation) -> None:
    told = json.loads(json.dumps(demo.as_dict(), allow_nan=False))
    assert told == demo.as_dict()
    assert [t["mechanism"] for t in told["truths"]] == [t.mechanism for t in demo.truths]
    assert sum(told["truths"][0]["added"]) == told["truths"][0]["votes_added"] == demo.truths[0].votes_added


@pytest.mark.parametrize("stations", [500, 1000, 5000])
@pytest.mark.parametrize("seed", range(4))
def test_smaller_demonstrations_work_too(stations: int, seed: int) -> None:
    small = demo_election(seed, stations)
    assert len(small.returns) == stations
    assert all(t.stations.size for t in small.truths)


def test_a_demonstration_that_would_show_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 500"):
        demo_election(stations=100)
