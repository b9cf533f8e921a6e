"""Which level is set side by side, and what its units are called."""

from __future__ import annotations

import polars as pl

from made_returns import made_returns
from tallyscope.returns.build import build_returns
from tallyscope.returns.grouping import path_to, unit_names, upper_level


def _under(**levels: str | pl.Expr):
    returns = made_returns()
    table = returns.table.with_columns(**{k: v if isinstance(v, pl.Expr) else pl.lit(v) for k, v in levels.items()})
    return build_returns(table, returns.election, levels=(*levels, *returns.levels))


def test_the_top_level_is_taken_if_it_divides_the_country():
    assert upper_level(made_returns()) == "region"


def test_a_level_that_names_the_country_is_passed_over():
    returns = _under(country="Made")
    assert upper_level(returns) == "region"
    assert path_to(returns, "region") == ["country", "region"]


def test_a_level_with_nearly_everybody_in_one_unit_is_passed_over():
    abroad = pl.when(pl.int_range(pl.len()) < 200).then(pl.lit("home")).otherwise(pl.lit("abroad"))
    assert upper_level(_under(country=abroad)) == "region"


def test_without_levels_there_is_nothing_to_set_side_by_side():
    returns = made_returns()
    bare = build_returns(returns.table.drop("region", "territory"), returns.election, levels=())
    assert upper_level(bare) is None


def test_names_that_repeat_are_told_with_their_parent():
    units = pl.DataFrame({"region": ["A", "A", "B"], "territory": ["1", "2", "1"]})
    assert unit_names(units, ["region", "territory"]).to_list() == ["A / 1", "A / 2", "B / 1"]
    assert unit_names(units[1:], ["region", "territory"]).to_list() == ["2", "1"]
