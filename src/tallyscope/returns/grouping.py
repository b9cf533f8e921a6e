"""Units side by side: which level divides the country, and what its units are called."""

from __future__ import annotations

import polars as pl

from tallyscope.returns.table import Returns

__all__ = ["path_to", "unit_names", "upper_level"]

#: Part of all rows that one unit may have before a level counts as not dividing the country.
_LARGEST = 0.6


def upper_level(returns: Returns) -> str | None:
    """The level to set side by side: the first whose largest unit has no more than so much of the rows.

    A file may name the country first, or put nearly everybody into one unit; that is no comparison. The top level
    if none divides better; None if there is no level.
    """
    for level in returns.levels:
        sizes = returns.table[level].drop_nulls().value_counts()["count"]
        if sizes.len() > 1 and (sizes.max() or 0) <= _LARGEST * len(returns):  # type: ignore[operator]
            return level
    return returns.levels[0] if returns.levels else None


def path_to(returns: Returns, level: str) -> list[str]:
    """The levels from the top one down to `level`."""
    return list(returns.levels[: returns.levels.index(level) + 1])


def unit_names(units: pl.DataFrame, path: list[str]) -> pl.Series:
    """What units are called, (units,) text: the last part of their path, with its parent where names repeat."""
    own = units[path[-1]].fill_null("(not stated)")
    if own.n_unique() == units.height or len(path) < 2:
        return own.alias("name")
    return units.select(pl.concat_str(path[-2:], separator=" / ", ignore_nulls=True).alias("name"))["name"]
