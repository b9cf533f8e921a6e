from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

import tallyscope
from tallyscope.forensics.anomalous_votes import anomalous_votes
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.demo import demo_election
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec

#: Reference values of the published recipe: votes, core.
TABLE = {("2012", "president"): (11_183_822, 60)}


@cache
def national(folder: Path, year: str, kind: str) -> tuple[Returns, Finding]:
    returns = tallyscope.read(folder / f"russia-{year}-{kind}" / f"{year}.csv.zip")
    return returns, anomalous_votes(returns)


@pytest.fixture(scope="module")
def demo() -> Returns:
    return demo_election(seed=2, stations=6000).returns


@pytest.fixture(scope="module")
def finding(demo: Returns) -> Finding:
    return anomalous_votes(demo)


@pytest.mark.parametrize("election", TABLE)
def test_the_published_recipe_is_reproduced_to_the_vote_beside_the_estimate(shared_data: Path, election) -> None:
    _, found = national(shared_data, *election)
    votes, core = TABLE[election]
    assert found.details["shpilkin"] == {"votes": votes, "core": core}
    assert found.applicable
    assert found.estimate is not None
    assert found.p_value is not None
    assert found.p_value < 1e-10
    assert 0 < found.estimate.low < found.estimate.value < votes < found.estimate.high
    by_core = {row["core"]: row for row in found.details["sensitivity"]["by_core"]}
    assert round(by_core[core]["votes"]) == votes


def test_the_interval_reaches_from_the_cores_of_regions_to_what_the_other_references_allow(
    shared_data: Path,
) -> None:
    _, found = national(shared_data, "2012", "president")
    own, country, ratio = (found.details[k] for k in ("regions_apart", "country_as_one", "constant_ratio"))
    assert found.estimate is not None
    assert found.estimate.value == own["votes"] < country["votes"] < ratio["votes"]
    assert found.estimate.low == pytest.approx(own["low"])
    assert found.estimate.high == pytest.approx(max(country["high"], ratio["high"]))
    assert found.details["core_unit"] == "region"
    assert 50 <= found.details["core"]["core"] <= 62


def test_regions_add_up_to_the_estimate_and_territories_that_stand_out_follow(shared_data: Path) -> None:
    _, found = national(shared_data, "2012", "president")
    assert found.estimate is not None
    regions = [p for p in found.where if p.level == "region"]
    below = [p for p in found.where if p.level == "territory"]
    assert len(regions) == found.details["places_tested"]["region"] == 85
    assert sum(p.value for p in regions) == pytest.approx(found.estimate.value)
    assert [p.value for p in regions] == sorted((p.value for p in regions), reverse=True)
    assert 20 < len(below) < found.details["places_tested"]["territory"] / 5
    assert all(p.q_value is not None and p.q_value <= 0.05 and p.value > 0 for p in below)


def test_2024_is_answered_with_a_core_found_unaided_and_published_estimates_beside(shared_data: Path) -> None:
    _, found = national(shared_data, "2024", "president")
    assert found.applicable
    assert found.estimate is not None
    assert found.details["shpilkin"]["core"] == 82
    assert 50 <= found.details["core"]["core"] <= 62
    by_core = {row["core"]: row["votes"] for row in found.details["sensitivity"]["by_core"]}
    # The reference value with the core set at 60.
    assert round(by_core[60]) == 22_575_773
    published = found.details["published"]
    assert (published["lowest"], published["highest"]) == (22_000_000, 31_600_000)
    ratio = found.details["constant_ratio"]
    assert ratio["low"] < 22_575_773 < ratio["high"]
    assert found.estimate.low < published["lowest"] < found.estimate.high


def test_undisputed_elections_and_clean_countries_are_consistent_with_no_anomalous_votes(shared_data: Path) -> None:
    elections = [tallyscope.read(shared_data / "georgia-2013-president" / "precincts.csv.gz")]
    elections += [clean_election(CleanSpec(stations=2000, regions=30), seed) for seed in range(10, 14)]
    for returns in elections:
        found = anomalous_votes(returns)
        assert found.applicable
        assert found.estimate is not None
        assert found.p_value is not None
        assert found.p_value > 0.01
        assert found.estimate.low < 0 < found.estimate.high


def test_a_planted_dose_is_found_where_it_was_planted() -> None:
    clean = clean_election(CleanSpec(stations=12_000, regions=40), 3)
    changed, truth = stuffing.apply(clean, Site(level="territory", share_of_units=0.1), 0.10, 3)
    found = anomalous_votes(changed)
    assert found.estimate is not None
    assert found.p_value is not None
    assert found.p_value < 1e-4
    assert 0 < found.estimate.low < truth.votes_gained < found.estimate.high
    named = {p.unit for p in found.where if p.level == "territory"}
    assert len(named) > 5
    assert len(named & set(truth.units)) / len(named) > 0.85
    assert found.stations is not None
    strength = found.stations["strength"].to_numpy()
    assert np.nanmean(strength[truth.stations]) > 2 * np.nanmean(np.delete(strength, truth.stations))


