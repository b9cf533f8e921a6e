"""What the page says of a finding: its numbers as small tables, and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tallyscope.forensics.finding import OWN_ERROR, Finding, Place
from tallyscope.report.findings_json import plain
from tallyscope.report.view_errors import ErrorView, error_view
from tallyscope.report.words import amount, probability, title

__all__ = ["DetailTable", "FindingView", "PlaceTable", "finding_view"]

#: Places shown of a level; all of them are in findings.json.
SHOWN = 10
ANOMALOUS, EXCLUDES_ZERO = "Anomalous", "Interval excludes zero"
_DEEPEST_ROWS = 12


@dataclass(frozen=True)
class DetailTable:
    """Numbers behind an estimate. A row: what it is, and its values under `columns`."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class PlaceTable:
    """The first places of one level, in the method's order; `of`: how many the method named."""

    level: str
    unit_of_value: str
    places: tuple[Place, ...]
    of: int

    @property
    def digits(self) -> int:
        """Decimals that the values need, the same for all of them."""
        return 0 if all(p.value == round(p.value) or abs(p.value) >= 1000 for p in self.places) else 1

    @property
    def has_p(self) -> bool:
        """Whether any place shown has a p-value."""
        return any(p.p_value is not None for p in self.places)

    @property
    def has_q(self) -> bool:
        """Whether any place shown has a q-value."""
        return any(p.q_value is not None for p in self.places)


@dataclass(frozen=True)
class FindingView:
    """A finding for the page. `charts`: names of the figures that belong to it."""

    finding: Finding
    title: str
    verdict: str
    places: tuple[PlaceTable, ...]
    details: tuple[DetailTable, ...]
    charts: tuple[str, ...]
    errors: ErrorView

    @property
    def unmet(self) -> int:
        """Conditions that these data do not meet."""
        return sum(1 for c in self.finding.conditions if c.met is False)

    @property
    def strong(self) -> bool:
        """Whether the verdict says that something is out of the ordinary."""
        return self.verdict in (ANOMALOUS, EXCLUDES_ZERO)


#: What numbers of a finding are called; other names are only spaced.
_WORDS = {"sd": "Standard deviation", "p_value": "p", "q_value": "q", "log10_p": "log₁₀ p"}
_CHARTS = {"integer-percentages": ("histograms", "integers"), "anomalous-votes": ("curves", "sensitivity")}


def finding_view(finding: Finding) -> FindingView:
    """Prepares one finding for the page."""
    return FindingView(
        finding=finding,
        title=title(finding.method),
        verdict=_verdict(finding),
        places=_places(finding.where),
        details=tuple(_tables(plain(finding.details))),
        charts=_CHARTS.get(finding.method, ()),
        errors=error_view(finding),
    )


def _places(where: tuple[Place, ...]) -> tuple[PlaceTable, ...]:
    groups: dict[tuple[str, str], list[Place]] = {}
    for place in where:
        groups.setdefault((place.level, place.unit_of_value), []).append(place)
    return tuple(PlaceTable(*key, tuple(places[:SHOWN]), len(places)) for key, places in groups.items())


def _verdict(finding: Finding) -> str:
    """In two or three words, what the numbers are consistent with; never more than they say."""
    if not finding.applicable:
        return "No answer: failed" if OWN_ERROR in finding.details else "Not applicable"
    p = finding.q_value if finding.q_value is not None else finding.p_value
    if p is not None:
        return _graded(p, "Within chance")
    if finding.posterior is not None:
        return _graded(finding.posterior, "Consistent with none")
    if finding.estimate is not None:
        e = finding.estimate
        return "Interval includes zero" if e.low <= 0 <= e.high else EXCLUDES_ZERO
    return "Measured"


def _graded(level: float, nothing: str) -> str:
    """In three grades, as the summaries have it: one that says "a weak sign" is not beside a "Within chance"."""
    if level < 0.01:
        return ANOMALOUS
    return "Weak sign" if level < 0.05 else nothing


def _tables(details: Mapping[str, Any]) -> list[DetailTable]:
    """Mappings of numbers become tables, those with the same keys one table; long lists stay in findings.json."""
    single = {k: v for k, v in details.items() if _scalar(v)}
    nested = {k: v for k, v in details.items() if isinstance(v, Mapping)}
    tables = (
        [DetailTable("Figures", (), tuple((_name(k), (_cell(k, v),)) for k, v in single.items()))] if single else []
    )
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, value in nested.items():
        scalars = tuple(k for k, v in value.items() if _scalar(v))
        if scalars:
            groups.setdefault(scalars, []).append(name)
    for columns, names in groups.items():
        rows = tuple((_name(n), tuple(_cell(c, nested[n][c]) for c in columns)) for n in names[:_DEEPEST_ROWS])
        tables.append(
            DetailTable(
                "By statistic" if len(names) > 1 else _name(names[0]), tuple(_name(c) for c in columns), rows
            )
        )
    return tables


def _name(key: str) -> str:
    return _WORDS.get(key) or title(key)


def _cell(key: str, value: Any) -> str:
    return probability(value) if key in ("p_value", "q_value") else amount(value)


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))
