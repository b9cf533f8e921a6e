"""Shares said of a finished count: of which denominator, on which totals, do they hold? And forecasts of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from tallyscope.claims.checks.count import Count, Totals
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.verdict import Check, Verdict

__all__ = ["Comparator", "Fit", "check_forecast", "check_share", "fits_of"]

Comparator = Literal["=", ">", ">=", "<", "<=", "~"]

#: What a share may be a share of, and what readers call it.
_BASES: Mapping[str, str] = {"cast": "ballots cast", "valid": "valid votes", "registered": "registered voters"}
_TOTALS: Mapping[str, str] = {"official": "the official totals", "released": "the published protocols"}
#: "About 64": within a unit of the last printed decimal.
_ABOUT = 2


@dataclass(frozen=True)
class Fit:
    """One way to read a share. `value`: per cent; None: the totals do not tell the denominator."""

    totals: Literal["official", "released"]
    base: str
    value: float | None
    holds: bool


def fits_of(count: Count, choice: str, printed: Printed, comparator: Comparator = "=") -> tuple[Fit, ...]:
    """Every reading of `choice`'s share. Raises KeyError for a choice that is not in the count."""
    found = []
    for name, totals in (("official", count.official), ("released", count.released)):
        if totals is None:
            continue
        for base in _BASES:
            value = _value(totals, choice, base)
            holds = value is not None and _holds(value, printed, comparator)
            found.append(Fit("official" if name == "official" else "released", base, value, holds))
    return tuple(found)


def _value(totals: Totals, choice: str, base: str) -> float | None:
    if base == "registered":
        return 100 * totals.votes[choice] / totals.registered if totals.registered else None
    return totals.share(choice, "valid" if base == "valid" else "cast")


def _holds(value: float, printed: Printed, comparator: Comparator) -> bool:
    if comparator in (">", ">="):
        return bool(value > printed.value if comparator == ">" else value >= printed.value)
    if comparator in ("<", "<="):
        return bool(value < printed.value if comparator == "<" else value <= printed.value)
    near = printed.half * (_ABOUT if comparator == "~" else 1)
    return bool(printed.value - near <= value <= printed.value + near)


def check_share(count: Count, choice: str, printed: Printed, comparator: Comparator = "=") -> Check:
    """A share of the whole count: true readings by denominator (ballots, valid votes), and on which totals.

    Registered voters are shown beside them, but a share of "votes" is never taken for theirs. Raises KeyError.
    """
    fits = fits_of(count, choice, printed, comparator)
    votes = [f for f in fits if f.base != "registered"]
    official = {f.base for f in votes if f.holds and f.totals == "official"}
    released = {f.base for f in votes if f.holds and f.totals == "released"}
    law = count.returns.election.form.denominator
    verdict: Verdict = "infeasible"
    if released and (law in released or law not in official):
        verdict = "consistent"
    elif official:
        verdict = "true-on-official-totals-only"
    name = count.returns.election.choice(choice).name
    return Check(verdict, f"{name}: {_told(fits)}.", {"choice": choice, "fits": [vars(f) for f in fits]})


def _told(fits: tuple[Fit, ...]) -> str:
    parts = []
    for totals, title in _TOTALS.items():
        known = [f for f in fits if f.totals == totals and f.value is not None]
        if known:
            shares = ", ".join(f"{f.value:.2f} % of {_BASES[f.base]}" for f in known)
            parts.append(f"{shares} on {title}")
    return "; ".join(parts)


def check_forecast(count: Count, choice: str, low: Printed, high: Printed, *, after: bool = False) -> Check:
    """An expected range (both ends the same for one value) against the outcome.

    `after`: it was stated when the outcome was known, so it is no test of foresight. The outcome is that of the
    law's denominator; the other one is told beside it. Raises KeyError, and ValueError if `low` is above `high`.
    """
    if low.value > high.value:
        raise ValueError(f"a range from {low} to {high} runs backwards")
    ends = (low.low, high.high) if low == high else (low.value, high.value)
    law = count.returns.election.form.denominator
    misses = {}
    for base in (law, "valid" if law == "cast" else "cast"):
        value = Fraction(_value(count.declared, choice, base) or 0.0)
        over = float(max(value - ends[1], Fraction(0)))
        misses[base] = (float(value), over or -float(max(ends[0] - value, Fraction(0))))
    miss = misses[law][1]
    verdict: Verdict = "hit" if not miss else "missed-low" if miss > 0 else "missed-high"
    parts = [f"{value:.2f} % of {_BASES[b]}{_missed(by)}" for b, (value, by) in misses.items()]
    late = " It was stated after the outcome was known, so it is no test of foresight." if after else ""
    name = count.returns.election.choice(choice).name
    expected = str(low) if low == high else f"{low} to {high}"
    text = f"{name}, expected {expected} %: {'; '.join(parts)}.{late}"
    details = {"choice": choice, "low": str(low), "high": str(high), "misses": misses, "after": after}
    return Check(verdict, text, details)


def _missed(by: float) -> str:
    return f" ({by:+.2f} points)" if by else ""
