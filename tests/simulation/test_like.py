from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.simulation import CleanSpec, Habits, Rate, Site, clean_election, like
from tallyscope.simulation.like import behaviour_of, habits_of, usable
from tallyscope.simulation.mechanisms import stuffing

Broken = Callable[[Returns], dict[str, int]]


@pytest.fixture(scope="module")
def given_election() -> Returns:
    return clean_election(CleanSpec(stations=5000, regions=40), seed=9)


def test_it_keeps_stations_sizes_tree_and_choices(given_election: Returns, broken_relations: Broken) -> None:
    drawn = like(given_election, seed=2)
    same = ["region", "territory", "station", "registered"]
    assert drawn.table.select(same).equals(given_election.table.select(same))
    assert drawn.choices == given_election.choices
    assert drawn.leader == given_election.leader
    assert set(broken_relations(drawn).values()) == {0}
    assert drawn.table["votes_cedar"].sum() != given_election.table["votes_cedar"].sum()
    assert drawn.table.equals(like(given_election, seed=2).table)


def test_elections_like_one_scatter_around_it_as_its_regions_do(given_election: Returns) -> None:
    # National turnout and share of 12 draws: their mean within four standard errors of that of the given election,
    # which is itself one draw and so adds its own scatter.
    def national(r: Returns) -> list[float]:
        sums = r.table.select(pl.col("registered", "cast", "votes_cedar").sum()).row(0)
        return [sums[1] / sums[0], sums[2] / sums[1]]

    drawn = np.array([national(like(given_election, seed)) for seed in range(12)])
    error = drawn.std(axis=0, ddof=1) * np.sqrt(1 + 1 / 12)
    assert np.all(np.abs(drawn.mean(axis=0) - national(given_election)) < 4 * error)


def test_pooled_habits_are_those_of_the_given_election() -> None:
    habits = Habits(invalid=0.02, invalid_spread=0, home=Rate(0.1), early_stations=0.3, early=0.2)
    found = habits_of(usable(clean_election(CleanSpec(stations=3000, habits=habits), seed=1)))
    rates = [found.invalid, found.home.typical, found.early_stations, found.early]
    # A home rate is of what is not issued early: 0.1 x (1 - 0.3 x 0.2).
    np.testing.assert_allclose(rates, [0.02, 0.094, 0.3, 0.2], rtol=0.06)


def test_the_denominator_of_the_given_election_stays(given_election: Returns) -> None:
    form = replace(given_election.election.form, denominator="valid")
    drawn = like(replace(given_election, election=replace(given_election.election, form=form)))
    assert drawn.election.form.denominator == "valid"


@pytest.mark.parametrize("levels", [(), ("region",), ("region", "territory"), ("region", "county", "territory")])
def test_a_tree_of_any_depth_will_do(
    given_election: Returns, broken_relations: Broken, levels: tuple[str, ...]
) -> None:
    rest = [c for c in given_election.table.columns if c not in given_election.levels]
    table = given_election.table.with_columns(county=pl.col("region")).select(*levels, *rest)
    table = table.with_columns(station=pl.int_range(pl.len()).cast(pl.String))
    drawn = like(replace(given_election, table=table), seed=1)
    assert drawn.levels == levels
    assert set(broken_relations(drawn).values()) == {0}


def test_unknown_empty_and_impossible_stations_are_left_out(given_election: Returns) -> None:
    row = pl.int_range(pl.len())
    table = given_election.table.with_columns(
        cast=pl.when(row == 0).then(None).when(row == 1).then(pl.col("registered") + 1).otherwise("cast"),
        kind=pl.when(row == 2).then(pl.lit("pseudo")).otherwise("kind"),
        status=pl.when(row == 3).then(pl.lit("empty")).otherwise("status"),
        issued=pl.when(row == 4).then(None).otherwise("issued"),
    )
    drawn = like(replace(given_election, table=table), seed=1)
    assert drawn.table["registered"].to_list() == given_election.table["registered"].to_list()[5:]


def test_an_election_without_votes_is_like_nothing(given_election: Returns) -> None:
    nobody = given_election.table.with_columns(
        pl.lit(0, dtype=pl.Int64).alias(c) for c in given_election.votes_columns
    )
    with pytest.raises(ValueError, match="nothing to be like"):
        like(replace(given_election, table=nobody))


def test_a_station_with_more_votes_than_ballots_is_left_out(given_election: Returns) -> None:
    # Such protocols exist: Georgia 2016, precinct 10.58 of district 21, 454 votes for a list of 344 ballots cast.
    votes = pl.when(pl.int_range(pl.len()) == 7).then(pl.col("cast") + 1).otherwise("votes_cedar")
    table = given_election.table.with_columns(votes.alias("votes_cedar"))
    drawn = like(replace(given_election, table=table))
    assert len(drawn) == len(given_election) - 1


def test_stuffing_widens_the_estimated_spread_of_turnout(given_election: Returns) -> None:
    # What the module's docstring warns of: the null made from a changed election is too wide, not too narrow.
    changed, _ = stuffing.apply(given_election, Site("territory", share_of_units=0.2), 0.1, seed=1)
    before, after = behaviour_of(usable(given_election)), behaviour_of(usable(changed))
    assert after.territory.turnout > before.territory.turnout
    assert after.station.turnout > before.station.turnout
    assert after.correlation > before.correlation


def test_a_real_election_is_drawn_again_on_its_own_precincts(shared_data: Path, broken_relations: Broken) -> None:
    # Georgia 2013: one level, no issued ballots by kind, 23 candidates and a turnout of 46.9 % of the list.
    returns = read(shared_data / "georgia-2013-president" / "precincts.csv.gz")
    drawn = like(returns, seed=1)
    assert drawn.choices == returns.choices
    assert set(broken_relations(drawn).values()) == {0}
    assert drawn.table["registered"].sum() == usable(returns).table["registered"].sum()
    assert drawn.tally()["turnout"][0] == pytest.approx(46.9, abs=4)
    before, after = behaviour_of(usable(returns)), behaviour_of(usable(drawn))
    # 3,648 precincts: the standard error of a standard deviation is about sd / sqrt(2 x 3648) = 1.2 %.
    assert after.station.turnout == pytest.approx(before.station.turnout, rel=0.05)
    assert after.station.share == pytest.approx(before.station.share, rel=0.05)
