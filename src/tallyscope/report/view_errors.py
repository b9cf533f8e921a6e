"""What the page says of a method's errors: how often it cries where nothing was done, what it sees of what was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tallyscope.forensics.calibration.binomial import clopper_pearson
from tallyscope.forensics.calibration.structures import SIMULATED
from tallyscope.forensics.finding import AlarmRate, ErrorRates, Finding, Power

__all__ = ["ErrorView", "PowerRow", "error_sentence", "error_view"]

#: The dose that the sentence tells, the nearest there is: a twentieth of the leader's votes.
_DOSE = 0.05


@dataclass(frozen=True)
class PowerRow:
    """One mechanism at one kind of place: dose by dose, how often the method cried at 5 %."""

    mechanism: str
    place: str
    doses: tuple[str, ...]


@dataclass(frozen=True)
class ErrorView:
    """`sentence`: in short; `alarms`: on what, answered of runs, cried at 5 % and at 1 %; `power`: by mechanism."""

    sentence: str
    alarms: tuple[tuple[str, str, str, str], ...] = ()
    power: tuple[PowerRow, ...] = ()
    provenance: str = ""


def error_view(finding: Finding) -> ErrorView:
    """Puts a finding's error rates into words and tables."""
    rates = finding.error_rates
    sentence = error_sentence(rates, finding.mechanisms)
    if rates is None:
        return ErrorView(sentence)
    return ErrorView(
        sentence=sentence,
        alarms=tuple(_alarm_row(a) for a in rates.alarms),
        power=tuple(_power_rows(p for p in rates.power if p.mechanism in finding.mechanisms)),
        provenance=rates.provenance,
    )


def error_sentence(rates: ErrorRates | None, mechanisms: Sequence[str]) -> str:
    """False alarms and power of a method that speaks to these mechanisms, in a sentence or three."""
    if rates is None:
        return "How often this method is wrong has not been measured."
    simulated = [a for a in rates.alarms if a.on.startswith(SIMULATED)]
    real = [a for a in rates.alarms if not a.on.startswith(SIMULATED)]
    parts = (
        _alarms(simulated, _of_what(simulated)),
        _alarms(real, "undisputed real elections and parts of them"),
        _sight([p for p in rates.power if p.mechanism in mechanisms]),
    )
    return " ".join(f"{p}." for p in parts if p)


def _of_what(alarms: Sequence[AlarmRate]) -> str:
    own = len(alarms) == 1 and alarms[0].on.startswith(f"{SIMULATED} like ")
    return f"{SIMULATED} like this" if own else SIMULATED


def _alarms(alarms: Sequence[AlarmRate], on: str) -> str:
    runs, answered = sum(a.runs for a in alarms), sum(a.applicable for a in alarms)
    if not runs:
        return ""
    if not answered:
        return f"Gave no verdict on any of {runs:,} {on}"
    at_5, at_1 = sum(a.at_5 for a in alarms), sum(a.at_1 for a in alarms)
    silent = f"; gave no verdict on {runs - answered:,} more" if runs > answered else ""
    return f"Cries at 5 % on {on}: {_rate(at_5, answered)}, at 1 %: {_rate(at_1, answered)}{silent}"


def _sight(power: Sequence[Power]) -> str:
    """Of the first mechanism measured, the dose nearest to a twentieth, at the first place."""
    measured = [p for p in power if p.runs and p.applicable]
    if not measured:
        return ""
    first = [p for p in measured if (p.mechanism, p.on) == (measured[0].mechanism, measured[0].on)]
    best = min(first, key=lambda p: abs(p.dose - _DOSE))
    what = f"{best.mechanism} (votes gained: {_percent(best.dose)} of the leader's; {_place(best.on)})"
    return f"Sees {what} in {_rate(best.at_5, best.runs)}"


def _alarm_row(a: AlarmRate) -> tuple[str, str, str, str]:
    def cell(count: int) -> str:
        if not a.applicable:
            return "–"
        low, high = clopper_pearson(count, a.applicable)
        rate = _percent(count / a.applicable)
        return f"{count:,} ({rate}) [{100 * low:.1f}–{100 * high:.1f}\u00a0%]"

    return a.on[:1].upper() + a.on[1:], f"{a.applicable:,} of {a.runs:,}", cell(a.at_5), cell(a.at_1)


def _power_rows(power: Iterable[Power]) -> Iterable[PowerRow]:
    groups: dict[tuple[str, str], list[Power]] = {}
    for p in power:
        groups.setdefault((p.mechanism, _place(p.on)), []).append(p)
    for (mechanism, place), of in groups.items():
        cells = tuple(f"{_percent(p.dose)}: {p.at_5} of {p.runs}" for p in sorted(of, key=lambda p: p.dose))
        yield PowerRow(mechanism[:1].upper() + mechanism[1:], place, cells)


def _place(on: str) -> str:
    """The place in `Power.on`, which is the kind of country, then the place."""
    return on.partition("; ")[2]


def _rate(count: int, of: int) -> str:
    return f"{_percent(count / of)} ({count:,} of {of:,})"


def _percent(part: float) -> str:
    text = f"{100 * part:.1f}".removesuffix(".0").replace("-", "\u2212")
    return f"{text}\u00a0%"
