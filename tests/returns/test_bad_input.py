"""Bad input: a message with file, row and column, everything at once, and nothing else than a ReadError.

A row is the one a person sees when she opens the file in a spreadsheet.
"""

from __future__ import annotations

import gzip
import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from made_files import ELECTION, Row, csv_bytes, gz_bytes, header, parquet_bytes, protocols, xlsx_bytes, zip_bytes
from tallyscope.election.load import UnknownElection, load_election
from tallyscope.returns.problems import Problem, ReadError
from tallyscope.returns.reading import container, text
from tallyscope.returns.reading.read import read

ROWS = protocols()
PUTIN = header().index("Путин Владимир Владимирович")
REGISTERED = "Число избирателей, включенных в список избирателей"


def problems_of(*paths: Path) -> tuple[Problem, ...]:
    """What is wrong with these files."""
    with pytest.raises(ReadError) as caught:
        read(*paths)
    assert str(caught.value)
    return caught.value.problems


def problems_in(folder: Path, name: str, data: bytes) -> tuple[Problem, ...]:
    path = folder / name
    path.write_bytes(data)
    return problems_of(path)


def places(problems: tuple[Problem, ...]) -> list[tuple[str, int | None, str | None]]:
    return [(p.file, p.row, p.column) for p in problems]


def changed(row: int, column: int, value: object, stations: int = 8) -> list[Row]:
    """Valid protocols with one cell changed; `row`: as a person sees it, the header being row 1."""
    rows = protocols(stations)
    rows[row - 2][column] = value
    return rows


# Files that cannot be opened, or hold no table.


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "nothing.csv")
    assert "nothing.csv" in problem.file
    assert "No such file" in problem.text


def test_a_folder(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)
    assert "is a folder" in problem.text


def test_a_path_with_a_nul_in_it() -> None:
    (problem,) = problems_of(Path("a\0b.csv"))
    assert "cannot be opened" in problem.text


def test_no_file_at_all() -> None:
    (problem,) = problems_of()
    assert "no file was given" in problem.text


def test_an_empty_file(tmp_path: Path) -> None:
    for name, data in (("a.csv", b""), ("a.csv.gz", gz_bytes(b"")), ("a.csv.zip", zip_bytes(("a.csv", b"")))):
        (problem,) = problems_in(tmp_path, name, data)
        assert (problem.file, problem.text) == (name, "is empty.")


def test_a_file_of_blank_lines(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "a.csv", b"\n\n  \n")
    assert "no header row" in problem.text


def test_a_header_and_nothing_below(tmp_path: Path) -> None:
    blank = [""] * len(header())
    for data in (csv_bytes([]), csv_bytes([]).strip(), csv_bytes([blank, blank])):
        (problem,) = problems_in(tmp_path, "a.csv", data)
        assert problem.text == "has a header but no rows."
    (problem,) = problems_in(tmp_path, "a.xlsx", xlsx_bytes([]))
    assert problem.text == "has a header but no rows."
    (problem,) = problems_in(tmp_path, "a.parquet", parquet_bytes([]))
    assert problem.text == "has a header but no rows."


