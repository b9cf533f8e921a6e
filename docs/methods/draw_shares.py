"""Draws repeated-shares.svg and coarse-fractions.svg: `python docs/methods/draw_shares.py RESULTS_FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl
import vl_convert

import tallyscope
from tallyscope.charts.theme import COLOURS, config
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import method
from tallyscope.returns.table import Returns

HERE = Path(__file__).parent
#: Territories drawn, the most surprising first.
_MOST = 6


def main(file: str) -> None:
    """Two pictures beside this script."""
    returns = tallyscope.read(file)
    _save(_territories(returns, method("repeated-shares").run(returns)), "repeated-shares")
    _save(_fractions(method("coarse-fractions").run(returns)), "coarse-fractions")


def _territories(returns: Returns, found: Finding) -> alt.FacetChart:
    """The stations of the territories that stand out most by share, as dots: share across, voters up."""
    assert found.stations is not None
    lowest = returns.levels[-1]
    told = [p for p in found.where if p.level == lowest and p.details["of"] == "share"][:_MOST]
    table = returns.table.select(*returns.levels, "registered").hstack(found.stations)
    parts = []
    for number, place in enumerate(told):
        of = [pl.col(level) == name for level, name in zip(returns.levels, place.unit, strict=True)]
        percent = place.details["share_percent"]
        name = f"{number + 1}. {place.unit[-1]}: {percent:.1f} %, {place.details['sharing']} stations"
        rows = table.filter(*of, pl.col("share_percent").is_not_null())
        near = rows.filter((pl.col("share_percent") - percent).abs() <= 12)
        parts.append(
            near.select("share_percent", "registered", same=pl.col("share_percent") == percent, place=pl.lit(name))
        )
    colour = alt.Color(
        "same:N",
        legend=None,
        scale=alt.Scale(domain=[True, False], range=[COLOURS["anomalous"], COLOURS["quiet"]]),
    )
    return (
        alt.Chart(pl.concat(parts))
        .mark_circle(size=26, opacity=0.75)
        .encode(
            x=alt.X("share_percent:Q", title="share of the leader, %", scale=alt.Scale(zero=False, nice=False)),
            y=alt.Y("registered:Q", title="voters", axis=alt.Axis(tickCount=4)),
            color=colour,
        )
        .properties(width=235, height=120)
        .facet(alt.Facet("place:N", title=None), columns=3)
        .resolve_scale(x="independent")
    )


def _fractions(found: Finding) -> alt.LayerChart:
    """Observed less expected stations at each multiple of 5 %, with two standard deviations of chance."""
    frame = pl.DataFrame(found.details["by_fraction"]).filter(pl.col("in_window") > 100)
    frame = frame.with_columns(
        excess=pl.col("observed") - pl.col("expected"), high=2 * pl.col("sd"), low=-2 * pl.col("sd")
    )
    x = alt.X("percent:Q", title="share of the leader, %", axis=alt.Axis(values=list(np.arange(5, 100, 5))))
    title = "stations, observed less expected"
    base = alt.Chart(frame, width=560, height=240)
    band = base.mark_area(color=COLOURS["band"]).encode(x=x, y=alt.Y("low:Q", title=title), y2="high:Q")
    bars = base.mark_bar(width=14, color=COLOURS["anomalous"]).encode(x=x, y=alt.Y("excess:Q", title=title))
    return alt.layer(band, bars)


def _save(chart: alt.LayerChart | alt.FacetChart, name: str) -> None:
    spec = chart.to_dict()
    spec["config"] = {**spec.get("config", {}), **config()}
    (HERE / f"{name}.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
