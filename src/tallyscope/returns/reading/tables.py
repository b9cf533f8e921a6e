"""One table of a file: its headers first, its columns when it is known which are wanted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Protocol

import polars as pl

from tallyscope.returns.problems import Problem, ReadError, capped
from tallyscope.returns.reading.container import Member
from tallyscope.returns.reading.text import Layout, as_utf8, layout_of

__all__ = ["RawTable", "open_table"]


class RawTable(Protocol):
    """A table that is not read yet."""

    name: str
    sha256: str
    headers: tuple[str, ...]
    #: The row of the file that carries the headers; data row i is row `header_row + 1 + i`.
    header_row: int
    notices: tuple[str, ...]

    def load(self, texts: Sequence[str], figures: Sequence[str]) -> pl.DataFrame:
        """The columns asked for: `texts` as String, `figures` as integers where all cells are, else as they are.

        Raises ReadError when rows have too many or too few cells.
        """


def open_table(member: Member) -> RawTable:
    """The table in these bytes. Raises ReadError."""
    if member.suffix == ".parquet" or member.data[:4] == b"PAR1":
        return _parquet(member)
    if member.suffix in (".xlsx", ".xlsm", ".xls", ".ods"):
        return _sheet(member)
    return CsvTable(member)


class CsvTable:
    """Delimited text of any encoding and delimiter."""

    def __init__(self, member: Member) -> None:
        self.name, self.sha256 = member.name, member.sha256
        self._data, encoding = as_utf8(member.data, member.name)
        layout = layout_of(self._data, member.name)
        self.headers = unique_headers(layout.headers)
        self.header_row = layout.header_row
        self._layout = layout
        self.notices: tuple[str, ...] = () if encoding == "utf-8" else (f"{member.name} was read as {encoding}.",)

    def load(self, texts: Sequence[str], figures: Sequence[str]) -> pl.DataFrame:
        """See RawTable."""
        wanted = [h for h in self.headers if h in {*texts, *figures}]
        try:
            table = self._parse(wanted, {**dict.fromkeys(texts, pl.String), **dict.fromkeys(figures, pl.Int64)})
        except pl.exceptions.PolarsError:
            self._raise_if_ragged()
            table = self._parse(wanted, dict.fromkeys(wanted, pl.String))
            return table
        if any(table[f].null_count() for f in figures):
            self._raise_if_ragged()
        return table

    def _parse(self, wanted: Sequence[str], dtypes: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        schema = {h: dtypes.get(h, pl.String) for h in self.headers}
        return pl.read_csv(
            self._data,
            has_header=False,
            skip_rows=self._layout.header_row,
            schema=schema,
            columns=[self.headers.index(h) for h in wanted],
            separator=self._layout.delimiter,
            null_values=[""],
        )

    def _raise_if_ragged(self) -> None:
        """Rows with a wrong number of cells, all of them; slow and exact, only called when something is amiss."""
        width, problems, total = len(self.headers), [], 0
        csv.field_size_limit(1 << 24)
        reader = csv.reader(io.StringIO(self._data.decode("utf-8"), newline=""), delimiter=self._layout.delimiter)
        try:
            for number, row in enumerate(reader, start=1):
                if number > self.header_row and row and len(row) != width:
                    total += 1
                    problems.append(self._ragged(number, len(row), width)) if total <= 20 else None
        except csv.Error as error:
            raise ReadError([Problem(self.name, f"is not readable as a table ({error}).")]) from None
        if problems:
            raise ReadError(capped(problems, total, "rows with a wrong number of cells"))

    def _ragged(self, row: int, cells: int, width: int) -> Problem:
        hint = "Is the file cut off, or a delimiter inside a name not quoted?"
        return Problem(self.name, f"has {cells} cells where the header has {width}.", hint, row=row)


class FrameTable:
    """A table that a library has read whole: Parquet, or a sheet of text cells."""

    def __init__(self, member: Member, frame: pl.DataFrame, header_row: int, notices: tuple[str, ...] = ()) -> None:
        self.name, self.sha256, self.notices = member.name, member.sha256, notices
        self.headers, self.header_row = tuple(frame.columns), header_row
        self._frame = frame

    def load(self, texts: Sequence[str], figures: Sequence[str]) -> pl.DataFrame:
        """See RawTable."""
        wanted = [h for h in self.headers if h in {*texts, *figures}]
        as_text = [pl.col(t).cast(pl.String) for t in texts]
        return self._frame.select(wanted).with_columns(as_text)


def _parquet(member: Member) -> FrameTable:
    try:
        return FrameTable(member, pl.read_parquet(io.BytesIO(member.data)), 1)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ReadError([Problem(member.name, f"is not a readable Parquet file ({error}).")]) from None


def _sheet(member: Member) -> FrameTable:
    """The sheet with the most cells of a workbook, read as text so that nothing is silently converted."""
    import fastexcel

    try:
        book = fastexcel.read_excel(member.data)
        sheets = [book.load_sheet(name, header_row=None, dtypes="string").to_polars() for name in book.sheet_names]
    except Exception as error:  # noqa: BLE001 - the library raises its own and Rust's errors for bad workbooks
        raise ReadError([Problem(member.name, f"is not a readable workbook ({error}).")]) from None
    best = max(range(len(sheets)), key=lambda i: sheets[i].height * sheets[i].width)
    grid = sheets[best]
    notices: tuple[str, ...] = ()
    if len(sheets) > 1:
        notices = (f"{member.name}: sheet {book.sheet_names[best]!r} was read, the largest of {len(sheets)}.",)
    if not grid.height:
        raise ReadError([Problem(member.name, "has no rows.")])
    layout = _grid_layout(grid)
    frame = grid.slice(layout.header_row)
    frame.columns = list(unique_headers(layout.headers))
    return FrameTable(member, frame, layout.header_row, notices)


def _grid_layout(grid: pl.DataFrame) -> Layout:
    """The header is the first row with as many filled cells as any of the first rows has."""
    rows = grid.head(40).rows()
    filled = [sum(c is not None and str(c).strip() != "" for c in row) for row in rows]
    number = filled.index(max(filled))
    return Layout("", tuple(str(c or "").strip() for c in rows[number]), number + 1)


def unique_headers(headers: Sequence[str]) -> tuple[str, ...]:
    """Headers without blanks or repeats: "column 7" for an empty one, "name (2)" for a second one."""
    seen: dict[str, int] = {}
    out = []
    for position, header in enumerate(headers, start=1):
        name = header or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(out)
