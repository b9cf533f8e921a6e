"""The figures of a claim, each held against the whole count by the check that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.shares import Comparator, Known, check_forecast, check_share
from tallyscope.claims.checks.turnout import Measure, check_measure
from tallyscope.claims.checks.verdict import Check, Verdict, worst
from tallyscope.claims.checks.votes import check_lead, check_votes
from tallyscope.claims.claim import Claim, Figure

__all__ = ["check_figures", "printed_of"]

_ZERO, _WHOLE = "0", "100"
#: Fractions that are said in words, in per cent, and half of the way between the nearest of them (3/4 and 4/5).
_FRACTIONS = (20.0, 25.0, 33.333, 50.0, 66.667, 75.0, 80.0)
_FRACTION = 2.5


def printed_of(figure: Figure) -> Printed | None:
    """The figure's one value as printed; None for a range."""
    return Printed.of(figure.printed) if figure.value is not None and figure.value >= 0 else None


def check_figures(known: Known, claim: Claim, *, after: bool) -> Iterator[Check]:
    """One check a figure of the count. `after`: the claim was made when voting was over."""
    for figure in claim.figures:
        if figure.metric in ("vote_share", "expected_vote_share"):
            yield _share(known, claim, figure, after)
        elif figure.metric == "margin" and figure.unit == "votes":
            yield check_lead(known, figure)
        elif figure.metric in ("turnout", "invalid_share", "margin"):
            yield _foreseen(_measure(known, figure)) if claim.type == "forecast" else _measure(known, figure)
        elif figure.metric == "votes" and figure.choice is not None:
            yield check_votes(known, figure)


def _share(known: Known, claim: Claim, figure: Figure, after: bool) -> Check:
    over = _impossible(figure)
    if over is not None:
        return over
    if figure.choice is None or figure.choice not in known.declared.votes:
        return Check("not-checkable", _whose(known, figure))
    if claim.type == "forecast" or figure.metric == "expected_vote_share":
        return check_forecast(known, figure.choice, *_expected(figure), after=after)
    printed = printed_of(figure)
    if printed is None or _in_words(claim, figure):
        low, high = _about(figure) if printed is not None else _expected(figure)
        return worst([check_share(known, figure.choice, low, ">="), check_share(known, figure.choice, high, "<=")])
    return check_share(known, figure.choice, printed, cast(Comparator, figure.comparator))


def _in_words(claim: Claim, figure: Figure) -> bool:
    """ "Three quarters": a simple fraction, whose per cent is nowhere printed."""
    told = figure.value in _FRACTIONS and figure.comparator == "~"
    return told and f"{figure.value:.0f}" not in claim.said


def _about(figure: Figure) -> tuple[Printed, Printed]:
    """A simple fraction holds for what is nearer to it than to the next one."""
    value = figure.value or 0.0
    return Printed.of(f"{value - _FRACTION:.1f}"), Printed.of(f"{value + _FRACTION:.1f}")


def _impossible(figure: Figure) -> Check | None:
    shown = figure.value if figure.value is not None else figure.maximum
    if shown is None or 0 <= shown <= 100 or figure.unit != "percent":
        return None
    return Check("infeasible", f"{shown:g} % is no share: a part is between 0 and 100 % of its whole.")


def _whose(known: Known, figure: Figure) -> str:
    if figure.candidate is None:
        return f"Whose share {figure.printed} % is, the text does not say in a way that could be read."
    names = ", ".join(c.name for c in known.election.choices[:8])
    more = " ..." if len(known.election.choices) > 8 else ""
    return f"{figure.candidate} is not among the choices of {known.election.title}: {names}{more}."


def _expected(figure: Figure) -> tuple[Printed, Printed]:
    """Both ends of what was expected; one value is both. "More than 70": 70 to 100. "About": a unit around."""
    if figure.value is None:
        ends = (figure.minimum or 0.0, figure.maximum or 100.0)
        low, high = (Printed.of(f"{end:.{figure.decimals}f}") for end in sorted(ends))
        return low, high
    if figure.comparator in ("<", "<="):
        return Printed.of(_ZERO), Printed.of(figure.printed)
    if figure.comparator in (">", ">="):
        return Printed.of(figure.printed), Printed.of(_WHOLE)
    unit = 10.0**-figure.decimals if figure.comparator == "~" else 0.0
    least, most = (max(figure.value + step, 0.0) for step in (-unit, unit))
    return Printed.of(f"{least:.{figure.decimals}f}"), Printed.of(f"{most:.{figure.decimals}f}")


def _foreseen(check: Check) -> Check:
    """What was expected of a turnout or a lead came so, or was missed: it is not impossible."""
    values = [r["value"] for r in check.details.get("readings", ())]
    if not values or check.verdict == "not-checkable":
        return check
    if check.verdict != "infeasible":
        return replace(check, verdict="hit")
    by = min((v - float(check.details["printed"]) for v in values), key=abs)
    verdict: Verdict = "missed-low" if by > 0 else "missed-high"
    return replace(check, verdict=verdict, details={**check.details, "missed_by": by})


def _measure(known: Known, figure: Figure) -> Check:
    over = _impossible(figure)
    printed = printed_of(figure)
    if over is not None:
        return over
    measure = cast(Measure, figure.metric)
    if printed is None:
        low, high = _expected(figure)
        return worst([check_measure(known, measure, low, ">="), check_measure(known, measure, high, "<=")])
    return check_measure(known, measure, printed, cast(Comparator, figure.comparator))
