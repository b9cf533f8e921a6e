from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.forensics.core.integer import is_integer_percentage
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import stuffing, switching, written
from tallyscope.simulation.mechanisms.acting import Protocols
from tallyscope.simulation.mechanisms.protocols import with_votes
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import Behaviour, CleanSpec
from tallyscope.simulation.truth import Truth

Broken = Callable[[Returns], dict[str, int]]
Mechanism = Callable[..., tuple[Returns, Truth]]

MECHANISMS = [stuffing.apply, switching.apply, written.apply]
ids = ["stuffing", "switching", "written"]
DOSE = {stuffing.apply: 0.05, switching.apply: 0.05, written.apply: 2.0}
LEADER = "votes_cedar"


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=1500, regions=10), seed=3)


def votes(returns: Returns) -> np.ndarray:
    return np.column_stack([returns.counts(c) for c in returns.votes_columns])


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    turnout=st.floats(0.1, 0.9),
    share=st.floats(0.1, 0.85),
    which=st.sampled_from(MECHANISMS),
    dose=st.floats(0, 0.1),
    units=st.floats(0.05, 1),
    stations=st.floats(0.05, 1),
    options=st.sampled_from([{}, {"choice": "hazel"}]),
    step=st.sampled_from([1, 5, 10]),
)
def test_relations_hold_and_the_truth_is_the_difference_to_the_vote(
    broken_relations: Broken,
    seed: int,
    turnout: float,
    share: float,
    which: Mechanism,
    dose: float,
    units: float,
    stations: float,
    options: dict[str, Any],
    step: int,
) -> None:
    spec = CleanSpec(stations=90, regions=5, behaviour=Behaviour(turnout, share))
    before = clean_election(spec, seed)
    if which is written.apply:
        dose, options = 100 * dose, options | {"step": step}
    try:
        after, truth = which(before, Site(None, None, units, stations), dose, seed, **options)
    except ValueError as error:
        assert "room for" in str(error)  # noqa: PT017 - a small place may not have that many voters at home
        return
    assert set(broken_relations(after).values()) == {0}
    assert min(after.table[c].min() for c in after.figures) >= 0
    gained = votes(after) - votes(before)
    column = [c.id for c in before.choices].index(truth.choice)
    changed = np.zeros(len(before), dtype=bool)
    changed[truth.stations] = True
    assert (gained[changed, column] == truth.gained).all()
    assert (after.counts("cast") - before.counts("cast"))[changed].tolist() == truth.added.tolist()
    assert after.table.filter(~pl.Series(changed)).equals(before.table.filter(~pl.Series(changed)))
    assert after.table["registered"].equals(before.table["registered"])
    assert after.table["issued"].equals(
        after.table["issued_early"] + after.table["issued_in_station"] + after.table["issued_outside"]
    )
    assert truth.votes_gained == truth.votes_added + truth.votes_moved


@pytest.mark.parametrize("dose", [0.02, 0.05, 0.10, 0.20])
@pytest.mark.parametrize("units", [1.0, 0.2])
def test_ballots_stuffed_are_the_dose_of_the_leaders_votes_to_the_vote(
    clean: Returns, dose: float, units: float
) -> None:
    after, truth = stuffing.apply(clean, Site("territory", None, share_of_units=units), dose * units, seed=1)
    total = int(clean.table[LEADER].sum())
    assert truth.votes_added == truth.votes_gained == round(dose * units * total)
    assert after.table[LEADER].sum() - total == truth.votes_added
    assert after.table["issued_in_station"].sum() - clean.table["issued_in_station"].sum() == truth.votes_added


def test_a_place_without_that_many_voters_at_home_refuses_the_dose(clean: Returns) -> None:
    with pytest.raises(ValueError, match="cannot be divided"):
        stuffing.apply(clean, Site.regions("Ambermere"), 2.0, seed=1)


def test_switching_moves_votes_and_leaves_every_ballot_where_it_was(clean: Returns) -> None:
    after, truth = switching.apply(clean, Site(), 0.1, seed=1)
    others = [c for c in clean.figures if not c.startswith("votes_")]
    assert after.table.select(others).equals(clean.table.select(others))
    assert truth.votes_added == 0
    assert truth.votes_moved == round(0.1 * clean.table[LEADER].sum())
    assert (votes(after).sum(axis=1) == votes(clean).sum(axis=1)).all()


