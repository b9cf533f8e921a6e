"""The cells of one table as columns of Returns, with every cell that is not a count told by row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tallyscope.election.form import Form
from tallyscope.returns.mapping import IGNORE, SCANNER, STATION, attribute_of, level_of, target_column, zone_of
from tallyscope.returns.problems import SHOWN, Problem, ReadError, capped
from tallyscope.returns.reading.attributes import to_flags, to_times
from tallyscope.returns.reading.container import bare_name
from tallyscope.returns.reading.figures import to_counts
from tallyscope.returns.reading.recognise import normalised
from tallyscope.returns.reading.tables import RawTable
from tallyscope.returns.table import empty_gaps

__all__ = ["Cells", "read_cells"]

_WHY = {
    "text": ("{!r} is not a number.", "Write the figure in digits; leave the cell empty if it is not known."),
    "negative": ("{!r} is negative.", "A protocol has no negative figures: check it against the paper."),
    "fraction": ("{!r} is not a whole number.", "A protocol counts voters and ballots: is this a percentage?"),
    "huge": ("{!r} is more than ten thousand million.", "Check it against the paper."),
    "time": (
        "{!r} is not a date and time.",
        "Write it as 2030-05-05T22:07:31; leave the cell empty if it is not known.",
    ),
    "order": ("{!r} may have the day or the month first.", "Write it as 2030-05-05T22:07:31."),
    "flag": ("{!r} is neither yes nor no.", "Write yes or no; leave the cell empty if it is not known."),
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
    counted = {h: t for h, t in targets.items() if attribute_of(t) is None and t not in (STATION, IGNORE)}
    figures = {h: target_column(t) for h, t in counted.items() if level_of(t) is None}
    said = {h: t for h, t in targets.items() if attribute_of(t) is not None}
    names = {h: t for h, t in targets.items() if t == STATION or level_of(t) is not None}
    pseudo = _pseudo_header(table, form)
    raw = table.load([*names, *said, *([pseudo] if pseudo else [])], list(figures))
    if not raw.height:
        raise ReadError([Problem(table.name, "has a header but no rows.")])
    counts, gaps, problems = _counted(table, raw, figures)
    attributes, more = _attributes(table, raw, said)
    problems += more
    places, notices = _places(table, raw, names, levels)
    kind = _kind(raw, names, form, pseudo)
    framed = places.with_columns(kind, *attributes, *counts).with_columns(
        pl.lit(number, dtype=pl.UInt16).alias("file"),
        (pl.int_range(pl.len(), dtype=pl.UInt32) + table.header_row + 1).alias("row"),
    )
    stations = STATION in names.values()
    framed, gaps = _without_blanks(framed, gaps, ["station"] if stations else levels, list(figures.values()))
    if not framed.height:
        raise ReadError([Problem(table.name, "has a header but no rows.")])
    if not stations:
        problems += _repeated_places(table, framed, levels, form)
    return Cells(framed, gaps, notices, tuple(problems))


def _counted(
    table: RawTable, raw: pl.DataFrame, figures: Mapping[str, str]
) -> tuple[list[pl.Series], pl.DataFrame, list[Problem]]:
    """Columns of counts, where they are illegible, and the cells that are not counts."""
    counts, gaps, problems = [], [empty_gaps()], []
    for header, column in figures.items():
        read = to_counts(raw[header])
        counts.append(read.counts.rename(column))
        problems += _cell_problems(table, header, read.errors)
        if read.illegible.len():
            gap = pl.DataFrame({"index": read.illegible.cast(pl.UInt32)})
            gaps.append(gap.with_columns(column=pl.lit(column), reason=pl.lit("illegible")))
    return counts, pl.concat(gaps), problems


def _attributes(
    table: RawTable, raw: pl.DataFrame, said: Mapping[str, str]
) -> tuple[list[pl.Series], list[Problem]]:
    """Columns of attributes, and their cells that are neither times nor flags. Parts of a time are joined."""
    found, problems = [], []
    for target in dict.fromkeys(said.values()):
        headers = [h for h, t in said.items() if t == target]
        cells = raw[headers[0]]
        if len(headers) > 1:
            parts = [pl.col(h).str.strip_chars() for h in headers]
            cells = raw.select(pl.concat_str(parts, separator=" ", ignore_nulls=True).alias("joined"))["joined"]
        read = to_flags(cells) if target == SCANNER else to_times(cells, zone_of(target))
        found.append(read.values.rename(attribute_of(target) or target))
        problems += _cell_problems(table, " + ".join(headers), read.errors)
    return found, problems


def _without_blanks(
    table: pl.DataFrame, gaps: pl.DataFrame, naming: Sequence[str], figures: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leaves out rows that have neither a name in `naming` nor a figure: blank lines, footnotes. Gaps follow."""
    told = [*naming, *figures]
    if any(not table[c].null_count() for c in told):
        return table, gaps
    something = pl.any_horizontal(pl.col(told).is_not_null()) | pl.col("index").is_in(gaps["index"].implode())
    kept = table.with_row_index("index").filter(something)
    places = kept.select("index", new=pl.int_range(pl.len(), dtype=pl.UInt32))
    moved = gaps.join(places, on="index").select(pl.col("new").alias("index"), "column", "reason")
    return kept.drop("index"), moved


