"""Regions side by side: how turnout and the leader's share are spread over the voters of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import polars as pl

from tallyscope.charts.binning import group_sums, lower_bins
from tallyscope.charts.measures import Measure, NothingToDraw, leader_share, turnout, usable
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS
from tallyscope.returns.grouping import path_to, unit_names, upper_level
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["MOST", "regions"]

#: No more rows than this: the units with the most voters.
MOST = 100
_BIN = 2
_ROW = 17
_SIZE = 100 // _BIN
#: What is thinner than this part of the highest bin could not be seen.
_THINNEST = 0.01
#: Mean width of a letter of the names, in points.
_LETTER = 6.2


def regions(returns: Returns, *, level: str | None = None, width: int = 800) -> ChartType:
    """A row a unit of `level` (the first that divides the country), sorted by turnout: the spread of both figures.

    Shapes: voters on the list by 2-point bins of their station, each to its own height. Ticks: the whole unit's
    figure. Raises NothingToDraw if the returns have fewer than two units.
    """
    level = level or upper_level(returns)
    if level is None:
        raise NothingToDraw("there is no level above the polling station")
    across, up = turnout(returns), leader_share(returns)
    table = _with_units(usable(returns, across, up), path_to(returns, level))
    units = _units(table, across, up)
    if units.height < 2:
        raise NothingToDraw("there are not two units to set side by side")
    name_width = 150
    panel = (width - name_width - 30) // 2
    panels = [
        _panel(table, units, measure, mark, panel, i == 0, name_width)
        for i, (measure, mark) in enumerate(((across, COLOURS["ink"]), (up, COLOURS["leader"])))
    ]
    return finished(
        alt.hconcat(*panels, spacing=30),
        title=f"Turnout and the vote for {up.name}, {level} by {level}",
        subtitle="Shapes: registered voters by their station's figure, in bins of 2 points. Ticks: the whole unit",
        words=f"{units.height} rows, sorted by turnout. Left: {across.axis}. Right: {up.axis}.",
    )


def _with_units(table: pl.DataFrame, path: list[str]) -> pl.DataFrame:
    """Adds `unit`, what the unit of a row is called; rows without one are left out."""
    table = table.filter(pl.col(path[-1]).is_not_null())
    units = table.select(path).unique(maintain_order=True)
    units = units.with_columns(unit_names(units, path).alias("unit"))
    return table.join(units, on=path, how="left", nulls_equal=True, maintain_order="left")


def _units(table: pl.DataFrame, across: Measure, up: Measure) -> pl.DataFrame:
    """One row a unit, sorted by turnout: its name, its two figures in per cent, and its place from the top."""
    figures = {m: 100 * pl.col(m.part).sum() / pl.col(m.whole).sum() for m in (across, up)}
    return (
        table.group_by("unit", maintain_order=True)
        .agg(pl.col("weight").sum(), *(e.alias(f"{m.part}/{m.whole}") for m, e in figures.items()))
        .sort("weight", descending=True, maintain_order=True)
        .head(MOST)
        .sort(f"{across.part}/{across.whole}", descending=True, maintain_order=True)
        .with_row_index("place")
    )


def _shapes(table: pl.DataFrame, units: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """The outline of each unit's shape: percent, and height in rows from the top of the figure."""
    places = table.select("unit").join(units.select("unit", "place"), on="unit", how="left", maintain_order="left")
    group = places["place"].cast(pl.Int64).fill_null(-1).to_numpy()
    bins = lower_bins(*measure.counts(table)) // _BIN
    voters = group_sums(group, bins, table["weight"].to_numpy(), units.height, _SIZE)
    shape = voters / np.maximum(voters.max(axis=1, keepdims=True), 1)
    shape[shape < _THINNEST] = 0
    # Outlines run from the foot to the foot: a zero is drawn only beside a bin that is not one.
    height = np.pad(shape, ((0, 0), (1, 1)))
    beside = np.pad(height, ((0, 0), (1, 1)))
    row, column = np.nonzero((height > 0) | (beside[:, :-2] > 0) | (beside[:, 2:] > 0))
    return pl.DataFrame(
        {
            "place": row,
            "percent": np.clip(column * _BIN - _BIN / 2, 0, 100),
            "top": (row + 1 - 0.86 * height[row, column]).round(3),
        }
    )


def _panel(
    table: pl.DataFrame,
    units: pl.DataFrame,
    measure: Measure,
    colour: str,
    width: int,
    named: bool,
    name_width: int,
) -> ChartType:
    height = _ROW * units.height
    x = alt.X(
        "percent:Q",
        title=measure.axis,
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(grid=True, values=list(range(0, 101, 20)), orient="top"),
    )
    scale = alt.Scale(domain=[0, units.height], nice=False, reverse=True)
    feet = alt.Axis(values=list(range(1, units.height + 1)), labels=False, title=None, gridOpacity=0.7)
    places = alt.Y("foot:Q", scale=scale, axis=feet)
    # A filled line has half the points of an area.
    shapes = alt.Chart(rows(_shapes(table, units, measure)), width=width, height=height).mark_line(
        fill=COLOURS["quiet"], strokeWidth=0
    )
    ticks = units.select(
        name=pl.col("unit"),
        short=_short(name_width),
        percent=pl.col(f"{measure.part}/{measure.whole}").round(2),
        foot=pl.col("place") + 1,
        top=pl.col("place") + 0.12,
        middle=pl.col("place") + 0.5,
    )
    base = alt.Chart(rows(ticks), width=width, height=height)
    tooltip = [alt.Tooltip("name:N", title="unit"), alt.Tooltip("percent:Q", title=measure.name, format=".2f")]
    layers = [
        shapes.encode(x=x, y=alt.Y("top:Q", scale=scale, axis=feet), detail="place:N"),
        base.mark_rule(color=colour, strokeWidth=2).encode(x=x, y=places, y2="top:Q", tooltip=tooltip),
    ]
    if named:
        text = base.mark_text(align="right", dx=-8, fontSize=11.5, baseline="middle")
        layers.append(text.encode(x=alt.value(0), y=alt.Y("middle:Q", scale=scale, axis=None), text="short:N"))
    return alt.layer(*layers)


def _short(width: int) -> pl.Expr:
    """A name cut to what fits: to let the renderer measure and cut it would take longer than all the rest."""
    most = int(width / _LETTER)
    name = pl.col("unit")
    return pl.when(name.str.len_chars() > most).then(name.str.slice(0, most - 1) + "…").otherwise(name)
