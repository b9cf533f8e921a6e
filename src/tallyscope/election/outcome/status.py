"""The status of an election while protocols come in: what is certain, never what is likely.

    undecided             protocols that are out could decide it, or how many ballots they hold is not known
    cannot-be-overtaken   elected (or over and under the threshold), whatever is still out
    run-off-certain       nobody can be elected in this round any more, whatever is still out
    final                 every protocol is in

All of it is about the protocols as they stand: a correction can change any of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tallyscope.election.outcome.lists import Passing, TiedSeats, passing, seats
from tallyscope.election.outcome.rule import Majority, OutcomeRule, PartyList, Plurality
from tallyscope.election.outcome.single import certain_winner, elected, in_run_off, possible_winners, run_off
from tallyscope.election.outcome.state import Counted, Out

__all__ = ["STATUSES", "Outcome", "Status", "outcome"]

Status = Literal["undecided", "cannot-be-overtaken", "run-off-certain", "final"]
STATUSES: tuple[Status, ...] = ("undecided", "cannot-be-overtaken", "run-off-certain", "final")


@dataclass(frozen=True)
class Outcome:
    """`elected`, `run_off`, `tied`: choice ids. `leader`, `second` and their `margin`: by the votes that are in.

    `run_off`: those who are certain to be in it. `tied`: equal ones whom only the law's own means can tell apart.
    `passing` and `seats` are of lists; seats are given out by what is in, and are no forecast before the status is
    final.
    """

    status: Status
    counted: Counted
    out: Out
    elected: str | None = None
    run_off: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    leader: str | None = None
    second: str | None = None
    margin: int | None = None
    passing: Passing | None = None
    seats: Mapping[str, int] = field(default_factory=dict)


def outcome(rule: OutcomeRule, counted: Counted, out: Out) -> Outcome:
    """What the rule says of these sums while so much is out."""
    ranked = counted.ranked()
    open_ = Outcome("undecided", counted, out)
    if ranked and counted.votes[ranked[0]]:
        open_ = replace(open_, leader=ranked[0])
    if len(ranked) > 1:
        margin = counted.votes[ranked[0]] - counted.votes[ranked[1]]
        open_ = replace(open_, second=ranked[1], margin=margin)
    if isinstance(rule, PartyList):
        return _lists(rule, open_)
    if not out.stations:
        return _final(rule, open_)
    # Before the first ballot nothing is told, not even of a country without voters.
    return open_ if out.most is None or not counted.base else _bounded(rule, open_, out.most)


def _final(rule: Majority | Plurality, state: Outcome) -> Outcome:
    final = replace(state, status="final", elected=elected(rule, state.counted))
    if final.elected is not None:
        return final
    if isinstance(rule, Plurality):
        best = max(state.counted.votes.values(), default=0)
        return replace(final, tied=tuple(c for c, v in state.counted.votes.items() if v == best))
    if not _has_run_off(rule, state.counted):
        return final
    pair, tied = run_off(state.counted)
    return replace(final, run_off=pair, tied=tied)


def _bounded(rule: Majority | Plurality, state: Outcome, most: int) -> Outcome:
    winner = certain_winner(rule, state.counted, most)
    if winner is not None:
        return replace(state, status="cannot-be-overtaken", elected=winner)
    if isinstance(rule, Plurality) or possible_winners(rule, state.counted, most):
        return state
    if not _has_run_off(rule, state.counted):
        return replace(state, status="cannot-be-overtaken")
    return replace(state, status="run-off-certain", run_off=in_run_off(state.counted, most))


def _has_run_off(rule: Majority, counted: Counted) -> bool:
    return rule.otherwise == "run-off" and len(counted.votes) > 1


def _lists(rule: PartyList, state: Outcome) -> Outcome:
    """Certain before the end is only who is over and who is under the threshold."""
    final = not state.out.stations
    passed = passing(rule, state.counted, 0 if final else state.out.most if state.counted.base else None)
    state = replace(state, passing=passed)
    if state.counted.base:
        now = passing(rule, state.counted, 0).over
        try:
            state = replace(state, seats=seats(rule, {c: state.counted.votes[c] for c in now}))
        except TiedSeats:
            state = replace(state, tied=now)
    if final:
        return replace(state, status="final")
    return state if passed.open else replace(state, status="cannot-be-overtaken")
