"""What protocols say before a mechanism: which can be changed, their figures, and how far they can be changed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.returns.table import Returns

__all__ = ["changeable", "figures_at", "known_at", "lowest_cast", "room_at", "taking_part", "votes_at"]

Ints = npt.NDArray[np.int64]

#: Ballots of these lines can be taken back: what is issued in the station, and the boxes that stand there.
_TAKEN_BACK = ("issued_in_station", "stationary")
#: Voters of whom each took a ballot, whatever else is written.
_SURE = ("certificates_used", "added")


def taking_part(returns: Returns) -> str:
    """The column whose quotient with `registered` is the turnout: ballots issued, or cast where none are issued."""
    return "issued" if returns.has("issued") else "cast"


def changeable(returns: Returns) -> npt.NDArray[np.bool_]:
    """Which rows are ordinary stations whose figures are known, with no more ballots than voters, (rows,)."""
    columns = ["registered", taking_part(returns), "cast", "invalid", "valid", *returns.votes_columns]
    known = pl.all_horizontal(pl.col(columns).is_not_null())
    sound = pl.max_horizontal(taking_part(returns), "cast") <= pl.col("registered")
    good = known & sound & (pl.col("kind") == "station") & (pl.col("status") == "reported")
    return returns.table.select(good.fill_null(False)).to_series().to_numpy()


def figures_at(returns: Returns, column: str, at: Ints) -> Ints:
    """One column at the rows `at`, (at,) int64; the rows must be known."""
    return returns.table[column].gather(at).cast(pl.Int64).to_numpy()


def known_at(returns: Returns, column: str, at: Ints) -> Ints:
    """A line that is not known counts as zero, (at,)."""
    return returns.table[column].gather(at).fill_null(0).cast(pl.Int64).to_numpy()


def votes_at(returns: Returns, at: Ints) -> Ints:
    """The votes of every choice at the rows `at`, (at, choices) int64."""
    return np.column_stack([figures_at(returns, c, at) for c in returns.votes_columns])


def room_at(returns: Returns, at: Ints) -> Ints:
    """How many ballots can be added at the rows `at` before there are more than voters on the list, (at,)."""
    used = [figures_at(returns, c, at) for c in (taking_part(returns), "cast")]
    if returns.has("voted"):
        used.append(known_at(returns, "voted", at))
    room: Ints = np.maximum(figures_at(returns, "registered", at) - np.max(used, axis=0), 0)
    return room


def lowest_cast(returns: Returns, at: Ints) -> Ints:
    """How few ballots the rows `at` can have while their early, home and certificate lines stay, (at,)."""
    back = [figures_at(returns, "cast", at)]
    back += [known_at(returns, c, at) for c in _TAKEN_BACK if returns.has(c)]
    sure = [known_at(returns, c, at) for c in _SURE if returns.has(c)]
    if sure:
        back.append(figures_at(returns, taking_part(returns), at) - np.sum(sure, axis=0))
    lowest: Ints = figures_at(returns, "cast", at) - np.maximum(np.min(back, axis=0), 0)
    return lowest
