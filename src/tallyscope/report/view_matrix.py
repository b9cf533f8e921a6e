"""Methods beside mechanisms: which method speaks to which, what it answers here, and what it could have seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallyscope.forensics.finding import Finding
from tallyscope.report.view_findings import FindingView
from tallyscope.simulation.mechanisms.names import NAMES

__all__ = ["Cell", "Matrix", "matrix", "seen_from"]

#: A dose counts as seen where the method cries at 5 % in this share of the simulations.
_SEEN = 0.8


@dataclass(frozen=True)
class Cell:
    """One method on one mechanism. `kind`: "anomalous", "quiet", "silent" (does not apply) or "none".

    `dose`: the smallest simulated dose that the method sees in four of five simulations, as a fraction of the
    gaining choice's votes; None if it sees none or has not been calibrated for it. `calibrated`: whether it has.
    """

    kind: str
    dose: float | None = None
    calibrated: bool = False


@dataclass(frozen=True)
class Matrix:
    """`rows`: (finding, a cell for each of `mechanisms`)."""

    mechanisms: tuple[str, ...]
    rows: tuple[tuple[FindingView, tuple[Cell, ...]], ...]


def matrix(findings: Sequence[FindingView]) -> Matrix:
    """The matrix of the findings, in their order, over the mechanisms that any of them speaks to."""
    spoken = {m for f in findings for m in f.finding.mechanisms}
    mechanisms = (*(m for m in NAMES if m in spoken), *sorted(spoken.difference(NAMES)))
    return Matrix(mechanisms, tuple((f, tuple(_cell(f, m) for m in mechanisms)) for f in findings))


def _cell(view: FindingView, mechanism: str) -> Cell:
    finding = view.finding
    if mechanism not in finding.mechanisms:
        return Cell("none")
    kind = "silent" if not finding.applicable else "anomalous" if view.strong else "quiet"
    rates = finding.error_rates
    calibrated = rates is not None and any(p.mechanism == mechanism for p in rates.power)
    return Cell(kind, seen_from(finding, mechanism), calibrated)


def seen_from(finding: Finding, mechanism: str) -> float | None:
    """The smallest dose from which on the method cries at 5 % in four of five simulations; None if there is none.

    Where several places were simulated, the one in which it sees most counts: the table says what it can see.
    """
    if finding.error_rates is None:
        return None
    seen: list[float] = []
    power = [p for p in finding.error_rates.power if p.mechanism == mechanism and p.runs]
    for on in dict.fromkeys(p.on for p in power):
        smallest: float | None = None
        for p in sorted((p for p in power if p.on == on), key=lambda p: -p.dose):
            if p.at_5 < _SEEN * p.runs:
                break
            smallest = p.dose
        if smallest is not None:
            seen.append(smallest)
    return min(seen, default=None)
