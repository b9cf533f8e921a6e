"""Every figure of a report, drawn: on a wide page and, where a wide one would not be readable there, on a phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from altair.utils.schemapi import debug_mode

from tallyscope.charts.comet import comet
from tallyscope.charts.curves import curves
from tallyscope.charts.export import draw
from tallyscope.charts.histograms import histograms
from tallyscope.charts.integers import integers
from tallyscope.charts.measures import NothingToDraw
from tallyscope.charts.picture import Picture
from tallyscope.charts.regions import regions
from tallyscope.charts.sensitivity import sensitivity
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["FIGURES", "WITH_FINDING", "draw_all", "draw_figure"]

#: The finding that a figure draws.
WITH_FINDING: Mapping[str, str] = {
    "integers": "integer-percentages",
    "curves": "anomalous-votes",
    "sensitivity": "anomalous-votes",
}
#: Drawn where the method does not apply too: they show why it does not.
WHY_NOT = ("curves",)
FIGURES = ("comet", "histograms", "regions", "integers", "curves", "sensitivity")
_WIDE, _NARROW = 700, 350


def draw_all(returns: Returns, findings: Sequence[Finding] = ()) -> tuple[Picture, ...]:
    """Draws every figure for which the returns have the figures."""
    by_method = {f.method: f for f in findings}
    drawn = (draw_figure(name, returns, by_method.get(WITH_FINDING.get(name, ""))) for name in FIGURES)
    return tuple(picture for picture in drawn if picture is not None)


def draw_figure(name: str, returns: Returns, finding: Finding | None = None) -> Picture | None:
    """Draws one of `FIGURES`; None if the returns lack what it shows, or its method has nothing to show."""
    if name in WITH_FINDING and (finding is None or not (finding.applicable or _shows_why(name, finding))):
        return None
    try:
        # The tests validate the figures; to do so here, part by part, takes a quarter of the time.
        with debug_mode(False):
            drawings = [draw(chart) for chart in _charts(name, returns, finding)]
    except NothingToDraw:
        return None
    return Picture(name, drawings[0], drawings[1] if len(drawings) > 1 else None)


def _shows_why(name: str, finding: Finding) -> bool:
    """Whether a figure shows why a method does not apply: only if the method got as far as what is drawn."""
    return name in WHY_NOT and name in finding.details


def _charts(name: str, returns: Returns, finding: Finding | None) -> Iterator[ChartType]:
    """The wide chart, and the narrow one where the figure has one."""
    if name == "comet":
        yield comet(returns)
    elif name == "regions":
        yield regions(returns, width=600)
    else:
        for width in (_WIDE, _NARROW):
            yield _in_width(name, returns, finding, width)


def _in_width(name: str, returns: Returns, finding: Finding | None, width: int) -> ChartType:
    if name == "histograms" or finding is None:
        return histograms(returns, width=width)
    if name == "integers":
        return integers(returns, finding, width=width)
    if name == "sensitivity":
        return sensitivity(returns, finding, width=width)
    return curves(returns, finding, width=width, height=340 if width == _WIDE else 260)
