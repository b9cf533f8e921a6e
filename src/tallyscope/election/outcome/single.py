"""One seat: who is elected by the sums, who certainly, who possibly, and who is in a run-off.

Votes of a rival never help, and for every rule here the worst that m ballots can do to a choice is to be all for
one of the others (or for nobody), the best to be all for itself. So each question is a few comparisons of whole
numbers; tests hold them against every possible completion of small elections.
"""

from __future__ import annotations

from fractions import Fraction

from tallyscope.election.outcome.rule import Majority, Plurality
from tallyscope.election.outcome.state import Counted, more_than_half

__all__ = ["certain_winner", "elected", "in_run_off", "possible_winners", "run_off"]


def elected(rule: Majority | Plurality, counted: Counted) -> str | None:
    """The choice that is elected if nothing else comes in, or None: nobody has what it takes, or a tie."""
    first, second = _first_two(counted)
    if first is None or not counted.votes[first]:
        return None
    ahead = counted.votes[first] - (counted.votes[second] if second is not None else 0)
    if isinstance(rule, Plurality):
        return first if ahead or second is None else None
    if more_than_half(counted.votes[first], counted.base):
        return first
    return first if _far_ahead(rule, counted.votes[first], ahead, counted.base) else None


def _far_ahead(rule: Majority, votes: int, ahead: int, base: int) -> bool:
    if rule.share is None or rule.lead is None or not ahead:
        return False
    return _reaches(votes, base, rule.share) and _reaches(ahead, base, rule.lead)


def _reaches(votes: int, base: int, percent: Fraction) -> bool:
    return 100 * votes >= percent * base


def _first_two(counted: Counted) -> tuple[str | None, str | None]:
    ranked = counted.ranked()
    return (ranked[0] if ranked else None), (ranked[1] if len(ranked) > 1 else None)


def certain_winner(rule: Majority | Plurality, counted: Counted, most: int) -> str | None:
    """The choice that is elected whatever the next `most` ballots say, be they all cast or fewer."""
    choice = elected(rule, counted)
    if choice is None:
        return None
    others = [None, *(c for c in counted.votes if c != choice)]
    return choice if all(elected(rule, counted.plus(other, most)) == choice for other in others) else None


def possible_winners(rule: Majority | Plurality, counted: Counted, most: int) -> tuple[str, ...]:
    """Choices that some `most` ballots or fewer would elect, those with the most votes first."""
    return tuple(c for c in counted.ranked() if elected(rule, counted.plus(c, most)) == c)


def in_run_off(counted: Counted, most: int) -> tuple[str, ...]:
    """Choices that are among the first two whatever the next `most` ballots say; a tie is not being among them.

    Out of the first two a choice falls when two others have at least its votes: to lift them takes what each lacks.
    """
    found = []
    for choice, votes in counted.votes.items():
        lacking = sorted(max(0, votes - v) for c, v in counted.votes.items() if c != choice)
        if len(lacking) < 2 or sum(lacking[:2]) > most:
            found.append(choice)
    return tuple(sorted(found, key=lambda c: -counted.votes[c]))


def run_off(counted: Counted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first two, and those who share a place that is not enough for all of them."""
    pair = in_run_off(counted, 0)
    if len(pair) >= 2 or len(counted.votes) < 2:
        return pair, ()
    least = counted.votes[counted.ranked()[1]]
    return pair, tuple(c for c, v in counted.votes.items() if v == least and c not in pair)
