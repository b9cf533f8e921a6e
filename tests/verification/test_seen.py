"""Ballots seen as lower bounds: what they prove, against a walk over the stations."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from made_returns import made_returns
from tallyscope.returns.table import Returns
from tallyscope.verification.beside import beside
from tallyscope.verification.seen import choice_bounds, seen_beyond


def seen_of(returns: Returns, a: int, b: int) -> Returns:
    """As many ballots seen of each choice in every station."""
    votes = returns.table.select(*returns.levels, "station", "kind", "status", "file", "row")
    return replace(returns, table=votes.with_columns(votes_a=pl.lit(a), votes_b=pl.lit(b)))


def test_ballots_seen_of_true_protocols_prove_nothing() -> None:
    official = made_returns().filter(pl.col("status") == "reported", pl.col("votes_a") >= 3, pl.col("votes_b") >= 2)
    for bounds in choice_bounds(beside(official, seen_of(official, 3, 2))):
        assert (bounds.below, bounds.missing, bounds.above, bounds.beyond) == (0, 0, 0, 0)


def test_bounds_equal_a_walk_over_the_stations() -> None:
    official = made_returns().filter(pl.col("status") == "reported")
    a, b = 700, 400
    bounds = {x.choice.id: x for x in choice_bounds(beside(official, seen_of(official, a, b)))}
    rows = official.table.select("votes_a", "votes_b", "cast").rows()
    assert bounds["a"].missing == sum(max(0, a - va) for va, _, _ in rows)
    assert bounds["a"].below == sum(a > va for va, _, _ in rows)
    assert bounds["b"].beyond == sum(max(0, vb - (cast - a)) for _, vb, cast in rows)
    assert bounds["b"].above == sum(vb > cast - a for _, vb, cast in rows)


def test_without_ballots_cast_nothing_can_be_too_many() -> None:
    official = made_returns().filter(pl.col("status") == "reported")
    blind = replace(official, table=official.table.with_columns(cast=pl.lit(None, dtype=pl.Int64)))
    for bounds in choice_bounds(beside(blind, seen_of(official, 700, 400))):
        assert bounds.above is None
        assert bounds.beyond is None


def test_a_choice_of_one_table_only_is_refused() -> None:
    official = made_returns()
    seen = seen_of(official, 1, 1)
    seen = replace(seen, table=seen.table.drop("votes_b"))
    with pytest.raises(ValueError, match="both tables"):
        seen_beyond(beside(official, seen), official.election.choice("b"))
