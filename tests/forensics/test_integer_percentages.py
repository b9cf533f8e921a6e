from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import tallyscope
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.integer_percentages import integer_percentages
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.demo import demo_election
from tallyscope.simulation.mechanisms import written as written_mechanism
from tallyscope.simulation.spec import CleanSpec
from tallyscope.simulation.truth import Simulation

#: Exact column of the reference table: excess, sd, share only, turnout only, stations used.
TABLE = {2012: (1161.0, 115.2, 737.5, 633.9, 87_623), 2024: (2933.7, 113.4, 1389.3, 2170.8, 85_345)}


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return demo_election(stations=4000)


@pytest.fixture(scope="module")
def demo(simulation: Simulation) -> Returns:
    return simulation.returns


@pytest.fixture(scope="module")
def finding(demo: Returns) -> Finding:
    return integer_percentages(demo)


@cache
def national(folder: Path, year: int) -> tuple[Returns, Finding]:
    returns = tallyscope.read(folder / f"russia-{year}-president" / f"{year}.csv.zip")
    return returns, integer_percentages(returns)


@pytest.mark.parametrize("year", TABLE)
def test_the_published_table_is_reproduced_from_the_commissions_file(shared_data: Path, year: int) -> None:
    _, found = national(shared_data, year)
    details = found.details
    measured = [details[name]["excess"] for name in ("union", "share", "turnout")]
    excess, sd, share, turnout, stations = TABLE[year]
    assert details["stations_used"] == stations
    assert [measured[0], details["union"]["sd"], *measured[1:]] == pytest.approx(
        [excess, sd, share, turnout], abs=0.051
    )
    assert found.applicable
    assert found.p_value == details["union"]["p_value"] < 1e-20
    assert "anomalous" in found.summary


def test_tatarstan_carries_most_of_the_excess_of_2012(shared_data: Path) -> None:
    _, found = national(shared_data, 2012)
    regions = [p for p in found.where if p.level == "region"]
    assert len(regions) == 85
    assert regions[0].unit == ("Республика Татарстан (Татарстан)",)
    assert regions[0].q_value is not None
    assert regions[0].q_value < 1e-20
    assert sum(p.value for p in regions) == pytest.approx(found.details["union"]["excess"])
    assert all(p.q_value is not None and p.q_value <= 0.05 for p in found.where if p.level == "territory")


def test_an_undisputed_election_shows_no_excess(shared_data: Path) -> None:
    found = integer_percentages(tallyscope.read(shared_data / "georgia-2013-president" / "precincts.csv.gz"))
    assert found.applicable
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert "consistent with chance" in found.summary


def test_the_regions_found_are_those_whose_results_were_written(simulation: Simulation, finding: Finding) -> None:
    written = {unit for t in simulation.truths if t.mechanism == written_mechanism.MECHANISM for unit in t.units}
    found = {p.unit for p in finding.where if p.level == "region" and p.q_value is not None and p.q_value < 0.01}
    assert found == written
    assert len(found) == 2


def test_the_finding_is_whole_json_ready_and_the_same_every_time(demo: Returns, finding: Finding) -> None:
    again = integer_percentages(demo)
    assert json.dumps(again.details) == json.dumps(finding.details)
    assert again.where == finding.where
    for name in ("union", "share", "turnout"):
        assert {"observed", "expected", "excess", "sd", "p_value"} <= set(finding.details[name])
    assert [row["smallest"] for row in finding.details["size_sweep"]] == [100, 250, 500, 1000]
    assert finding.details["size_sweep"][0]["union"] == finding.details["union"]
    assert set(finding.details["weighted"]) == {"registered", "issued", "leader"}
    estimate = finding.estimate
    assert estimate is not None
    assert estimate.low < estimate.value < estimate.high
    assert estimate.unit == "stations"


