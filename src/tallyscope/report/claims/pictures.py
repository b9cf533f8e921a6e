"""The figures of a card: the feasible intervals with the claim on them, where protocols were out, every reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tallyscope.report.claims.checked import Checked

if TYPE_CHECKING:
    from altair.typing import ChartType

    from tallyscope.charts.export import Drawing
    from tallyscope.claims.checks.verdict import Check

__all__ = ["drawn"]

#: Of the margin, in points.
_WIDTH = 360
#: Claims of a document that are drawn; what follows has its arithmetic in words.
_MOST = 40
_BASES = {"cast": "ballots cast", "valid": "valid votes", "registered": "registered voters"}


def drawn(of: Checked) -> dict[str, tuple[Drawing, ...]]:
    """Claim id -> its figures. A claim whose verdict repeats another's has none."""
    from tallyscope.charts.export import draw
    from tallyscope.charts.measures import NothingToDraw

    found: dict[str, tuple[Drawing, ...]] = {}
    seen: set[str] = set()
    for claim in sorted(of.document.claims, key=lambda c: (c.start, -c.end)):
        check = of.checks[claim.id]
        if check.text in seen or len(found) >= _MOST:
            continue
        seen.add(check.text)
        names = _names(of, claim.election.id)
        try:
            charts = [*_of_check(check, names), *_of_remainder(of, claim.id)]
        except NothingToDraw:
            continue
        if charts:
            found[claim.id] = tuple(draw(chart) for chart in charts)
    return found


def _names(of: Checked, election: str | None) -> Mapping[str, str]:
    from tallyscope.election.load import UnknownElection, load_election

    if election is None:
        return {}
    try:
        known = of.returns[election].election if election in of.returns else load_election(election)
    except UnknownElection:
        return {}
    return {c.id: c.name for c in known.choices}


def _of_check(check: Check, names: Mapping[str, str]) -> Iterator[ChartType]:
    from tallyscope.charts.claimed import possible_shares

    # Of several parts the first one's details are the check's own too.
    for part in [p["details"] for p in check.details.get("parts", ())][:4] or [check.details]:
        if "shares" in part and "out" in part:
            yield possible_shares(part, names, width=_WIDTH)
        elif "fits" in part:
            yield _share(part)
        elif "misses" in part:
            yield _forecast(part)


def _of_remainder(of: Checked, id: str) -> Iterator[ChartType]:
    from tallyscope.charts.claimed import where_out

    remainder = of.remainders.get(id)
    if remainder is not None and remainder.places is not None:
        yield where_out(remainder.places, width=_WIDTH)


def _share(details: Mapping[str, Any]) -> ChartType:
    from tallyscope.charts.readings import Measured, said_and_measured
    from tallyscope.claims.checks.printed import Printed

    printed, comparator = Printed.of(details["printed"]), details["comparator"]
    readings = [
        Measured(f"{_BASES[f['base']]}{_on(f, details)}", f["value"], f["holds"])
        for f in details["fits"]
        if f["value"] is not None and (f["base"] != "registered" or f["holds"])
    ]
    value = float(printed.value)
    ends: tuple[float | None, float | None] = (float(printed.low), float(printed.high))
    if comparator in (">", ">="):
        ends = (value, None)
    elif comparator in ("<", "<="):
        ends = (None, value)
    words = {">": "more than ", ">=": "at least ", "<": "less than ", "<=": "at most ", "~": "about "}
    said = f"{words.get(comparator, 'rounds to ')}{printed} %"
    return said_and_measured(readings, *ends, said, width=_WIDTH)


def _on(fit: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    """Which totals, where there are two."""
    both = len({f["totals"] for f in details["fits"]}) > 1
    return {"official": ", official", "released": ", protocols"}[fit["totals"]] if both else ""


def _forecast(details: Mapping[str, Any]) -> ChartType:
    from tallyscope.charts.readings import Measured, said_and_measured

    readings = [Measured(f"{_BASES[b]}, final", value, not by) for b, (value, by) in details["misses"].items()]
    low, high = float(details["low"]), float(details["high"])
    said = f"expected {details['low']} to {details['high']} %" if low != high else f"expected {details['low']} %"
    return said_and_measured(readings, low, high, said, width=_WIDTH)
