"""Turnout and the leader's share in bins of a tenth of a point, whole percentages marked.

People who invent a result like round ones: peaks at whole percentages, at multiples of five above all, are what is
looked at (Kobak, Shpilkin & Pshenichnikov 2016, Annals of Applied Statistics 10:54; 2016, 2018, Significance).
Stations with r > 0 and g < N. Weighted by voters on the list. Bin edges lie at half a bin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import polars as pl

from tallyscope.charts.binning import centred_bins, noise, sums, window
from tallyscope.charts.measures import Measure, NothingToDraw, leader_share, turnout, usable
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    import numpy.typing as npt
    from altair.typing import ChartType

__all__ = ["histograms"]

_PER_POINT = 10
_SIZE = 100 * _PER_POINT + 1
_NAMES = {"turnout": "Turnout", "share": "Share"}


def histograms(returns: Returns, *, seed: int | None = None, width: int = 800, height: int = 170) -> ChartType:
    """Turnout (ballots issued / registered) above, the leader's share below; registered voters per 0.1-point bin.

    `seed`: with one, uniform noise U(-1/2, 1/2) is added to the numerators, which takes away the spikes that
    division of whole numbers leaves (at 50 %, 33.3 % ...). `width`, `height`: of one panel, in points.
    Raises NothingToDraw.
    """
    across, up = turnout(returns, "issued", "cast", "voted"), leader_share(returns)
    stations = usable(returns, across, up).filter(pl.col(across.part) < pl.col(across.whole))
    if stations.is_empty():
        raise NothingToDraw("no polling station has a turnout below 100 %")
    noisy = "" if seed is None else "; uniform noise on the numerators"
    panels = [_panel(stations, measure, seed, width, height) for measure in (across, up)]
    noisy = "" if seed is None else "; uniform noise on the numerators"
    return finished(
        alt.vconcat(*panels, spacing=26),
        title="Do whole percentages stand out?",
        subtitle=f"{stations.height:,} polling stations with turnout below 100 %, bins of 0.1 point{noisy}",
        words=f"Two histograms. Above: {across.axis}. Below: {up.axis}. Height: registered voters of the polling "
        "stations in a bin. Bins at whole percentages are marked.",
    )


def _panel(stations: pl.DataFrame, measure: Measure, seed: int | None, width: int, height: int) -> ChartType:
    part, whole = measure.counts(stations)
    bins = centred_bins(part if seed is None else noise(part, seed), whole, _PER_POINT)
    voters = sums(bins, stations["weight"].to_numpy(), _SIZE)
    top = _ceiling(voters)
    low, high = window(voters, _PER_POINT)
    places = np.arange(low * _PER_POINT, high * _PER_POINT + 1)
    frame = pl.DataFrame({"percent": places / _PER_POINT, "voters": voters[places].astype(np.int64)})
    whole_ones = frame.filter(pl.Series(places % _PER_POINT == 0))
    x = alt.X(
        "percent:Q",
        title=measure.axis,
        scale=alt.Scale(domain=[low, high], nice=False),
        axis=alt.Axis(values=list(range(low, high + 1, 5 if width >= 600 else 10))),
    )
    y = alt.Y(
        "voters:Q",
        title="Registered voters in a bin of 0.1 point",
        scale=alt.Scale(domain=[0, top], nice=False, clamp=True),
        axis=alt.Axis(tickCount=4, format=",.0f"),
    )
    tooltip = [
        alt.Tooltip("percent:Q", title="bin around, %", format=".1f"),
        alt.Tooltip("voters:Q", title="registered voters", format=","),
    ]
    # A filled line has half the points of an area; it has to begin and end on the axis.
    ends = frame[[0, -1]].with_columns(voters=pl.lit(0, dtype=pl.Int64))
    outline = pl.concat([ends[:1], frame, ends[1:]])
    area = alt.Chart(rows(outline), width=width, height=height).mark_line(
        interpolate="step", fill=COLOURS["quiet"], strokeWidth=0, clip=True
    )
    marks = alt.Chart(rows(whole_ones), width=width, height=height).mark_bar(
        color=COLOURS["anomalous"], width=max(width / places.size, 1), clip=True
    )
    return alt.layer(area.encode(x=x, y=y), marks.encode(x=x, y=y, tooltip=tooltip))


def _ceiling(voters: npt.NDArray[np.float64]) -> float:
    """The top of the axis: the highest bin but those at the very ends, which may be a hundred times higher."""
    inside = voters[_PER_POINT // 2 : -(_PER_POINT // 2)]
    return float(1.04 * max(inside.max(initial=0.0), 1.0))