def test_every_row_has_its_figures_and_unused_rows_have_none(demo: Returns) -> None:
    table = demo.table.with_columns(
        kind=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("pseudo")).otherwise("kind"),
        registered=pl.when(pl.int_range(pl.len()) == 1).then(None).otherwise("registered"),
    )
    found = integer_percentages(Returns(table, demo.election))
    frame = found.stations
    assert frame is not None
    assert frame.height == len(demo)
    assert frame.head(2).select(pl.all().is_null().all()).row(0) == (True,) * frame.width
    assert frame["integer_chance"].is_not_null().sum() == found.details["stations_used"]
    union = (frame["turnout_is_integer"] | frame["share_is_integer"]).sum()
    assert union == found.details["union"]["observed"]
    assert frame["integer_chance"].sum() == pytest.approx(found.details["union"]["expected"])


def test_p_values_on_clean_countries_are_uniform() -> None:
    p = [integer_percentages(clean_election(CleanSpec(stations=1500), seed)).p_value for seed in range(20)]
    assert None not in p
    # Kolmogorov-Smirnov distance of 20 uniform values: beyond 0.45 with probability 0.0003 (Massey 1951).
    ordered = np.sort(np.array(p, dtype=float))
    assert np.max(np.abs(ordered - (np.arange(20) + 0.5) / 20)) < 0.45


def test_without_issued_ballots_turnout_is_of_those_cast_and_the_finding_says_so(demo: Returns) -> None:
    table = demo.table.with_columns(issued=pl.lit(None, dtype=pl.Int64))
    if "voted" in table.columns:
        table = table.drop("voted")
    found = integer_percentages(Returns(table, demo.election))
    assert found.details["turnout_of"] == "cast"
    assert any("ballots found in the boxes" in c.text for c in found.conditions)


def test_few_stations_no_leader_no_registered_and_no_rows_give_no_number(demo: Returns) -> None:
    votes = {c: pl.lit(0, dtype=pl.Int64) for c in demo.votes_columns}
    cases = {
        "few": demo.filter(pl.int_range(pl.len()) < 299),
        "no leader": Returns(demo.table.with_columns(**votes), demo.election),
        "no list": Returns(demo.table.with_columns(registered=pl.lit(None, dtype=pl.Int64)), demo.election),
        "no rows": demo.filter(pl.lit(False)),
        "all empty": Returns(demo.table.with_columns(status=pl.lit("empty")), demo.election),
    }
    for name, returns in cases.items():
        found = integer_percentages(returns)
        assert not found.applicable, name
        assert found.estimate is None, name
        assert found.p_value is None, name
        assert any(c.met is False for c in found.conditions), name
        assert found.summary.startswith("Does not apply"), name


def test_one_region_is_divided_by_its_territories(demo: Returns) -> None:
    region = demo.table["region"].mode()[0]
    one = demo.filter(pl.col("region") == region)
    table = pl.concat([one.table.with_columns(station=pl.col("station") + f"-{i}") for i in range(4)])
    found = integer_percentages(Returns(table, demo.election))
    assert found.applicable
    assert {p.level for p in found.where} <= {"territory"}


def test_a_station_is_as_unusual_as_the_chance_of_so_many_integers_in_it() -> None:
    stations = integer_percentages(clean_election(CleanSpec(stations=2000, regions=3), 4)).stations
    assert stations is not None
    known = stations.drop_nulls("integer_chance")
    either = known.filter(pl.col("turnout_is_integer") | pl.col("share_is_integer"))
    neither = known.filter(~pl.col("turnout_is_integer"), ~pl.col("share_is_integer"))
    one = either.filter(pl.col("turnout_is_integer") != pl.col("share_is_integer"))
    both = either.filter("turnout_is_integer", "share_is_integer")
    assert neither["strength"].to_list() == [0.0] * neither.height
    assert (10 ** -one["strength"]).to_list() == pytest.approx(one["integer_chance"].to_list())
    assert both.height > 0
    assert (10 ** -both["strength"] < both["integer_chance"]).all()
