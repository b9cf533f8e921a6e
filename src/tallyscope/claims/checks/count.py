"""The count that claims are held against: the protocols that are published, and the declared totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.claims.checks.printed import Printed
from tallyscope.election.election import Choice, Election, Official
from tallyscope.election.relation import CHOICES
from tallyscope.returns.table import Returns

__all__ = ["BASES", "Base", "Count", "Declared", "NoCount", "Totals", "count_of", "declared_of"]

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


@dataclass(frozen=True)
class Declared:
    """What the registry alone knows of an election: its official totals, no protocols.

    `completed`: the official figures are of some choices only; the others are sums of published protocols.
    """

    election: Election
    official: Totals
    released: None = None
    confirmed: bool = False
    completed: bool = False

    @property
    def declared(self) -> Totals:
        """The official totals."""
        return self.official


def declared_of(election: Election) -> Declared | None:
    """None unless the registry knows the votes of every choice and what they are shares of, or their sums."""
    official = _official(election, election.choices)
    if official is not None:
        return Declared(election, official)
    if election.tallied is None:
        return None
    told = election.official or Official("")
    lines, votes = {**election.tallied.lines, **told.lines}, {**election.tallied.votes, **told.votes}
    whole = replace(election, official=Official(election.tallied.source, lines, votes))
    completed = _official(whole, election.choices)
    return Declared(election, completed, completed=True) if completed is not None else None


@dataclass(frozen=True, eq=False)
class Count:
    """`votes`: (protocols, choices); `cast`, `valid`: (protocols,); rows whose figures are known.

    `protocols`: how many there are to be. `rows`: (protocols,) their rows in the Returns. `official`: None where
    the registry knows none, or where they equal `released`; `confirmed` says which.
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
    confirmed: bool = False
    completed: bool = False

    @property
    def election(self) -> Election:
        """The election that was counted."""
        return self.returns.election

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
    official = _official(returns.election, returns.choices)
    election = returns.election
    equal = official is not None and (official.votes, official.cast) == (sums, released.cast)
    return Count(
        returns=returns,
        choices=ids,
        votes=votes,
        cast=cast,
        valid=valid,
        rows=known["__row"].cast(pl.Int64).to_numpy(),
        protocols=election.protocols or election.stations or len(returns),
        released=released,
        official=None if equal else official,
        confirmed=equal,
    )


def _official(election: Election, choices: Sequence[Choice]) -> Totals | None:
    """What the registry has; None unless it knows the votes of every choice."""
    official = election.official
    if official is None or any(c.id not in official.votes for c in choices):
        return None
    votes = {c.id: official.votes[c.id] for c in choices}
    lines = {**_derived(election, official.lines, votes), **official.lines}
    valid, cast, invalid = (lines.get(role) for role in ("valid", "cast", "invalid"))
    if valid is None and cast is not None and invalid is not None:
        valid = cast - invalid
    if valid is None and len(choices) == len(election.choices) and election.form.line_of("blank") is None:
        # Where a blank ballot is an invalid one, every valid ballot is somebody's vote.
        valid = sum(votes.values())
    if cast is None and valid is not None and invalid is not None:
        cast = valid + invalid
    between = (cast, cast) if cast is not None else _implied(election)
    if valid is None or between is None:
        return None
    return Totals(votes, valid, between, lines.get("registered"))


def _derived(election: Election, lines: Mapping[str, int], votes: Mapping[str, int]) -> dict[str, int]:
    """Figures that the form does not print, where every figure they are computed from is known."""
    known = {**lines, CHOICES: sum(votes.values())} if len(votes) == len(election.choices) else lines
    return {
        role: int(sum(factor * known[of] for of, factor in linear.terms.items()) + linear.constant)
        for role, linear in election.form.derived.items()
        if all(of in known for of in linear.terms)
    }


def _implied(election: Election) -> tuple[int, int] | None:
    """Ballots cast, from votes and their printed shares: what is in the range of every one of them."""
    official, low, high = election.official, Fraction(0), Fraction(10**12)
    if official is None or election.form.denominator != "cast" or not official.shares:
        return None
    for choice, text in official.shares.items():
        printed = Printed.of(text)
        low = max(low, 100 * official.votes[choice] / printed.high)
        high = min(high, 100 * official.votes[choice] / printed.low)
    return (ceil(low), floor(high)) if ceil(low) <= floor(high) else None
