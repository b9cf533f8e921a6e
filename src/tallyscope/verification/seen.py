"""Ballots that somebody saw, against the votes announced: a count seen is a lower bound of the true count.

Voters send photos of their ballots to a platform. If the photos are of real ballots, each once, a station where
more ballots of a choice were seen than votes announced has an announced figure that is too low, by arithmetic; and
what was seen for the others leaves at most the rest of the ballots to a choice. Nothing is inferred of ballots that
nobody saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import votes_column
from tallyscope.tally.sums import NATION, level_keys, level_named
from tallyscope.verification.beside import COPY, OFFICIAL, Beside

__all__ = ["BoundsOfChoice", "choice_bounds", "seen_beyond"]


@dataclass(frozen=True)
class BoundsOfChoice:
    """One choice over the stations where the announced votes and the ballots seen are both known.

    `below`: stations that announced fewer votes than were seen; `missing`: at least so many votes are missing
    there. `above`: stations that announced more votes than the others' seen ballots leave of the ballots cast;
    `beyond`: at least so many votes are too many there. None for both where no station tells its ballots cast.
    """

    choice: Choice
    stations: int
    announced: int
    seen: int
    below: int
    missing: int
    above: int | None
    beyond: int | None


def seen_beyond(compared: Beside, choice: Choice, by: str = NATION) -> pl.DataFrame:
    """One choice's bounds at a level, with the columns of BoundsOfChoice. `compared.copies` carries counts seen.

    `above` and `beyond` are null where no station of the unit tells its ballots cast. Raises UnknownLevel, and
    ValueError if the choice's votes are not in both tables.
    """
    column = votes_column(choice.id)
    if column not in compared.figures:
        raise ValueError(f"{choice.name} has no votes in both tables")
    keys = level_keys(compared.official, level_named(compared.official, by))
    announced, seen = pl.col(OFFICIAL + column), pl.col(COPY + column)
    short = seen - announced
    long = announced - _left_by_others(compared, column)
    columns = [
        pl.len().cast(pl.Int64).alias("stations"),
        announced.sum().alias("announced"),
        seen.sum().alias("seen"),
        (short > 0).sum().cast(pl.Int64).alias("below"),
        short.clip(0).sum().alias("missing"),
        pl.when(long.count() > 0).then((long > 0).sum().cast(pl.Int64)).alias("above"),
        pl.when(long.count() > 0).then(long.clip(0).sum()).alias("beyond"),
    ]
    told = compared.stations.filter(announced.is_not_null() & seen.is_not_null())
    return told.group_by(keys, maintain_order=True).agg(columns) if keys else told.select(columns)


def _left_by_others(compared: Beside, column: str) -> pl.Expr:
    """Ballots cast less those seen for every other choice; a count nobody has is no ballot seen."""
    others = [votes_column(c.id) for c in compared.official.choices]
    seen = [pl.col(COPY + c).fill_null(0) for c in others if c != column and c in compared.figures]
    return pl.col(OFFICIAL + "cast") - reduce(add, seen, pl.lit(0, dtype=pl.Int64))


def choice_bounds(compared: Beside) -> tuple[BoundsOfChoice, ...]:
    """Every choice's bounds over all stations, the choice with the most missing votes first."""
    chosen = [c for c in compared.official.choices if votes_column(c.id) in compared.figures]
    found = [BoundsOfChoice(c, *seen_beyond(compared, c).row(0)) for c in chosen]
    return tuple(sorted(found, key=lambda b: -b.missing))
