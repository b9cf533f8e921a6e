"""CSV for spreadsheets: no cell is a formula, no number is changed."""

from __future__ import annotations

import csv

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.returns.writers import neutralised, safe_csv


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(mark):
    frame = pl.DataFrame({"name": [f"{mark}cmd()", "plain", None], f"{mark}head": [-1, 2, 3]})
    out = neutralised(frame)
    assert out["name"].to_list() == [f"'{mark}cmd()", "plain", None]
    assert out.columns == ["name", f"'{mark}head"]


def test_numbers_are_untouched(tmp_path):
    path = safe_csv(pl.DataFrame({"n": [-5, 3], "x": [-0.5, 2.5]}), tmp_path / "t.csv")
    assert path.read_text() == "n,x\n-5,-0.5\n3,2.5\n"


@given(
    st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1), min_size=1)
)
def test_no_cell_is_a_formula_and_no_text_is_lost(texts):
    out = neutralised(pl.DataFrame({"a": texts}))["a"].to_list()
    for before, after in zip(texts, out, strict=True):
        assert after in (before, f"'{before}")
        assert not after.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_written_file_comes_back_cell_by_cell(tmp_path):
    names = ['=HYPERLINK("x")', 'a,"b"\nc', "Республика"]
    safe_csv(pl.DataFrame({"name": names}), tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["name", "'" + names[0], *names[1:]]
