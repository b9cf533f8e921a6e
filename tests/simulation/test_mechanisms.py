"""What holds for every mechanism: relations, the truth to the vote, reproducibility, places, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clean_on_form import FORMS, clean_on
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.simulation.mechanisms.mechanism import Mechanism
from tallyscope.simulation.mechanisms.names import NAMES
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import Behaviour, CleanSpec
from tallyscope.simulation.truth import Truth

Broken = Callable[[Returns], dict[str, int]]
EACH = pytest.mark.parametrize("mechanism", MECHANISMS.values(), ids=list(MECHANISMS))
#: A dose in the middle of each mechanism's range.
MIDDLE = {name: m.doses[2] for name, m in MECHANISMS.items()}


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=1500, regions=10), seed=3)


def slow_truth(before: Returns, after: Returns) -> dict[str, list[int]]:
    """Column -> what was added in every row, by subtracting the tables figure by figure."""
    deltas = {c: (after.table[c].fill_null(0) - before.table[c].fill_null(0)).to_list() for c in before.figures}
    return {c: d for c, d in deltas.items() if any(d)}


def assert_truth(before: Returns, after: Returns, truth: Truth) -> None:
    """The truth is the difference between the two tables, row by row, and there is no other difference."""
    found = slow_truth(before, after)
    told = {c: np.zeros(len(before), dtype=int) for c in truth.lines}
    for column, delta in truth.lines.items():
        told[column][truth.stations] = delta
    assert {c: d.tolist() for c, d in told.items()} == found
    touched = sorted({i for d in found.values() for i, x in enumerate(d) if x})
    assert truth.stations.tolist() == touched
    nothing = [0] * len(before)
    assert truth.gained.tolist() == [found.get(f"votes_{truth.choice}", nothing)[i] for i in touched]
    assert truth.added.tolist() == [found.get("cast", nothing)[i] for i in touched]
    rest = [c for c in before.table.columns if c not in before.figures]
    assert after.table.select(rest).equals(before.table.select(rest))
    assert after.table.null_count().equals(before.table.null_count())


def test_every_mechanism_that_has_a_name_can_be_simulated() -> None:
    assert tuple(MECHANISMS) == NAMES
    for name, mechanism in MECHANISMS.items():
        assert mechanism.name == name
        assert mechanism.meaning
        assert mechanism.unit in ("votes", "points")
        assert list(mechanism.doses) == sorted(set(mechanism.doses))


@pytest.mark.parametrize("form", FORMS)
@EACH
def test_on_every_form_relations_hold_and_the_truth_is_the_difference(
    mechanism: Mechanism, form: str, broken_relations: Broken
) -> None:
    before = clean_on(form)
    assert set(broken_relations(before).values()) <= {0}
    site = Site("territory", share_of_units=0.5, share_of_stations=0.8)
    if not before.has(*mechanism.lines):
        with pytest.raises(ValueError, match="the protocols have no line for"):
            mechanism.apply(before, site, MIDDLE[mechanism.name], 5)
        return
    after, truth = mechanism.apply(before, site, MIDDLE[mechanism.name], 5)
    assert truth.stations.size
    assert set(broken_relations(after).values()) <= {0}
    assert min(after.table[c].min() for c in after.figures if after.has(c)) >= 0
    assert_truth(before, after, truth)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    turnout=st.floats(0.1, 0.9),
    share=st.floats(0.1, 0.85),
    name=st.sampled_from(list(MECHANISMS)),
    dose=st.floats(0, 0.1),
    units=st.floats(0.05, 1),
    stations=st.floats(0.05, 1),
    options=st.sampled_from([{}, {"choice": "hazel"}]),
)
def test_in_any_country_relations_hold_and_the_truth_is_the_difference(
    broken_relations: Broken,
    seed: int,
    turnout: float,
    share: float,
    name: str,
    dose: float,
    units: float,
    stations: float,
    options: dict[str, Any],
) -> None:
    before = clean_election(CleanSpec(stations=90, regions=5, behaviour=Behaviour(turnout, share)), seed)
    dose = 100 * dose if MECHANISMS[name].unit == "points" else dose
    apply: Any = MECHANISMS[name].apply
    try:
        after, truth = apply(before, Site(None, None, units, stations), dose, seed, **options)
    except ValueError as error:
        assert "room for" in str(error)  # noqa: PT017 - a small place may not have that many voters
        return
    assert set(broken_relations(after).values()) == {0}
    assert min(after.table[c].min() for c in after.figures) >= 0
    assert_truth(before, after, truth)
    assert truth.votes_gained == truth.votes_added + truth.votes_moved
    parts = ["issued_early", "issued_in_station", "issued_outside"]
    assert after.table["issued"].equals(after.table.select(pl.sum_horizontal(parts)).to_series())
    outside = set(range(len(before))) - set(truth.stations.tolist())
    assert all(after.table.row(i) == before.table.row(i) for i in outside)


@pytest.mark.parametrize("name", [n for n, m in MECHANISMS.items() if m.unit == "votes"])
@pytest.mark.parametrize("units", [1.0, 0.2])
def test_doses_of_votes_are_exact_to_the_vote(clean: Returns, name: str, units: float) -> None:
    total = int(clean.table["votes_cedar"].sum())
    for dose in MECHANISMS[name].doses:
        after, truth = MECHANISMS[name].apply(clean, Site("territory", None, units), dose * units, seed=1)
        assert truth.votes_gained == round(dose * units * total)
        assert after.table["votes_cedar"].sum() - total == truth.votes_gained


@EACH
def test_a_dose_of_no_votes_changes_nothing(clean: Returns, mechanism: Mechanism) -> None:
    if mechanism.unit == "votes":
        after, truth = mechanism.apply(clean, Site(), 0.0, 1)
        assert after.table.equals(clean.table)
        assert truth.stations.size == truth.votes_gained == 0


@pytest.mark.parametrize("name", [n for n, m in MECHANISMS.items() if m.unit == "votes"])
def test_more_than_a_place_can_give_is_refused(clean: Returns, name: str) -> None:
    if name != "carousel":  # a list may grow without end
        with pytest.raises(ValueError, match="room for"):
            MECHANISMS[name].apply(clean, Site.regions("Ambermere"), 3.0, seed=1)


@EACH
def test_the_same_seed_changes_the_same_and_another_something_else(clean: Returns, mechanism: Mechanism) -> None:
    site, dose = Site(share_of_units=0.3, share_of_stations=0.5), MIDDLE[mechanism.name]
    (one, a), (two, b), (three, _) = (mechanism.apply(clean, site, dose, seed) for seed in (1, 1, 2))
    assert one.table.equals(two.table)
    assert a.as_dict() == b.as_dict()
    assert not one.table.equals(three.table)


@EACH
def test_the_truth_survives_json(clean: Returns, mechanism: Mechanism) -> None:
    _, truth = mechanism.apply(clean, Site(), MIDDLE[mechanism.name], 1)
    told = json.loads(json.dumps(truth.as_dict(), allow_nan=False))
    assert told == truth.as_dict()
    assert told["mechanism"] == mechanism.name
    assert told["totals"].get("cast", 0) == truth.votes_added


@EACH
def test_only_the_place_is_changed(clean: Returns, mechanism: Mechanism) -> None:
    _, truth = mechanism.apply(clean, Site.regions("Ambermere", "Brookdale"), MIDDLE[mechanism.name] / 10, 1)
    assert set(clean.table["region"].gather(truth.stations)) <= {"Ambermere", "Brookdale"}
    assert truth.units == (("Ambermere",), ("Brookdale",))


@EACH
def test_a_choice_that_does_not_stand_is_refused(clean: Returns, mechanism: Mechanism) -> None:
    apply: Any = mechanism.apply
    with pytest.raises(ValueError, match="'nobody'; there are: alder, birch, cedar"):
        apply(clean, Site(), MIDDLE[mechanism.name], 1, choice="nobody")


@EACH
def test_stations_with_unknown_figures_empty_or_pseudo_are_never_touched(
    clean: Returns, mechanism: Mechanism
) -> None:
    number = pl.int_range(pl.len()) % 4
    table = clean.table.with_columns(
        registered=pl.when(number > 0).then("registered"),
        kind=pl.when(number == 1).then(pl.lit("pseudo")).otherwise("kind"),
        status=pl.when(number == 2).then(pl.lit("empty")).otherwise("status"),
    )
    before = replace(clean, table=table)
    after, truth = mechanism.apply(before, Site(), MIDDLE[mechanism.name], 1)
    assert truth.stations.size > 0
    assert set((truth.stations % 4).tolist()) == {3}
    assert_truth(before, after, truth)


@pytest.mark.parametrize("name", [n for n, m in MECHANISMS.items() if not m.lines])
def test_lines_that_a_form_does_not_have_are_not_needed(clean: Returns, name: str) -> None:
    # Ballots cast, invalid ones and votes are enough: nothing issued, nothing received, no boxes.
    keep = [c for c in clean.table.columns if c not in clean.figures or c.startswith("votes_")]
    lines = ["registered", "cast", "valid", "invalid"]
    bare = clean.table.select(*keep, *lines).with_columns(issued=pl.lit(None, dtype=pl.Int64))
    before = replace(clean, table=bare)
    after, truth = MECHANISMS[name].apply(before, Site(), MIDDLE[name], 1)
    assert after.table["votes_cedar"].sum() - bare["votes_cedar"].sum() == truth.votes_gained
    assert (after.table["cast"] <= after.table["registered"]).all()
    assert after.table["issued"].null_count() == len(after)
    assert_truth(before, after, truth)


@EACH
def test_an_hour_that_is_not_known_stays_unknown(clean: Returns, mechanism: Mechanism) -> None:
    table = clean.table.with_columns(voted_by_15=pl.when(pl.int_range(pl.len()) % 2 == 0).then("voted_by_15"))
    before = replace(clean, table=table)
    after, truth = mechanism.apply(before, Site(), MIDDLE[mechanism.name], 1)
    assert_truth(before, after, truth)


def test_mechanisms_one_after_another_add_up(clean: Returns, broken_relations: Broken) -> None:
    returns, gained = clean, np.zeros(len(clean), dtype=np.int64)
    for seed, (name, mechanism) in enumerate(MECHANISMS.items()):
        site = Site("territory", share_of_units=0.3)
        returns, truth = mechanism.apply(returns, site, mechanism.doses[1], seed)
        np.add.at(gained, truth.stations, truth.gained if truth.choice == "cedar" else 0)
        assert set(broken_relations(returns).values()) == {0}, name
    assert (returns.counts("votes_cedar") - clean.counts("votes_cedar")).tolist() == gained.tolist()
