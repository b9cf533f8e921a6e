"""Draws anomalous-votes.svg: `python docs/methods/draw_anomalous.py FILE...` (results of elections, one a year)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import vl_convert

import tallyscope
from tallyscope.charts.theme import COLOURS, config
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import method
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design

HERE = Path(__file__).parent
_REFERENCES = {
    "regions_apart": "a core for each region",
    "country_as_one": "one core for the country",
    "constant_ratio": "a constant ratio",
}


def main(files: list[str]) -> None:
    """One picture beside this script."""
    found = [(file, method("anomalous-votes").run(tallyscope.read(file))) for file in files]
    clean = method("anomalous-votes").run(clean_election(clean_design("territories-correlated"), 1))
    shown = next(f for file, f in found if "2012" in file)
    chart = alt.vconcat(_positions(clean, shown), _estimates(found), spacing=34).resolve_scale(color="independent")
    spec = chart.to_dict()
    spec["config"] = {**spec.get("config", {}), **config()}
    (HERE / "anomalous-votes.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")


def _positions(clean: Finding, shown: Finding) -> alt.LayerChart:
    edges = np.linspace(-4, 6, 101)
    parts = []
    for name, finding in (("a clean simulated country", clean), ("Russia 2012", shown)):
        assert finding.stations is not None
        position = finding.stations["position"].drop_nulls().to_numpy()
        share = 100 * np.histogram(position, edges)[0] / position.size
        parts.append(pl.DataFrame({"position": (edges[1:] + edges[:-1]) / 2, "percent": share, "of": name}))
    frame = pl.concat(parts)
    middle = (edges[1:] + edges[:-1]) / 2
    bell = pl.DataFrame({"position": middle, "percent": 10 * np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi)})
    x = alt.X("position:Q", title="position on the axis of stuffing, standard deviations from the region's middle")
    y = alt.Y("percent:Q", title="% of stations")
    scale = alt.Scale(
        domain=["a clean simulated country", "Russia 2012"], range=[COLOURS["quiet"], COLOURS["anomalous"]]
    )
    colour = alt.Color("of:N", title=None, scale=scale, legend=alt.Legend(orient="top", offset=34))
    lines = alt.Chart(frame).mark_line(interpolate="step", strokeWidth=1.6).encode(x=x, y=y, color=colour)
    normal = alt.Chart(bell).mark_line(color=COLOURS["ink"], strokeDash=[4, 3], strokeWidth=1).encode(x=x, y=y)
    return alt.layer(lines, normal).properties(width=560, height=190)


def _estimates(found: list[tuple[str, Finding]]) -> alt.LayerChart:
    rows: list[dict[str, Any]] = []
    for file, finding in found:
        year = next(part for part in Path(file).stem.split(".") if part.isdigit())
        for key, name in _REFERENCES.items():
            of = finding.details[key]
            rows.append({"year": year, "by": name, **{k: of[k] / 1e6 for k in ("votes", "low", "high")}})
        published = finding.details.get("published")
        recipe = finding.details["shpilkin"]["votes"]
        ends = (published["lowest"], published["highest"]) if published else (recipe, recipe)
        rows.append({"year": year, "by": "published", "votes": None, "low": ends[0] / 1e6, "high": ends[1] / 1e6})
        rows += [{"year": year, "by": "published", "votes": e / 1e6, "low": None, "high": None} for e in set(ends)]
    order = [*_REFERENCES.values(), "published"]
    colours = [COLOURS["anomalous"], COLOURS["leader"], COLOURS["others"], COLOURS["muted"]]
    base = alt.Chart(pl.DataFrame(rows, infer_schema_length=None)).encode(
        y=alt.Y("year:N", title=None, axis=alt.Axis(grid=False)),
        yOffset=alt.YOffset("by:N", sort=order),
        color=alt.Color(
            "by:N",
            title=None,
            sort=order,
            scale=alt.Scale(domain=order, range=colours),
            legend=alt.Legend(orient="top"),
        ),
    )
    x = alt.X("low:Q", title="anomalous votes, millions, with 90 % intervals", scale=alt.Scale(zero=True))
    bars = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
    dots = base.mark_circle(size=55, opacity=1).encode(x=alt.X("votes:Q"))
    return alt.layer(bars, dots).properties(width=560, height=330)


if __name__ == "__main__":
    main(sys.argv[1:])
