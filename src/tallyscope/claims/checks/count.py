"""The count that claims are held against: the protocols that are published, and the declared totals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.claims.checks.printed import Printed
from tallyscope.returns.table import Returns

__all__ = ["BASES", "Base", "Count", "NoCount", "Totals", "count_of"]

Ints = npt.NDArray[np.int64]
Base = Literal["cast", "valid"]
BASES: tuple[Base, ...] = ("cast", "valid")


class NoCount(ValueError):
    """The returns do not hold the figures that a claim is to be held against."""


@dataclass(frozen=True)
class Totals:
    """Sums of the whole election. `cast` may be known to a range only, where it was printed as a share's base."""

    votes: dict[str, int]
    valid: int
    cast: tuple[int, int]
    registered: int | None

    def base(self, base: Base) -> int:
        """The denominator; the middle of its range where it is known to a range."""
        return self.valid if base == "valid" else (self.cast[0] + self.cast[1]) // 2

    def share(self, choice: str, base: Base) -> float:
        """Per cent of `base`. Raises KeyError for a choice without votes."""
        return 100 * self.votes[choice] / self.base(base)


@dataclass(frozen=True, eq=False)
class Count:
    """`votes`: (protocols, choices); `cast`, `valid`: (protocols,); rows whose figures are known.

    `protocols`: how many there are to be. `rows`: (protocols,) their rows in the Returns. `official`: None where
    the registry knows none, or where they equal `released`.
    """

    returns: Returns
    choices: tuple[str, ...]
    votes: Ints
    cast: Ints
    valid: Ints
    rows: Ints
    protocols: int
    released: Totals
    official: Totals | None

    @property
    def declared(self) -> Totals:
        """The official totals, or those of the protocols where there are no other."""
        return self.official or self.released

    def base(self, base: Base) -> Ints:
        """(protocols,) the denominator of each."""
        return self.cast if base == "cast" else self.valid


def count_of(returns: Returns) -> Count:
    """Picks the figures. Raises NoCount where the protocols tell no votes or no ballots."""
    columns = [*returns.votes_columns, "cast", "valid"]
    if not returns.choices or not returns.has("cast", "valid"):
        raise NoCount("the returns have no votes, or neither ballots cast nor valid votes")
    known = returns.table.with_row_index("__row").drop_nulls(columns)
    votes = known.select(returns.votes_columns).to_numpy().astype(np.int64)
    ids = tuple(c.id for c in returns.choices)
    cast, valid = (known[c].cast(pl.Int64).to_numpy() for c in ("cast", "valid"))
    if not int(cast.sum()):
        raise NoCount("no protocol tells a single ballot")
    registered = int(known["registered"].sum()) if returns.has("registered") else None
    sums = dict(zip(ids, (int(n) for n in votes.sum(axis=0)), strict=True))
    released = Totals(sums, int(valid.sum()), (int(cast.sum()),) * 2, registered)
    official = _official(returns)
    election = returns.election
    return Count(
        returns=returns,
        choices=ids,
        votes=votes,
        cast=cast,
        valid=valid,
        rows=known["__row"].cast(pl.Int64).to_numpy(),
        protocols=election.protocols or election.stations or len(returns),
        released=released,
        official=official if official and (official.votes, official.cast) != (sums, released.cast) else None,
    )


def _official(returns: Returns) -> Totals | None:
    """What the registry has; None unless it knows the votes of every choice."""
    official = returns.election.official
    if official is None or any(c.id not in official.votes for c in returns.choices):
        return None
    votes = {c.id: official.votes[c.id] for c in returns.choices}
    lines = official.lines
    cast, valid = lines.get("cast"), lines.get("valid")
    if cast is None and valid is not None and "invalid" in lines:
        cast = valid + lines["invalid"]
    if valid is None and cast is not None and "invalid" in lines:
        valid = cast - lines["invalid"]
    between = (cast, cast) if cast is not None else _implied(returns)
    if valid is None or between is None:
        return None
    return Totals(votes, valid, between, lines.get("registered"))


def _implied(returns: Returns) -> tuple[int, int] | None:
    """Ballots cast, from votes and their printed shares: what is in the range of every one of them."""
    official, low, high = returns.election.official, Fraction(0), Fraction(10**12)
    if official is None or returns.election.form.denominator != "cast" or not official.shares:
        return None
    for choice, text in official.shares.items():
        printed = Printed.of(text)
        low = max(low, 100 * official.votes[choice] / printed.high)
        high = min(high, 100 * official.votes[choice] / printed.low)
    return (int(low), int(high)) if low <= high else None
