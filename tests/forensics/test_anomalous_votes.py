from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import tallyscope
from tallyscope.forensics.anomalous_votes import anomalous_votes
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.demo import demo_election
from tallyscope.simulation.spec import CleanSpec

#: Reference values of the published recipe: votes, core; the elections after 2018 have an absurd automatic core.
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
def test_the_published_recipe_is_reproduced_to_the_vote_within_an_interval(shared_data: Path, election) -> None:
    _, found = national(shared_data, *election)
    votes, core = TABLE[election]
    assert found.details["shpilkin"] == {"votes": votes, "core": core}
    assert found.applicable
    assert found.estimate is not None
    assert round(found.estimate.value) == votes
    assert 0 < found.estimate.low < votes < found.estimate.high
    by_core = {row["core"]: row for row in found.details["sensitivity"]["by_core"]}
    assert round(by_core[core]["votes"]) == votes
    assert by_core[core]["plausible"]


def test_the_interval_carries_both_the_choice_of_the_core_and_the_draws(shared_data: Path) -> None:
    _, found = national(shared_data, "2012", "president")
    choice, draws = (found.details["sensitivity"][k] for k in ("core_choice", "resampling"))
    assert found.estimate is not None
    # Wider than what either one alone would say.
    assert found.estimate.low < min(choice["low"], draws["low"])
    assert found.estimate.high > max(choice["high"], draws["high"])
    assert draws["unit"] == "region"


def test_regions_add_up_to_the_estimate_by_the_national_ratio(shared_data: Path) -> None:
    _, found = national(shared_data, "2012", "president")
    assert found.estimate is not None
    assert len(found.where) == 85
    assert sum(p.value for p in found.where) == pytest.approx(found.estimate.value)
    assert [p.value for p in found.where] == sorted((p.value for p in found.where), reverse=True)


def test_2024_has_an_implausible_core_and_gets_no_estimate(shared_data: Path) -> None:
    _, found = national(shared_data, "2024", "president")
    assert found.details["shpilkin"]["core"] == 82
    by_core = {row["core"]: row["votes"] for row in found.details["sensitivity"]["by_core"]}
    # The reference value with the core set at 60.
    assert round(by_core[60]) == 22_575_773
    assert not found.applicable
    assert found.estimate is None
    assert found.where == ()
    assert sum(c.met is False for c in found.conditions) >= 3
    assert found.summary.startswith("No estimate")


def test_undisputed_elections_and_clean_countries_are_consistent_with_no_anomalous_votes(shared_data: Path) -> None:
    elections = [tallyscope.read(shared_data / "georgia-2013-president" / "precincts.csv.gz")]
    elections += [clean_election(CleanSpec(stations=2000, regions=30), seed) for seed in range(4)]
    answers = [found for e in elections if (found := anomalous_votes(e)).applicable]
    assert len(answers) >= 3
    for found in answers:
        assert found.estimate is not None
        assert found.estimate.low < 0 < found.estimate.high


def test_the_finding_is_json_ready_and_the_same_every_time(demo: Returns, finding: Finding) -> None:
    again = anomalous_votes(demo)
    assert again.applicable
    assert again.estimate == finding.estimate
    assert json.dumps(again.details) == json.dumps(finding.details)
    curves = finding.details["curves"]
    assert {len(curves[k]) for k in ("turnout", "leader", "others", "others_scaled")} == {100}
    assert finding.details["core"]["core"] == finding.details["shpilkin"]["core"]


def test_stations_above_the_core_have_their_votes_beyond_the_ratio(demo: Returns, finding: Finding) -> None:
    frame, core = finding.stations, finding.details["core"]
    assert frame is not None
    assert frame.height == len(demo)
    leader = demo.leader
    assert leader is not None
    votes = pl.col(f"votes_{leader.id}")
    slow = demo.table.select(votes - core["ratio"] * (pl.col("cast") - votes)).to_series()
    above = (frame["turnout_bin"] > core["core"]).fill_null(value=False)
    assert frame["votes_beyond_ratio"].is_not_null().to_list() == above.to_list()
    assert frame["votes_beyond_ratio"].filter(above).to_list() == pytest.approx(slow.filter(above).to_list())


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
    }
    for name, returns in cases.items():
        found = anomalous_votes(returns)
        assert not found.applicable, name
        assert found.estimate is None, name
        assert found.where == (), name
        assert found.summary, name


def test_a_country_without_levels_is_drawn_in_runs_of_neighbouring_stations(demo: Returns) -> None:
    flat = demo.table.drop(demo.levels).with_columns(station=pl.int_range(pl.len()).cast(pl.String))
    found = anomalous_votes(Returns(flat, demo.election))
    assert found.details["sensitivity"]["resampling"]["unit"] == "run of neighbouring stations"
    assert found.where == ()
