"""When a protocol came in and whether a machine counted it: read, refused with file and row, or null."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_files import csv_bytes, header, protocols, xlsx_bytes
from tallyscope.returns.inference import infer
from tallyscope.returns.mapping import ColumnMapping
from tallyscope.returns.mapping_file import read_mapping, write_mapping
from tallyscope.returns.problems import ReadError
from tallyscope.returns.reading.attributes import to_flags, to_times
from tallyscope.returns.reading.read import read

AT = datetime(2021, 9, 19, 22, 7, 31)
#: The same moment as files write it.
WRITTEN = (
    "2021-09-19T22:07:31",
    "2021-09-19 22:07:31",
    "2021-09-19T22:07:31Z",
    "2021-09-19T22:07:31.000000",
    "2021-09-20T01:07:31+03:00",
    "2021-09-20T01:07:31+0300",
    "2021-09-19T18:37:31-03:30",
    "2021/9/19 22:07:31",
    "2021 9 19 22 7 31",
    "19.09.2021 22:07:31",
    "19/09/2021 22:07:31",
    "9/19/2021 22:07:31",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_moment_is_read_in_every_way_it_is_written(text: str) -> None:
    read = to_times(pl.Series([text, None, "n/a"]))
    assert read.values.to_list() == [AT, None, None]
    assert read.errors.height == 0


@settings(deadline=None)
@given(
    st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)) | st.none(), min_size=1), st.integers(-14, 14)
)
def test_times_with_and_without_an_offset_are_the_same_moment(times: list[datetime | None], hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    whole = [t and t.replace(microsecond=0) for t in times]
    plain = to_times(pl.Series([t and t.isoformat() for t in whole], dtype=pl.String))
    away = [t and t.replace(tzinfo=UTC).astimezone(zone).isoformat() for t in whole]
    assert plain.values.to_list() == whole
    assert to_times(pl.Series(away, dtype=pl.String)).values.to_list() == whole


def test_times_of_a_place_become_utc_and_an_offset_in_the_cell_goes_before() -> None:
    cells = pl.Series(["2021-09-20T01:07:31", "20.09.2021 01:07:31", "2021-09-19T22:07:31Z"])
    assert to_times(cells, "Europe/Moscow").values.to_list() == [AT, AT, AT]


@pytest.mark.parametrize(
    "text", ["2021-13-40T10:00:00", "soon", "2021-09-19T25:00:00", "30.02.2021 10:00", "22:07"]
)
def test_what_is_no_time_is_an_error_and_null(text: str) -> None:
    read = to_times(pl.Series(["2021-09-19T22:07:31", text]))
    assert read.values.to_list() == [AT, None]
    assert read.errors.rows() == [(1, text, "time")]


def test_days_and_months_that_no_cell_tells_apart_are_an_error() -> None:
    assert to_times(pl.Series(["10/7/2018 20:00"])).errors["reason"].to_list() == ["order"]
    assert to_times(pl.Series(["10/7/2018 20:00", "13/7/2018 20:00"])).values[0] == datetime(2018, 7, 10, 20)
    assert to_times(pl.Series(["10/7/2018 20:00", "7/13/2018 20:00"])).values[0] == datetime(2018, 10, 7, 20)


def test_flags_are_read_in_many_languages_and_a_russian_no_is_no_gap() -> None:
    cells = ["True", "false", "1", "0", None, "да", "нет", "sí", "-", "perhaps"]
    read = to_flags(pl.Series(cells))
    assert read.values.to_list() == [True, False, True, False, None, True, False, True, None, None]
    assert read.errors.rows() == [(9, "perhaps", "flag")]


def with_attributes(arrived: list[str], scanner: list[str]) -> bytes:
    rows = [[*row, a, s] for row, a, s in zip(protocols(len(arrived)), arrived, scanner, strict=True)]
    return csv_bytes(rows, [*header(), "arrived", "scanner"])


def test_every_form_knows_the_two_attributes_by_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(
        with_attributes(["2021-09-19T22:07:31", "", "2021-09-20 01:00"], ["1", "", "0"])
    )
    table = read(tmp_path / "a.csv").table
    assert table.columns[7:9] == ["arrived", "scanner"]
    assert table.schema["arrived"] == pl.Datetime("us")
    assert table["arrived"].to_list() == [AT, None, datetime(2021, 9, 20, 1)]
    assert table["scanner"].to_list() == [True, None, False]


def test_a_file_without_attributes_has_no_such_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_bytes(protocols(3)))
    assert not {"arrived", "scanner"} & set(read(tmp_path / "a.csv").table.columns)


def test_bad_times_and_flags_are_told_together_by_file_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(with_attributes(["soon", "2021-09-19T22:07:31", ""], ["yes", "perhaps", ""]))
    with pytest.raises(ReadError) as caught:
        read(tmp_path / "a.csv")
    told = {(p.file, p.row, p.column) for p in caught.value.problems}
    assert told == {("a.csv", 2, "arrived"), ("a.csv", 3, "scanner")}
    assert "'soon' is not a date and time" in str(caught.value)


def test_times_come_back_from_a_written_table_a_workbook_and_parquet_with_a_zone(tmp_path: Path) -> None:
    rows = [[*row, AT.isoformat(" "), "yes"] for row in protocols(3)]
    above = csv_bytes(rows, [*header(), "arrived", "scanner"])
    (tmp_path / "a.csv").write_bytes(above)
    first = read(tmp_path / "a.csv").table
    frame = pl.read_csv(io.BytesIO(above), infer_schema_length=None)
    moment = pl.lit(AT).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Moscow")
    frame.with_columns(moment.alias("arrived"), scanner=True).write_parquet(tmp_path / "b.parquet")
    assert read(tmp_path / "b.parquet").table.equals(first)
    assert first["arrived"].to_list() == [AT] * 3


def test_a_workbook_without_attributes_is_read_as_before(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(xlsx_bytes(protocols(3)))
    assert "arrived" not in read(tmp_path / "a.xlsx").table.columns


def test_a_mapping_joins_the_parts_of_a_time_and_knows_its_zone(tmp_path: Path) -> None:
    rows = [["7", "55", "45", 2018, 7, 1, 20, 19, 47, "si"], ["8", "60", "40", 2018, 7, 1, 21, 5, 9, "no"]]
    head = ["n", "a", "b", "ANIO", "MES", "DIA", "HORA", "MINUTOS", "SEGUNDOS", "maquina"]
    (tmp_path / "a.csv").write_bytes(csv_bytes(rows, head))
    columns = {"n": "station", "a": "choice:a", "b": "choice:b", "maquina": "scanner"}
    columns |= dict.fromkeys(head[3:9], "arrived:America/Mexico_City")
    table = read(tmp_path / "a.csv", mapping=ColumnMapping(columns)).table
    assert table["arrived"].to_list() == [datetime(2018, 7, 2, 1, 19, 47), datetime(2018, 7, 2, 2, 5, 9)]
    assert table["scanner"].to_list() == [True, False]


def test_turkish_boxes_carry_the_time_of_their_last_update(shared_data: Path) -> None:
    """README: 5 % by 14:43, median 16:17, 95 % by 18:07, the last on 25 April, all UTC; polls closed at 14:00."""
    table = read(shared_data / "turkey-2017-referendum" / "boxes.csv.gz").table
    times = table.filter(pl.col("kind") == "station")["arrived"]
    for q, (hour, minute) in {0.05: (14, 43), 0.5: (16, 17), 0.95: (18, 7)}.items():
        at = times.quantile(q, "nearest")
        assert isinstance(at, datetime)
        assert abs(at - datetime(2017, 4, 16, hour, minute)) < timedelta(minutes=1)
    latest = times.max()
    assert isinstance(latest, datetime)
    assert latest.date() == date(2017, 4, 25)
    assert times.null_count() == 0


def unknown_file(arrived: list[str | None], **more: list[object]) -> pl.DataFrame:
    """A table of no known form, with one column of times and what else is given."""
    n = len(arrived)
    a, b = [100 + 7 * i for i in range(n)], [80 + 5 * i for i in range(n)]
    return pl.DataFrame(
        {
            "region": ["North", "South"] * (n // 2),
            "polling station": [f"S{i}" for i in range(n)],
            "registered voters": [400 + 20 * i for i in range(n)],
            "valid votes": [x + y for x, y in zip(a, b, strict=True)],
            "Anna Alder": a,
            "Boris Birch": b,
            "Timestamp": arrived,
            **more,
        }
    )


TIMES = [f"2030-05-05T22:{i:02d}:31" for i in range(40)]


def test_a_column_of_times_under_a_header_of_arrival_is_recognised_in_an_unknown_file() -> None:
    inferred = infer(unknown_file([*TIMES[:-1], None], scanned=["yes", "no"] * 20))
    assert inferred.of("Timestamp").target == "arrived"
    assert inferred.of("scanned").target == "scanner"
    assert read_mapping(write_mapping(inferred)).columns["Timestamp"] == "arrived"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("born", TIMES),  # times, but of something else
        ("Timestamp", ["2030-05-05"] * 40),  # days only
        ("Timestamp", [*TIMES[:-1], "later"]),
        ("Timestamp", [TIMES[0]] * 40),  # one moment says nothing
    ],
)
def test_what_is_not_surely_a_time_of_arrival_is_left_to_a_person(header: str, cells: list[str | None]) -> None:
    inferred = infer(unknown_file(cells).rename({"Timestamp": header} if header != "Timestamp" else {}))
    assert inferred.of(header).target == "ignore"


def test_two_columns_that_could_both_be_arrival_are_left_to_a_person() -> None:
    inferred = infer(unknown_file(list(TIMES), received=list(TIMES)))
    assert {inferred.of(h).target for h in ("Timestamp", "received")} == {"ignore"}


def test_flags_of_noughts_and_ones_are_recognised_by_their_header_only() -> None:
    inferred = infer(unknown_file(list(TIMES), koib=[0, 1] * 20, flag=[1, 0] * 20))
    assert inferred.of("koib").target == "scanner"
    assert inferred.of("flag").target != "scanner"
