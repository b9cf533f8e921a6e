"""Votes said of a choice ("76,277,708", "45.6 million") against the count, to the digits that were printed."""

from __future__ import annotations

from collections.abc import Iterator

from tallyscope.claims.checks.count import Totals
from tallyscope.claims.checks.shares import Known, totals_title
from tallyscope.claims.checks.verdict import Check, Verdict
from tallyscope.claims.claim import Figure

__all__ = ["check_lead", "check_votes"]


def check_votes(known: Known, figure: Figure) -> Check:
    """Trailing zeros are taken for rounding. A choice that is not in the count, or a range, is not checkable."""
    choice, said = figure.choice, figure.value
    if choice is None or said is None or choice not in known.declared.votes:
        return Check("not-checkable", "A number of votes of nobody on the ballot, or a range.")
    votes = {name: totals.votes[choice] for name, totals in _totals_of(known)}
    half = _unit(round(said)) / 2
    true = [name for name, n in votes.items() if _holds(n, said, half, figure.comparator)]
    verdict: Verdict = "infeasible"
    if true:
        only = known.released is not None and not any(
            "published protocols" in name or "add up" in name for name in true
        )
        verdict = "true-on-official-totals-only" if only else "consistent"
    lines = tuple(f"{n:,} votes on the {name}" for name, n in votes.items())
    text = f"{known.election.choice(choice).name}, {said:,.0f} votes: {'; '.join(lines)}."
    return Check(verdict, text, {"choice": choice, "said": said, "votes": votes}, "", "", lines)


def check_lead(known: Known, figure: Figure) -> Check:
    """A lead in votes: of the first choice over the second, on every set of totals."""
    said = figure.value
    found = {
        name: first - second
        for name, totals in _totals_of(known)
        if len(totals.votes) > 1
        for first, second in [sorted(totals.votes.values(), reverse=True)[:2]]
    }
    if said is None or not found:
        return Check("not-checkable", "A lead in votes, of which the count is not known.")
    half = _unit(round(said)) / 2
    true = [name for name, n in found.items() if _holds(n, said, half, figure.comparator)]
    lines = tuple(f"{n:,} votes on the {name}" for name, n in found.items())
    text = f"The lead, {said:,.0f} votes: {'; '.join(lines)}."
    return Check("consistent" if true else "infeasible", text, {"said": said, "lead": found}, "", "", lines)


def _totals_of(known: Known) -> Iterator[tuple[str, Totals]]:
    for name, totals in (("official", known.official), ("released", known.released)):
        if totals is not None:
            yield totals_title(known, name).removeprefix("the "), totals


def _unit(said: int) -> int:
    """The place of the last digit that is not 0."""
    unit = 1
    while said and said % (10 * unit) == 0:
        unit *= 10
    return unit


def _holds(votes: int, said: float, half: float, comparator: str) -> bool:
    if comparator in (">", ">="):
        return votes >= said
    if comparator in ("<", "<="):
        return votes <= said
    return abs(votes - said) <= half * (2 if comparator == "~" else 1)
