"""Sums at any level against a slow loop over the rows; what is missing is not zero."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.election.election import Choice, Election
from tallyscope.election.load import load_form
from tallyscope.returns.build import build_returns
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.tally import UnknownLevel, compare, level_named, progress, tally

FORM = load_form("ru-president-2018")
ELECTION = Election("T", "Test", FORM, (Choice("one", "One"), Choice("two", "Two")))
LEVELS = ("region", "territory")


def slow_tally(returns: Returns, depth: int) -> list[dict[str, Any]]:
    """The same sums with Python's own integers, a row at a time. `depth`: levels that name a unit."""
    keys = [*returns.levels, "station"][:depth]
    units: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in returns.table.iter_rows(named=True):
        units.setdefault(tuple(row[k] for k in keys), []).append(row)
    out = []
    for unit, rows in units.items():
        ordinary = [r for r in rows if r["kind"] == "station"]
        sums: dict[str, Any] = dict(zip(keys, unit, strict=True)) | {"stations": len(ordinary)}
        for status in ("reported", "empty", "zero"):
            sums[status] = sum(r["status"] == status for r in ordinary)
        sums["pseudo"] = len(rows) - len(ordinary)
        for figure in returns.figures:
            known = [r[figure] for r in rows if r[figure] is not None]
            sums[figure] = sum(known) if known else None
        sums["turnout"] = slow_percent(rows, "cast", "registered")
        for choice in returns.choices:
            name = f"votes_{choice.id}"
            sums[f"share_{choice.id}"] = slow_percent(rows, name, returns.election.form.denominator)
        out.append(sums)
    return out


def slow_percent(rows: list[dict[str, Any]], part: str, whole: str) -> float | None:
    both = [(r[part], r[whole]) for r in rows if r[part] is not None and r[whole] is not None]
    below = sum(w for _, w in both)
    return 100 * sum(p for p, _ in both) / below if below > 0 else None


def same(fast: pl.DataFrame, slow: list[dict[str, Any]]) -> None:
    rows = fast.rows(named=True)
    assert len(rows) == len(slow)
    for a, b in zip(rows, slow, strict=True):
        assert list(a) == list(b)
        ratios = {k for k in a if k == "turnout" or k.startswith("share_")}
        assert {k: v for k, v in a.items() if k not in ratios} == {k: v for k, v in b.items() if k not in ratios}
        for k in ratios:
            assert a[k] == pytest.approx(b[k]), k


def returns_of(rows: list[dict[str, Any]]) -> Returns:
    figures = [line.role for line in FORM.lines] + ["votes_one", "votes_two"]
    schema = dict.fromkeys([*LEVELS, "station", "kind"], pl.String) | dict.fromkeys(figures, pl.Int64)
    return build_returns(pl.DataFrame(rows, schema=schema), ELECTION, levels=LEVELS)


@st.composite
def tables(draw: st.DrawFn) -> Returns:
    """Stations with holes: figures that are not known, stations without any, pseudo-stations, nameless regions."""
    count = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 4000))
    rows = []
    for i in range(draw(st.integers(1, 8))):
        row: dict[str, Any] = {
            "region": draw(st.sampled_from(["A", "B", None])),
            "territory": draw(st.sampled_from(["1", "2", None])),
            "station": str(i),
            "kind": draw(st.sampled_from(["station", "station", "pseudo"])),
        }
        empty = draw(st.booleans())
        row |= {line.role: None if empty else draw(count) for line in FORM.lines}
        row |= {"votes_one": None if empty else draw(count), "votes_two": None if empty else draw(count)}
        rows.append(row)
    return returns_of(rows)


@settings(max_examples=25, deadline=None)
@given(tables())
def test_sums_at_every_level_are_those_of_a_slow_loop(returns: Returns) -> None:
    for depth, level in enumerate(("nation", "region", "territory", "station")):
        same(tally(returns, level), slow_tally(returns, depth))


def test_sums_of_a_real_sample_are_those_of_a_slow_loop(shared_data: Path) -> None:
    whole = read(shared_data / "russia-2024-president" / "2024.csv.zip")
    part = whole.filter(pl.int_range(pl.len()) % 37 == 0)
    for depth, level in enumerate(("nation", "region", "territory", "station")):
        same(tally(part, level), slow_tally(part, depth))