def _cell_problems(table: RawTable, header: str, errors: pl.DataFrame) -> list[Problem]:
    problems = []
    for index, value, reason in errors.head(SHOWN).iter_rows():
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
    columns = [_name(header_of[level]).alias(level) for level in levels]
    parts = [_name(h) for h, t in names.items() if t == STATION]
    if parts:
        station = pl.concat_str(parts, separator="-", ignore_nulls=True)
        # Cells that are all blank join to an empty text.
        return raw.select(*columns, pl.when(station != "").then(station).alias("station")), ()
    name = bare_name(table.name)
    notice = (
        f"{table.name} has no column of polling stations: each of its {raw.height:,} rows is taken as one "
        "pseudo-station, counted in every sum and left out of tests that need real stations."
    )
    return raw.select(*columns, pl.repeat(name, pl.len(), dtype=pl.String).alias("station")), (notice,)


def _name(header: str) -> pl.Expr:
    """A name as text without blanks around it; null where there is none."""
    name = pl.col(header).str.strip_chars()
    return pl.when(name != "").then(name)


def _repeated_places(table: RawTable, framed: pl.DataFrame, levels: Sequence[str], form: Form) -> list[Problem]:
    """Several rows of one place can only be its stations: then the column that tells them apart is missing."""
    if not levels or not form.station:
        return []
    again = framed.filter(framed.select(levels).is_duplicated())["row"]
    if not again.len():
        return []
    text = f"is missing: {again.len():,} rows, the first of them row {again[0]:,}, are of the same place as others."
    hint = "Is it under another name? `tallyscope inspect` shows every column and writes a mapping to correct."
    return [Problem(table.name, text, hint, column=form.station[0][0])]


def _pseudo_header(table: RawTable, form: Form) -> str | None:
    wanted = {normalised(name) for name in form.pseudo.names} if form.pseudo else set()
    return next((h for h in table.headers if normalised(h) in wanted), None)


def _kind(raw: pl.DataFrame, names: Mapping[str, str], form: Form, pseudo: str | None) -> pl.Series:
    if STATION not in names.values():
        return pl.Series("kind", ["pseudo"]).new_from_index(0, raw.height)
    if pseudo is None or form.pseudo is None:
        return pl.Series("kind", ["station"]).new_from_index(0, raw.height)
    is_pseudo = pl.col(pseudo).str.strip_chars().is_in(form.pseudo.values)
    return raw.select(pl.when(is_pseudo).then(pl.lit("pseudo")).otherwise(pl.lit("station")).alias("kind"))["kind"]
