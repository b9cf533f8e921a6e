"""Mechanisms that add ballots: stuffing, carousel, absentee and home voting under control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from clean_on_form import clean_on
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import absentee, carousel, extreme, home, stuffing
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec

LEADER = "votes_cedar"


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=1500, regions=10), seed=3)


def sums(returns: Returns) -> dict[str, int]:
    return {c: int(returns.table[c].sum()) for c in returns.figures}


def risen(before: Returns, after: Returns) -> dict[str, int]:
    """Column -> what was added to it in all."""
    new = sums(after)
    return {c: new[c] - old for c, old in sums(before).items() if new[c] != old}


def test_ballots_stuffed_are_issued_in_the_station_from_those_left(clean: Returns) -> None:
    after, truth = stuffing.apply(clean, Site(), 0.1, seed=1)
    k, up = truth.votes_added, risen(clean, after)
    hours = {c: up.pop(c) for c in clean.figures if c.startswith("voted_by_")}
    lines = ("issued", "issued_in_station", "cast", "stationary", "valid", LEADER)
    paper = up.pop("cancelled"), up.pop("ballots_received", 0)
    assert up == dict.fromkeys(lines, k)
    assert paper[1] - paper[0] == k
    # They come through the day like everybody else: the curve of the day stays.
    for column, more in hours.items():
        assert more / k == pytest.approx(clean.table[column].sum() / clean.table["issued"].sum(), abs=0.02)


def test_ballots_that_come_after_an_hour_leave_turnout_by_that_hour_as_it_is(clean: Returns) -> None:
    after, truth = stuffing.apply(clean, Site(), 0.1, seed=1, since=18)
    up = risen(clean, after)
    assert not {"voted_by_10", "voted_by_12", "voted_by_15", "voted_by_18"} & set(up)
    assert up["voted_by_20"] > 0.9 * truth.votes_added
    assert truth.dose["since"] == 18
    with pytest.raises(ValueError, match="had taken part by 17:00"):
        stuffing.apply(clean, Site(), 0.1, seed=1, since=17)


def test_paper_that_does_not_suffice_was_received(
    clean: Returns, broken_relations: Callable[[Returns], dict[str, int]]
) -> None:
    none_left = clean.table.with_columns(
        ballots_received=pl.col("ballots_received") - pl.col("cancelled"), cancelled=pl.lit(0, dtype=pl.Int64)
    )
    before = replace(clean, table=none_left)
    after, truth = stuffing.apply(before, Site(), 0.05, 1)
    assert risen(before, after)["ballots_received"] == truth.votes_added
    assert broken_relations(after)["E2"] == 0


def test_nobody_is_stuffed_who_is_not_on_the_list(clean: Returns) -> None:
    after, _ = stuffing.apply(clean, Site(), 0.8, seed=1)
    assert (after.table["issued"] <= after.table["registered"]).all()
    assert after.table["registered"].equals(clean.table["registered"])


def test_extreme_stations_come_near_everybody(clean: Returns) -> None:
    after, truth = extreme.apply(clean, Site(), 0.1, seed=1)
    at = truth.stations
    turnout = after.counts("issued")[at] / after.counts("registered")[at]
    share = after.counts(LEADER)[at] / after.counts("cast")[at]
    # The part is 1 - |N(0, .075)|: half of the stations within .05 of everybody, all but one within .3.
    assert np.median(turnout) > 0.95
    assert np.median(share) > 0.9
    assert np.sum((turnout < 0.8) | (share < 0.7)) <= 1
    assert at.size < 0.1 * len(clean)


def test_a_carousel_enters_its_voters_on_the_list_in_groups(clean: Returns) -> None:
    after, truth = carousel.apply(clean, Site(), 0.01, seed=1, group=30)
    k, up = truth.votes_gained, risen(clean, after)
    for line in ("registered", "added", "issued_in_station", "cast", LEADER):
        assert up[line] == k
    assert "certificates_used" not in up
    # Whole groups everywhere, but for the last visit.
    assert np.sum(truth.gained % 30 != 0) <= 1


def test_a_group_stays_in_one_territory(clean: Returns) -> None:
    _, truth = carousel.apply(clean, Site(), 5 * 30 / int(clean.table[LEADER].sum()), seed=4, group=30)
    assert truth.votes_gained == 150
    assert clean.table.select("region", "territory")[truth.stations.tolist()].n_unique() == 1
    assert truth.stations.size == 5


def test_a_carousel_by_certificate_counts_them_as_used(clean: Returns) -> None:
    after, truth = carousel.apply(clean, Site(), 0.01, seed=1, entered="certificates_used")
    up = risen(clean, after)
    assert up["certificates_used"] == up["registered"] == truth.votes_gained
    assert not {"added", "certificates_issued"} & set(up)
    assert truth.options == {"entered": "certificates_used"}


def test_where_a_form_counts_voters_added_beside_the_list_the_list_stays() -> None:
    before = clean_on("ge-president-2013")
    after, truth = carousel.apply(before, Site(), 0.01, seed=1)
    up = risen(before, after)
    assert up["added"] == up["voted"] == truth.votes_gained
    assert "registered" not in up


def test_nonsense_is_refused(clean: Returns) -> None:
    with pytest.raises(ValueError, match="added or certificates_used, not as 'registered'"):
        carousel.apply(clean, Site(), 0.01, 1, entered="registered")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one voter"):
        carousel.apply(clean, Site(), 0.01, 1, group=0)


def test_certificates_used_under_control_were_issued_somewhere_in_the_place(clean: Returns) -> None:
    site = Site.regions("Ambermere", "Brookdale")
    after, truth = absentee.apply(clean, site, 0.01, seed=1)
    k, up = truth.votes_gained, risen(clean, after)
    assert up["certificates_used"] == up["certificates_issued"] == up["issued_in_station"] == k
    assert up["certificates_received"] - up.get("certificates_unused", 0) == k
    # Those who took one leave their list, those who came enter another: the country has as many voters as before.
    assert "registered" not in up
    used = after.counts("certificates_used") - clean.counts("certificates_used")
    issued = after.counts("certificates_issued") - clean.counts("certificates_issued")
    assert np.sum(used > 0) < 0.2 * np.sum(issued > 0)
    assert used[used > 0].mean() > 50


def test_certificates_balance_as_before(clean: Returns) -> None:
    after, _ = absentee.apply(clean, Site(), 0.02, seed=1)
    new, old = sums(after), sums(clean)
    out = "certificates_issued", "certificates_issued_above"
    assert new["certificates_used"] - old["certificates_used"] == sum(new[c] - old[c] for c in out)
    assert new["certificates_used"] <= sum(new[c] for c in out)


def test_home_votes_are_issued_outside_and_lie_in_portable_boxes(clean: Returns) -> None:
    after, truth = home.apply(clean, Site(), 0.02, seed=1, part=0.4)
    k, up = truth.votes_gained, risen(clean, after)
    assert up["issued_outside"] == up["portable"] == up["cast"] == k
    assert not {"issued_in_station", "stationary", "registered"} & set(up)
    room = (clean.counts("registered") - clean.counts("issued"))[truth.stations]
    # Half of the stations within a factor exp(.67 x .5) = 1.4 of the part: the median near it.
    assert np.median(truth.gained / room) == pytest.approx(0.4, abs=0.1)
