"""Draws fingerprint.svg, nu-shape.svg and turnout-share.svg: `python docs/methods/draw_fingerprints.py DATA`.

In all three the country is set beside itself mirrored in the middle of its territories.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import vl_convert

import tallyscope
from tallyscope.charts.theme import COLOURS, config
from tallyscope.forensics.core.nu_shape import nu_parts
from tallyscope.forensics.fingerprint_stations import Stations, stations_of
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design

HERE = Path(__file__).parent
FILES = {"Russia 2011": "russia-2011-duma/2011.csv.zip", "Spain 2019": "spain-2019apr-congress/mesas.csv.gz"}
CLEAN = "clean, simulated"
_EDGES = np.linspace(-6, 6, 41)
Rows = list[dict[str, Any]]


def main(data: Path) -> None:
    """Three pictures beside this script."""
    countries = {CLEAN: stations_of(clean_election(clean_design("territories-correlated"), 1))}
    countries |= {name: stations_of(tallyscope.read(data / file)) for name, file in FILES.items()}
    _save(_map(_frame(countries, _cells)), "fingerprint")
    heads = {
        "nu-shape": ("-nu above its territory", "% of stations by -nu, in standard deviations"),
        "turnout-share": ("turnout above its territory", "share above its territory, in standard deviations"),
    }
    for rows, (name, (x, y)) in zip((_densities, _means), heads.items(), strict=True):
        _save(_curves(_frame(countries, rows), x, y), name)


def _frame(countries: dict[str, Stations | None], rows: Callable[[Stations], Rows]) -> pl.DataFrame:
    return pl.DataFrame([{"country": name, **row} for name, s in countries.items() if s for row in rows(s)])


def _scaled(s: Stations) -> tuple[np.ndarray, np.ndarray]:
    d = s.deviations
    return d.turnout / d.scale_turnout, d.share / d.scale_share


def _cells(s: Stations) -> Rows:
    """Cells of deviations: stations less those of the mirrored country, in standard deviations of chance."""
    counts = np.histogram2d(*_scaled(s), bins=(_EDGES, _EDGES))[0]
    mirrored = counts[::-1, ::-1]
    z = (counts - mirrored) / np.sqrt(np.maximum(counts + mirrored, 1))
    low, high = _EDGES[:-1], _EDGES[1:]
    return [
        {"x": low[i], "x2": high[i], "y": low[j], "y2": high[j], "z": float(np.clip(z[i, j], -6, 6))}
        for i, j in np.argwhere(counts + mirrored >= 8)
    ]


def _densities(s: Stations) -> Rows:
    nu = nu_parts(s.deviations, s.territory.of)
    scale = np.median(np.abs(nu.within)) * 1.4826
    middles = (_EDGES[1:] + _EDGES[:-1]) / 2
    rows = []
    for what, values in (("as it is", -nu.within / scale), ("mirrored", -nu.mirrored / scale)):
        share = 100 * np.histogram(values, bins=_EDGES)[0] / values.size
        rows += [{"what": what, "x": m, "y": y} for m, y in zip(middles, share, strict=True) if abs(m) < 5]
    return rows


def _means(s: Stations) -> Rows:
    turnout, share = _scaled(s)
    edges, rows = np.linspace(-3.5, 3.5, 15), []
    for what, side in (("as it is", 1), ("mirrored", -1)):
        place = np.digitize(side * turnout, edges) - 1
        for k in range(edges.size - 1):
            inside = np.clip(side * share[place == k], -4, 4)
            if inside.size >= 30:
                middle = (edges[k] + edges[k + 1]) / 2
                rows.append({"what": what, "x": middle, "y": float(inside.mean())})
    return rows


def _map(frame: pl.DataFrame) -> alt.FacetChart:
    colour = alt.Color(
        "z:Q",
        title="more stations than in the mirrored country, standard deviations",
        scale=alt.Scale(domain=[-6, 0, 6], range=[COLOURS["leader"], COLOURS["paper"], COLOURS["anomalous"]]),
        legend=alt.Legend(orient="bottom", gradientLength=240, titleLimit=460),
    )
    return (
        alt.Chart(frame)
        .mark_rect()
        .encode(
            x=alt.X("x:Q", title="turnout above its territory", scale=alt.Scale(domain=[-6, 6])),
            x2="x2:Q",
            y=alt.Y("y:Q", title=None, scale=alt.Scale(domain=[-6, 6])),
            y2="y2:Q",
            color=colour,
        )
        .properties(width=220, height=220)
        .facet(_facet("share above its territory, in standard deviations"), columns=3)
    )


def _facet(title: str) -> alt.Facet:
    return alt.Facet("country:N", title=title, sort=[CLEAN, *FILES], header=alt.Header(titleAnchor="start"))


def _curves(frame: pl.DataFrame, x: str, y: str) -> alt.FacetChart:
    order = ["as it is", "mirrored"]
    colours = alt.Scale(domain=order, range=[COLOURS["leader"], COLOURS["quiet"]])
    return (
        alt.Chart(frame)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("x:Q", title=x),
            y=alt.Y("y:Q", title=None),
            color=alt.Color("what:N", title=None, sort=order, scale=colours, legend=alt.Legend(orient="bottom")),
        )
        .properties(width=220, height=190)
        .facet(_facet(y), columns=3)
    )


def _save(chart: alt.FacetChart, name: str) -> None:
    spec = chart.to_dict()
    spec["config"] = {**spec.get("config", {}), **config()}
    (HERE / f"{name}.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
