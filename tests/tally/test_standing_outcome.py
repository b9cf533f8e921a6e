"""What is out of a table of returns, and what the rule says of the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from made_returns import made_returns
from tallyscope.election.outcome import Majority, Out
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.tally.outcome import counted_and_out, standing_outcome


def partly(returns: Returns, counted: int) -> Returns:
    """The returns when the first rows are in; the others keep their list of voters as known before."""
    late = pl.int_range(pl.len()) >= counted
    table = returns.table.with_columns(
        pl.col("registered").alias("registered_before"),
        *[pl.when(~late).then(pl.col(f)).alias(f) for f in returns.figures],
        pl.when(late).then(pl.lit("empty")).otherwise(pl.col("status")).alias("status"),
    )
    return replace(returns, table=table)


def test_what_is_out_is_every_row_whose_votes_or_ballots_are_not_all_known() -> None:
    returns = partly(made_returns(), 200)
    registered = made_returns().table["registered"]
    counted, out = counted_and_out(returns, "cast")
    # Row 0 has an empty protocol and no list of voters; the last row is a pseudo-station and is awaited as well.
    assert out == Out(stations=101, voters=int(registered[200:].sum()), unlisted=1)
    assert counted.votes["a"] == returns.table["votes_a"].sum()
    gap = returns.table.with_columns(
        pl.when(pl.int_range(pl.len()) == 5).then(None).otherwise(pl.col("votes_b")).alias("votes_b")
    )
    less, more = counted_and_out(replace(returns, table=gap), "cast")
    assert more.stations == 102
    assert more.voters == out.voters + registered[5]
    assert less.votes["a"] == counted.votes["a"] - returns.table["votes_a"][5]


def test_annulled_stations_are_not_awaited_and_announced_ones_are() -> None:
    returns = partly(made_returns(), 298)
    gaps = pl.DataFrame({"index": [0], "column": ["cast"], "reason": ["annulled"]}, schema=returns.gaps.schema)
    _, out = counted_and_out(replace(returns, gaps=gaps), "cast")
    assert out.stations == 2
    announced = replace(returns, election=replace(returns.election, stations=310))
    assert counted_and_out(announced, "cast")[1].unlisted == 1 + (310 - 299)


def test_without_a_rule_nothing_is_said() -> None:
    assert standing_outcome(made_returns()) is None


def test_the_president_of_2012_was_elected_in_the_first_round_and_certainly_so_before_the_end(
    shared_data: Path,
) -> None:
    whole = read(shared_data / "russia-2012-president" / "2012.csv.zip")
    assert isinstance(whole.election.outcome, Majority)
    final = standing_outcome(whole)
    assert final is not None
    assert (final.status, final.elected) == ("final", "putin")
    # 45,602,075 of 71,701,665: what lacks to half of all ballots is far more than 1 % of the voters of the country.
    late = standing_outcome(partly(whole, 95_415 * 993 // 1000))
    assert late is not None
    assert (late.status, late.elected) == ("cannot-be-overtaken", "putin")
    early = standing_outcome(partly(whole, 20_000))
    assert early is not None
    assert early.status == "undecided"


@pytest.mark.parametrize("counted", [0, 1])
def test_the_first_protocols_of_a_night_decide_nothing(counted: int) -> None:
    returns = partly(made_returns(), counted)
    returns = replace(returns, election=replace(returns.election, outcome=Majority("cast")))
    found = standing_outcome(returns)
    assert found is not None
    assert found.status == "undecided"
