"""Mechanisms that make protocols from a result: switching, round, shared and target percentages, rewriting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.forensics.core.integer import is_integer_percentage
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import rewritten, shared_percentage, switching, target, written
from tallyscope.simulation.mechanisms.acting import Protocols
from tallyscope.simulation.mechanisms.protocols import of_part, whole, with_votes
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec

LEADER = "votes_cedar"


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=1500, regions=10), seed=3)


def votes(returns: Returns) -> np.ndarray:
    return np.column_stack([returns.counts(c) for c in returns.votes_columns])


def given_valid(returns: Returns) -> Returns:
    form = replace(returns.election.form, denominator="valid")
    return replace(returns, election=replace(returns.election, form=form))


def test_switching_moves_votes_and_leaves_every_ballot_where_it_was(clean: Returns) -> None:
    after, truth = switching.apply(clean, Site(), 0.1, seed=1)
    others = [c for c in clean.figures if not c.startswith("votes_")]
    assert after.table.select(others).equals(clean.table.select(others))
    assert truth.votes_added == 0
    assert truth.votes_moved == round(0.1 * clean.table[LEADER].sum())
    assert (votes(after).sum(axis=1) == votes(clean).sum(axis=1)).all()


@pytest.mark.parametrize("step", [1, 5, 10])
def test_written_stations_report_the_multiple_to_half_a_voter(clean: Returns, step: int) -> None:
    after, truth = written.apply(clean, Site(share_of_stations=0.5), 2.0, seed=1, step=step)
    at = truth.stations
    for part, total in (("issued", "registered"), (LEADER, "cast")):
        k, n = after.counts(part)[at], after.counts(total)[at]
        wanted = step * np.rint(100 * k / n / step)
        assert np.all(np.abs(k - wanted * n / 100) <= 0.5)
        assert np.all(wanted >= 100 * clean.counts(part)[at] / clean.counts(total)[at])
    # From 1,000 voters on, half a voter is at most 0.05 points, which is what counts as an integer.
    large = at[after.counts("registered")[at] >= 1000]
    assert is_integer_percentage(after.counts("issued")[large], after.counts("registered")[large]).all()


def test_the_written_share_is_of_the_denominator_of_the_form(clean: Returns) -> None:
    after, truth = written.apply(given_valid(clean), Site(), 0.0, seed=1)
    k, n = after.counts(LEADER)[truth.stations], after.counts("valid")[truth.stations]
    assert np.all(np.abs(k - 5 * np.rint(20 * k / n) * n / 100) <= 0.5)


def test_a_station_where_nearly_everybody_voted_is_left_as_it_is() -> None:
    assert written.round_up(np.array([96, 94, 0]), np.array([100, 100, 0]), 0.0, 5).tolist() == [-1, 95, -1]
    assert written.round_up(np.array([60, 60]), np.array([100, 100]), 0.5, 1).tolist() == [61, 61]


def test_a_protocol_with_many_invalid_ballots_still_adds_up() -> None:
    before = Protocols(np.array([100]), np.array([60]), np.array([[5, 35, 0]]))
    after = with_votes(before, np.array([120]), np.array([108]), 1)
    assert after.votes.tolist() == [[0, 108, 0]]
    assert after.invalid.tolist() == [12]


@given(st.integers(0, 200), st.integers(0, 100), st.integers(0, 50), st.integers(0, 400), st.integers(0, 400))
def test_ballots_for_nobody_stay_and_the_rest_adds_up(
    own: int, invalid: int, blank: int, more: int, won: int
) -> None:
    before = Protocols(np.array([own + 30 + invalid + blank]), np.array([invalid]), np.array([[own, 20, 10]]))
    cast = before.cast + more
    after = with_votes(before, cast, np.array([won]), 0)
    assert after.votes.sum() + after.invalid[0] + blank == cast[0]
    assert min(after.votes.min(), after.invalid.min()) >= 0
    assert after.votes[0, 0] == min(won, cast[0] - blank)


def test_valid_votes_of_a_larger_station_are_reckoned_with_its_invalid_ones() -> None:
    # 100 ballots, 10 invalid, 5 blank ones that count as valid: of 200 ballots 20 are invalid and 180 valid.
    before = Protocols(np.array([100]), np.array([10]), np.array([[50, 35]]))
    assert whole(before, np.array([90]), np.array([200]), "valid").tolist() == [180]
    assert whole(before, np.array([90]), np.array([200]), "cast").tolist() == [200]


@given(st.integers(0, 1000), st.integers(0, 10**6))
def test_parts_are_rounded_to_the_nearest(part: int, total: int) -> None:
    assert abs(of_part(np.array([part]), 1000, np.array([total]))[0] - part * total / 1000) <= 0.5


@pytest.mark.parametrize("lift", [0.0, 2.0])
def test_all_stations_of_a_territory_share_one_percentage(clean: Returns, lift: float) -> None:
    after, _ = shared_percentage.apply(clean, Site(), lift, seed=1)
    table = after.table.with_columns(old=clean.table[LEADER], percent=100 * pl.col(LEADER) / pl.col("cast"))
    for _, unit in table.group_by("region", "territory"):
        wanted = round(100 * unit["old"].sum() / unit["cast"].sum() + lift, 1)
        # Half a vote of the station, and the half tenth by which a rounded percentage is off.
        slack = 50 / unit["cast"].to_numpy() + 0.05
        assert (np.abs(unit["percent"].to_numpy() - wanted) <= slack + 1e-9).all()
    large = table.filter(pl.col("cast") >= 1000)
    decimals = large.with_columns(pl.col("percent").round(1)).group_by("region", "territory").n_unique()
    assert decimals["percent"].max() <= 2  # a tie of rounding


def test_one_percentage_may_be_that_of_a_region_and_of_valid_votes(clean: Returns) -> None:
    after, truth = shared_percentage.apply(given_valid(clean), Site(), 1.0, seed=1, unit="region")
    share = after.table.with_columns(p=100 * pl.col(LEADER) / pl.col("valid")).filter(pl.col("cast") > 500)
    spread = share.group_by("region").agg(pl.col("p").max() - pl.col("p").min())["p"].max()
    assert isinstance(spread, float)
    assert spread <= 0.2
    assert truth.options == {"unit": "region"}
    with pytest.raises(ValueError, match="no level 'county'; there are: region, territory"):
        shared_percentage.apply(clean, Site(), 1.0, seed=1, unit="county")


def test_protocols_from_a_target_scatter_around_it_as_asked(clean: Returns) -> None:
    after, _ = target.apply(clean, Site(), 3.0, seed=1, jitter=0.5)
    table = after.table.with_columns(
        t=100 * pl.col("issued") / pl.col("registered"), s=100 * pl.col(LEADER) / pl.col("cast")
    )
    unit = ["region", "territory"]
    pooled = clean.table.group_by(unit).agg(
        tt=100 * pl.col("issued").sum() / pl.col("registered").sum() + 3,
        ss=100 * pl.col(LEADER).sum() / pl.col("cast").sum() + 3,
    )
    large = table.join(pooled, on=unit).filter(pl.col("registered") > 1000)
    for miss in ((large["t"] - large["tt"]).to_numpy(), (large["s"] - large["ss"]).to_numpy()):
        # Clipping at what early and home voting allow moves hardly any: 4 standard errors of mean and spread.
        assert abs(miss.mean()) < 4 * 0.5 / np.sqrt(miss.size) + 0.02
        assert miss.std() == pytest.approx(0.5, rel=4 / np.sqrt(2 * miss.size) + 0.05)
    assert not is_integer_percentage(table["issued"].to_numpy(), table["registered"].to_numpy()).mean() > 0.3


def test_a_target_takes_ballots_away_where_more_had_voted(clean: Returns) -> None:
    after, truth = target.apply(clean, Site(), 0.0, seed=1)
    assert (truth.added < 0).any()
    assert (truth.added > 0).any()
    assert (after.table["issued_outside"] == clean.table["issued_outside"]).all()
    assert abs(truth.votes_added) < 0.002 * clean.table["cast"].sum()


def test_rewriting_moves_many_votes_at_few_stations(clean: Returns) -> None:
    after, truth = rewritten.apply(clean, Site(), 0.02, seed=1, lift=20.0)
    assert truth.votes_added == 0
    gained = 100 * truth.gained / clean.counts("cast")[truth.stations]
    assert np.median(gained) == pytest.approx(20, abs=2)
    assert truth.stations.size < 0.1 * len(clean)
    assert after.table["cast"].equals(clean.table["cast"])


@pytest.mark.parametrize(
    ("digits", "low", "high"), [("fives", 0.6, 0.8), ("even", 0.1, 0.3), ("human", 0.05, 0.22)]
)
def test_last_digits_are_chosen_as_asked(clean: Returns, digits: rewritten.Digits, low: float, high: float) -> None:
    # Ending in 0 or 5: .6 + .4 x .2 = .68 with fives; .2 as it comes; .6 x .14 + .4 x .2 = .16 with human digits.
    after, truth = rewritten.apply(clean, Site(), 0.15, seed=1, digits=digits)
    ends = after.counts(LEADER)[truth.stations] % 5 == 0
    assert ends.size > 200
    assert low < ends.mean() < high


def test_digits_that_nobody_knows_are_refused(clean: Returns) -> None:
    with pytest.raises(ValueError, match="fives, human, even, not 'odd'"):
        rewritten.apply(clean, Site(), 0.01, 1, digits="odd")  # type: ignore[arg-type]
