"""Turnout, invalid ballots and leads in points: shares that are no choice's, on every reading of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from tallyscope.claims.checks.count import BASES, Totals
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.shares import SAID, Comparator, Known, holds, totals_title
from tallyscope.claims.checks.verdict import Check, Verdict
from tallyscope.election.form import DENOMINATORS

__all__ = ["Measure", "check_measure"]

Measure = Literal["turnout", "invalid_share", "margin"]

_NAMES: dict[Measure, str] = {"turnout": "Turnout", "invalid_share": "Invalid ballots", "margin": "The lead"}


def check_measure(known: Known, measure: Measure, printed: Printed, comparator: Comparator = "=") -> Check:
    """Ballots cast of registered voters; invalid of cast ballots; first minus second choice, in points of a share.

    Progress is not considered: what was said of the whole count. A measure of which nothing is known is not
    checkable.
    """
    found = [
        (name, of, value)
        for name, totals in (("official", known.official), ("released", known.released))
        if totals is not None
        for of, value in _values(totals, measure)
    ]
    unit = "points" if measure == "margin" else "%"
    said = f"{SAID[comparator]}{printed} {unit}"
    if not found:
        return Check("not-checkable", f"{_NAMES[measure]}, {said}: the totals that it is a share of are not known.")
    true = {name for name, _, value in found if holds(value, printed, comparator)}
    verdict: Verdict = "infeasible"
    if true:
        published = "released" in true or known.released is None
        verdict = "consistent" if published else "true-on-official-totals-only"
    lines = tuple(f"{value:.2f} {of} on {totals_title(known, name)}: {said}" for name, of, value in found)
    text = f"{_NAMES[measure]}, {said}: " + "; ".join(line.removesuffix(f": {said}") for line in lines) + "."
    readings = [{"totals": name, "of": of, "value": value} for name, of, value in found]
    details = {"measure": measure, "printed": str(printed), "comparator": comparator, "readings": readings}
    return Check(verdict, text, details, _denominator(measure), "", lines)


def _denominator(measure: Measure) -> str:
    return {"turnout": "registered voters", "invalid_share": DENOMINATORS["cast"], "margin": ""}[measure]


def _values(totals: Totals, measure: Measure) -> Iterator[tuple[str, float]]:
    """(what of, per cent or points) of every reading that these totals allow."""
    if measure == "turnout" and totals.registered:
        yield "% of registered voters", 100 * totals.base("cast") / totals.registered
    elif measure == "invalid_share":
        cast = totals.base("cast")
        yield f"% of {DENOMINATORS['cast']}", 100 * (cast - totals.valid) / cast
    elif measure == "margin" and len(totals.votes) > 1:
        first, second = sorted(totals.votes.values(), reverse=True)[:2]
        for base in BASES:
            yield f"points of {DENOMINATORS[base]}", 100 * (first - second) / totals.base(base)
