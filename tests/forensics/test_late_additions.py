"""Voters added on the day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import tallyscope
from tallyscope.election.roles import votes_column
from tallyscope.forensics.late_additions import late_additions
from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.spec import CleanSpec

_SPEC = CleanSpec(stations=15_000, regions=20)


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(_SPEC, 6)


def test_the_special_lists_of_georgia_concentrate_and_say_nothing_of_the_leader(shared_data: Path) -> None:
    returns = tallyscope.read(shared_data / "georgia-2013-president" / "precincts.csv.gz")
    found = late_additions(returns)
    assert found.applicable
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.details["standing_out"]["stations"] > 50
    reported = returns.table.filter(pl.col("status") == "reported")["added"].sum()
    assert found.details["lists"]["added"] == reported
    # Special precincts have no list but that of those added, and cannot be compared with it.
    assert found.details["stations_used"] < len(returns)


def test_additions_of_st_petersburg_2021_are_read_and_a_quiet_line_gives_no_number(shared_data: Path) -> None:
    found = late_additions(stpetersburg.returns(shared_data / "russia-2021-stpetersburg"))
    assert found.details["stations_used"] > 1000
    assert found.applicable == all(c.met for c in found.conditions)


def test_added_voters_who_all_vote_for_the_leader_are_seen(clean: Returns) -> None:
    rng = np.random.default_rng(7)
    codes, _ = clean.codes(clean.levels)
    issued = clean.counts("issued")
    chosen = (rng.random(codes.max() + 1) < 0.2)[codes]
    more = np.rint(chosen * issued * 0.12 * rng.lognormal(0, 0.8, issued.size)).astype(np.int64)
    leader = clean.leader
    assert leader is not None
    gained = ("registered", "issued", "issued_in_station", "added", "cast", "valid", votes_column(leader.id))
    changed = clean.table.with_columns(pl.col(c) + pl.Series(more) for c in gained)
    found, quiet = late_additions(Returns(changed, clean.election)), late_additions(clean)
    assert quiet.p_value is not None
    assert found.p_value is not None
    assert quiet.p_value > 0.05
    assert found.p_value < 0.001
    assert found.estimate is not None
    assert found.estimate.low > 0
    territories = {p.unit for p in found.where if p.level == "territory"}
    names = clean.table.select(clean.levels).filter(pl.Series(chosen)).unique().rows()
    assert territories
    assert len(territories & set(names)) >= 0.8 * len(territories)


def test_a_form_without_the_line_and_one_where_nobody_was_added_give_no_number(clean: Returns) -> None:
    without = late_additions(Returns(clean.table.drop("added"), clean.election))
    nobody = late_additions(Returns(clean.table.with_columns(added=pl.lit(0, dtype=pl.Int64)), clean.election))
    for found in (without, nobody):
        assert not found.applicable
        assert found.p_value is None
        assert found.estimate is None
    assert nobody.details["lists"]["added"] == 0
