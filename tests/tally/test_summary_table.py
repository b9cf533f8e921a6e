"""Summary tables: every lower unit, every line, and a last row that is their sum."""

from __future__ import annotations

import polars as pl
import pytest

from made_returns import made_returns
from tallyscope.returns.table import Returns
from tallyscope.tally.summary_table import UnknownCommission, commission_path, summary_table


@pytest.fixture(scope="module")
def returns() -> Returns:
    return made_returns()


@pytest.mark.parametrize(
    ("path", "level"), [((), "region"), (("North",), "territory"), (("North", "T3"), "station")]
)
def test_the_last_row_is_the_sum_of_the_units_below(path: tuple[str, ...], level: str, returns: Returns) -> None:
    summary = summary_table(returns, path)
    assert summary.level == level
    units, total = summary.table.head(-1), summary.table.tail(1)
    for column in ("stations", "processed", *returns.figures):
        assert units[column].sum() == total[column][0]


def test_a_station_without_a_protocol_is_a_row_without_figures(returns: Returns) -> None:
    table = summary_table(returns, ("North", "T0")).table
    empty = table.filter(pl.col("unit") == "1").row(0, named=True)
    assert (empty["stations"], empty["processed"], empty["votes_a"]) == (1, 0, None)


def test_a_commission_is_found_by_its_own_name_or_by_all_of_its_names(returns: Returns) -> None:
    assert commission_path(returns, "") == ()
    assert commission_path(returns, "north") == ("North",)
    assert commission_path(returns, "North / T3") == ("North", "T3")
    assert commission_path(returns, "T3") == ("North", "T3")


def test_a_name_that_is_not_there_or_there_twice_is_refused(returns: Returns) -> None:
    with pytest.raises(UnknownCommission, match=r"no commission 'Nord'; the nearest are: North"):
        commission_path(returns, "Nord")
    twice = returns.table.with_columns(pl.lit("T").alias("territory"))
    with pytest.raises(UnknownCommission, match="3 commissions are called 'T'"):
        commission_path(Returns(twice, returns.election), "T")
    with pytest.raises(UnknownCommission):
        summary_table(returns, ("North", "T3", "5"))