def station(region: str, **figures: int | None) -> dict[str, Any]:
    return {"region": region, "territory": "1", "station": f"{region} {len(figures)}", "kind": "station", **figures}


def test_a_unit_in_which_nothing_is_known_has_no_sum() -> None:
    returns = returns_of([station("A", registered=100, valid=40, invalid=0), station("B")])
    known, unknown = tally(returns, "region").rows(named=True)
    assert (known["registered"], known["cast"], known["turnout"]) == (100, 40, 40.0)
    assert (unknown["stations"], unknown["empty"]) == (1, 1)
    assert [unknown[c] for c in ("registered", "cast", "votes_one", "turnout", "share_one")] == [None] * 5


def test_turnout_is_of_the_stations_whose_voters_and_ballots_are_both_known() -> None:
    """On election night the lists are known long before the boxes are open: turnout must not start near zero."""
    rows = [station("A", registered=100, valid=60, invalid=0), station("B", registered=900)]
    nation = tally(returns_of(rows)).row(0, named=True)
    assert nation["registered"] == 1000
    assert nation["turnout"] == 60.0


def test_a_share_of_nothing_is_not_defined() -> None:
    nation = tally(returns_of([station("A", registered=100, valid=0, invalid=0, votes_one=0)])).row(0, named=True)
    assert nation["share_one"] is None
    assert nation["turnout"] == 0.0


def test_a_line_that_is_not_on_the_form_is_unknown_at_every_level() -> None:
    returns = returns_of([station("A", valid=5, votes_one=5)])
    assert tally(returns)["registered"].to_list() == [None]
    assert tally(returns, "station")["issued"].to_list() == [None]


def test_a_table_without_rows_has_no_sums() -> None:
    returns = returns_of([station("A", valid=5)]).filter(pl.col("region") == "B")
    assert tally(returns, "region").height == 0
    nation = tally(returns).row(0, named=True)
    assert (nation["stations"], nation["valid"], nation["turnout"]) == (0, None, None)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        *(("nation", "nation"), ("national", "nation"), ("Country", "nation"), ("station", "station")),
        *(("region", "region"), ("Регион", "region"), ("tik", "territory"), (" ТИК ", "territory")),
        *(("Territorial commission", "territory"), ("territory", "territory")),
    ],
)
def test_a_level_may_be_named_by_its_name_its_title_or_its_header(said: str, level: str) -> None:
    assert level_named(returns_of([station("A", valid=5)]), said) == level


def test_an_unknown_level_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownLevel, match="nation, region, territory, station"):
        tally(returns_of([station("A", valid=5)]), "precinct")


def test_a_level_called_country_is_a_level_where_the_file_has_it() -> None:
    table = pl.DataFrame({"country": ["Alemania", "Bolivia"], "station": ["1", "2"], "valid": [1, 2]})
    returns = build_returns(table, ELECTION, levels=("country",))
    assert tally(returns, "country")["valid"].to_list() == [1, 2]
    assert tally(returns, "nation")["valid"].to_list() == [3]


def test_progress_counts_protocols_in_integers() -> None:
    rows = [
        station("A", valid=5, invalid=0),
        station("B", valid=0, invalid=0),
        station("C"),
        station("D", valid=9, invalid=0) | {"kind": "pseudo"},
    ]
    done = progress(returns_of(rows))
    assert (done.listed, done.processed, done.empty, done.zero, done.pseudo) == (3, 2, 1, 1, 1)
    assert (done.announced, done.of) == (None, 3)
    assert done.percent == pytest.approx(200 / 3)
    announced = replace(returns_of(rows), election=replace(ELECTION, stations=40))
    assert (progress(announced).of, progress(announced).percent) == (40, 5.0)


def test_progress_of_nothing_has_no_percentage() -> None:
    assert progress(returns_of([station("A")]).filter(pl.lit(False))).percent is None


def test_without_official_totals_there_is_nothing_to_compare() -> None:
    empty = compare(returns_of([station("A", valid=5)]))
    assert (empty.height, empty.columns) == (0, ["what", "counted", "official", "difference"])
