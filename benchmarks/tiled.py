"""A country as large as one likes with protocols as they are: Russia 2012 again and again, under new names."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tallyscope.returns.table import Returns

__all__ = ["tiled"]


def tiled(returns: Returns, stations: int) -> Returns:
    """So many rows; the regions of the second copy are called "... (2)", and so on."""
    top, copies = returns.levels[0], -(-stations // len(returns))
    parts = [
        returns.table.with_columns(pl.format("{} ({})", pl.col(top), pl.lit(i + 1)).alias(top))
        for i in range(copies)
    ]
    # The registry's number of stations is that of one copy.
    election = replace(returns.election, stations=stations, official=None)
    return replace(returns, table=pl.concat(parts).head(stations), election=election)
