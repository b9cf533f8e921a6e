"""The list of stations that are to report, as a table: what a count is opened with before any protocol is in."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tallyscope.election.form import Form
from tallyscope.returns.problems import Problem, ReadError, capped
from tallyscope.returns.reading.audit import like_formula
from tallyscope.returns.table import KINDS

__all__ = ["read_stations"]

_OTHER = ("station", "kind", "registered_before")


def read_stations(path: Path, form: Form) -> pl.DataFrame:
    """Reads a list of stations: a CSV with a column a level, `station`, and if wanted `kind`, `registered_before`.

    Columns may have the names that files of this form give them; every other column before `station` is a level,
    the top one first. Raises ReadError with every problem of the file.
    """
    table = _text(path)
    table = table.rename(
        {old: new for old, new in _renamed(form, table.columns).items() if new not in table.columns}
    )
    if "station" not in table.columns:
        hint = f"Name the column of the station 'station' or {form.station[0][0]!r}." if form.station else ""
        raise ReadError([Problem(path.name, "has no column of stations.", hint)])
    levels = [c for c in table.columns[: table.columns.index("station")] if c not in _OTHER]
    table = table.select(*levels, *[c for c in _OTHER if c in table.columns])
    problems = [*_nameless(path, table, levels), *_twice(path, table, levels), *_odd(path, table)]
    if problems:
        raise ReadError(problems)
    if "registered_before" in table.columns:
        table = table.with_columns(pl.col("registered_before").cast(pl.Int64))
    return table


def _text(path: Path) -> pl.DataFrame:
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError, UnicodeError) as error:
        text = f"cannot be read as a list of stations: {error}"
        raise ReadError([Problem(str(path), text, "It is a CSV in UTF-8.")]) from None
    trimmed = table.with_columns(pl.all().str.strip_chars())
    return trimmed.with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep())


def _renamed(form: Form, columns: list[str]) -> dict[str, str]:
    known = {name: level.name for level in form.levels for name in level.names}
    known |= {name: "station" for names in form.station[:1] for name in names}
    return {c: known[c] for c in columns if c in known}


def _nameless(path: Path, table: pl.DataFrame, levels: list[str]) -> list[Problem]:
    hint = "Every station has a name, and so has every commission above it."
    found: list[Problem] = []
    for column in (*levels, "station"):
        cells = list(enumerate(table[column], start=2))
        found += [Problem(path.name, "is empty.", hint, row, column) for row, text in cells if text is None]
        found += [
            Problem(path.name, f"{text!r} is a spreadsheet formula.", "", row, column)
            for row, text in cells
            if text is not None and like_formula(text)
        ]
    return capped(found, len(found), "cells like these")


def _twice(path: Path, table: pl.DataFrame, levels: list[str]) -> list[Problem]:
    again = table.select(*levels, "station").with_row_index("row")
    again = again.filter(pl.struct(*levels, "station").is_first_distinct().not_() & pl.col("station").is_not_null())
    text = "is in the list already."
    found = [
        Problem(path.name, f"station {name!r} {text}", "Every station reports once.", row + 2, "station")
        for row, name in again.select("row", "station").iter_rows()
    ]
    return capped(found, len(found), "stations that appear again")


def _odd(path: Path, table: pl.DataFrame) -> list[Problem]:
    found = []
    if "kind" in table.columns:
        bad = table.select((~pl.col("kind").is_in(list(KINDS))).fill_null(True).arg_true())["kind"]
        found += [Problem(path.name, f"is not one of {', '.join(KINDS)}.", "", r + 2, "kind") for r in bad]
    if "registered_before" in table.columns:
        number = pl.col("registered_before")
        odd = table.select((number.is_not_null() & ~number.str.contains(r"^\d{1,9}$")).arg_true())
        text = "is not a number of voters."
        found += [Problem(path.name, text, "", r + 2, "registered_before") for r in odd.to_series()]
    return capped(found, len(found), "cells like these")
