"""What a constant ratio would say, had the core been put elsewhere: the weak point of the published recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from tallyscope.charts.measures import NothingToDraw, turnout
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["sensitivity"]

#: Cores drawn on either side of the plausible ones.
_BESIDE = 8
_KINDS = {True: "plausible core", False: "other place"}


def sensitivity(returns: Returns, finding: Finding, *, width: int = 800, height: int = 200) -> ChartType:
    """Votes beyond a constant ratio by the place of the core, from `details.sensitivity.by_core` of
    `anomalous-votes`.

    Band: the finding's interval. Rule: the core that is found. Raises NothingToDraw if the finding lacks them.
    """
    across, points = turnout(returns, "cast"), _points(finding)
    if points.height < 2:
        raise NothingToDraw("the finding does not say what other cores give")
    low, high = int(points["core"].min()), int(points["core"].max()) + 1  # type: ignore[arg-type]
    x = alt.X(
        "middle:Q",
        title=across.axis.replace("Turnout", "Turnout of the core", 1),
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(tickCount=8),
    )
    y = alt.Y("votes:Q", title="Anomalous votes", axis=alt.Axis(format=",.0f", tickCount=5))
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(_KINDS.values()), range=[COLOURS["anomalous"], COLOURS["quiet"]]),
        legend=alt.Legend(title=None, orient="top", symbolType="circle", offset=38),
    )
    tooltip = [alt.Tooltip("core:Q", title="core from, %"), alt.Tooltip("votes:Q", title="votes", format=",")]
    dots = alt.Chart(rows(points)).mark_circle(size=46, opacity=1)
    layers = [*_frame(finding, points, x, low, high), dots.encode(x=x, y=y, color=colour, tooltip=tooltip)]
    return finished(
        alt.layer(*layers).properties(width=width, height=height),
        title="Votes beyond a constant ratio, had the core been elsewhere",
        subtitle="A point is what one core gives. Grey: the interval of the finding. Line: the core found",
        words=f"Votes beyond a constant ratio to all others, for cores from {low} to {high} % turnout.",
    )


def _points(finding: Finding) -> pl.DataFrame:
    of = finding.details.get("sensitivity")
    listed = of.get("by_core") if isinstance(of, dict) else None
    known = [p for p in listed or () if isinstance(p, dict) and p.get("votes") is not None]
    near = _near(finding, known)
    known = [p for p in known if p["core"] in near]
    return pl.DataFrame(
        {
            "core": [int(p["core"]) for p in known],
            "middle": [p["core"] + 0.5 for p in known],
            "votes": [round(p["votes"]) for p in known],
            "kind": [_KINDS[bool(p.get("plausible"))] for p in known],
        },
        schema={"core": pl.Int64, "middle": pl.Float64, "votes": pl.Int64, "kind": pl.String},
    )


def _near(finding: Finding, known: list[dict[str, Any]]) -> range:
    """The cores that are drawn: the plausible ones, the one that is found, and some beside them.

    Far off, where nearly nobody else has a vote, the estimates are so absurd that nothing else could be seen.
    """
    centre = [p["core"] for p in known if p.get("plausible")]
    used = _core(finding)
    centre += [used] if used is not None else []
    return range(min(centre) - _BESIDE, max(centre) + _BESIDE + 1) if centre else range(100)


def _core(finding: Finding) -> int | None:
    """The core found, or that of the published recipe."""
    for name in ("core", "shpilkin"):
        of = finding.details.get(name)
        if isinstance(of, dict) and isinstance(of.get("core"), int):
            return int(of["core"])
    return None


def _frame(finding: Finding, points: pl.DataFrame, x: alt.X, low: int, high: int) -> list[Any]:
    """The interval, the line of zero, and the core that is used, as far as the finding has them."""
    layers: list[Any] = []
    if finding.estimate is not None:
        e = finding.estimate
        band = pl.DataFrame({"middle": [low], "to": [high], "votes": [e.low], "high": [e.high]})
        mark = alt.Chart(rows(band)).mark_rect(color=COLOURS["band"])
        layers.append(mark.encode(x=x, x2="to:Q", y=alt.Y("votes:Q"), y2="high:Q"))
    core = _core(finding)
    used = points.filter(pl.col("core") == core) if core is not None else points.clear()
    layers.append(alt.Chart(rows(used.select("middle"))).mark_rule(color=COLOURS["ink"]).encode(x=x))
    zero = alt.Chart(rows(pl.DataFrame({"votes": [0]}))).mark_rule(color=COLOURS["quiet"])
    layers.append(zero.encode(y=alt.Y("votes:Q")))
    return layers
