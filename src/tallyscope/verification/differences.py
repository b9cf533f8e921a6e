"""Who gains: the lines that differ, and what they come to by line, choice and commission."""

from __future__ import annotations

import polars as pl

from tallyscope.tally.sums import NATION, level_keys, level_named
from tallyscope.verification.beside import COPY, DIFFERENCE, OFFICIAL, Beside

__all__ = ["differing_lines", "gains", "unequal_stations"]


def differing_lines(compared: Beside) -> pl.DataFrame:
    """Every line on which protocol and copy say something else: levels, station, figure and the two numbers.

    Columns after `figure`: `official`, `copy`, `difference` (official less copy). A line that either of them does
    not tell (missing, illegible) is no difference.
    """
    levels = [*compared.official.levels, "station"]
    parts = [
        compared.stations.with_row_index("__row")
        .select(
            "__row",
            *levels,
            pl.lit(figure).alias("figure"),
            pl.col(OFFICIAL + figure).alias("official"),
            pl.col(COPY + figure).alias("copy"),
            (pl.col(OFFICIAL + figure) - pl.col(COPY + figure)).alias(DIFFERENCE),
        )
        .filter(pl.col(DIFFERENCE) != 0)
        for figure in compared.figures
    ]
    return pl.concat(parts).sort("__row", maintain_order=True).drop("__row")


def unequal_stations(compared: Beside) -> int:
    """Stations with at least one differing line."""
    levels = [*compared.official.levels, "station"]
    return differing_lines(compared).select(levels).n_unique()


def gains(compared: Beside, by: str = NATION) -> pl.DataFrame:
    """What the differences come to for every figure, at a level.

    Columns: the levels down to `by`; `figure`; `compared` (stations where both tell it), of which `same`, `higher`
    and `lower` (the official one is); `official` and `copy`, sums over these stations; `difference`, official less
    copy: what the official protocols give more than the copies do. Raises UnknownLevel.
    """
    keys = level_keys(compared.official, level_named(compared.official, by))
    parts = []
    for figure in compared.figures:
        official, copy = pl.col(OFFICIAL + figure), pl.col(COPY + figure)
        told = compared.stations.filter(official.is_not_null() & copy.is_not_null())
        columns = [
            pl.lit(figure).alias("figure"),
            pl.len().cast(pl.Int64).alias("compared"),
            (official == copy).sum().cast(pl.Int64).alias("same"),
            (official > copy).sum().cast(pl.Int64).alias("higher"),
            (official < copy).sum().cast(pl.Int64).alias("lower"),
            official.sum().alias("official"),
            copy.sum().alias("copy"),
            (official - copy).sum().alias(DIFFERENCE),
        ]
        parts.append(told.group_by(keys, maintain_order=True).agg(columns) if keys else told.select(columns))
    return pl.concat(parts)
