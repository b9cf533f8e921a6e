"""Copies beside the official protocols: identities with a known truth, edges, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_returns import made_returns
from tallyscope.returns.problems import ReadError
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import rewritten
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec
from tallyscope.verification.beside import COPY, OFFICIAL, Beside, beside
from tallyscope.verification.differences import differing_lines, gains, unequal_stations
from tallyscope.verification.effect import effect


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=400, regions=8), seed=5)


def with_figures(returns: Returns, at: int, **figures: int | None) -> Returns:
    """The returns with other figures in one row."""
    here = pl.int_range(pl.len()) == at
    columns = [
        pl.when(here).then(pl.lit(n, dtype=pl.Int64)).otherwise(pl.col(c)).alias(c) for c, n in figures.items()
    ]
    return replace(returns, table=returns.table.with_columns(columns))


def test_copies_of_all_stations_find_exactly_what_was_rewritten(clean: Returns) -> None:
    changed, truth = rewritten.apply(clean, Site(), 0.05, seed=1)
    compared = beside(changed, clean)
    assert compared.compared == len(clean)
    assert unequal_stations(compared) == len(truth.stations)
    found = effect(compared).of_choice[truth.choice]
    assert found.difference == truth.votes_gained
    by_figure = dict(gains(compared).select("figure", "difference").iter_rows())
    assert {c: n for c, n in by_figure.items() if n} == {c: int(d.sum()) for c, d in truth.lines.items() if d.sum()}


@pytest.mark.parametrize("level", ["region", "territory", "station"])
def test_a_levels_differences_are_the_sum_of_its_stations(clean: Returns, level: str) -> None:
    compared = beside(rewritten.apply(clean, Site(), 0.05, seed=1)[0], clean)
    parts = (
        gains(compared, level)
        .group_by("figure", maintain_order=True)
        .agg(pl.exclude(*clean.levels, "station").sum())
    )
    assert parts.equals(gains(compared).select(parts.columns))


def test_the_lines_that_differ_add_up_to_the_gains(clean: Returns) -> None:
    compared = beside(rewritten.apply(clean, Site(), 0.05, seed=1)[0], clean)
    lines = differing_lines(compared)
    sums = dict(lines.group_by("figure").agg(pl.col("difference").sum()).iter_rows())
    known = dict(gains(compared).select("figure", "difference").iter_rows())
    assert {c: n for c, n in known.items() if n or c in sums} == {c: sums[c] for c in known if c in sums}
    assert lines.filter(pl.col("difference") == 0).is_empty()


def test_a_line_that_a_copy_does_not_tell_is_no_difference() -> None:
    official = made_returns()
    copies = with_figures(official, 10, votes_a=None, votes_b=0)
    compared = beside(official, copies)
    (line,) = differing_lines(compared).iter_rows(named=True)
    assert (line["figure"], line["copy"]) == ("votes_b", 0)
    told = {r["figure"]: r["compared"] for r in gains(compared).iter_rows(named=True)}
    assert told["votes_a"] == told["votes_b"] - 1


def test_nothing_is_found_where_copies_say_the_same_and_the_lead_stays() -> None:
    official = made_returns()
    found = effect(beside(official, official.filter(pl.col("region") == "South")))
    assert {e.difference for e in found.choices} == {0}
    assert found.lead is not None
    assert (found.lead.found, found.lead.found_each) == (0, 0.0)
    assert found.compared == 100


def test_the_bounds_hold_whatever_the_other_stations_really_hold() -> None:
    truth = made_returns()
    official = with_figures(truth, 10, votes_a=0)
    copies = truth.filter(pl.col("region") == "South")
    for e in effect(beside(official, copies)).choices:
        real = int(truth.table[f"votes_{e.choice.id}"].sum())
        assert e.low is not None
        assert e.high is not None
        assert e.low <= real <= e.high


def test_there_are_no_bounds_where_a_station_does_not_tell_its_valid_votes() -> None:
    official = with_figures(made_returns(), 20, valid=None)
    copies = made_returns().filter(pl.col("station") == "5")
    assert [(e.low, e.high) for e in effect(beside(official, copies)).choices] == [(None, None)] * 2


def test_copies_of_unknown_stations_and_of_empty_protocols_are_told() -> None:
    official = made_returns()
    copies = official.filter(pl.col("station").is_in(["1", "2", "3"]))
    copies = with_figures(copies, 0, registered=10, votes_a=1)
    copies = replace(
        copies,
        table=copies.table.with_columns(
            station=pl.when(pl.col("station") == "3").then(pl.lit("999")).otherwise("station"),
            status=pl.lit("reported"),
        ),
    )
    compared = beside(official, copies)
    assert compared.compared == 1
    assert [name.rsplit(" / ", 1)[1] for name in compared.without_protocol] == ["1"]
    assert [name.rsplit(" / ", 1)[1] for name in compared.strangers] == ["999"]


def test_tables_without_a_station_or_a_figure_in_common_are_refused_with_what_to_do() -> None:
    official = made_returns()
    elsewhere = replace(official, table=official.table.with_columns(station=pl.lit("x") + pl.col("station")))
    with pytest.raises(ReadError, match=r"no station in common.*there|There") as error:
        beside(official, elsewhere)
    assert "written alike" in str(error.value)
    bare = replace(official, table=official.table.drop(official.figures))
    with pytest.raises(ReadError, match="no figure in common"):
        beside(official, bare)


@given(st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 50))] * 2), min_size=1, max_size=30))
def test_gains_equal_a_walk_over_the_stations(pairs: list[tuple[int | None, int | None]]) -> None:
    table = pl.DataFrame(
        {
            "station": [str(i) for i in range(len(pairs))],
            OFFICIAL + "votes_a": [p[0] for p in pairs],
            COPY + "votes_a": [p[1] for p in pairs],
        },
        schema={"station": pl.String, OFFICIAL + "votes_a": pl.Int64, COPY + "votes_a": pl.Int64},
    )
    flat = replace(made_returns(), table=made_returns().table.drop("region", "territory"))
    (row,) = gains(Beside(flat, flat, ("votes_a",), table, 0, (), ())).iter_rows(named=True)
    told = [(a, b) for a, b in pairs if a is not None and b is not None]
    assert row["compared"] == len(told)
    assert row["difference"] == sum(a - b for a, b in told)
    assert (row["same"], row["higher"], row["lower"]) == tuple(
        sum(np.sign(a - b) == s for a, b in told) for s in (0, 1, -1)
    )
