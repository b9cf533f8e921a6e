"""Cells into counts: what is a number, what is missing, what is illegible, and what is an error."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Figures", "to_counts"]

#: What files write where there is no figure.
MISSING = ("", "-", "–", "—", "na", "n/a", "nan", "null", "none", "нет", "нет данных", "н/д", "...", "..", "*")
#: What they write where a figure was there and cannot be read.
ILLEGIBLE = ("?", "??", "???", "illegible", "неразборчиво", "нрзб", "нрзб.", "н/р")
#: Counts above this are not of this world; it also keeps every sum of them within 64 bits.
MAX_COUNT = 10**10
_SPACES = r"[\s\u00a0\u202f\u2009]"
_GROUPED = r"^[+-]?\d{1,3}(?:([,.' \u00a0\u202f\u2009’])\d{3})(?:[,.' \u00a0\u202f\u2009’]\d{3})*$"
_WHOLE_DECIMAL = r"^[+-]?\d+[.,]0+$"


@dataclass(frozen=True)
class Figures:
    """A column of counts (Int64, null: unknown), the rows that are illegible, and the rows that are errors."""

    counts: pl.Series
    illegible: pl.Series
    #: index (UInt32), value (text as in the file), reason ("text", "negative", "fraction", "huge").
    errors: pl.DataFrame


def to_counts(cells: pl.Series) -> Figures:
    """Reads a column of a file as counts. `cells`: (rows,) of integers, floats or text."""
    frame = pl.DataFrame({"raw": cells}).with_row_index("index")
    if cells.dtype.is_integer():
        frame = frame.with_columns(n=pl.col("raw").cast(pl.Int64), text=pl.lit(""))
    elif cells.dtype.is_float():
        whole = (pl.col("raw") == pl.col("raw").round()) & pl.col("raw").is_finite()
        nan = pl.col("raw").is_nan()
        frame = frame.with_columns(
            n=pl.when(whole).then(pl.col("raw")).cast(pl.Int64, strict=False),
            text=pl.when(nan | pl.col("raw").is_null()).then(pl.lit("")).otherwise(pl.col("raw").cast(pl.String)),
        )
    else:
        text = pl.col("raw").cast(pl.String).str.strip_chars().fill_null("")
        frame = frame.with_columns(text=text).with_columns(n=_number("text"))
    return _sorted_out(frame)


def _number(column: str) -> pl.Expr:
    """Plain digits, digits in groups of three (1 234, 1,234, 1.234), or a whole number written 12.0."""
    text = pl.col(column)
    grouped = text.str.contains(_GROUPED)
    digits = (
        pl.when(grouped)
        .then(text.str.replace_all(_SPACES + "|[,.'’]", ""))
        .when(text.str.contains(_WHOLE_DECIMAL))
        .then(text.str.replace(r"[.,]0+$", ""))
        .otherwise(text)
    )
    return digits.cast(pl.Int64, strict=False)


def _sorted_out(frame: pl.DataFrame) -> Figures:
    low = pl.col("text").str.to_lowercase()
    frame = frame.with_columns(missing=low.is_in(MISSING), illegible=low.is_in(ILLEGIBLE))
    given = ~pl.col("missing") & ~pl.col("illegible")
    reason = (
        pl.when(pl.col("n") < 0)
        .then(pl.lit("negative"))
        .when(pl.col("n") > MAX_COUNT)
        .then(pl.lit("huge"))
        .when(pl.col("n").is_null() & given & pl.col("text").str.contains(r"^[+-]?\d*[.,]\d+([eE][+-]?\d+)?$"))
        .then(pl.lit("fraction"))
        .when(pl.col("n").is_null() & given)
        .then(pl.lit("text"))
    )
    frame = frame.with_columns(reason=reason)
    errors = frame.filter(pl.col("reason").is_not_null())
    return Figures(
        counts=frame.select(pl.when(pl.col("reason").is_null()).then("n").alias("n"))["n"],
        illegible=frame.filter("illegible")["index"],
        errors=errors.select("index", pl.col("raw").cast(pl.String).alias("value"), "reason"),
    )
