"""Cells into counts: what is a number, what is missing, what is illegible, and what is an error.

Read as a count: plain digits ("1234", "+7", "007"); digits in groups of three with one and the same mark
("1 234 567", "1,234", "1.234", "1'234"); a whole number that a spreadsheet wrote with decimals ("12.0", "12,00").
A dot or a comma can mean either, so a column decides: where one of its cells can only be a decimal ("12.5",
"1234.00"), that mark is a decimal mark in all of them, and "1.234" is a fraction. Everything else is missing,
illegible, or an error.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Figures", "to_counts"]

#: What files write where there is no figure.
MISSING = (
    *("", "-", "--", "–", "—", "...", "..", "…", "*", "na", "n/a", "n.a.", "nan", "null", "none"),
    *("нет", "нет данных", "н/д", "н.д.", "s/d"),
)
#: What they write where a figure was there and cannot be read.
ILLEGIBLE = ("?", "??", "???", "illegible", "неразборчиво", "нрзб", "нрзб.", "н/р")
#: Counts above this are not of this world; it also keeps every sum of them within 64 bits.
MAX_COUNT = 10**10
_SPACE = r"[ \u00a0\u202f\u2009]"
_MARKS = {".": r"\.", ",": ",", "'": "['’]", " ": _SPACE}


@dataclass(frozen=True)
class Figures:
    """A column of counts (Int64, null: unknown), the rows that are illegible, and the rows that are errors."""

    counts: pl.Series
    illegible: pl.Series
    #: index (UInt32), value (text as in the file), reason ("text", "negative", "fraction", "huge").
    errors: pl.DataFrame


def to_counts(cells: pl.Series) -> Figures:
    """Reads a column of a file as counts. `cells`: (rows,) of integers, floats, booleans, dates or text."""
    if cells.dtype.is_integer():
        if _all_counts(cells):
            nothing = pl.DataFrame(schema={"index": pl.UInt32, "value": pl.String, "reason": pl.String})
            return Figures(cells.cast(pl.Int64), nothing["index"], nothing)
        return _sorted_out(cells, cells.cast(pl.Int64, strict=False), cells.cast(pl.String).fill_null(""))
    if cells.dtype.is_float():
        whole = (cells == cells.round()) & cells.is_finite()
        numbers = cells.set(~whole, None).cast(pl.Int64, strict=False)
        return _sorted_out(cells, numbers, cells.fill_nan(None).cast(pl.String).fill_null(""))
    text = cells.cast(pl.String).fill_null("").str.strip_chars()
    return _sorted_out(cells, _numbers(text), text)


def _all_counts(cells: pl.Series) -> bool:
    low, high = cells.min(), cells.max()
    return low is None or (int(low) >= 0 and int(high) <= MAX_COUNT)  # type: ignore[arg-type]


def _numbers(text: pl.Series) -> pl.Series:
    """Int64, null where the text is not a whole number in one of the ways above."""
    plain = text.cast(pl.Int64, strict=False)
    odd = text.filter(plain.is_null() & (text != ""))
    if not odd.len():
        return plain
    decimal = [mark for mark in ".," if _only_decimal(odd, mark).any()]
    grouping = "|".join(f"(?:{p}[0-9]{{3}})+" for mark, p in _MARKS.items() if mark not in decimal)
    whole_decimal = pl.col("t").str.replace(r"^([+-]?[0-9]+)[.,]0+$", "$1")
    ungrouped = pl.col("t").str.replace_all(r"[^0-9+-]", "")
    digits = (
        pl.when(pl.col("t").str.contains(rf"^[+-]?[1-9][0-9]{{0,2}}(?:{grouping})$"))
        .then(ungrouped)
        .otherwise(whole_decimal)
        .cast(pl.Int64, strict=False)
    )
    frame = pl.DataFrame({"t": text.str.replace("^−", "-"), "plain": plain})
    return frame.select(pl.coalesce("plain", digits).alias("n"))["n"]


def _only_decimal(text: pl.Series, mark: str) -> pl.Series:
    """Cells in which this mark cannot separate groups of three digits."""
    pattern = _MARKS[mark]
    decimal = text.str.contains(rf"^[+-]?[0-9]*{pattern}[0-9]+$")
    return decimal & ~text.str.contains(rf"^[+-]?[1-9][0-9]{{0,2}}{pattern}[0-9]{{3}}$")


def _sorted_out(cells: pl.Series, numbers: pl.Series, text: pl.Series) -> Figures:
    frame = pl.DataFrame({"raw": cells, "n": numbers, "text": text}).with_row_index("index")
    low = pl.col("text").str.to_lowercase()
    odd = pl.col("n").is_null() & ~low.is_in(MISSING) & ~low.is_in(ILLEGIBLE)
    reason = (
        pl.when(pl.col("n") < 0)
        .then(pl.lit("negative"))
        .when((pl.col("n") > MAX_COUNT) | (odd & pl.col("text").str.contains(r"^\+?[0-9]+$")))
        .then(pl.lit("huge"))
        .when(odd & pl.col("text").str.contains(r"^[+-]?[0-9]*[.,][0-9]+([eE][+-]?[0-9]+)?$"))
        .then(pl.lit("fraction"))
        .when(odd)
        .then(pl.lit("text"))
    )
    frame = frame.with_columns(reason=reason, illegible=low.is_in(ILLEGIBLE))
    errors = frame.filter(pl.col("reason").is_not_null())
    return Figures(
        counts=frame.select(pl.when(pl.col("reason").is_null()).then("n").alias("n"))["n"],
        illegible=frame.filter("illegible")["index"],
        errors=errors.select("index", pl.col("raw").cast(pl.String).alias("value"), "reason"),
    )
