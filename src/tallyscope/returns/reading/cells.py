"""The cells of one table as columns of Returns, with every cell that is not a count told by row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tallyscope.election.form import Form
from tallyscope.returns.mapping import IGNORE, STATION, level_of, target_column
from tallyscope.returns.problems import Problem, ReadError, capped
from tallyscope.returns.reading.figures import Figures, to_counts
from tallyscope.returns.reading.tables import RawTable
from tallyscope.returns.table import empty_gaps

__all__ = ["Cells", "read_cells"]

_WHY = {
    "text": ("{!r} is not a number.", "Write the figure in digits; leave the cell empty if it is not known."),
    "negative": ("{!r} is negative.", "A protocol has no negative figures: check it against the paper."),
    "fraction": ("{!r} is not a whole number.", "A protocol counts voters and ballots: is this a percentage?"),
    "huge": ("{!r} is more than ten thousand million.", "Check it against the paper."),
}


@dataclass(frozen=True)
class Cells:
    """Levels, station, kind, file, row and figures of one table; see tallyscope.returns.table."""

    table: pl.DataFrame
    gaps: pl.DataFrame
    notices: tuple[str, ...] = ()
    #: Cells that are not counts; they are null in `table`.
    problems: tuple[Problem, ...] = ()


def read_cells(
    table: RawTable, targets: Mapping[str, str], levels: Sequence[str], form: Form, number: int
) -> Cells:
    """Loads the columns that `targets` names; `number`: the file's index in the sources.

    Raises ReadError when there are no rows at all, or rows with too many or too few cells.
    """
    figures = {
        h: target_column(t) for h, t in targets.items() if t not in (STATION, IGNORE) and level_of(t) is None
    }
    names = {h: t for h, t in targets.items() if t == STATION or level_of(t) is not None}
    pseudo = _pseudo_header(table, form)
    raw = table.load([*names, *([pseudo] if pseudo else [])], list(figures))
    if not raw.height:
        raise ReadError([Problem(table.name, "has a header but no rows.")])
    counts, gaps, problems = [], [empty_gaps()], []
    for header, column in figures.items():
        read = _counts(raw[header])
        counts.append(read.counts.rename(column))
        problems += _cell_problems(table, header, read.errors)
        if read.illegible.len():
            gap = pl.DataFrame({"index": read.illegible.cast(pl.UInt32)})
            gaps.append(gap.with_columns(column=pl.lit(column), reason=pl.lit("illegible")))
    places, notices = _places(table, raw, names, levels)
    kind = _kind(raw, names, form, pseudo)
    framed = places.with_columns(kind, *counts).with_columns(
        pl.lit(number, dtype=pl.UInt16).alias("file"),
        (pl.int_range(pl.len(), dtype=pl.UInt32) + table.header_row + 1).alias("row"),
    )
    return Cells(framed, pl.concat(gaps), notices, tuple(problems))


def _counts(series: pl.Series) -> Figures:
    """Columns that were parsed as integers only need their range checked; everything else is read cell by cell."""
    if series.dtype == pl.Int64 and (series.min() or 0) >= 0 and (series.max() or 0) < 10**10:  # type: ignore[operator]
        return Figures(series, pl.Series([], dtype=pl.UInt32), pl.DataFrame())
    return to_counts(series)


def _cell_problems(table: RawTable, header: str, errors: pl.DataFrame) -> list[Problem]:
    problems = []
    for index, value, reason in errors.head(20).iter_rows():
        text, hint = _WHY[reason]
        shown = value if len(value) <= 60 else value[:57] + "..."
        row = table.header_row + 1 + index
        problems.append(Problem(table.name, text.format(shown), hint, row=row, column=header))
    return capped(problems, errors.height, f"cells of column {header!r}")


def _places(
    table: RawTable, raw: pl.DataFrame, names: Mapping[str, str], levels: Sequence[str]
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Level and station columns. A table without station numbers gives pseudo-stations named after the file."""
    header_of = {level_of(t): h for h, t in names.items() if t != STATION}
    columns = [pl.col(header_of[level]).str.strip_chars().alias(level) for level in levels]
    parts = [pl.col(h).str.strip_chars() for h, t in names.items() if t == STATION]
    if parts:
        return raw.select(*columns, pl.concat_str(parts, separator="-", ignore_nulls=True).alias("station")), ()
    name = Path(table.name).stem
    notice = (
        f"{table.name} has no column of polling stations: each of its {raw.height:,} rows is taken as one "
        "pseudo-station, counted in every sum and left out of tests that need real stations."
    )
    return raw.select(*columns, pl.lit(name).alias("station")), (notice,)


def _pseudo_header(table: RawTable, form: Form) -> str | None:
    wanted = form.pseudo.names if form.pseudo else ()
    return next((h for h in table.headers if h in wanted), None)


def _kind(raw: pl.DataFrame, names: Mapping[str, str], form: Form, pseudo: str | None) -> pl.Series:
    if STATION not in names.values():
        return pl.Series("kind", ["pseudo"]).new_from_index(0, raw.height)
    if pseudo is None or form.pseudo is None:
        return pl.Series("kind", ["station"]).new_from_index(0, raw.height)
    is_pseudo = pl.col(pseudo).is_in(form.pseudo.values)
    return raw.select(pl.when(is_pseudo).then(pl.lit("pseudo")).otherwise(pl.lit("station")).alias("kind"))["kind"]
