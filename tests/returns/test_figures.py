"""Cells into counts: the fast reading of a column against a slow and obvious one, and the cases by name."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.returns.reading.figures import ILLEGIBLE, MAX_COUNT, MISSING, to_counts

Answer = tuple[int | None, str]


def slow_counts(cells: list[str | None]) -> list[Answer]:
    """Count and verdict ("count", "missing", "illegible", or why not) of each cell, one cell at a time."""
    stripped = [(c or "").strip() for c in cells]
    decimal = {mark for mark in ".," for c in stripped if only_decimal(c, mark)}
    return [slow_count(c, decimal) for c in stripped]


def only_decimal(text: str, mark: str) -> bool:
    before, found, after = text.lstrip("+-").partition(mark)
    digits = all(not part or (part.isascii() and part.isdigit()) for part in (before, after))
    grouped = len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0"
    signs = len(text) - len(text.lstrip("+-"))
    return bool(found) and digits and bool(after) and not grouped and signs <= 1


def slow_count(text: str, decimal: set[str]) -> Answer:
    if text.lower() in MISSING:
        return None, "missing"
    if text.lower() in ILLEGIBLE:
        return None, "illegible"
    signed = text.replace("−", "-", 1) if text.startswith("−") else text
    sign = -1 if signed.startswith("-") else 1
    body = signed[1:] if signed[:1] in ("-", "+") else signed
    number = digits_of(body, decimal)
    if number is None:
        return None, "fraction" if re.fullmatch(r"[0-9]*[.,][0-9]+([eE][+-]?[0-9]+)?", body, re.ASCII) else "text"
    if sign * number < 0:
        return None, "negative"
    return (number, "count") if number <= MAX_COUNT else (None, "huge")


def digits_of(body: str, decimal: set[str]) -> int | None:
    """The whole number that a text without sign stands for, if it is one."""
    if body and all(c in "0123456789" for c in body):
        return int(body)
    for marks in (".", ",", "'’", " \u00a0\u202f\u2009"):
        groups = re.split("[" + re.escape(marks) + "]", body)
        if marks[0] in decimal or len(groups) < 2 or not all(g.isascii() and g.isdigit() for g in groups):
            continue
        if 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(g) == 3 for g in groups[1:]):
            return int("".join(groups))
    whole, _, rest = body.replace(",", ".", 1).partition(".")
    if whole.isascii() and whole.isdigit() and rest and set(rest) == {"0"}:
        return int(whole)
    return None


def fast_counts(cells: list[str | None]) -> list[Answer]:
    figures = to_counts(pl.Series(cells, dtype=pl.String))
    why = dict(figures.errors.select("index", "reason").iter_rows())
    illegible = set(figures.illegible)
    return [
        (n, "count" if n is not None else why.get(i) or ("illegible" if i in illegible else "missing"))
        for i, n in enumerate(figures.counts)
    ]


CELLS = st.one_of(
    st.none(),
    st.integers(-20, 10**12).map(str),
    st.integers(0, 10**7).map(lambda n: f"{n:,}"),
    st.integers(0, 10**7).map(lambda n: f"{n:,}".replace(",", ".")),
    st.integers(0, 10**7).map(lambda n: f"{n:,}".replace(",", "\u00a0")),
    st.floats(-10, 10**6).map(lambda x: f"{x:.2f}"),
    st.integers(0, 10**5).map(lambda n: f"{n}.0"),
    st.sampled_from([*MISSING, *ILLEGIBLE]).map(str.upper),
    st.text(alphabet="0123456789.,'+- \u00a0−eE?x", max_size=9),
)


@settings(deadline=None)
@given(st.lists(CELLS, max_size=40))
def test_a_column_is_read_as_its_cells_are_one_by_one(cells: list[str | None]) -> None:
    assert fast_counts(cells) == slow_counts(cells)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        *(
            ("1234", 1234),
            (" 1234 ", 1234),
            ("+7", 7),
            ("007", 7),
            ("0", 0),
            ("-0", 0),
            ("12.0", 12),
            ("12,00", 12),
        ),
        *(("1 234", 1234), ("1\u00a0234", 1234), ("1\u202f234\u202f567", 1_234_567), ("1,234", 1234)),
        *(("1.234", 1234), ("1'234", 1234), ("1’234’567", 1_234_567), ("1234.000", 1234), ("10000000000", 10**10)),
    ],
)
def test_a_count_may_be_written_in_these_ways(cell: str, count: int) -> None:
    assert fast_counts([cell]) == [(count, "count")]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        *(("12.5", "fraction"), ("0.123", "fraction"), (".5", "fraction"), ("-1,5", "fraction")),
        *(("-5", "negative"), ("−5", "negative"), ("-1 234", "negative")),
        *(("10000000001", "huge"), ("9" * 30, "huge"), ("12 345 678 901", "huge")),
        *(("abc", "text"), ("12a", "text"), ("1e3", "text"), ("12 34", "text"), ("1,23,456", "text")),
        *(("1,234.567", "text"), ("0x10", "text"), ("1_000", "text"), ("=1+1", "text"), ("#DIV/0!", "text")),
        *(("true", "text"), ("inf", "text"), ("12 %", "text"), ("١٢", "text"), ("12.", "text")),
    ],
)
def test_what_is_no_count_is_an_error_with_its_reason(cell: str, why: str) -> None:
    assert fast_counts(["7", cell]) == [(7, "count"), (None, why)]
    errors = to_counts(pl.Series(["7", cell])).errors
    assert errors.rows() == [(1, cell, why)]


@pytest.mark.parametrize(
    "cell", ["", "  ", "-", "–", "NA", "n/a", "NaN", "null", "None", "...", "нет данных", "Н/Д"]
)
def test_missing_is_neither_zero_nor_an_error(cell: str) -> None:
    assert fast_counts([cell, "0"]) == [(None, "missing"), (0, "count")]


def test_illegible_is_not_missing() -> None:
    assert fast_counts(["?", "нрзб", ""]) == [(None, "illegible"), (None, "illegible"), (None, "missing")]


def test_a_column_decides_what_its_marks_mean() -> None:
    """ "1.234" is 1234 among whole numbers; beside "12.5" it is a fraction, and both are told."""
    assert fast_counts(["1.234", "999"]) == [(1234, "count"), (999, "count")]
    assert fast_counts(["1.234", "12.5"]) == [(None, "fraction"), (None, "fraction")]
    assert fast_counts(["1,234", "12.5"]) == [(1234, "count"), (None, "fraction")]
    assert fast_counts(["345.000", "1234.000"]) == [(345, "count"), (1234, "count")]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt8, pl.Int32, pl.UInt32, pl.Int64, pl.UInt64, pl.Int128])
def test_integers_of_any_width_are_counts(dtype: type[pl.DataType]) -> None:
    figures = to_counts(pl.Series([5, None, 0], dtype=dtype))
    assert figures.counts.dtype == pl.Int64
    assert figures.counts.to_list() == [5, None, 0]
    assert not figures.errors.height


def test_integers_out_of_range_are_errors() -> None:
    assert to_counts(pl.Series([-3, 5])).errors.rows() == [(0, "-3", "negative")]
    assert to_counts(pl.Series([2**63 + 1], dtype=pl.UInt64)).errors["reason"].to_list() == ["huge"]
    assert to_counts(pl.Series([10**10 + 1])).errors["reason"].to_list() == ["huge"]


def test_floats_are_counts_where_they_are_whole() -> None:
    figures = to_counts(pl.Series([1.0, 2.5, float("nan"), None, float("inf"), -2.0]))
    assert figures.counts.to_list() == [1, None, None, None, None, None]
    assert figures.errors.select("index", "reason").rows() == [(1, "fraction"), (4, "text"), (5, "negative")]


def test_booleans_and_dates_are_no_counts() -> None:
    assert to_counts(pl.Series([True])).errors["reason"].to_list() == ["text"]
    assert to_counts(pl.Series(["2024-03-17"]).str.to_date()).errors["reason"].to_list() == ["text"]
