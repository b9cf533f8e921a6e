"""order-of-arrival: the published regressions on Bolivia 2019, its conditions, planted and clean countries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tallyscope.forensics.core.arrival_within import slope, sweep
from tallyscope.forensics.order_of_arrival import order_of_arrival
from tallyscope.returns.arrivals import arrived_from_snapshots
from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design

FIRST, SECOND = datetime(2019, 10, 20, 23, 40, 57), datetime(2019, 10, 21, 22, 29, 53)
FINAL = datetime(2019, 10, 26, 1, 9, 30)


@pytest.fixture(scope="module")
def bolivia(shared_data: Path) -> Returns:
    folder = shared_data / "bolivia-2019-president"
    first = read(folder / "trep_2019-10-20T19-40-57.csv.gz")
    second = read(folder / "trep_2019-10-21T18-29-53.csv.gz")
    return arrived_from_snapshots(
        read(folder / "final_2019-10-25.csv.gz"), [(FIRST, first), (SECOND, second)], FINAL
    )


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(clean_design("territories-correlated", stations=12_000, regions=40), 2)


def rewritten_late(returns: Returns, lift: float, part: float) -> Returns:
    """Among the last `part` of the stations that came in, `lift` of the others' votes go to the leader."""
    assert returns.leader is not None
    leader = f"votes_{returns.leader.id}"
    others = [c for c in returns.votes_columns if c != leader]
    late = returns.table["arrived"] > returns.table["arrived"].quantile(1 - part)
    taken = [pl.when(late).then((pl.col(c) * lift).floor()).otherwise(0).cast(pl.Int64).alias(c) for c in others]
    moved = returns.table.select(taken)
    table = returns.table.with_columns(
        (pl.col(leader) + moved.select(pl.sum_horizontal(others)).to_series()).alias(leader),
        *(pl.col(c) - moved[c] for c in others),
    )
    return replace(returns, table=table)


