"""The same protocols in every container, encoding and delimiter give the same table; headers are written freely."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from made_files import ELECTION, csv_bytes, gz_bytes, header, parquet_bytes, protocols, xlsx_bytes, zip_bytes
from tallyscope.returns.build import build_returns
from tallyscope.returns.reading.read import read
from tallyscope.returns.reading.recognise import normalised, recognise
from tallyscope.returns.table import Returns

ROWS = protocols()


def expected() -> pl.DataFrame:
    """The table as it must come out, made without the reader."""
    columns = list(zip(*ROWS, strict=True))
    roles = [line.role for line in ELECTION.form.lines] + [f"votes_{c.id}" for c in ELECTION.choices]
    table = {"region": columns[0], "territory": columns[1], "station": [str(x) for x in columns[2]]}
    table |= dict(zip(roles, columns[3:], strict=True))
    return build_returns(pl.DataFrame(table), ELECTION, levels=("region", "territory")).table


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "plain.csv": lambda: csv_bytes(ROWS),
    "mark.csv": lambda: b"\xef\xbb\xbf" + csv_bytes(ROWS),
    "utf16.csv": lambda: csv_bytes(ROWS, encoding="utf-16"),
    "utf16 without a mark.csv": lambda: csv_bytes(ROWS, encoding="utf-16-le"),
    "utf16 big-endian.txt": lambda: csv_bytes(ROWS, encoding="utf-16-be", delimiter="\t"),
    "windows.csv": lambda: csv_bytes(ROWS, encoding="cp1251", delimiter=";"),
    "semicolons.csv": lambda: csv_bytes(ROWS, delimiter=";"),
    "tabs.tsv": lambda: csv_bytes(ROWS, delimiter="\t"),
    "bars.txt": lambda: csv_bytes(ROWS, delimiter="|"),
    "crlf.csv": lambda: csv_bytes(ROWS, ends="\r\n"),
    "old mac.csv": lambda: csv_bytes(ROWS, ends="\r"),
    "no last line end.csv": lambda: csv_bytes(ROWS).removesuffix(b"\n"),
    "blank lines after.csv": lambda: csv_bytes(ROWS) + b"\n\n",
    "packed.csv.gz": lambda: gz_bytes(csv_bytes(ROWS)),
    "packed.csv.zip": lambda: zip_bytes(("packed.csv", csv_bytes(ROWS))),
    "PACKED.ZIP": lambda: zip_bytes(("folder/inside.CSV", csv_bytes(ROWS, encoding="cp1251"))),
    "made on a mac.zip": lambda: zip_bytes(("a.csv", csv_bytes(ROWS)), ("__MACOSX/._a.csv", b"\0\5\x16\7")),
    "with a readme.zip": lambda: zip_bytes(("README", b"Protocols"), ("a.csv", csv_bytes(ROWS))),
    "book.xlsx": lambda: xlsx_bytes(ROWS),
    "book.csv": lambda: xlsx_bytes(ROWS),
    "book.xlsx.zip": lambda: zip_bytes(("book.xlsx", xlsx_bytes(ROWS))),
    "columns.parquet": lambda: parquet_bytes(ROWS),
    "columns.dat": lambda: parquet_bytes(ROWS),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_protocols_come_back_from_any_container_and_encoding(name: str, tmp_path: Path) -> None:
    returns = read(written(tmp_path, name, CONTAINERS[name]()))
    assert returns.election.id == ELECTION.id
    assert returns.table.equals(expected(), null_equal=True)
    assert returns.gaps.height == 0


def test_what_is_not_utf8_is_said(tmp_path: Path) -> None:
    returns = read(written(tmp_path, "a.csv", CONTAINERS["windows.csv"]()))
    assert returns.notices == ("a.csv was read as windows-1251.",)
    assert read(written(tmp_path, "b.csv", CONTAINERS["plain.csv"]())).notices == ()


def test_western_accents_are_windows_1252(tmp_path: Path) -> None:
    rows = [["Île-de-France", "Côte-d'Or – Orléans", i, *row[3:]] for i, row in enumerate(ROWS)]
    ascii_headers = ["region", "tik", "uik", *(line.role for line in ELECTION.form.lines)]
    ascii_headers += [f"votes_{c.id}" for c in ELECTION.choices]
    data = csv_bytes(rows, ascii_headers, encoding="cp1252")
    returns = read(written(tmp_path, "a.csv", data))
    assert returns.table["territory"].unique().to_list() == ["Côte-d'Or – Orléans"]
    assert returns.notices == ("a.csv was read as windows-1252.",)


def test_several_tables_are_one_election(tmp_path: Path) -> None:
    """Stations in two files, and a third without stations: electronic voting, a row a region (Russia 2024)."""
    first = written(tmp_path, "first.csv", csv_bytes(ROWS[:5]))
    second = written(tmp_path, "second.csv.zip", zip_bytes(("s.csv", csv_bytes(ROWS[5:]))))
    regions = [[f"Регион {i}", *row[3:]] for i, row in enumerate(ROWS[:2])]
    electronic = written(
        tmp_path, "e-voting.csv", csv_bytes(regions, [h for h in header() if h not in ("tik", "uik")])
    )
    returns = read(first, second, electronic)
    figures = list(returns.figures)
    whole = expected()
    assert returns.table.head(8).select(figures).equals(whole.select(figures), null_equal=True)
    assert returns.table["kind"].to_list() == ["station"] * 8 + ["pseudo"] * 2
    assert returns.table["file"].to_list() == [0] * 5 + [1] * 3 + [2] * 2
    assert returns.table["row"].to_list() == [2, 3, 4, 5, 6, 2, 3, 4, 2, 3]
    assert returns.table["territory"].null_count() == 2
    assert [(s.name, s.rows) for s in returns.sources] == [
        ("first.csv", 5),
        ("second.csv.zip", 3),
        ("e-voting.csv", 2),
    ]
    assert returns.table["station"].to_list()[8:] == ["e-voting"] * 2
    assert any("e-voting.csv has no column of polling stations" in n for n in returns.notices)


def test_the_tables_of_one_archive_are_one_election(tmp_path: Path) -> None:
    data = zip_bytes(("b.csv", csv_bytes(ROWS[5:])), ("a.csv", csv_bytes(ROWS[:5])))
    returns = read(written(tmp_path, "all.zip", data))
    assert [s.name for s in returns.sources] == ["all.zip:a.csv", "all.zip:b.csv"]
    assert returns.table["valid"].to_list() == expected()["valid"].to_list()


def rewritten(how: Callable[[str], str]) -> list[str]:
    return [how(h) for h in header()]


@pytest.mark.parametrize(
    "how",
    [
        *(str.upper, str.lower, lambda h: f"  {h} "),
        *(
            lambda h: f"«{h}»",
            lambda h: f'"{h}"',
            lambda h: h.replace(" ", "  "),
            lambda h: h.replace(" ", "\u00a0"),
        ),
        *(lambda h: h.replace(",", ""), lambda h: h + ".", lambda h: h.replace("е", "ё"), lambda h: f"7. {h}"),
    ],
    ids=["upper", "lower", "padded", "guillemets", "quotes", "blanks", "nbsp", "commas", "stop", "yo", "numbered"],
)
def test_headers_are_recognised_however_they_are_written(how: Callable[[str], str], tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", csv_bytes(ROWS, rewritten(how)))
    assert read(path).table.equals(expected(), null_equal=True)


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    head = [*reversed(header()), "", "url", "примечание", "примечание"]
    rows = [[*reversed(row), "", "http://example.org/?a=1,2", "x", "y"] for row in ROWS]
    returns = read(written(tmp_path, "a.csv", csv_bytes(rows, head)))
    assert returns.table.equals(expected(), null_equal=True)


def test_a_header_that_stands_twice_is_read_once(tmp_path: Path) -> None:
    head = [*header(), header()[3]]
    rows = [[*row, 999_999] for row in ROWS]
    assert read(written(tmp_path, "a.csv", csv_bytes(rows, head))).table.equals(expected(), null_equal=True)


def test_normalising_is_done_once_and_for_all() -> None:
    for name in header():
        assert normalised(normalised(name)) == normalised(name)
    found = recognise(header())
    assert found is not None
    assert found.complete
    assert found.unknown == ()


TITLES = {
    "a title": [["Сводная таблица"]],
    "a title and a blank row": [["Сводная таблица"], []],
    "a padded title": [["Сводная таблица", *[""] * (len(header()) - 1)]],
    "two rows": [["Выборы", "2018"], ["18 марта", "", ""]],
    "blank rows": [[], [], []],
    "a count": [["8"]],
    "a title of two lines": [["Сводная\nтаблица"]],
}


@pytest.mark.parametrize("title", TITLES)
def test_rows_above_the_header_are_skipped_and_counted(title: str, tmp_path: Path) -> None:
    above = TITLES[title]
    data = csv_bytes([*above[1:], header(), *ROWS], head=above[0])
    returns = read(written(tmp_path, "a.csv", data))
    assert returns.table["row"].to_list() == list(range(len(above) + 2, len(above) + 2 + len(ROWS)))
    assert returns.table.drop("row").equals(expected().drop("row"), null_equal=True)


@pytest.mark.parametrize("title", ["a title", "two rows", "blank rows"])
def test_rows_of_a_sheet_are_numbered_as_the_spreadsheet_does(title: str, tmp_path: Path) -> None:
    above = TITLES[title]
    returns = read(written(tmp_path, "a.xlsx", xlsx_bytes(ROWS, above)))
    assert returns.table["row"].to_list() == list(range(len(above) + 2, len(above) + 2 + len(ROWS)))
    assert returns.table.drop("row").equals(expected().drop("row"), null_equal=True)


def test_a_cell_over_several_lines_is_one_row(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[1][1] = "1 Адыгейская\n(Тахтамукайская)"
    returns = read(written(tmp_path, "a.csv", csv_bytes(rows)))
    assert returns.table["row"].to_list() == list(range(2, 10))
    assert returns.table["territory"][1] == "1 Адыгейская\n(Тахтамукайская)"


def test_a_header_over_several_lines_is_one_row(tmp_path: Path) -> None:
    head = [h.replace(" избирательных", "\nизбирательных") for h in header()]
    returns = read(written(tmp_path, "a.csv", csv_bytes(ROWS, head)))
    assert returns.table.equals(expected(), null_equal=True)


@pytest.mark.parametrize("blank", [[], [""] * len(header()), ["  "] * 3 + [""] * (len(header()) - 3)])
def test_blank_rows_are_no_stations(blank: list[str], tmp_path: Path) -> None:
    data = csv_bytes([*ROWS[:3], blank, *ROWS[3:], blank, blank])
    returns = read(written(tmp_path, "a.csv", data))
    assert returns.table["row"].to_list() == [2, 3, 4, 6, 7, 8, 9, 10]
    assert returns.table.drop("row").equals(expected().drop("row"), null_equal=True)


def test_a_footnote_is_no_station(tmp_path: Path) -> None:
    note = ["Источник: ЦИК", *[""] * (len(header()) - 1)]
    assert len(read(written(tmp_path, "a.csv", csv_bytes([*ROWS, note])))) == len(ROWS)
    assert len(read(written(tmp_path, "a.xlsx", xlsx_bytes([*ROWS, [], ["Источник: ЦИК"]])))) == len(ROWS)


@pytest.mark.parametrize("text", ["", "NA", "-", "н/д"])
def test_a_missing_figure_stays_missing_and_a_missing_protocol_is_empty(text: str, tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[2][6] = text
    rows[4][3:] = [text] * len(rows[4][3:])
    returns = read(written(tmp_path, "a.csv", csv_bytes(rows)))
    role = ELECTION.form.lines[3].role
    assert returns.table[role].to_list()[2] is None
    assert returns.table["status"].to_list() == ["reported"] * 4 + ["empty"] + ["reported"] * 3
    assert returns.table[4].select(pl.col(returns.figures).null_count()).row(0) == (1,) * len(returns.figures)
    assert returns.gaps.height == 0


def test_an_illegible_figure_is_kept_apart_from_a_missing_one(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[2][6], rows[5][7] = "?", ""
    blank = [""] * len(header())
    returns = read(written(tmp_path, "a.csv", csv_bytes([*rows[:1], blank, *rows[1:]])))
    role = ELECTION.form.lines[3].role
    assert returns.gaps.rows() == [(2, role, "illegible")]
    assert returns.table[role][2] is None
    assert returns.filter(pl.col("territory") == "1 Адыгейская").gaps.rows() == [(2, role, "illegible")]


def test_numbers_of_stations_are_text_and_keep_their_zeros(tmp_path: Path) -> None:
    """Albania 2017: "0030" and "00301" are stations of their own; as numbers they collide (README)."""
    rows = [list(row) for row in ROWS]
    for i, name in enumerate(("0030", "00301", "030", "30", "301", "УИК №7", "7/а", "+7")):
        rows[i][2] = name
    returns = read(written(tmp_path, "a.csv", csv_bytes(rows)))
    assert returns.table["station"].to_list() == [row[2] for row in rows]


def test_names_of_markup_are_only_text(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[0][1], rows[1][1], rows[2][1] = "<script>alert(1)</script>", "[red]ТИК[/red]", "{{ 7 * 7 }}"
    assert read(written(tmp_path, "a.csv", csv_bytes(rows))).table["territory"].to_list()[:3] == [
        r[1] for r in rows[:3]
    ]


def total(returns: Returns) -> int:
    return int(returns.table["votes_putin"].sum())


def test_counts_in_groups_of_three_are_counts(tmp_path: Path) -> None:
    rows = [[*row[:3], *(f"{n:,}".replace(",", "\u00a0") for n in row[3:])] for row in ROWS]  # type: ignore[str-bytes-safe]
    assert read(written(tmp_path, "a.csv", csv_bytes(rows))).table.equals(expected(), null_equal=True)
    floats = [[*row[:3], *(f"{n}.0" for n in row[3:])] for row in ROWS]
    assert total(read(written(tmp_path, "b.csv", csv_bytes(floats)))) == expected()["votes_putin"].sum()
