from __future__ import annotations

import polars as pl
import pytest

from tallyscope.forensics.finding import Estimate, Finding, Place
from tallyscope.report.demo import CLEAN, COLUMNS, COUNTRY, compare, false_alarms
from tallyscope.simulation import CleanSpec, Simulation, Site, clean_election
from tallyscope.simulation.mechanisms import stuffing, written


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    clean = clean_election(CleanSpec(stations=600, regions=6), seed=1)
    one, stuffed = stuffing.apply(clean, Site.regions("Ambermere", "Brookdale"), 0.02, 1)
    two, wrote = written.apply(one, Site.regions("Brookdale", "Copperford"), 1.0, 1)
    return Simulation(two, clean, (stuffed, wrote))


def place(region: str, q: float | None, **details: float) -> Place:
    return Place("region", (region,), 10.0, "votes", p_value=q, q_value=q, details=details)


def finding(method: str, mechanisms: tuple[str, ...], *where: Place, applicable: bool = True) -> Finding:
    estimate = Estimate(5.0, 1.0, 9.0, 0.95, "votes") if applicable else None
    return Finding(
        method, mechanisms, "?", applicable, (), "", estimate, q_value=0.001 if applicable else None, where=where
    )


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    seen = [place("Ambermere", 0.01, low=4.0, high=16.0), place("Brookdale", 0.2), place("Dawnwick", 0.04)]
    elsewhere = Place("territory", ("Everholm", "District 01"), 3.0, "votes", 0.0, 0.0)
    return [
        finding("one", (stuffing.MECHANISM,), *seen, elsewhere, place("Fairmoor", None)),
        finding("two", (stuffing.MECHANISM, written.MECHANISM), place("Copperford", 0.0001)),
        finding("three", ("a thing that nobody did",), applicable=False),
    ]


def test_every_mechanism_and_region_meets_every_method(simulation: Simulation, findings: list[Finding]) -> None:
    rows = compare(simulation, findings)
    changed = rows.filter(~pl.col("region").is_in([COUNTRY, CLEAN]))
    pairs = changed.filter(pl.col("method") == "one").select("mechanism", "region").rows()
    assert pairs == [
        (stuffing.MECHANISM, "Ambermere"),
        (stuffing.MECHANISM, "Brookdale"),
        (written.MECHANISM, "Brookdale"),
        (written.MECHANISM, "Copperford"),
    ]
    assert rows.schema == pl.Schema(COLUMNS)
    assert len(rows) == 4 * 3 + 2 * 3


def test_the_true_votes_of_the_regions_are_those_that_were_gained(
    simulation: Simulation, findings: list[Finding]
) -> None:
    rows = compare(simulation, findings).filter(
        pl.col("method") == "one", ~pl.col("region").is_in([COUNTRY, CLEAN])
    )
    for truth in simulation.truths:
        mine = rows.filter(pl.col("mechanism") == truth.mechanism)
        assert mine["true_votes"].sum() == truth.votes_gained
        assert mine["true_stations"].sum() == truth.stations.size


def test_a_region_is_named_where_its_q_value_is_below_five_per_cent(
    simulation: Simulation, findings: list[Finding]
) -> None:
    rows = compare(simulation, findings).filter(pl.col("mechanism") == stuffing.MECHANISM)
    said = {(r["region"], r["method"]): r for r in rows.iter_rows(named=True)}
    ambermere = said["Ambermere", "one"]
    assert (ambermere["named"], ambermere["low"], ambermere["high"], ambermere["found"]) == (1, 4.0, 16.0, 10.0)
    assert (said["Brookdale", "one"]["named"], said["Brookdale", "one"]["q_value"]) == (0, 0.2)
    assert (said["Ambermere", "two"]["named"], said["Ambermere", "two"]["found"]) == (0, None)
    assert compare(simulation, findings, q=0.5).filter(pl.col("region") == "Brookdale")["named"].sum() == 2


def test_the_whole_country_shows_the_truth_that_the_method_speaks_to(
    simulation: Simulation, findings: list[Finding]
) -> None:
    rows = compare(simulation, findings).filter(pl.col("region") == COUNTRY)
    stuffed, wrote = (t.votes_gained for t in simulation.truths)
    assert rows["true_votes"].to_list() == [stuffed, stuffed + wrote, 0]
    assert rows["speaks_to_it"].to_list() == [True, True, False]
    assert rows["mechanism"].to_list()[2] == "none"
    assert rows.select("found", "low", "high", "q_value").rows()[0] == (5.0, 1.0, 9.0, 0.001)
    assert rows.select("found", "low", "high", "q_value").rows()[2] == (None, None, None, None)
    # Brookdale's stations are in both truths and are counted once.
    both = set(simulation.truths[0].stations.tolist()) | set(simulation.truths[1].stations.tolist())
    assert rows["true_stations"].to_list()[1] == len(both)


def test_false_alarms_are_regions_named_though_nothing_was_done_there(
    simulation: Simulation, findings: list[Finding]
) -> None:
    assert false_alarms(simulation, findings) == {"one": ("Dawnwick",), "two": (), "three": ()}
    rows = compare(simulation, findings).filter(pl.col("region") == CLEAN)
    assert rows["named"].to_list() == [1, 0, 0]
    assert rows["regions"].to_list() == [3, 3, 3]


def test_a_simulation_in_which_nothing_was_done_has_only_false_alarms() -> None:
    clean = clean_election(CleanSpec(stations=600, regions=6), seed=1)
    rows = compare(Simulation(clean, clean), [finding("one", (stuffing.MECHANISM,), place("Dawnwick", 0.001))])
    assert rows.select("region", "regions", "named").rows() == [(COUNTRY, 6, 1), (CLEAN, 6, 1)]
    assert rows["true_votes"].sum() == 0
