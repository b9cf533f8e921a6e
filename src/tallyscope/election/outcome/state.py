"""What an outcome is told from: the sums of what is in, and bounds of what is out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Counted", "Out", "more_than_half"]


@dataclass(frozen=True)
class Counted:
    """Sums of the protocols that are in. `votes`: choice id -> votes; `base`: the law's denominator of shares.

    Raises ValueError for negative figures, or more votes than the denominator has.
    """

    votes: Mapping[str, int]
    base: int

    def __post_init__(self) -> None:
        if min((*self.votes.values(), self.base), default=0) < 0:
            raise ValueError("votes and ballots are not negative")
        if sum(self.votes.values()) > self.base:
            raise ValueError(f"{sum(self.votes.values()):,} votes of {self.base:,} ballots")

    def ranked(self) -> list[str]:
        """The choices, most votes first; equal ones stay in the order of the form."""
        return sorted(self.votes, key=lambda c: -self.votes[c])

    def plus(self, choice: str | None, ballots: int) -> Counted:
        """As if so many ballots more were for one choice, or for none of them."""
        votes = dict(self.votes)
        if choice is not None:
            votes[choice] += ballots
        return Counted(votes, self.base + ballots)


@dataclass(frozen=True)
class Out:
    """What is not in. `stations`: without a protocol, or with one in which votes or ballots are not all known.

    `voters`: on the lists of those that have a number of them, `unlisted`: how many have none. No more ballots can
    come from a station than there are voters on its list; those added to it on the day are not in that number.
    """

    stations: int
    voters: int = 0
    unlisted: int = 0

    @property
    def most(self) -> int | None:
        """At most so many ballots; None where a station's list is not known, and anything could come of it."""
        return None if self.unlisted else self.voters


def more_than_half(votes: int, base: int) -> bool:
    """In whole numbers: exactly half is not more than half."""
    return 2 * votes > base
