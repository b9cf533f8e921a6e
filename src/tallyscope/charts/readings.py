"""A share that was said beside every reading of it: of which denominator, on which totals, how far off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from tallyscope.charts.measures import NothingToDraw
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["Measured", "said_and_measured"]

_ROW = 26


@dataclass(frozen=True)
class Measured:
    """One reading: what of, its value, and whether what was said holds for it."""

    name: str
    value: float
    holds: bool


def said_and_measured(
    readings: Sequence[Measured],
    low: float | None,
    high: float | None,
    said: str,
    *,
    unit: str = "%",
    width: int = 640,
) -> ChartType:
    """A row a reading with its value, and a band from `low` to `high` (per cent) of what was said; None for an
    end that is open ("more than 50 %"), to where the picture ends.

    Raises NothingToDraw without readings.
    """
    if not readings:
        raise NothingToDraw("nothing was measured that could be drawn beside what was said")
    ends = [end for end in (low, high, *(r.value for r in readings)) if end is not None]
    room = max(max(ends) - min(ends), 0.4)
    domain = [min(ends) - 0.12 * room, max(ends) + 0.45 * room]
    frame = pl.DataFrame(
        [
            {
                "name": r.name,
                "value": round(r.value, 2),
                "shown": f"{r.value:.2f} {unit}",
                "holds": "holds" if r.holds else "does not hold",
                "low": domain[0] if low is None else low,
                "high": domain[1] if high is None else high,
            }
            for r in readings
        ]
    )
    names = min(170, width // 2)
    base = alt.Chart(rows(frame), width=width - names, height=_ROW * frame.height)
    y = alt.Y(
        "name:N",
        sort=None,
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelLimit=names, labelFontSize=11),
    )
    scale = alt.Scale(domain=domain, nice=False)
    axis = alt.Axis(format="~r", tickCount=4)
    x = alt.X("low:Q", title=None, scale=scale, axis=axis)
    # A hair of width, so that a single value is seen too.
    band = (
        alt.Chart(rows(frame.head(1)), width=width - names, height=_ROW * frame.height)
        .mark_rect(color=COLOURS["band"], stroke=COLOURS["quiet"], strokeWidth=1)
        .encode(x=x, x2="high:Q")
    )
    colour = alt.Color(
        "holds:N",
        scale=alt.Scale(domain=["holds", "does not hold"], range=[COLOURS["leader"], COLOURS["anomalous"]]),
        legend=None,
    )
    shape = alt.Shape(
        "holds:N", scale=alt.Scale(domain=["holds", "does not hold"], range=["circle", "diamond"]), legend=None
    )
    at = alt.X("value:Q", title=None, scale=scale, axis=axis)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(x=at, y=y, color=colour, shape=shape)
    texts = base.mark_text(align="left", dx=8, fontSize=11.5, color=COLOURS["ink"]).encode(
        x=at, y=y, text="shown:N"
    )
    return finished(
        alt.layer(band, points, texts),
        title="What was said, and what was measured",
        subtitle=f"Band: {said}. Circle: it holds. Diamond: it does not",
        words="; ".join(f"{r.name} {r.value:.2f} {unit}" for r in readings) + f"; said: {said}.",
    )
