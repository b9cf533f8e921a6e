"""Sums of a record: those that are kept, those of the returns, and those of plain SQL are the same."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest
from sqlalchemy import text

from made_record import ELECTION, FIGURES, KEYS, STATIONS, version
from tallyscope.ledger.store import Ledger, Refused
from tallyscope.tally import progress, tally

ORIGIN = "example.org/made"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    with Ledger.create(database_url, ELECTION, STATIONS, origin=ORIGIN) as made:
        yield made


def test_sums_by_plain_sql_are_those_of_the_returns(ledger: Ledger) -> None:
    ledger.accept([version(key, n) for n, key in enumerate(KEYS)])
    ledger.accept([version(KEYS[2], 40, supersedes=2, reason="typing error")])
    ledger.accept([version(KEYS[3], 3, supersedes=3, stage="annulled", reason="decision")])
    sql = "SELECT {} FROM standing JOIN figures USING (version) WHERE counted AND source = 'official'"
    with ledger.engine.connect() as connection:
        row = connection.execute(text(sql.format(", ".join(f"sum({f})" for f in FIGURES)))).one()
    assert [int(n) for n in row] == [ledger.returns().table[f].sum() for f in FIGURES]


@pytest.mark.parametrize("by", ["nation", "region", "territory"])
def test_live_sums_are_those_of_the_slow_way(by: str, ledger: Ledger) -> None:
    assert ledger.tally(by).equals(tally(ledger.returns(), by))
    ledger.accept([version(key, n) for n, key in enumerate(KEYS[:7])])
    ledger.accept([version(KEYS[2], 40, supersedes=2, reason="typing error"), version(KEYS[8], 8)])
    ledger.accept([version(KEYS[3], 3, supersedes=3, stage="annulled", reason="decision")])
    ledger.accept(
        [version(KEYS[1], figures={}, gaps=dict.fromkeys(FIGURES, "missing"), supersedes=1, reason="lost")]
    )
    slow = tally(ledger.returns(), by)
    assert ledger.tally(by).equals(slow)
    assert ledger.tally(by).schema == slow.schema
    assert ledger.tally(by, as_of=4).equals(tally(ledger.returns(as_of=4), by))
    assert ledger.tally("station").equals(tally(ledger.returns(), "station"))


def test_a_tree_in_which_some_stations_have_no_territory_is_summed_too(database_url: str) -> None:
    stations = STATIONS.with_columns(pl.when(pl.col("territory") != "T2").then("territory").alias("territory"))
    with Ledger.create(database_url, ELECTION, stations) as ledger:
        keys = ledger.returns().station_names().to_list()
        assert keys[2] == "North / 1"
        with pytest.raises(Refused, match="no station"):
            ledger.accept([version("North / T2 / 1")])
        ledger.accept([version(keys[0], 1), version(keys[2], 2)])
        for by in ("nation", "region", "territory"):
            assert ledger.tally(by).equals(tally(ledger.returns(), by))


def test_voters_before_the_protocol_are_kept_from_the_list_of_stations(database_url: str) -> None:
    stations = STATIONS.with_columns(pl.Series("registered_before", [100 + n for n in range(8)] + [None]))
    with Ledger.create(database_url, ELECTION, stations) as ledger:
        ledger.accept([version(KEYS[0])])
        returns = ledger.returns()
        assert returns.table["registered_before"].to_list() == stations["registered_before"].to_list()
        assert progress(returns).processed == 1
        assert ledger.tally("region").equals(tally(returns, "region"))
