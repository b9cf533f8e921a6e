"""Which kinds of station are in, and which are still out: by voters on the list (Honduras 2017: nobody said)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from tallyscope.tally import tally
from tallyscope.web.public.published import Published

__all__ = ["Kind", "kinds", "voters_out"]

#: Voters on the list at which classes begin; the last one has no end.
_BOUNDS = (0, 100, 500, 1000, 1500, 2000, 3000)


@dataclass(frozen=True)
class Kind:
    """Stations with `low` ... `high` voters (None: no end): how many, how many are in, the figures of those."""

    low: int
    high: int | None
    done: int
    of: int
    figures: dict[str, int | float | None]


def kinds(published: Published) -> tuple[Kind, ...]:
    """The classes of size that have a station; empty if the list of stations does not say how many voters."""
    if published.voters is None:
        return ()
    returns, voters = published.returns, pl.lit(published.voters)
    found = []
    for low, high in pairwise((*_BOUNDS, None)):
        assert low is not None
        inside = (voters >= low) & (pl.lit(True) if high is None else voters < high)
        row = tally(returns.filter(inside, pl.col("kind") == "station")).row(0, named=True)
        if row["stations"]:
            done = row["stations"] - row["empty"]
            found.append(Kind(low, None if high is None else high - 1, done, row["stations"], row))
    return tuple(found)


def voters_out(published: Published) -> int | None:
    """Voters on the lists of the stations without a protocol; None if a list of theirs is not known."""
    if published.voters is None:
        return None
    out = published.returns.table.select(
        (pl.col("kind") == "station") & (pl.col("status") == "empty"), pl.lit(published.voters).alias("voters")
    ).filter(pl.first())["voters"]
    return None if out.null_count() else int(out.sum())
