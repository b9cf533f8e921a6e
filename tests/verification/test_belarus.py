"""Belarus 2020, the worked example: the numbers that its description states, found again."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from tallyscope.returns.table import Returns
from tallyscope.verification.beside import Beside, beside
from tallyscope.verification.reports import reported_beside
from tallyscope.verification.rest import rest_of
from tallyscope.verification.seen import choice_bounds, seen_beyond

STUDIES = Path(__file__).resolve().parents[2] / "studies"


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "belarus-2020-president"


@pytest.fixture(scope="module")
def official(folder: Path) -> Returns:
    return _tables(folder)[0]


@pytest.fixture(scope="module")
def compared(folder: Path) -> Beside:
    return beside(*_tables(folder))


def _tables(folder: Path) -> tuple[Returns, Returns]:
    sys.path.insert(0, str(STUDIES))
    try:
        from copies_belarus import tables
    finally:
        sys.path.remove(str(STUDIES))
    return tables(folder)


def test_the_published_protocols_are_those_of_the_description(official: Returns) -> None:
    sums = official.table.select(pl.col("registered", "cast", "votes_lukashenko", "votes_tikhanovskaya").sum()).row(
        0
    )
    # Three rows of the source say 1,962,740 ballots in the 1,374 protocols that tell them.
    assert sums == (2_375_658, 1_962_740, 1_236_287, 497_510)
    assert official.table["cast"].count() == 1_374
    assert official.gaps.filter(pl.col("reason") == "illegible").height == 3


def test_more_ballots_were_photographed_than_announced_in_441_stations(compared: Beside) -> None:
    first = choice_bounds(compared)[0]
    assert (first.choice.id, first.stations, first.below) == ("tikhanovskaya", 1_395, 441)
    table = compared.stations
    short = (table["copy votes_tikhanovskaya"] - table["official votes_tikhanovskaya"]).drop_nulls().to_list()
    assert first.missing == sum(n for n in short if n > 0)


def test_regions_add_up_to_the_country(compared: Beside) -> None:
    choice = compared.official.election.choice("tikhanovskaya")
    parts = seen_beyond(compared, choice, "region").drop("region").sum()
    assert parts.row(0) == seen_beyond(compared, choice).row(0)


def test_the_announced_total_leaves_the_rest_a_ninth_of_the_share(official: Returns) -> None:
    rest = {r.choice.id: r for r in rest_of(official)}["tikhanovskaya"]
    assert rest.known_votes + rest.votes == 588_622
    assert rest.known_share == pytest.approx(24.84, abs=0.01)
    assert rest.share == pytest.approx(100 * rest.votes / rest.ballots)
    assert rest.known_part is not None
    assert rest.known_part > 80


def test_reports_stand_beside_other_stations_of_the_same_regions(official: Returns) -> None:
    known = official.known("votes_tikhanovskaya", "cast").table
    first = known["station"][0]
    reports = known.select("station", (pl.col("station") == first).alias("late"))
    (row,) = reported_beside(official, reports, ["late"], official.election.choice("tikhanovskaya")).to_dicts()
    here = known.filter(pl.col("station") == first)
    others = known.filter(pl.col("station") != first, pl.col("region") == here["region"][0])
    assert row["share"] == pytest.approx(100 * here["votes_tikhanovskaya"][0] / here["cast"][0])
    assert row["elsewhere"] == pytest.approx(100 * others["votes_tikhanovskaya"].sum() / others["cast"].sum())
    assert (row["stations"], row["protocols"]) == (1, 1)
