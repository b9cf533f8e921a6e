"""The comet: how many voters live where turnout was so high and the leader's share was so large.

Honest elections give one cloud, or a few, of the country's kinds of place. A tail that runs from the cloud up to
(100 %, 100 %) is what is looked at (Klimek, Yegorov, Hanel & Thurner 2012, PNAS 109:16469).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import altair as alt
import numpy as np
import polars as pl

from tallyscope.charts.binning import grid, levels, log_thresholds, lower_bins
from tallyscope.charts.measures import leader_share, turnout, usable
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import DENSITY
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    import numpy.typing as npt
    from altair.typing import ChartType

__all__ = ["comet"]

_WIDTH = 1.025
_PERCENT = alt.Scale(domain=[0, 100], nice=False)


def comet(returns: Returns, *, per_point: Literal[1, 2] = 1, size: int = 400) -> ChartType:
    """Two-dimensional histogram of turnout and the leader's share, weighted by voters on the list.

    `per_point`: bins a percentage point, on both axes. `size`: side of the square in points. The colour is a
    logarithmic scale, four steps a decade. Raises NothingToDraw.
    """
    across, up = turnout(returns), leader_share(returns)
    stations = usable(returns, across, up)
    x, y = (lower_bins(*m.counts(stations), per_point) for m in (across, up))
    voters = grid(x, y, stations["weight"].to_numpy(), 100 * per_point)
    cells, thresholds = _cells(voters, per_point)
    axis = alt.Axis(grid=True, tickCount=10)
    chart = (
        alt.Chart(rows(cells), width=size, height=size)
        .mark_rect(strokeWidth=0, clip=True)
        .encode(
            x=alt.X("x:Q", title=across.axis, scale=_PERCENT, axis=axis),
            x2="x2:Q",
            y=alt.Y("y:Q", title=up.axis, scale=_PERCENT, axis=axis),
            y2="y2:Q",
            color=_colour(thresholds),
            tooltip=_tooltip(per_point),
        )
    )
    return finished(
        chart,
        title=f"Turnout and the vote for {up.name}",
        subtitle=f"{stations.height:,} polling stations in bins of {1 / per_point:g} percentage point",
        words=f"A density map. Across: {across.axis}. Up: {up.axis}. The colour says how many registered voters "
        "belong to the polling stations of a bin.",
    )


def _cells(voters: npt.NDArray[np.float64], per_point: int) -> tuple[pl.DataFrame, npt.NDArray[np.float64]]:
    """The bins with voters, those of one colour beside one another, and the steps of the colour scale."""
    thresholds = log_thresholds(voters, len(DENSITY))
    x, y = np.nonzero(voters > 0)
    n = voters[x, y]
    level = levels(n, thresholds)
    # A hair wider than a bin, so that no gaps show between neighbours on paper or when scaled.
    corners = {"x": x, "x2": x + _WIDTH, "y": y, "y2": y + _WIDTH}
    columns = {name: v / per_point for name, v in corners.items()}
    cells = pl.DataFrame({**columns, "level": level, "voters": n.astype(np.int64)})
    return cells.sort("level", "y", "x"), thresholds


def _colour(thresholds: npt.NDArray[np.float64]) -> alt.Color:
    """Colour by level; the legend, spaced evenly, names the levels at which a power of ten begins."""
    steps = range(1, len(DENSITY))
    powers = np.log10(thresholds)
    names = {i: f"{thresholds[i - 1]:,.0f}" for i in steps if abs(powers[i - 1] - round(powers[i - 1])) < 1e-9}
    legend = alt.Legend(
        title="Registered voters in a bin",
        type="gradient",
        orient="top",
        direction="horizontal",
        offset=38,
        gradientLength=320,
        gradientThickness=10,
        labelExpr="".join(f"datum.value == {i} ? '{name}' : " for i, name in names.items()) + "''",
        labelOverlap=False,
    )
    return alt.Color(
        "level:Q", scale=alt.Scale(type="threshold", domain=list(steps), range=list(DENSITY)), legend=legend
    )


def _tooltip(per_point: int) -> list[alt.Tooltip]:
    digits = ".1f" if per_point > 1 else ".0f"
    return [
        alt.Tooltip("x:Q", title="turnout from, %", format=digits),
        alt.Tooltip("y:Q", title="share from, %", format=digits),
        alt.Tooltip("voters:Q", title="registered voters", format=","),
    ]
