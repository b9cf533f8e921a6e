"""Rows that are sums of other rows: found wherever they stand, and nothing else is called one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.returns.inference import infer
from tallyscope.returns.inference.totals import named_totals, total_rows

FIGURES = ["registered", "valid", "invalid", "a", "b"]
LEVELS = ["region", "territory"]


def stations(seed: int = 1, regions: int = 3, territories: int = 3, each: int = 4) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    n = regions * territories * each
    registered = rng.integers(200, 2_500, n)
    cast = rng.binomial(registered, 0.6)
    invalid = rng.binomial(cast, 0.02)
    a = rng.binomial(cast - invalid, 0.55)
    index = np.arange(n)
    return pl.DataFrame(
        {
            "region": [f"R{i // (territories * each)}" for i in index],
            "territory": [f"T{i // each}" for i in index],
            "station": [str(i) for i in index],
            "registered": registered,
            "valid": cast - invalid,
            "invalid": invalid,
            "a": a,
            "b": cast - invalid - a,
        }
    )


def total(frame: pl.DataFrame, **names: str | None) -> pl.DataFrame:
    """One row with the sums of a frame; cells of names are empty unless given."""
    sums = frame.select(pl.col(FIGURES).sum())
    given = {c: pl.lit(names.get(c), dtype=pl.String) for c in ("region", "territory", "station")}
    return sums.with_columns(**given).select(frame.columns)


def subtotals(frame: pl.DataFrame, level: str) -> list[pl.DataFrame]:
    """The blocks of a level, each followed by its total."""
    out = []
    for part in frame.partition_by(level, maintain_order=True):
        names = {"region": part["region"][0]} | (
            {"territory": part["territory"][0]} if level == "territory" else {}
        )
        out += [part, total(part, **names, station="Итого")]
    return out


def rows_of(frame: pl.DataFrame, **kwargs: list[str]) -> list[int]:
    return total_rows(frame, FIGURES, kwargs.get("levels", LEVELS))["index"].to_list()


def test_stations_alone_have_no_total() -> None:
    assert rows_of(stations()) == []


@pytest.mark.parametrize("name", ["Total", "ИТОГО", "Genel Toplam", "Gjithsej", "სულ", "whatever", None])
def test_a_grand_total_is_found_whatever_it_is_called(name: str | None) -> None:
    frame = stations()
    found = total_rows(pl.concat([frame, total(frame, region=name)]), FIGURES, LEVELS)
    assert found.rows() == [(frame.height, "the other rows of the file")]
    assert found.schema == {"index": pl.UInt32, "of": pl.String}


def test_a_grand_total_may_stand_first_or_be_written_twice() -> None:
    frame = stations()
    grand = total(frame, region="Total")
    assert rows_of(pl.concat([grand, frame])) == [0]
    assert rows_of(pl.concat([grand, frame, grand])) == [0, frame.height + 1]


def test_the_total_of_a_region_says_which() -> None:
    frame = stations()
    parts = subtotals(frame, "region")
    found = total_rows(pl.concat(parts), FIGURES, LEVELS)
    assert found["of"].to_list() == [f"the other rows of region 'R{i}'" for i in range(3)]


def test_subtotals_of_two_levels_and_a_grand_total_are_found_together() -> None:
    # With territories, regions and the nation in one file a figure is counted four times over.
    frame = stations()
    territories = pl.concat(subtotals(frame, "territory"))
    regions = [total(r, region=r["region"][0]) for r in frame.partition_by("region", maintain_order=True)]
    grand = total(frame, region="Total")
    whole = pl.concat([territories, *regions, grand])
    expected = [i for i, s in enumerate(whole["station"]) if s in ("Итого", None)]
    assert whole["valid"].sum() == 4 * frame["valid"].sum()
    assert rows_of(whole) == expected


def test_totals_of_regions_under_names_of_their_own_are_found() -> None:
    frame = stations()
    regions = [
        total(r, region=f"Total {r['region'][0]}") for r in frame.partition_by("region", maintain_order=True)
    ]
    assert rows_of(pl.concat([frame, *regions])) == [36, 37, 38]


def test_subtotals_between_the_rows_of_a_file_without_levels_are_found() -> None:
    frame = stations()
    blocks = pl.concat(subtotals(frame, "region")).drop("region", "territory")
    grand = total(frame, station="Grand total").drop("region", "territory")
    found = total_rows(pl.concat([blocks, grand]), FIGURES, [])
    assert found["index"].to_list() == [12, 25, 38, 39]
    assert found["of"].to_list() == ["the rows just above it"] * 3 + ["the other rows of the file"]


def test_the_total_of_a_territory_with_one_station_is_found_by_its_missing_name() -> None:
    frame = stations(each=1)
    one = frame.head(1)
    repeated = total(one, region=one["region"][0], territory=one["territory"][0])
    assert rows_of(pl.concat([frame, repeated])) == [frame.height]


def test_one_figure_that_differs_makes_it_no_total() -> None:
    frame = stations()
    almost = total(frame, region="Total").with_columns(pl.col("invalid") + 1)
    assert rows_of(pl.concat([frame, almost])) == []


def test_twin_stations_and_small_figures_are_no_totals() -> None:
    # 1 + 1 = 2: a sum that chance makes every day.
    tiny = pl.DataFrame({"region": ["A"] * 3, "a": [1, 1, 2], "b": [2, 1, 3]})
    assert total_rows(tiny, ["a", "b"], ["region"]).height == 0
    twins = pl.concat([stations(regions=1, territories=1, each=1)] * 3)
    assert rows_of(twins) == []


def test_words_of_totals_are_whole_words() -> None:
    texts = [
        "Итого",
        "Total general",
        "  TOTAL:",
        "Toplam",
        "Totalitarian Street",
        "Summerland",
        "Всеволожск",
        None,
    ]
    assert named_totals(pl.DataFrame({"t": texts})).tolist() == [True] * 4 + [False] * 4


def test_an_unknown_file_with_totals_is_understood_and_drops_them() -> None:
    frame = stations(each=6)
    inference = infer(pl.concat([*subtotals(frame, "region"), total(frame, region="Total")]))
    assert inference.totals.height == 4
    assert inference.mapping().drop_totals
    assert not infer(frame).mapping().drop_totals


def slow_total_rows(frame: pl.DataFrame, columns: list[str], levels: list[str]) -> set[int]:
    """Row by row: is this row the sum of the other rows of its group that are no totals, from the bottom up?"""
    found: set[int] = set()
    for depth in range(len(levels), -1, -1):
        groups: dict[tuple[str, ...], list[int]] = {}
        for i, row in enumerate(frame.iter_rows(named=True)):
            if i not in found and any(row[c] for c in columns):
                groups.setdefault(tuple(row[c] for c in levels[:depth]), []).append(i)
        for members in groups.values():
            for i in members:
                others = [j for j in members if j != i]
                sums = [sum(frame[c][j] for j in others) for c in columns]
                if len(others) >= 2 and sums == [frame[c][i] for c in columns]:
                    found.add(i)
    return found


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), where=st.sets(st.sampled_from(["grand", "R0", "R2", "T1", "T4"])))
def test_it_finds_what_a_row_by_row_search_finds(seed: int, where: set[str]) -> None:
    frame = stations(seed)
    rows = [frame]
    for place in sorted(where):
        if place == "grand":
            rows.append(total(frame, region="all"))
        else:
            level = "region" if place[0] == "R" else "territory"
            part = frame.filter(pl.col(level) == place)
            rows.append(total(part, region=part["region"][0], territory=place if level == "territory" else None))
    whole = pl.concat(rows)
    shuffled = whole.sample(fraction=1, shuffle=True, seed=seed)
    assert set(rows_of(shuffled)) == slow_total_rows(shuffled, FIGURES, LEVELS)
    assert len(rows_of(shuffled)) == len(where)
