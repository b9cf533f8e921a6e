"""Shares said of a finished count: of which denominator, on which totals, do they hold? And forecasts of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from tallyscope.claims.checks.count import BASES, Base, Count, Declared, Totals
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.verdict import Check, Verdict
from tallyscope.election.form import DENOMINATORS

__all__ = [
    "SAID",
    "Comparator",
    "Fit",
    "Known",
    "check_forecast",
    "check_share",
    "fits_of",
    "holds",
    "totals_title",
]

Comparator = Literal["=", ">", ">=", "<", "<=", "~"]
#: What shares are held against: protocols and official totals, or the latter alone.
Known = Count | Declared
_COMPLETED = ", with sums of published protocols where those tell none"

#: What a share may be a share of, and what readers call it.
_BASES: Mapping[str, str] = {"cast": "ballots cast", "valid": "valid votes", "registered": "registered voters"}
SAID: Mapping[Comparator, str] = {
    "=": "",
    ">": "more than ",
    ">=": "at least ",
    "<": "less than ",
    "<=": "at most ",
    "~": "about ",
}
#: "About 64": within a unit of the last printed decimal.
_ABOUT = 2


@dataclass(frozen=True)
class Fit:
    """One way to read a share. `value`: per cent; None: the totals do not tell the denominator."""

    totals: Literal["official", "released"]
    base: str
    value: float | None
    holds: bool


def fits_of(count: Known, choice: str, printed: Printed, comparator: Comparator = "=") -> tuple[Fit, ...]:
    """Every reading of `choice`'s share. Raises KeyError for a choice that is not in the count."""
    found = []
    for name, totals in (("official", count.official), ("released", count.released)):
        if totals is None:
            continue
        for base in _BASES:
            value = _value(totals, choice, base)
            true = value is not None and holds(value, printed, comparator)
            found.append(Fit("official" if name == "official" else "released", base, value, true))
    return tuple(found)


def _value(totals: Totals, choice: str, base: str) -> float | None:
    if base == "registered":
        return 100 * totals.votes[choice] / totals.registered if totals.registered else None
    return totals.share(choice, "valid" if base == "valid" else "cast")


def holds(value: float, printed: Printed, comparator: Comparator) -> bool:
    """Whether a value is what was said; "about" grants a whole unit of the last printed decimal."""
    if comparator in (">", ">="):
        return bool(value > printed.value if comparator == ">" else value >= printed.value)
    if comparator in ("<", "<="):
        return bool(value < printed.value if comparator == "<" else value <= printed.value)
    near = printed.half * (_ABOUT if comparator == "~" else 1)
    return bool(printed.value - near <= value <= printed.value + near)


def check_share(count: Known, choice: str, printed: Printed, comparator: Comparator = "=") -> Check:
    """A share of the whole count: true readings by denominator (ballots, valid votes), and on which totals.

    Registered voters are shown beside them, but a share of "votes" is never taken for theirs. Raises KeyError.
    """
    if choice not in count.declared.votes:
        raise KeyError(choice)
    fits = fits_of(count, choice, printed, comparator)
    votes = [f for f in fits if f.base != "registered"]
    official = {f.base for f in votes if f.holds and f.totals == "official"}
    released = {f.base for f in votes if f.holds and f.totals == "released"}
    law = count.election.form.denominator
    verdict: Verdict = "infeasible"
    if released and (law in released or law not in official):
        verdict = "consistent"
    elif official:
        verdict = "consistent" if count.released is None else "true-on-official-totals-only"
    name = count.election.choice(choice).name
    holding = [b for b in BASES if b in official | released]
    said = f"{SAID[comparator]}{printed} %"
    text = f"{name}, {said}: {_told(fits, count)}.{_undecidable(holding, comparator)}"
    details = {"choice": choice, "printed": str(printed), "comparator": comparator, "fits": [vars(f) for f in fits]}
    denominator = " or ".join(DENOMINATORS[b] for b in holding) or DENOMINATORS[law]
    lines = tuple(_line(f, said, count) for f in fits if f.value is not None)
    return Check(verdict, text, details, denominator, "", lines)


def _undecidable(holding: list[Base], comparator: Comparator) -> str:
    if len(holding) < 2 or comparator not in ("=", "~"):
        return ""
    return " It fits both denominators at the precision printed, so which was meant cannot be told."


def _line(fit: Fit, said: str, known: Known) -> str:
    note = "" if fit.base != "registered" else " (for comparison)"
    on = totals_title(known, fit.totals)
    return f"{fit.value:.2f} % of {_BASES[fit.base]} on {on}: {said} {_holding(fit)}{note}"


def _holding(fit: Fit) -> str:
    return "holds" if fit.holds else "does not hold"


def totals_title(known: Known, totals: str) -> str:
    """What readers call the official totals, the sums of the protocols, and both where they are the same."""
    if totals == "official":
        return f"the official totals{_COMPLETED}" if known.completed else "the official totals"
    return "the official totals, which the protocols add up to" if known.confirmed else "the published protocols"


def _told(fits: tuple[Fit, ...], known: Known) -> str:
    parts = []
    for totals in ("official", "released"):
        title = totals_title(known, totals)
        told = [f for f in fits if f.totals == totals and f.value is not None]
        if told:
            shares = ", ".join(f"{f.value:.2f} % of {_BASES[f.base]}" for f in told)
            parts.append(f"{shares} on {title}")
    return "; ".join(parts)


def check_forecast(count: Known, choice: str, low: Printed, high: Printed, *, after: bool = False) -> Check:
    """An expected range (both ends the same for one value) against the outcome.

    `after`: it was stated when the outcome was known, so it is no test of foresight. The outcome is that of the
    law's denominator; the other one is told beside it. Raises KeyError, and ValueError if `low` is above `high`.
    """
    if low.value > high.value:
        raise ValueError(f"a range from {low} to {high} runs backwards")
    ends = (low.low, high.high) if low == high else (low.value, high.value)
    law = count.election.form.denominator
    misses = {}
    for base in (law, "valid" if law == "cast" else "cast"):
        value = Fraction(_value(count.declared, choice, base) or 0.0)
        over = float(max(value - ends[1], Fraction(0)))
        misses[base] = (float(value), over or -float(max(ends[0] - value, Fraction(0))))
    miss = misses[law][1]
    verdict: Verdict = "hit" if not miss else "missed-low" if miss > 0 else "missed-high"
    parts = [f"{value:.2f} % of {_BASES[b]}{_missed(by)}" for b, (value, by) in misses.items()]
    late = " It was stated after the outcome was known, so it is no test of foresight." if after else ""
    name = count.election.choice(choice).name
    expected = str(low) if low == high else f"{low} to {high}"
    text = f"{name}, expected {expected} %: {'; '.join(parts)}.{late}"
    details = {"choice": choice, "low": str(low), "high": str(high), "misses": misses, "after": after}
    details |= {"missed_by": miss}
    lines = tuple(f"{value:.2f} % of {_BASES[b]}{_missed(by) or ': within'}" for b, (value, by) in misses.items())
    return Check(verdict, text, details, DENOMINATORS[law], "", lines)


def _missed(by: float) -> str:
    return f" ({by:+.2f} points)".replace("-", "\u2212") if by else ""
