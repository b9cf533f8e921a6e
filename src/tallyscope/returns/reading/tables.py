"""One table of a file: its headers first, its columns when it is known which are wanted."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from tallyscope.returns.problems import SHOWN, Problem, ReadError, capped
from tallyscope.returns.reading.container import Member, allowed_bytes, refuse_size
from tallyscope.returns.reading.guard import damaged
from tallyscope.returns.reading.sheets import is_workbook, read_grid
from tallyscope.returns.reading.text import Layout, as_utf8, layout_of

__all__ = ["RawTable", "open_table"]

#: The widest ballots have some hundred choices.
MAX_COLUMNS = 5_000


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
    if member.suffix in (".xlsx", ".xlsm", ".xls", ".ods") or is_workbook(member.data):
        return _sheet(member)
    return CsvTable(member)


class CsvTable:
    """Delimited text of any encoding and delimiter."""

    def __init__(self, member: Member) -> None:
        self.name, self.sha256 = member.name, member.sha256
        self._data, encoding = as_utf8(member.data, member.name)
        layout = layout_of(self._data, member.name)
        self.headers = unique_headers(layout.headers, member.name, layout.header_row)
        self.header_row = layout.header_row
        self._layout = layout
        self.notices: tuple[str, ...] = () if encoding == "utf-8" else (f"{member.name} was read as {encoding}.",)

    def load(self, texts: Sequence[str], figures: Sequence[str]) -> pl.DataFrame:
        """See RawTable."""
        wanted = [h for h in self.headers if h in {*texts, *figures}]
        try:
            table = self._parse({**dict.fromkeys(figures, pl.Int64), **dict.fromkeys(texts, pl.String)})
        except pl.exceptions.PolarsError:
            self._raise_if_ragged()
            with damaged(self.name, "is not readable as a table", "Open it in a spreadsheet, and save it anew."):
                table = self._parse({})
        # A row that is too short ends in an empty cell; what is honestly empty is told apart by the slow way.
        if any(table[c].null_count() for c in {*figures, self.headers[-1]}):
            self._raise_if_ragged()
        return table.select(wanted)

    def _parse(self, dtypes: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
        """All columns, as text where nothing is said: only then does polars notice a row that is too long."""
        return pl.read_csv(
            self._data,
            has_header=False,
            skip_lines=self._layout.header_lines,
            schema={h: dtypes.get(h, pl.String) for h in self.headers},
            separator=self._layout.delimiter,
            null_values=[""],
        )

    def _raise_if_ragged(self) -> None:
        """Rows with a wrong number of cells, all of them; slow and exact, only called when something is amiss."""
        width, problems, total = len(self.headers), [], 0
        text = io.StringIO(self._data.decode("utf-8"), newline="")
        reader = csv.reader(text, delimiter=self._layout.delimiter, strict=True)
        number, limit = 0, csv.field_size_limit(1 << 24)
        try:
            for number, row in enumerate(reader, start=1):
                if number > self.header_row and row and len(row) != width:
                    total += 1
                    problems.append(self._ragged(number, len(row), width)) if total <= SHOWN else None
        except csv.Error as error:
            hint = "Is a quotation mark inside a name not doubled, or the file cut off?"
            problems.append(Problem(self.name, f"cannot be split into cells ({error}).", hint, row=number + 1))
            total += 1
        finally:
            csv.field_size_limit(limit)
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
        problems = [
            Problem(self.name, f"holds {dtype}, not figures or names.", column=h)
            for h, dtype in self._frame.select(wanted).schema.items()
            if dtype.is_nested() or dtype in (pl.Binary, pl.Duration, pl.Object)
        ]
        if problems:
            raise ReadError(problems)
        as_text = [_text_of(t, self._frame.schema[t]) for t in texts]
        return self._frame.select(wanted).with_columns(as_text)


def _text_of(column: str, dtype: pl.DataType) -> pl.Expr:
    """A column as text; a time of a zone keeps its moment: the zone's letters alone would not say which it is."""
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return pl.col(column).dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
    return pl.col(column).cast(pl.String)


def _parquet(member: Member) -> FrameTable:
    with damaged(member.name, "is not a readable Parquet file", "Download it again."):
        lazy = pl.scan_parquet(io.BytesIO(member.data))
        width = len(lazy.collect_schema())
        rows = lazy.select(pl.len()).collect().item()
        # Repeated figures cost nothing in the file and eight bytes each in memory.
        if 8 * rows * width > allowed_bytes(len(member.data)):
            refuse_size(member.name, f"would unfold to {rows:,} rows of {width:,} columns.")
        frame = pl.read_parquet(io.BytesIO(member.data))
    frame.columns = list(unique_headers([h.strip() for h in frame.columns], member.name, 1))
    return FrameTable(member, frame, 1)


def _sheet(member: Member) -> FrameTable:
    """A sheet of a workbook; everything is text, so that nothing is silently converted."""
    grid = read_grid(member)
    layout = _grid_layout(grid.cells)
    frame = grid.cells.slice(layout.header_row)
    frame.columns = list(unique_headers(layout.headers, member.name, layout.header_row))
    return FrameTable(member, frame, layout.header_row, grid.notices)


def _grid_layout(grid: pl.DataFrame) -> Layout:
    """The header is the first row with more than half as many filled cells as any of the first rows has."""
    rows = grid.head(40).rows()
    filled = [sum(c is not None and str(c).strip() != "" for c in row) for row in rows]
    number = next(i for i, n in enumerate(filled) if 2 * n > max(filled) or n == max(filled))
    return Layout("", tuple(str(c or "").strip() for c in rows[number]), number + 1, number + 1)


def unique_headers(headers: Sequence[str], name: str, row: int) -> tuple[str, ...]:
    """Headers without blanks or repeats: "column 7" for an empty one, "name (2)" for a second one.

    Raises ReadError if there are more than any ballot paper needs; `name` and `row` say where they stand.
    """
    if len(headers) > MAX_COLUMNS:
        hint = "Is it a table of results at all?"
        raise ReadError([Problem(name, f"has {len(headers):,} columns.", hint, row=row)])
    copies: dict[str, int] = {}
    given, out = set(headers), []
    for position, header in enumerate(headers, start=1):
        wanted = header or f"column {position}"
        unique = wanted
        while unique in copies or (unique != header and unique in given):
            copies[wanted] = copies.get(wanted, 1) + 1
            unique = f"{wanted} ({copies[wanted]})"
        copies.setdefault(unique, 1)
        out.append(unique)
    return tuple(out)
