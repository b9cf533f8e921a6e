"""The bytes of a text table as UTF-8, whatever they were written in, and how its rows are laid out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from tallyscope.returns.problems import SHOWN, Problem, ReadError, capped

__all__ = ["Layout", "as_utf8", "layout_of"]

#: A header or a row longer than this is not a results table.
MAX_LINE = 1 << 20
_PIECE = 1 << 20
_DELIMITERS = ",;\t|"
_LOOK_AHEAD = 40


@dataclass(frozen=True)
class Layout:
    """`header_row`: 1 for the first row of the file; rows above it are a title or a count, and are skipped."""

    delimiter: str
    headers: tuple[str, ...]
    header_row: int
    #: Lines of text down to the end of the header; more than `header_row` where a quoted cell goes over several.
    header_lines: int


def as_utf8(data: bytes, name: str) -> tuple[bytes, str]:
    """The text as UTF-8 without a byte-order mark, and the encoding it was in.

    Lines end with LF, or CR LF. Raises ReadError when encodings are mixed, or when it is not a text.
    """
    if data[:3] == b"\xef\xbb\xbf":
        data, encoding = data[3:], "utf-8"
        if not _is_utf8(data):
            data, encoding = _single_byte(data, name)
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data, encoding = _utf16(data, "utf-16", name)
    elif (unmarked := _unmarked_utf16(data)) is not None:
        data, encoding = _utf16(data, unmarked, name)
    elif _is_utf8(data):
        encoding = "utf-8"
    else:
        data, encoding = _single_byte(data, name)
    if b"\0" in data:
        rows = [*dict.fromkeys(n for n, line in _numbered(data) if b"\0" in line)]
        text, hint = "has NUL characters: it is not a text.", "Was it damaged on the way?"
        problems = [Problem(name, text, hint, row=n) for n in rows[:SHOWN]]
        raise ReadError(capped(problems, len(rows), "rows with NUL characters"))
    if b"\r" in data and b"\n" not in data:  # as an old Mac writes
        data = data.replace(b"\r", b"\n")
    return data, encoding


def _is_utf8(data: bytes) -> bool:
    """Validates without making a string of it: ten times faster than decoding 30 MB of Cyrillic.

    A piece at a time, cut between characters: memory that is used again costs less than the validation.
    """
    at = 0
    while at < len(data):
        end = min(at + _PIECE, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80 and end - at < _PIECE + 4:
            end += 1
        try:
            if pl.Series([data[at:end]], dtype=pl.Binary).cast(pl.String).null_count():
                return False
        except pl.exceptions.PolarsError:
            return False
        at = end
    return True


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a byte-order mark: digits, blanks and Latin letters have a zero in every second byte."""
    low, high = data[:65536:2].count(0), data[1:65536:2].count(0)
    if max(low, high) <= min(len(data), 65536) // 50 or 10 * min(low, high) > max(low, high):
        return None
    return "utf-16-le" if high > low else "utf-16-be"


def _utf16(data: bytes, encoding: str, name: str) -> tuple[bytes, str]:
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode("utf-8"), "utf-16"
    except UnicodeError:
        raise ReadError([Problem(name, "is UTF-16 cut short, or not a text.", "Download it again.")]) from None


def _numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with the row they belong to in a spreadsheet, where a quoted cell may go over several lines."""
    row, inside = 1, False
    for line in data.split(b"\n"):
        yield row, line
        inside ^= line.count(b'"') % 2 == 1
        row += not inside


def _single_byte(data: bytes, name: str) -> tuple[bytes, str]:
    """Windows-1251 or -1252 by which letters come out; a file of two encodings is an error, row by row."""
    rows: dict[bool, list[int]] = {True: [], False: []}
    for number, line in _numbered(data):
        if not line.isascii():
            rows[_decodes(line)].append(number)
    if rows[True]:
        odd = len(rows[True]) < len(rows[False])
        text = "is UTF-8 although other rows are not" if odd else "is not UTF-8 although other rows are"
        hint = "The file mixes encodings: save the whole of it in one, best UTF-8."
        problems = [Problem(name, text + ".", hint, row=n) for n in rows[odd][:SHOWN]]
        raise ReadError(capped(problems, len(rows[odd]), "rows in another encoding"))
    sample = data[: 1 << 20].decode("cp1251", errors="replace")
    letters = [c for c in sample if ord(c) > 127 and c.isalpha()]
    cyrillic = sum("\u0400" <= c <= "\u04ff" for c in letters)
    lower = sum(c.islower() for c in letters)
    encoding = "cp1251" if letters and cyrillic > 0.9 * len(letters) and _mostly_words(sample, lower) else "cp1252"
    return data.decode(encoding, errors="replace").encode("utf-8"), "windows-" + encoding[2:]


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_words(sample: str, lower: int) -> bool:
    """Cyrillic letters stand side by side; Western accents read as Cyrillic stand alone between Latin ones."""
    pairs = sum(1 for a, b in pairwise(sample) if a > "\x7f" and b > "\x7f" and b.isalpha())
    return pairs > 0.3 * max(lower, 1)


def layout_of(data: bytes, name: str) -> Layout:
    """Finds delimiter, header row and headers in UTF-8 text. Raises ReadError if there is no table.

    The header is the first row that is as wide as most rows are and has more than half of its cells filled: a title
    above it is shorter, or padded with empty cells.
    """
    if data.find(b"\n", 0, MAX_LINE) < 0 and len(data) > MAX_LINE:
        raise ReadError([Problem(name, f"has a first line longer than {MAX_LINE:,} bytes.", row=1)])
    lines = io.StringIO(data[: 4 * MAX_LINE].decode("utf-8", errors="replace"), newline="")
    text = "".join(line for _, line in zip(range(_LOOK_AHEAD), lines, strict=False))
    rows = {d: _records(text, d) for d in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda d: _width(rows[d]))
    width = _width(rows[delimiter])
    for number, (line, row) in enumerate(rows[delimiter], start=1):
        if len(row) == width and 2 * sum(bool(cell.strip()) for cell in row) > width:
            return Layout(delimiter, tuple(cell.strip() for cell in row), number, line)
    raise ReadError([Problem(name, "has no header row.", "Is it a table at all?")])


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The first rows, each with the number of the line it ends in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader][:_LOOK_AHEAD]
    except csv.Error:
        return [(n, line.split(delimiter)) for n, line in enumerate(text.splitlines(), start=1)]


def _width(rows: list[tuple[int, list[str]]]) -> int:
    """The number of cells that most rows have; the larger of two equally frequent ones."""
    widths = [len(r) for _, r in rows if r]
    return max(widths, key=lambda w: (widths.count(w), w), default=0)
