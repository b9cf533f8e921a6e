"""Whatever stands in a file, the reader gives returns or a ReadError: nothing else ever escapes.

Bytes at random, and small valid files with bytes flipped, deleted, inserted, doubled, or cut off.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from made_files import csv_bytes, gz_bytes, header, parquet_bytes, protocols, xlsx_bytes, zip_bytes
from tallyscope.returns.problems import ReadError
from tallyscope.returns.reading.read import read

ROWS = protocols()
UNKNOWN = [["Ort", "Nr", "Liste", "A", "B", "gültig"], *([f"O{i // 3}", i, 50 + i, i, 7, 7 + i] for i in range(12))]
FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
EDITS = ("flip", "set", "delete", "insert", "double", "cut")
#: What breaks readers of text, of numbers, and of lengths.
SNIPPETS = (
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b",",
    b";",
    b"\t",
    b"=",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"-",
    b"9" * 25,
    b"\xd0",
)
Edit = tuple[str, float, int, bytes]
edits = st.lists(
    st.tuples(
        st.sampled_from(EDITS),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 40),
        st.one_of(st.sampled_from(SNIPPETS), st.binary(min_size=1, max_size=4)),
    ),
    min_size=1,
    max_size=5,
)


def edited(data: bytes, changes: Iterable[Edit]) -> bytes:
    """The bytes with each change made at its place, a fraction of the whole."""
    out = bytearray(data)
    for kind, where, length, piece in changes:
        at = int(where * len(out))
        if kind == "flip" and out:
            out[at] ^= 1 << (length % 8)
        elif kind == "set":
            out[at : at + len(piece)] = piece
        elif kind == "delete":
            del out[at : at + length]
        elif kind == "insert":
            out[at:at] = piece
        elif kind == "double":
            out[at:at] = out[at : at + 10 * length]
        elif kind == "cut":
            del out[at:]
    return bytes(out)


def survives(folder: Path, name: str, data: bytes) -> None:
    """Reads these bytes under this name; what can be read can be checked and added up."""
    path = folder / name
    path.write_bytes(data)
    returns, problems = None, ()
    try:
        returns = read(path)
    except ReadError as error:
        problems = error.problems
    assert (returns is None) == bool(problems)
    assert all(p.text and str(p) for p in problems)
    if returns is None:
        return
    assert len(returns)
    assert returns.table.select(pl.col(returns.figures) < 0).sum().sum_horizontal()[0] == 0
    returns.check()
    for level in ("nation", *returns.levels):
        returns.tally(level)


@settings(FUZZ, max_examples=60)
@given(st.binary(max_size=500), st.sampled_from(["a.csv", "a.csv.gz", "a.zip", "a.parquet", "a"]))
def test_any_bytes_under_any_name(tmp_path: Path, data: bytes, name: str) -> None:
    survives(tmp_path, name, data)


@pytest.mark.parametrize(
    "start", [b"PK\x03\x04", b"\x1f\x8b\x08", b"PAR1", b"\xff\xfe", b"\xfe\xff", b"PK\x05\x06"]
)
@settings(FUZZ, max_examples=15)
@given(data=st.binary(max_size=300))
def test_any_bytes_that_begin_like_something(tmp_path: Path, start: bytes, data: bytes) -> None:
    survives(tmp_path, "a.csv", start + data + (b"PAR1" if start == b"PAR1" else b""))


@settings(FUZZ, max_examples=60)
@given(st.text(alphabet=st.sampled_from('a1,;\t|"\n\r \u00a0é№-=.'), max_size=200))
def test_any_text(tmp_path: Path, text: str) -> None:
    survives(tmp_path, "a.csv", text.encode())


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", "\t"), ("utf-16", ","), ("cp1251", ";")]
)
@settings(FUZZ, max_examples=25)
@given(changes=edits)
def test_a_text_table_that_was_damaged(tmp_path: Path, encoding: str, delimiter: str, changes: list[Edit]) -> None:
    survives(tmp_path, "a.csv", edited(csv_bytes(ROWS, encoding=encoding, delimiter=delimiter), changes))


@settings(FUZZ, max_examples=30)
@given(edits)
def test_a_table_of_no_known_form_that_was_damaged(tmp_path: Path, changes: list[Edit]) -> None:
    survives(tmp_path, "a.csv", edited(csv_bytes(UNKNOWN[1:], [str(h) for h in UNKNOWN[0]]), changes))


@pytest.mark.parametrize("method", [0, 8, 12, 14], ids=["stored", "deflated", "bzip2", "lzma"])
@settings(FUZZ, max_examples=20)
@given(changes=edits)
def test_a_zip_that_was_damaged(tmp_path: Path, method: int, changes: list[Edit]) -> None:
    survives(tmp_path, "a.csv.zip", edited(zip_bytes(("a.csv", csv_bytes(ROWS)), method=method), changes))


@settings(FUZZ, max_examples=40)
@given(edits)
def test_a_gzip_that_was_damaged(tmp_path: Path, changes: list[Edit]) -> None:
    survives(tmp_path, "a.csv.gz", edited(gz_bytes(csv_bytes(ROWS)), changes))


@settings(FUZZ, max_examples=80)
@given(edits)
def test_a_parquet_file_that_was_damaged(tmp_path: Path, changes: list[Edit]) -> None:
    survives(tmp_path, "a.parquet", edited(parquet_bytes(ROWS), changes))


@settings(FUZZ, max_examples=6)
@given(edits)
def test_a_workbook_that_was_damaged(tmp_path: Path, changes: list[Edit]) -> None:
    survives(tmp_path, "a.xlsx", edited(xlsx_bytes(ROWS), changes))


SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'
    "</sheetData></worksheet>"
)


@settings(FUZZ, max_examples=4)
@example('<row r="1048577"><c r="A1048577"><v>1</v></c></row>')
@example('<row><c><v>1</v></c></row><row r="0"><c r="XFE0"><v>1</v></c></row>')
@example('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')
@given(st.text(alphabet='<row>c/v r="1A9t=es&;', max_size=80))
def test_a_workbook_with_a_forged_sheet(tmp_path: Path, rows: str) -> None:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(ROWS))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = SHEET.format(rows).encode()
    survives(tmp_path, "a.xlsx", zip_bytes(*parts.items()))


def test_a_workbook_that_lies_about_its_number_of_texts(tmp_path: Path) -> None:
    """The library reserves memory for as many as a workbook says, and would end the process."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(ROWS))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    texts = parts["xl/sharedStrings.xml"]
    parts["xl/sharedStrings.xml"] = texts.replace(b"uniqueCount=", b'uniqueCount="99999999999" was=')
    survives(tmp_path, "a.xlsx", zip_bytes(*parts.items()))


CELLS = st.one_of(
    st.integers(-3, 3000).map(str),
    st.sampled_from(
        ["", " ", "x", "NA", "?", "1.5", "1,5", "1e9", "=1", "Итого", "\n", '"', "9" * 20, "007", "nan"]
    ),
)
HEADERS = st.sampled_from([*header(), "region", "valid", "cast", "votes_putin", "Total", "", "a", "=f()", "№"])


@settings(FUZZ, max_examples=25)
@given(st.data())
def test_any_small_table(tmp_path: Path, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 8))
    head = data.draw(st.lists(HEADERS, min_size=width, max_size=width))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=15))
    survives(tmp_path, "a.csv", csv_bytes(rows, head))


@given(st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode)), st.integers(1, 9))
def test_utf8_is_told_piece_by_piece_as_python_tells_it_whole(data: bytes, piece: int) -> None:
    from tallyscope.returns.reading import text

    try:
        data.decode("utf-8")
        valid = True
    except UnicodeDecodeError:
        valid = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_PIECE", piece)
        assert text._is_utf8(data) is valid