def test_a_truncated_zip(tmp_path: Path) -> None:
    whole = zip_bytes(("a.csv", csv_bytes(ROWS)))
    for cut in (len(whole) // 3, len(whole) - 10, 100, 30):
        (problem,) = problems_in(tmp_path, "a.csv.zip", whole[:cut])
        assert problem.file == "a.csv.zip"
        assert "cannot be unpacked" in problem.text
        assert "download it again" in problem.hint


def test_a_truncated_gzip(tmp_path: Path) -> None:
    whole = gz_bytes(csv_bytes(ROWS))
    for cut in (len(whole) // 2, len(whole) - 4, 12):
        (problem,) = problems_in(tmp_path, "a.csv.gz", whole[:cut])
        assert problem.file == "a.csv.gz"
        assert "cannot be unpacked" in problem.text


def test_a_zip_protected_by_a_password(tmp_path: Path) -> None:
    data = bytearray(zip_bytes(("a.csv", csv_bytes(ROWS))))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    (problem,) = problems_in(tmp_path, "a.csv.zip", bytes(data))
    assert "protected by a password" in problem.text


def test_a_zip_packed_in_an_unknown_way(tmp_path: Path) -> None:
    data = bytearray(zip_bytes(("a.csv", csv_bytes(ROWS))))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 97)
    (problem,) = problems_in(tmp_path, "a.csv.zip", bytes(data))
    assert "packed in a way that cannot be read" in problem.text


def test_a_zip_without_a_table(tmp_path: Path) -> None:
    for members in ([("a.txt/", b"")], [("photo.jpg", b"\xff\xd8\xff")], []):
        (problem,) = problems_in(tmp_path, "a.zip", zip_bytes(*members))
        assert "holds no table" in problem.text


@pytest.mark.parametrize(
    ("start", "said"),
    [
        *((b"%PDF-1.4 ", "a PDF"), (b"\x89PNG\r\n", "a picture"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive")),
        *((b"Rar!\x1a\x07", "a RAR archive"), (b"BZh91AY", "a bzip2 archive"), (b"\xfd7zXZ\0", "an xz archive")),
        *((b"\n <!DOCTYPE html><html>", "a web page"), (b"<html lang=ru>", "a web page")),
    ],
)
def test_something_else_than_a_table(start: bytes, said: str, tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "results.csv", start + bytes(range(256)))
    assert said in problem.text


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    named = {"text.xlsx": csv_bytes(ROWS), "zip.xlsx": zip_bytes(("a.txt", b"x")), "noise.xls": bytes(range(256))}
    for name, data in named.items():
        (problem,) = problems_in(tmp_path, name, data)
        assert problem.file.startswith(name)


def test_a_workbook_protected_by_a_password(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "protected by a password" in problem.text


def test_a_workbook_cut_short(tmp_path: Path) -> None:
    whole = xlsx_bytes(ROWS)
    (problem,) = problems_in(tmp_path, "a.xlsx", whole[: len(whole) // 2])
    assert "a.xlsx" in problem.file


def test_a_parquet_file_cut_short(tmp_path: Path) -> None:
    whole = parquet_bytes(ROWS)
    for data in (whole[: len(whole) // 2], whole[:8], b"PAR1"):
        (problem,) = problems_in(tmp_path, "a.parquet", data)
        assert "not a readable Parquet file" in problem.text


# Files that would fill the memory.


def zeros_in_a_zip(size: int) -> bytes:
    """A zip of a CSV of so many zeros, written as a stream."""
    out, chunk = io.BytesIO(), bytes(1 << 20)
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(size >> 20):
            member.write(chunk)
    return out.getvalue()


@pytest.fixture(scope="module")
def bomb() -> bytes:
    return zeros_in_a_zip(1 << 30)


def test_a_zip_bomb_of_a_gigabyte_is_refused_at_once_and_in_little_memory(bomb: bytes, tmp_path: Path) -> None:
    (tmp_path / "bomb.csv.zip").write_bytes(bomb)
    assert len(bomb) < 6 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    (problem,) = problems_of(tmp_path / "bomb.csv.zip")
    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
    assert "would unfold to 1,073,741,824 bytes" in problem.text


def test_a_zip_bomb_that_lies_about_its_size_is_refused_while_it_unfolds(bomb: bytes, tmp_path: Path) -> None:
    lying = bytearray(bomb)
    entry = lying.rindex(b"PK\x01\x02")
    assert lying[entry + 24 : entry + 28] == struct.pack("<I", 1 << 30)
    lying[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    start = time.process_time()
    (problem,) = problems_in(tmp_path, "bomb.csv.zip", bytes(lying))
    assert time.process_time() - start < 2
    assert "bomb.csv" in problem.file


def test_a_gzip_bomb_is_refused_while_it_unfolds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The last four bytes of a gzip file say its size; they are not believed."""
    monkeypatch.setattr(container, "FREE_BYTES", 1 << 20)
    data = bytearray(gzip.compress(bytes(8 << 20)))
    data[-4:] = struct.pack("<I", 1000)
    (problem,) = problems_in(tmp_path, "a.csv.gz", bytes(data))
    assert "unfolds to more than" in problem.text


def test_a_workbook_bomb_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(container, "FREE_BYTES", 1 << 20)
    data = zip_bytes(("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", bytes(8 << 20)))
    (problem,) = problems_in(tmp_path, "a.xlsx", data)
    assert "unfold" in problem.text


def test_a_parquet_bomb_is_refused(tmp_path: Path) -> None:
    """Half a million equal rows take a few kilobytes in a file."""
    columns = {h: pl.repeat("x" if i < 3 else 0, 500_000, eager=True) for i, h in enumerate(header())}
    path = tmp_path / "a.parquet"
    pl.DataFrame(columns).write_parquet(path)
    assert path.stat().st_size < 100_000
    (problem,) = problems_of(path)
    assert "would unfold to 500,000 rows" in problem.text


def test_a_stray_cell_in_the_last_corner_of_a_sheet_does_not_end_the_program(tmp_path: Path) -> None:
    """Its rectangle has 17 thousand million cells."""
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "region")
    sheet.write(1_048_575, 16_383, 1)
    book.close()
    (problem,) = problems_of(path)
    assert "more memory than results can need" in problem.text
    assert "stray cell" in problem.hint


def test_an_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(text, "MAX_LINE", 10_000)
    (problem,) = problems_in(tmp_path, "a.csv", b"x" * 100_000)
    assert (problem.text, problem.row) == ("has a first line longer than 10,000 bytes.", 1)


def test_more_columns_than_any_ballot_paper_needs(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "a.csv", b"a," * 200_000 + b"\n")
    assert "200,001 columns" in problem.text


# Tables that are damaged.


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    for name in (REGISTERED, "Путин Владимир Владимирович"):
        at = header().index(name)
        rows = [row[:at] + row[at + 1 :] for row in ROWS]
        data = csv_bytes(rows, [h for h in header() if h != name])
        (problem,) = problems_in(tmp_path, "a.csv", data)
        assert problem.column == name
        assert "is missing" in problem.text
        assert "tallyscope inspect" in problem.hint


def test_a_missing_column_of_stations_is_told_where_rows_repeat_without_it(tmp_path: Path) -> None:
    data = csv_bytes([row[:2] + row[3:] for row in ROWS], [h for h in header() if h != "uik"])
    (problem,) = problems_in(tmp_path, "a.csv", data)
    assert problem.column == "uik"
    assert "is missing" in problem.text


def test_a_file_that_is_not_of_the_election_it_is_read_as(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([[1, 2, 3]], ["x", "y", "z"]))
    with pytest.raises(ReadError) as caught:
        read(path, election=ELECTION.id)
    assert [p.column for p in caught.value.problems] == header()[3:]
    with pytest.raises(UnknownElection, match="RU-PRES-2018"):
        read(path, election="RU-PRES-2030")


def test_a_missing_level_is_noticed(tmp_path: Path) -> None:
    """A file of one region may leave its name out; nothing is wrong with it, but it is said."""
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([row[1:] for row in ROWS], header()[1:]))
    assert read(path).notices == ("a.csv has no column 'region': nothing is told by region.",)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *(("много", "'много' is not a number."), ("12a", "'12a' is not a number.")),
        *((-5, "'-5' is negative."), ("12.5", "'12.5' is not a whole number."), ("0,5", "'0,5' is not a whole")),
        *((10**11, "is more than ten thousand million."), ("#ДЕЛ/0!", "'#ДЕЛ/0!' is not a number.")),
        ("=1+1", "'=1+1' is not a number."),
        ("<b>5</b>", "'<b>5</b>' is not a number."),
    ],
)
def test_a_cell_that_is_no_count_is_named_by_row_and_column(value: object, said: str, tmp_path: Path) -> None:
    rows = changed(6, PUTIN, value)
    for name, data in (("a.csv", csv_bytes(rows)), ("a.csv.gz", gz_bytes(csv_bytes(rows)))):
        (problem,) = problems_in(tmp_path, name, data)
        assert places((problem,)) == [(name, 6, "Путин Владимир Владимирович")]
        assert said in problem.text
        assert problem.hint


def test_cells_of_a_workbook_are_named_by_their_row_in_the_sheet(tmp_path: Path) -> None:
    rows: list[Row] = [[], *changed(6, PUTIN, "много")]
    rows[3][7] = 12.5
    found = problems_in(tmp_path, "a.xlsx", xlsx_bytes(rows, [["Сводная таблица"], []]))
    assert places(found) == [("a.xlsx", 7, header()[7]), ("a.xlsx", 9, header()[PUTIN])]


def test_a_cell_that_shows_an_error_is_no_missing_figure(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Empty")
    sheet = book.add_worksheet("Results")
    for number, row in enumerate([header(), *ROWS]):
        sheet.write_row(number + 2, 1, row)
    sheet.write_formula(6, 1 + PUTIN, "=1/0", None, "#DIV/0!")
    book.close()
    (problem,) = problems_of(path)
    assert places((problem,)) == [("a.xlsx", 7, header()[PUTIN])]
    assert "'#DIV/0!' is not a number" in problem.text


def test_cells_of_a_parquet_file_are_named_as_if_it_had_a_header(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "a.parquet", parquet_bytes(changed(4, PUTIN, -1)))
    assert places((problem,)) == [("a.parquet", 4, header()[PUTIN])]


def test_columns_of_a_parquet_file_that_hold_no_figures_are_named(tmp_path: Path) -> None:
    frame = pl.read_parquet(io.BytesIO(parquet_bytes(ROWS)))
    listed = frame.with_columns(pl.concat_list(header()[PUTIN]).alias(header()[PUTIN]))
    listed.write_parquet(tmp_path / "a.parquet")
    (problem,) = problems_of(tmp_path / "a.parquet")
    assert problem.column == header()[PUTIN]
    assert "List" in problem.text


def test_rows_are_counted_past_quoted_line_ends_and_blank_rows(tmp_path: Path) -> None:
    rows = changed(7, PUTIN, "x")
    rows[1][1] = "1\nАдыгейская\n"
    rows.insert(3, [])
    found = problems_in(tmp_path, "a.csv", b"\xef\xbb\xbf" + csv_bytes([header(), *rows], ["Сводная"], ends="\r\n"))
    assert places(found) == [("a.csv", 9, header()[PUTIN])]


def test_many_bad_cells_of_a_column_are_counted_not_listed(tmp_path: Path) -> None:
    rows = protocols(90)
    for row in rows:
        row[PUTIN] = "x"
    found = problems_in(tmp_path, "a.csv", csv_bytes(rows))
    assert len(found) == 21
    assert "and 70 more cells of column" in found[-1].text


def test_a_row_with_too_many_or_too_few_cells(tmp_path: Path) -> None:
    rows = [*ROWS]
    rows[2] = [*rows[2], 5]
    rows[4] = rows[4][:-1]
    rows[5] = rows[5][:1]
    found = problems_in(tmp_path, "a.csv", csv_bytes(rows))
    width = len(header())
    assert [p.row for p in found] == [4, 6, 7]
    assert [f"has {n} cells where the header has {width}." for n in (width + 1, width - 1, 1)] == [
        p.text for p in found
    ]


def test_a_comma_in_a_name_that_is_not_quoted_shifts_nothing_silently(tmp_path: Path) -> None:
    """Even if every figure after it still is one, and the columns behind them are not used."""
    data = csv_bytes([[*row, "http://example.org"] for row in ROWS], [*header(), "url"])
    lines = data.split(b"\n")
    lines[3] = lines[3].replace(b",3,", b",3,3,", 1)
    (problem,) = problems_in(tmp_path, "a.csv", b"\n".join(lines))
    assert (problem.row, "cells where the header has" in problem.text) == (4, True)


def test_a_quotation_mark_that_is_not_closed(tmp_path: Path) -> None:
    lines = csv_bytes(ROWS).split(b"\n")
    lines[4] = b'"' + lines[4]
    found = problems_in(tmp_path, "a.csv", b"\n".join(lines))
    assert found[0].row == 5


@pytest.mark.parametrize("name", ['"Школа "Радуга" №5"', '"Школа "Радуга", №5"', '"5 ""Б"""'])
def test_quotation_marks_inside_a_name_shift_no_figure(name: str, tmp_path: Path) -> None:
    lines = csv_bytes(ROWS).split(b"\n")
    lines[4] = name.encode() + lines[4][lines[4].index(b",") :]
    path = tmp_path / "a.csv"
    path.write_bytes(b"\n".join(lines))
    table = read(path).table
    assert table["votes_putin"].to_list() == [row[PUTIN] for row in ROWS]
    assert table["region"][3].replace('"', "") == name.replace('"', "")


def test_nul_characters(tmp_path: Path) -> None:
    lines = csv_bytes(ROWS).split(b"\n")
    for at, row in ((5, lines[5].replace(b",", b",\0", 1)), (6, lines[6] + b"\0")):
        lines[at] = row
    found = problems_in(tmp_path, "a.csv", b"\n".join(lines))
    assert [p.row for p in found] == [6, 7]
    assert all("NUL" in p.text for p in found)
    (problem,) = problems_in(tmp_path, "b.csv", bytes(5000))
    assert "NUL" in problem.text


def test_mixed_encodings_are_told_row_by_row(tmp_path: Path) -> None:
    lines = csv_bytes(ROWS).split(b"\n")
    lines[3] = lines[3].decode().encode("cp1251")
    lines[6] = lines[6].decode().encode("cp1251")
    found = problems_in(tmp_path, "a.csv", b"\n".join(lines))
    assert [p.row for p in found] == [4, 7]
    assert all("mixes encodings" in p.hint for p in found)


def test_of_mixed_encodings_the_rarer_is_told(tmp_path: Path) -> None:
    lines = csv_bytes(ROWS, encoding="cp1251").split(b"\n")
    lines[3] = lines[3].decode("cp1251").encode()
    (problem,) = problems_in(tmp_path, "a.csv", b"\n".join(lines))
    assert (problem.row, "is UTF-8 although other rows are not" in problem.text) == (4, True)


def test_utf16_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "a.csv", csv_bytes(ROWS, encoding="utf-16")[:-1])
    assert "UTF-16 cut short" in problem.text


# Rows that are not what they should be.


def test_a_station_that_appears_twice(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "a.csv", csv_bytes([*ROWS, changed(4, PUTIN, 12)[2]]))
    assert places((problem,)) == [("a.csv", 10, "uik")]
    assert "is also in row 4." in problem.text
    assert "1 Адыгейская / 3" in problem.text


def test_a_station_of_two_files_is_named_with_both(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_bytes(ROWS[:4]))
    (tmp_path / "b.csv").write_bytes(csv_bytes(ROWS[3:]))
    (problem,) = problems_of(tmp_path / "a.csv", tmp_path / "b.csv")
    assert places((problem,)) == [("b.csv", 2, "uik")]
    assert "is also in row 5 of a.csv." in problem.text


def test_the_same_file_twice(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_bytes(ROWS))
    (tmp_path / "b.csv").write_bytes(csv_bytes(ROWS))
    for second in ("a.csv", "b.csv"):
        (problem,) = problems_of(tmp_path / "a.csv", tmp_path / second)
        assert problem.file.endswith(second)
        assert "same content" in problem.text


def test_two_files_of_different_elections(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_bytes(ROWS))
    head = header(load_election("RU-PRES-2024"))
    (tmp_path / "b.csv").write_bytes(csv_bytes([row[: len(head)] for row in ROWS], head))
    (problem,) = problems_of(tmp_path / "a.csv", tmp_path / "b.csv")
    assert problem.file == "b.csv"
    assert ELECTION.title in problem.text
    assert "2024" in problem.text


def total_row(rows: list[Row], *names: str) -> Row:
    sums = [sum(int(str(row[i])) for row in rows) for i in range(3, len(header()))]
    return [*names, *sums]


def test_a_national_total_at_the_end(tmp_path: Path) -> None:
    for names in (("Итого", "", ""), ("", "", ""), ("Россия", "Всего", "0")):
        (problem, *_) = problems_in(tmp_path, "a.csv", csv_bytes([*ROWS, total_row(ROWS, *names)]))
        assert problem.row == 10
        assert "the sum of" in problem.text
        assert "--drop-totals" in problem.hint


def test_totals_of_the_regions(tmp_path: Path) -> None:
    rows = [*ROWS[:6], total_row(ROWS[:6], str(ROWS[0][0]), "Всего", ""), *ROWS[6:]]
    rows = [*rows, total_row(ROWS[6:], str(ROWS[7][0]), "Всего", ""), total_row(ROWS, "Итого", "", "")]
    found = problems_in(tmp_path, "a.csv", csv_bytes(rows))
    assert {p.row for p in found} == {8, 11, 12}
    path = tmp_path / "a.csv"
    returns = read(path, totals="drop")
    assert returns.table["row"].to_list() == [2, 3, 4, 5, 6, 7, 9, 10]
    assert any("3 rows" in notice for notice in returns.notices)


def test_a_printed_total_that_is_a_little_off_is_a_total_all_the_same(tmp_path: Path) -> None:
    """Annulled stations, and slips, make printed totals differ; counted as a station it would double everything."""
    national = total_row(ROWS, "Россия", "Всего", "0")
    national[PUTIN] = int(str(national[PUTIN])) + 31
    regional = total_row(ROWS[:6], str(ROWS[0][0]), "Всего", "0")
    regional[3] = int(str(regional[3])) - 8
    found = problems_in(tmp_path, "a.csv", csv_bytes([*ROWS[:6], regional, *ROWS[6:], national]))
    assert [p.row for p in found] == [8, 11]
    assert "'registered' is -8 off" in found[0].text
    assert "'votes_putin' is +31 off" in found[1].text
    returns = read(tmp_path / "a.csv", totals="drop")
    assert len(returns) == len(ROWS)
    assert [n for n in returns.notices if "+31 off" in n]


def test_a_village_called_totali_is_a_village(tmp_path: Path) -> None:
    """There is one in Turkey; its box is far smaller than the other boxes of its district together."""
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(changed(5, 1, "Totali köyü")))
    assert len(read(path)) == len(ROWS)


def test_figures_without_a_station(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, "a.csv", csv_bytes(changed(5, 2, " ")))
    assert places((problem,)) == [("a.csv", 5, "uik")]
    assert "no polling station" in problem.text


@pytest.mark.parametrize(
    "name",
    [
        *("=cmd()", "=cmd|' /C calc'!A0", " =1+1", "+SUM(A1)", "-SUM(A1)", "@SUM(A1)", "+cmd|' /C calc'!A0"),
        "\t=HYPERLINK(1)",
    ],
)
def test_a_name_that_a_spreadsheet_would_run(name: str, tmp_path: Path) -> None:
    for column, level in ((0, "region"), (1, "tik"), (2, "uik")):
        (problem,) = problems_in(tmp_path, "a.csv", csv_bytes(changed(5, column, name)))
        assert places((problem,)) == [("a.csv", 5, level)]
        assert "begins like a formula" in problem.text


@pytest.mark.parametrize("name", ["- без названия (временная)", "+7", "-1", "@home", "№ 5 (=12)", "+ (новая)"])
def test_a_name_that_only_looks_odd_is_harmless(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(changed(5, 2, name)))
    assert read(path).table["station"][3] == name


# Everything at once.


def test_all_kinds_of_errors_of_a_file_are_told_in_one_go(tmp_path: Path) -> None:
    rows = protocols(12)
    rows[1][PUTIN] = "много"
    rows[2][5] = -7
    rows[3][6] = "12.5"
    rows[4][0] = "=cmd()"
    rows[5][2] = ""
    rows[7][2] = rows[6][2]
    rows[7][1] = rows[6][1]
    rows[9][8] = 10**12
    found = problems_in(tmp_path, "a.csv", csv_bytes(rows))
    columns = header()
    assert set(places(found)) == {
        ("a.csv", 3, columns[PUTIN]),
        ("a.csv", 4, columns[5]),
        ("a.csv", 5, columns[6]),
        ("a.csv", 6, "region"),
        ("a.csv", 7, "uik"),
        ("a.csv", 9, "uik"),
        ("a.csv", 11, columns[8]),
    }


def test_errors_of_all_files_are_told_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_bytes(changed(3, PUTIN, "x", 4)[:4]))
    (tmp_path / "b.csv.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "c.csv").write_bytes(csv_bytes([row[:-1] for row in ROWS[4:6]], header()[:-1]))
    found = problems_of(tmp_path / "a.csv", tmp_path / "b.csv.zip", tmp_path / "c.csv", tmp_path / "d.csv")
    assert sorted(Path(p.file).name for p in found) == ["a.csv", "b.csv.zip", "c.csv", "d.csv"]


def test_a_bad_table_of_an_archive_does_not_hide_the_others(tmp_path: Path) -> None:
    data = zip_bytes(("a.csv", csv_bytes(changed(3, PUTIN, "x"))), ("b.csv", b"\n"), ("c.parquet", b"PAR1"))
    found = problems_in(tmp_path, "all.zip", data)
    assert {p.file for p in found} == {"all.zip:a.csv", "all.zip:b.csv", "all.zip:c.parquet"}


def test_a_problem_is_one_line_for_people() -> None:
    problem = Problem("a.csv", "'x' is not a number.", "Write it in digits.", row=12_345, column="Путин")
    assert str(problem) == "a.csv, row 12,345, column 'Путин': 'x' is not a number. Write it in digits."


@pytest.mark.parametrize("made", [xlsx_bytes, parquet_bytes])
def test_a_reader_of_damaged_files_leaves_no_trace_on_the_terminal(
    made: Callable[[list[Row]], bytes], tmp_path: Path
) -> None:
    path = tmp_path / ("a.xlsx" if made is xlsx_bytes else "a.parquet")
    whole = made(ROWS)
    path.write_bytes(whole[: len(whole) // 2])
    code = f"import tallyscope\ntry:\n    tallyscope.read({str(path)!r})\nexcept tallyscope.ReadError:\n    pass"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
