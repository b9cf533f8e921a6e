"""Writes tables for people: CSV that a spreadsheet shows and never runs."""

from __future__ import annotations

from pathlib import Path

import polars as pl

__all__ = ["neutralised", "safe_csv"]

#: A cell that begins with one of these may be run as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralised(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells and column names that a spreadsheet might run begin with an apostrophe; numbers are untouched."""
    out = frame.with_columns(_guarded(name) for name, dtype in frame.schema.items() if dtype == pl.String)
    return out.rename({name: f"'{name}" for name in frame.columns if name.startswith(_FORMULA)})


def safe_csv(frame: pl.DataFrame, path: Path | str) -> Path:
    """Writes a frame as UTF-8 CSV with a header, its formulas neutralised. Raises OSError."""
    path = Path(path)
    neutralised(frame).write_csv(path)
    return path


def _guarded(name: str) -> pl.Expr:
    text = pl.col(name)
    risky = pl.any_horizontal([text.str.starts_with(mark) for mark in _FORMULA])
    return pl.when(risky).then("'" + text).otherwise(text).alias(name)