@pytest.mark.parametrize("step", [1, 5])
def test_written_stations_report_the_multiple_to_half_a_voter(clean: Returns, step: int) -> None:
    after, truth = written.apply(clean, Site(share_of_stations=0.5), 2.0, seed=1, step=step)
    at = truth.stations
    for part, whole in (("issued", "registered"), (LEADER, "cast")):
        k, n = after.counts(part)[at], after.counts(whole)[at]
        target = step * np.rint(100 * k / n / step)
        assert np.all(np.abs(k - target * n / 100) <= 0.5)
        assert np.all(target >= 100 * clean.counts(part)[at] / clean.counts(whole)[at])
    # From 1,000 voters on, half a voter is at most 0.05 points, which is what counts as an integer.
    large = at[after.counts("registered")[at] >= 1000]
    assert is_integer_percentage(after.counts("issued")[large], after.counts("registered")[large]).all()


def test_the_written_share_is_of_the_denominator_of_the_form(clean: Returns) -> None:
    form = replace(clean.election.form, denominator="valid")
    given_valid = replace(clean, election=replace(clean.election, form=form))
    after, truth = written.apply(given_valid, Site(), 0.0, seed=1)
    k, n = after.counts(LEADER)[truth.stations], after.counts("valid")[truth.stations]
    assert np.all(np.abs(k - 5 * np.rint(20 * k / n) * n / 100) <= 0.5)


def test_a_station_where_nearly_everybody_voted_is_left_as_it_is() -> None:
    assert written.round_up(np.array([96, 94, 0]), np.array([100, 100, 0]), 0.0, 5).tolist() == [-1, 95, -1]
    assert written.round_up(np.array([60, 60]), np.array([100, 100]), 0.5, 1).tolist() == [61, 61]


def test_a_written_protocol_with_many_invalid_ballots_still_adds_up() -> None:
    before = Protocols(np.array([100]), np.array([60]), np.array([[5, 35, 0]]))
    after = with_votes(before, np.array([120]), np.array([108]), 1)
    assert after.votes.tolist() == [[0, 108, 0]]
    assert after.invalid.tolist() == [12]


@pytest.mark.parametrize("apply", MECHANISMS, ids=ids)
def test_the_same_seed_changes_the_same_and_another_something_else(clean: Returns, apply: Mechanism) -> None:
    site = Site(share_of_units=0.3, share_of_stations=0.5)
    (one, a), (two, b), (three, _) = (apply(clean, site, DOSE[apply], seed) for seed in (1, 1, 2))
    assert one.table.equals(two.table)
    assert a.as_dict() == b.as_dict()
    assert not one.table.equals(three.table)


@pytest.mark.parametrize("apply", MECHANISMS, ids=ids)
def test_a_choice_that_does_not_stand_is_refused(clean: Returns, apply: Mechanism) -> None:
    with pytest.raises(ValueError, match="'nobody'; there are: alder, birch, cedar"):
        apply(clean, Site(), DOSE[apply], 1, choice="nobody")


@pytest.mark.parametrize("apply", MECHANISMS, ids=ids)
def test_stations_with_unknown_figures_empty_or_pseudo_are_never_touched(clean: Returns, apply: Mechanism) -> None:
    number = pl.int_range(pl.len()) % 4
    table = clean.table.with_columns(
        registered=pl.when(number > 0).then("registered"),
        kind=pl.when(number == 1).then(pl.lit("pseudo")).otherwise("kind"),
        status=pl.when(number == 2).then(pl.lit("empty")).otherwise("status"),
    )
    _, truth = apply(replace(clean, table=table), Site(), DOSE[apply], 1)
    assert truth.stations.size > 0
    assert set((truth.stations % 4).tolist()) == {3}


@pytest.mark.parametrize("apply", MECHANISMS, ids=ids)
def test_lines_that_a_form_does_not_have_are_not_needed(clean: Returns, apply: Mechanism) -> None:
    # Ballots cast, invalid ones and votes are enough: nothing issued, nothing received, no boxes.
    keep = [c for c in clean.table.columns if c not in clean.figures or c.startswith("votes_")]
    lines = ["registered", "cast", "valid", "invalid"]
    bare = clean.table.select(*keep, *lines).with_columns(issued=pl.lit(None, dtype=pl.Int64))
    before = replace(clean, table=bare)
    after, truth = apply(before, Site(), DOSE[apply], 1)
    assert after.table[LEADER].sum() - bare[LEADER].sum() == truth.votes_gained
    assert (after.table["cast"] <= after.table["registered"]).all()
    assert after.table["issued"].null_count() == len(after)


def test_paper_that_does_not_suffice_was_received(clean: Returns, broken_relations: Broken) -> None:
    none_left = clean.table.with_columns(
        ballots_received=pl.col("ballots_received") - pl.col("cancelled"), cancelled=pl.lit(0, dtype=pl.Int64)
    )
    after, truth = stuffing.apply(replace(clean, table=none_left), Site(), 0.05, 1)
    assert after.table["ballots_received"].sum() - none_left["ballots_received"].sum() == truth.votes_added
    assert broken_relations(after)["E2"] == 0
