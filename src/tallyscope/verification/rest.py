"""What the announced total leaves for the stations whose protocols are not known."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import votes_column
from tallyscope.returns.table import Returns

__all__ = ["Rest", "rest_of"]


@dataclass(frozen=True)
class Rest:
    """One choice: known protocols, and the announced total less them. Shares in per cent of the form's denominator.

    `stations`: protocols that tell both the votes and the denominator; the shares are over these alone, so that the
    rest is every other station of the country. `votes`, `ballots`: of the rest; negative if the known protocols
    hold more than was announced for the whole country, which no country can.
    """

    choice: Choice
    stations: int
    known_votes: int
    known_share: float | None
    votes: int
    ballots: int
    share: float | None

    @property
    def known_part(self) -> float | None:
        """Per cent of the choice's announced votes that the known protocols hold."""
        whole = self.known_votes + self.votes
        return 100 * self.known_votes / whole if whole else None


def rest_of(returns: Returns) -> tuple[Rest, ...]:
    """The rest for every choice whose total was announced; () without totals of votes and of the denominator."""
    official, denominator = returns.election.official, returns.election.form.denominator
    total = official.lines.get(denominator) if official else None
    if official is None or total is None:
        return ()
    return tuple(_of(returns, c, official.votes[c.id], total) for c in returns.choices if c.id in official.votes)


def _of(returns: Returns, choice: Choice, announced: int, total: int) -> Rest:
    denominator = returns.election.form.denominator
    part = returns.known(votes_column(choice.id), denominator)
    sums = part.table.select(pl.col(votes_column(choice.id)).sum(), pl.col(denominator).sum())
    votes, ballots = (int(n) for n in sums.row(0))
    left_votes, left = announced - votes, total - ballots
    return Rest(
        choice,
        len(part),
        votes,
        100 * votes / ballots if ballots else None,
        left_votes,
        left,
        100 * left_votes / left if left > 0 else None,
    )
