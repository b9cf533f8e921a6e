"""Lists: who passes the threshold, certainly or not, and how many seats each has (library `apportionment`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tallyscope.election.outcome.rule import Method, PartyList
from tallyscope.election.outcome.state import Counted

__all__ = ["Passing", "TiedSeats", "passing", "seats"]

_NAMES: dict[Method, str] = {"dhondt": "dhondt", "sainte-lague": "saintelague", "hare": "largest_remainder"}


class TiedSeats(ValueError):
    """Lists are equal where the last seat is given out: the law says how that is settled, no count can."""


@dataclass(frozen=True)
class Passing:
    """Lists by the threshold, whatever comes in: `over` it, `under` it, or still `open`; most votes first."""

    over: tuple[str, ...]
    under: tuple[str, ...]
    open: tuple[str, ...]


def passing(rule: PartyList, counted: Counted, most: int | None) -> Passing:
    """`most`: ballots that may still come, None if nobody knows; then no list is certain of anything."""
    over, under, still = [], [], []
    for choice in counted.ranked():
        votes = counted.votes[choice]
        if most is not None and 100 * votes >= rule.threshold * (counted.base + most):
            over.append(choice)
        elif most is not None and 100 * (votes + most) < rule.threshold * (counted.base + most):
            under.append(choice)
        else:
            still.append(choice)
    return Passing(tuple(over), tuple(under), tuple(still))


def seats(rule: PartyList, votes: Mapping[str, int]) -> dict[str, int]:
    """Seats of the lists that passed; exact arithmetic. Raises TiedSeats; without any vote nobody has a seat."""
    from apportionment import methods

    if not sum(votes.values()):
        return dict.fromkeys(votes, 0)
    try:
        given = methods.compute(
            _NAMES[rule.method], list(votes.values()), rule.seats, fractions=True, tiesallowed=False
        )
    except methods.TiesException as error:
        raise TiedSeats("lists are equal where the last seat is given out") from error
    return {choice: int(n) for choice, n in zip(votes, given, strict=True)}