@pytest.mark.parametrize(
    ("levels", "published", "error"),
    [(0, 16.26, 0.653), (4, 7.243, 0.437), (5, 6.762, 0.464), (6, 0.377, 0.194)],
    ids=["no places", "municipality", "locality", "polling place"],
)
def test_the_published_regressions_on_bolivia_are_repeated(
    bolivia: Returns, levels: int, published: float, error: float
) -> None:
    """Escobari & Hoover's difference estimates as repeated by Rosnick (CEPR, 23 November 2022, table 1).

    Margin of the first two, per cent of valid votes, of tables not in the announcement of 20 October; tables count
    alike.
    """
    table = bolivia.table.filter(pl.col("valid") > 0)
    margin = (100 * (table["votes_mas_ipsp"] - table["votes_cc"]) / table["valid"]).to_numpy()
    late = (table["arrived"] > FIRST).cast(pl.Float64).to_numpy()[:, None]
    path = pl.struct(bolivia.levels[:levels]) if levels else pl.repeat(0, pl.len())
    places = table.select(path.rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    none = np.empty((table.height, 0))
    one, _ = slope(sweep(margin, late, none, places, np.ones(table.height)), np.arange(table.height))
    assert one.value == pytest.approx(published, abs=0.06)
    assert one.se == pytest.approx(error, abs=0.03)


def test_bolivias_drift_is_explained_by_which_places_came_in(bolivia: Returns) -> None:
    """The critique's conclusion (Idrobo, Kronick & Rodriguez 2022; Long et al. 2019): geography explains it."""
    found = order_of_arrival(bolivia)
    assert found.applicable
    assert found.estimate is not None
    assert found.p_value is not None
    assert found.p_value > 0.05
    drift = found.details["drift"]
    assert drift["total"]["points"] == pytest.approx(16.09, abs=0.01)
    assert drift["composition"]["points"] == pytest.approx(15.92, abs=0.01)
    assert found.estimate.value == pytest.approx(0.18, abs=0.01)
    assert found.estimate.low < 0 < found.estimate.high
    remains = [row["points"] for row in found.details["by_level"]]
    assert [row["level"] for row in found.details["by_level"]] == list(bolivia.levels)
    assert remains == sorted(remains, reverse=True), "the finer the places, the less remains"
    assert found.details["places"] == "place"
    assert found.details["running"]["share_percent"][-1] == pytest.approx(47.08, abs=0.01)


def test_turkish_boxes_drift_by_composition(shared_data: Path) -> None:
    found = order_of_arrival(read(shared_data / "turkey-2017-referendum" / "boxes.csv.gz"))
    assert found.applicable
    assert found.estimate is not None
    assert found.details["drift"]["total"]["points"] == pytest.approx(-13.50, abs=0.05)
    assert found.estimate.value == pytest.approx(-0.38, abs=0.01)
    assert found.details["places"] == "neighbourhood"
    assert found.stations is not None
    assert found.stations.height == 167_157


def test_st_petersburg_is_compared_within_territories(shared_data: Path) -> None:
    found = order_of_arrival(stpetersburg.returns(shared_data / "russia-2021-stpetersburg"))
    assert found.applicable
    assert found.details["places"] == "territory"
    assert found.p_value is not None
    assert found.p_value > 0.05


def test_nothing_is_found_in_a_clean_country_though_its_running_share_drifts(clean: Returns) -> None:
    found = order_of_arrival(clean)
    assert found.applicable
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.details["drift"]["total"]["low"] > 0
    assert found.stations is not None
    strengths = found.stations["strength"].drop_nulls()
    assert (strengths > -np.log10(0.05)).mean() == pytest.approx(0.05, abs=0.02)


def test_protocols_rewritten_late_are_found_with_their_moment_and_their_votes(clean: Returns) -> None:
    changed = rewritten_late(clean, 0.05, 0.2)
    found = order_of_arrival(changed)
    assert found.p_value is not None
    assert found.p_value < 1e-6
    jump = found.details["jump"]
    assert jump["after_percent_of_ballots"] == pytest.approx(80, abs=6)
    assert clean.leader is not None
    column = f"votes_{clean.leader.id}"
    moved = int(changed.table[column].sum()) - int(clean.table[column].sum())
    assert jump["votes_low"] < moved < jump["votes_high"]
    assert found.where
    assert found.stations is not None
    assert found.stations["strength"].drop_nulls().mean() > np.log10(np.e)


def test_a_reversed_count_turns_the_drift_around(clean: Returns) -> None:
    changed = rewritten_late(clean, 0.05, 0.2)
    origin = datetime(2031, 1, 1)
    turned = replace(changed, table=changed.table.with_columns(arrived=origin - (pl.col("arrived") - origin)))
    there, back = order_of_arrival(changed), order_of_arrival(turned)
    assert there.estimate is not None
    assert back.estimate is not None
    assert back.estimate.value == pytest.approx(-there.estimate.value)


@pytest.mark.parametrize("column", ["arrived", "registered"])
def test_it_does_not_apply_without_its_columns(clean: Returns, column: str) -> None:
    table = clean.table.with_columns(pl.lit(None).cast(clean.table.schema[column]).alias(column))
    for without in (table, table.drop(column) if column == "arrived" else table):
        found = order_of_arrival(replace(clean, table=without))
        assert not found.applicable
        assert found.p_value is None
        assert found.estimate is None
        assert any(c.met is False for c in found.conditions)


def test_it_does_not_apply_where_all_came_at_once(clean: Returns) -> None:
    table = clean.table.with_columns(pl.lit(datetime(2030, 1, 1)).cast(pl.Datetime("us")).alias("arrived"))
    assert not order_of_arrival(replace(clean, table=table)).applicable


@pytest.mark.parametrize("stations", [1, 2, 90])
def test_it_does_not_apply_to_a_handful_of_stations(clean: Returns, stations: int) -> None:
    found = order_of_arrival(replace(clean, table=clean.table.head(stations)))
    assert not found.applicable
    assert found.stations is None


def test_it_does_not_apply_without_levels_without_votes_or_with_few_times(clean: Returns) -> None:
    flat = replace(clean, table=clean.table.drop(clean.levels))
    assert not order_of_arrival(flat).applicable
    votes = clean.table.with_columns(pl.lit(0, dtype=pl.Int64).alias(c) for c in clean.votes_columns)
    assert not order_of_arrival(replace(clean, table=votes)).applicable
    some = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col("arrived"))
    assert not order_of_arrival(replace(clean, table=clean.table.with_columns(some))).applicable


def test_places_that_came_in_whole_cannot_be_compared(clean: Returns) -> None:
    whole = pl.col("arrived").min().over(clean.levels)
    found = order_of_arrival(replace(clean, table=clean.table.with_columns(whole)))
    # No territory has stations of two times: the level above is held fixed instead.
    assert found.details["places"] == "region"


def test_equal_shares_everywhere_are_no_drift(clean: Returns) -> None:
    assert clean.leader is not None
    leader = f"votes_{clean.leader.id}"
    others = [c for c in clean.votes_columns if c != leader]
    same = clean.table.with_columns(
        pl.lit(400, dtype=pl.Int64).alias(leader),
        pl.lit(1_000, dtype=pl.Int64).alias("cast"),
        pl.lit(1_000, dtype=pl.Int64).alias("valid"),
        *(pl.lit(1, dtype=pl.Int64).alias(c) for c in others),
    )
    found = order_of_arrival(replace(clean, table=same))
    assert found.applicable
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(0, abs=1e-9)
    assert found.p_value == pytest.approx(1.0)


def test_stations_of_other_kinds_are_left_out_and_rows_keep_their_order(clean: Returns) -> None:
    odd = pl.int_range(pl.len()) % 10 == 0
    kind = pl.when(odd).then(pl.lit("pseudo")).otherwise(pl.col("kind")).alias("kind")
    found = order_of_arrival(replace(clean, table=clean.table.with_columns(kind)))
    assert found.stations is not None
    assert found.stations.height == len(clean)
    assert found.stations.filter(odd)["share_percent"].null_count() == found.stations.filter(odd).height
