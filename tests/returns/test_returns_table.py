"""The one table: what it derives, what it calls empty or zero, and how gaps and groups follow its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.election.election import Choice, Election
from tallyscope.election.load import load_form
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import MissingFigures, Returns

CHOICES = (Choice("one", "One"), Choice("two", "Two"))


def election(form: str) -> Election:
    return Election("T", "Test", load_form(form), CHOICES)


def built(form: str, levels: tuple[str, ...] = (), **columns: list[Any]) -> Returns:
    rows = len(next(iter(columns.values())))
    table = pl.DataFrame({"station": [str(i) for i in range(rows)], **columns})
    return build_returns(table, election(form), levels=levels)


@pytest.mark.parametrize(
    ("form", "figures", "derived"),
    [
        (
            "ru-president-2018",
            {"issued_early": 1, "issued_in_station": 20, "issued_outside": 3, "valid": 19, "invalid": 4},
            {"issued": 24, "cast": 23},
        ),
        (
            "ge-president-2013",
            {"voted": 30, "invalid": 2, "votes_one": 20, "votes_two": 8},
            {"valid": 28, "cast": 30},
        ),
        (
            "es-congress",
            {"for_choices": 40, "blank": 3, "invalid": 2, "votes_one": 30, "votes_two": 10},
            {"valid": 43, "cast": 45},  # Organic Law 5/1985, article 96: blank ballots are valid
        ),
        (
            "bo-president-2019",
            {"blank": 3, "invalid": 2, "votes_one": 30, "votes_two": 10},
            {"valid": 40, "cast": 45},
        ),
        ("tr-referendum-2017", {"voted": 9, "valid": 7, "invalid": 1}, {"issued": 9, "cast": 8}),
        ("al-parliament-2017", {"voted": 9, "cast": 8, "valid": 7, "invalid": 1}, {"issued": 9, "cast": 8}),
    ],
)
def test_standing_figures_follow_from_the_lines_as_the_form_says(
    form: str, figures: dict[str, int], derived: dict[str, int]
) -> None:
    row = built(form, **{k: [v] for k, v in figures.items()}).table.row(0, named=True)
    assert {k: row[k] for k in derived} == derived


def test_a_derived_figure_of_an_unknown_line_is_unknown() -> None:
    table = built("ru-president-2018", valid=[19, 19], invalid=[4, None]).table
    assert table["cast"].to_list() == [23, None]


def test_standing_figures_are_always_there_even_if_the_file_has_none_of_them() -> None:
    table = built("ru-president-2018", votes_one=[1]).table
    assert table.select("registered", "issued", "invalid").row(0) == (None, None, None)
    assert table["valid"].to_list() == [1]


def test_empty_zero_and_reported_are_three_things() -> None:
    returns = built(
        "ru-president-2018",
        registered=[None, 0, 500, 500, 500, 0],
        valid=[None, 0, 0, 12, None, None],
        invalid=[None, 0, 0, 0, None, None],
        votes_one=[None, 0, 0, 12, None, 0],
    )
    assert returns.table["status"].to_list() == ["empty", "zero", "zero", "reported", "reported", "zero"]
    assert len(returns.reporting()) == 5


def test_reporting_leaves_out_rows_that_are_not_stations() -> None:
    returns = built("ru-president-2018", valid=[5, 6, None], kind=["station", "pseudo", "station"])
    assert returns.reporting().table["station"].to_list() == ["0"]


def test_columns_stand_in_the_documented_order() -> None:
    returns = built("ru-president-2018", ("region",), region=["A"], votes_two=[1], valid=[1], ballots_lost=[0])
    assert returns.table.columns == [
        *("region", "station", "kind", "status", "file", "row"),
        *("registered", "issued", "cast", "valid", "invalid", "ballots_lost", "votes_two"),
    ]
    assert returns.levels == ("region",)
    assert returns.figures == tuple(returns.table.columns[6:])
    assert [c.id for c in returns.choices] == ["two"]
    assert all(returns.table[c].dtype == pl.Int64 for c in returns.figures)


def test_a_column_of_counts_with_holes_is_refused_with_what_to_do() -> None:
    returns = built("ru-president-2018", registered=[5, None, 7], valid=[1, 2, 3])
    with pytest.raises(MissingFigures, match=r"1 of 3 rows .*\.known\('registered'\)"):
        returns.counts("registered")
    known = returns.known("registered")
    assert known.counts("registered").tolist() == [5, 7]
    assert known.counts("registered").dtype == np.int64
    assert returns.has("valid", "registered")
    assert not returns.has("valid", "issued")
    assert not returns.has("valid", "no_such_column")


def test_the_leader_is_the_choice_with_the_most_votes() -> None:
    assert built("ru-president-2018", votes_one=[5, None], votes_two=[4, 3]).leader == CHOICES[1]
    assert built("ru-president-2018", votes_one=[0], votes_two=[None]).leader is None
    assert built("ru-president-2018", valid=[3]).leader is None


ROWS = st.integers(1, 12)


@settings(max_examples=40, deadline=None)
@given(
    ROWS.flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)), st.sets(st.integers(0, n - 1))))
)
def test_gaps_follow_their_rows_through_filters(case: tuple[int, set[int], set[int]]) -> None:
    rows, kept, illegible = case
    gaps = pl.DataFrame(
        {"index": sorted(illegible), "column": "valid", "reason": "illegible"},
        schema={"index": pl.UInt32, "column": pl.String, "reason": pl.String},
    )
    table = pl.DataFrame({"station": [str(i) for i in range(rows)], "valid": list(range(rows))})
    returns = build_returns(table, election("ru-president-2018"), levels=(), gaps=gaps)
    some = returns.filter(pl.col("valid").is_in(sorted(kept)))
    assert some.table["station"].to_list() == [str(i) for i in sorted(kept)]
    of = {some.table["station"][i] for i in some.gaps["index"]}
    assert of == {str(i) for i in kept & illegible}
    assert some.gaps.schema == returns.gaps.schema
    assert some.filter(pl.lit(False)).gaps.height == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from(["1", "2", None])), max_size=12))
def test_group_codes_are_given_in_order_of_appearance(places: list[tuple[str | None, str | None]]) -> None:
    table = pl.DataFrame(
        {"region": [r for r, _ in places], "territory": [t for _, t in places], "valid": [1] * len(places)},
        schema={"region": pl.String, "territory": pl.String, "valid": pl.Int64},
    ).with_columns(station=pl.int_range(pl.len()).cast(pl.String))
    returns = build_returns(table, election("ru-president-2018"), levels=("region", "territory"))
    codes, names = returns.codes(["region", "territory"])
    seen = list(dict.fromkeys(places))
    assert codes.tolist() == [seen.index(p) for p in places]
    assert names.rows() == seen


def test_without_levels_all_rows_are_one_group() -> None:
    codes, names = built("ru-president-2018", valid=[1, 2]).codes([])
    assert codes.tolist() == [0, 0]
    assert names.width == 0


def test_a_station_is_named_by_its_place_and_its_number() -> None:
    returns = built(
        "ru-president-2018", ("region", "territory"), region=["A", "A"], territory=["T", None], valid=[1, 2]
    )
    assert returns.station_names().to_list() == ["A / T / 0", "A / 1"]
