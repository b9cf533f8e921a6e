"""What kind of thing a column holds, before anybody asks what it means: counts, codes, shares, times, text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

__all__ = ["Column", "Kind", "look_at"]

Kind = Literal["count", "code", "decimal", "text", "time", "link", "flag", "empty"]

#: Rows that are looked at before a whole column is.
_GLANCE = 400
#: More cells than this that are no counts, and the column is none of counts.
_DIRT = 0.02
_NUMERIC = r"^[+-]?[0-9][0-9 \u00a0\u202f.,'’]*$"
_FLAGS = {"true", "false", "yes", "no", "да", "нет", "sí", "si", "evet", "hayır", "po", "jo"}
_TIME = re.compile(
    r"^(\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}( .*)?|\d{1,2}:\d\d(:\d\d)?)$"
)


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the file. `counts`: (rows,) Int64 where it holds whole numbers >= 0, else None."""

    name: str
    position: int
    kind: Kind
    series: pl.Series
    counts: pl.Series | None = None
    evidence: tuple[str, ...] = ()


def look_at(series: pl.Series, position: int) -> Column:
    """Finds the kind of a column."""
    name, dtype = series.name, series.dtype
    if series.null_count() == series.len():
        return Column(name, position, "empty", series, evidence=("no cell is filled",))
    if dtype == pl.Boolean:
        return Column(name, position, "flag", series, evidence=("yes or no",))
    if dtype.is_temporal():
        return Column(name, position, "time", series, evidence=("dates or times",))
    if dtype.is_integer():
        return _whole(name, position, series, series.cast(pl.Int64))
    if dtype.is_float():
        return _float(name, position, series.fill_nan(None))
    return _text(name, position, series.cast(pl.String))


def _whole(name: str, position: int, series: pl.Series, counts: pl.Series) -> Column:
    low = counts.min()
    if isinstance(low, int) and low < 0:
        negative = int((counts < 0).sum())
        if negative > _DIRT * counts.len():
            return Column(name, position, "decimal", series, evidence=(f"{negative:,} numbers below zero",))
        counts = counts.set(counts < 0, None)
    return Column(name, position, "count", series, counts)


def _float(name: str, position: int, series: pl.Series) -> Column:
    known = series.drop_nulls()
    if not known.len():
        return Column(name, position, "empty", series, evidence=("no cell is filled",))
    whole = known == known.round()
    if int(whole.sum()) >= (1 - _DIRT) * known.len():
        counts = series.set(series != series.round(), None).cast(pl.Int64, strict=False)
        return _whole(name, position, series, counts)
    return Column(name, position, "decimal", series, evidence=(_range(known),))


def _range(known: pl.Series) -> str:
    low, high = known.min(), known.max()
    if isinstance(low, float) and isinstance(high, float) and low >= 0 and high <= 1:
        return "fractions between 0 and 1: a derived share"
    if isinstance(low, float) and isinstance(high, float) and low >= 0 and high <= 100.0001:
        return "decimals between 0 and 100: a derived share"
    return "decimals: no counts"


def _text(name: str, position: int, series: pl.Series) -> Column:
    step = max(1, series.len() // _GLANCE)
    glance = series.gather_every(step).drop_nulls().str.strip_chars()
    glance = glance.filter(glance != "") if glance.len() else series.drop_nulls().head(_GLANCE).str.strip_chars()
    if glance.str.contains(r"^https?://|^www\.").sum() > glance.len() / 2:
        return Column(name, position, "link", series, evidence=("links",))
    numeric = int(glance.str.contains(_NUMERIC).sum())
    if glance.len() and numeric >= 0.9 * glance.len():
        return _numeric_text(name, position, series)
    if 0 < glance.n_unique() <= 2 and set(glance.str.to_lowercase()) <= _FLAGS:
        return Column(name, position, "flag", series, evidence=("yes or no",))
    if glance.len() and sum(bool(_TIME.match(v)) for v in glance.head(50)) > 0.8 * min(50, glance.len()):
        return Column(name, position, "time", series, evidence=("dates or times",))
    return Column(name, position, "text", series)


def _numeric_text(name: str, position: int, series: pl.Series) -> Column:
    """Text that looks like numbers: counts, unless leading zeros or decimals say otherwise."""
    from tallyscope.returns.reading.figures import to_counts

    plain = series.cast(pl.Int64, strict=False)
    zeros = series.str.contains(r"^0[0-9]").sum()
    if zeros:
        evidence = f"numbers with leading zeros in {zeros:,} cells: a code, to be read as text"
        return Column(name, position, "code", series, evidence=(evidence,))
    if plain.null_count() == series.null_count():
        return _whole(name, position, series, plain)
    read = to_counts(series)
    if read.errors.height <= _DIRT * series.len() and read.counts.null_count() < series.len():
        return _whole(name, position, series, read.counts)
    decimal = series.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    if decimal.null_count() <= series.null_count() + 0.1 * series.len():
        return _float(name, position, decimal.rename(name))
    return Column(name, position, "text", series)