def test_the_interval_excludes_zero_exactly_where_the_test_does_at_5_percent() -> None:
    seen = set()
    for seed in range(6):
        clean = clean_election(CleanSpec(stations=4000, regions=40), seed)
        changed, _ = stuffing.apply(clean, Site(share_of_stations=0.3), 0.02 * (seed % 3), seed)
        found = anomalous_votes(changed)
        assert found.estimate is not None
        assert found.p_value is not None
        seen.add(found.p_value < 0.05)
        assert (found.estimate.low > 0) == (found.p_value < 0.05)
        assert found.estimate.high >= 0
    assert seen == {True, False}


def test_the_finding_is_json_ready_and_the_same_every_time(demo: Returns, finding: Finding) -> None:
    again = anomalous_votes(demo)
    assert again.applicable
    assert again.estimate == finding.estimate
    assert json.dumps(again.details) == json.dumps(finding.details)
    curves = finding.details["curves"]
    assert {len(curves[k]) for k in ("turnout", "leader", "others", "others_scaled")} == {100}
    assert abs(finding.details["core"]["core"] - finding.details["shpilkin"]["core"]) <= 8


def test_every_station_used_has_its_votes_beyond_the_ratio_and_its_strength(
    demo: Returns, finding: Finding
) -> None:
    frame, core = finding.stations, finding.details["core"]
    assert frame is not None
    assert frame.height == len(demo)
    leader = demo.leader
    assert leader is not None
    votes = pl.col(f"votes_{leader.id}")
    slow = demo.table.select(votes - core["ratio"] * (pl.col("cast") - votes)).to_series()
    used = frame["turnout_bin"].is_not_null()
    assert used.sum() == finding.details["stations_used"]
    assert frame["votes_beyond_ratio"].filter(used).to_list() == pytest.approx(slow.filter(used).to_list())
    some = frame.drop_nulls("position")
    assert some["strength"].to_numpy() == pytest.approx(-np.log10(norm.sf(some["position"].to_numpy())))


def test_pseudo_stations_and_protocols_that_cannot_be_are_left_out(demo: Returns, finding: Finding) -> None:
    extra = demo.table.head(2).with_columns(
        kind=pl.Series(["pseudo", "station"]),
        station=pl.Series(["e-voting", "typing error"]),
        registered=pl.lit(10_000_000, dtype=pl.Int64),
        cast=pl.Series([9_000_000, 0], dtype=pl.Int64),
    )
    found = anomalous_votes(Returns(pl.concat([demo.table, extra]), demo.election))
    assert found.details["shpilkin"] == finding.details["shpilkin"]
    assert found.details["stations_used"] == finding.details["stations_used"]


def test_few_stations_no_leader_one_candidate_and_no_rows_give_no_number(demo: Returns) -> None:
    leader = demo.leader
    assert leader is not None
    mine, zero = f"votes_{leader.id}", pl.lit(0, dtype=pl.Int64)
    others = {c: zero for c in demo.votes_columns if c != mine}
    cases = {
        "few": demo.filter(pl.int_range(pl.len()) < 250),
        "no leader": Returns(demo.table.with_columns(**others, **{mine: zero}), demo.election),
        "nobody else": Returns(demo.table.with_columns(**others, cast=pl.col(mine), invalid=zero), demo.election),
        "no list": Returns(demo.table.with_columns(registered=pl.lit(None, dtype=pl.Int64)), demo.election),
        "no rows": demo.filter(pl.lit(False)),
        "all zero": Returns(demo.table.with_columns(cast=zero, **others, **{mine: zero}), demo.election),
        "one station": demo.filter(pl.int_range(pl.len()) == 0),
        "small stations": Returns(demo.table.with_columns(registered=pl.lit(99, dtype=pl.Int64)), demo.election),
        "all alike": Returns(
            demo.table.with_columns(
                registered=pl.lit(1000, dtype=pl.Int64),
                cast=pl.lit(600, dtype=pl.Int64),
                **others,
                **{mine: zero + 300},
            ),
            demo.election,
        ),
    }
    for name, returns in cases.items():
        found = anomalous_votes(returns)
        assert not found.applicable, name
        assert found.estimate is None, name
        assert found.where == (), name
        assert found.summary, name


def test_a_country_without_levels_has_cores_of_runs_of_neighbouring_stations(demo: Returns) -> None:
    flat = demo.table.drop(demo.levels).with_columns(station=pl.int_range(pl.len()).cast(pl.String))
    found = anomalous_votes(Returns(flat, demo.election))
    assert found.details["core_unit"] == "run of neighbouring stations"
    assert found.applicable
    assert found.where == ()


def test_units_too_small_for_a_core_have_one_together_and_still_add_up() -> None:
    returns = clean_election(CleanSpec(stations=1500, regions=120), 5)
    found = anomalous_votes(returns)
    assert found.estimate is not None
    assert found.details["core_units"] < 120
    regions = [p for p in found.where if p.level == "region"]
    assert len(regions) == 120
    assert sum(p.value for p in regions) == pytest.approx(found.estimate.value)
    assert any(p.p_value is None for p in regions)


def test_where_hardly_any_unit_is_large_enough_neighbouring_stations_have_a_core_together() -> None:
    found = anomalous_votes(clean_election(CleanSpec(stations=700, regions=60), 5))
    assert found.applicable
    assert found.details["core_unit"] == "run of neighbouring stations"
    assert 10 <= found.details["core_units"] <= 35
    assert found.p_value is not None
    assert 0.01 < found.p_value < 1
