"""Draws the four methods of voters who move: `python docs/methods/draw_movements.py ../shared/data`.

Each picture is the partial regression plot of its test: how much more of the leader's share stations have than
others of their territory and size, by how much more movement they have. Rays: votes that all go to the
leader, and half-way there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl

import tallyscope
from tallyscope.charts.export import to_svg
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS
from tallyscope.forensics.movements_figures import Moved, all_at_most, as_counted, moved, the_others
from tallyscope.forensics.movements_measure import Measured, measure

HERE = Path(__file__).parent
RUSSIA = {year: f"russia-{year}-president/{year}.csv.zip" for year in (2012, 2004)}
GEORGIA = {2013: "georgia-2013-president/precincts.csv.gz", 2016: "georgia-2016-parliament/precincts.csv.gz"}
#: Picture -> title, name of the movement, and its elections: name -> (file, line, how it counts).
PICTURES = {
    "absentee-balance": (
        "In 2012 the leader has more where certificates are very many",
        "certificates",
        {f"Russia {y}": (f, "certificates_used", as_counted) for y, f in RUSSIA.items()},
    ),
    "home-voting": (
        "Home voters lean to the leader, by less than half-way",
        "home voting",
        {f"Russia {y}": (f, "issued_outside", as_counted) for y, f in RUSSIA.items()},
    ),
    "late-additions": (
        "Georgia's special lists say nothing of the leader",
        "voters added",
        {f"Georgia {y}": (f, "added", all_at_most) for y, f in GEORGIA.items()},
    ),
    "turnout-pace": (
        "Late voters in two undisputed elections",
        "late voters",
        {
            "Spain, April 2019": ("spain-2019apr-congress/mesas.csv.gz", "voted_by_18", the_others),
            "Georgia 2013": (GEORGIA[2013], "voted_by_17", the_others),
        },
    ),
}


def main(data: Path) -> None:
    """Four pictures beside this script."""
    for name, (title, people, elections) in PICTURES.items():
        found = {}
        for election, (file, line, came) in elections.items():
            of = moved(tallyscope.read(data / file), line, came)
            assert isinstance(of, Moved)
            found[election] = measure(of)
        (HERE / f"{name}.svg").write_text(to_svg(picture(title, people, found)), encoding="utf-8")


def picture(title: str, people: str, found: dict[str, Measured]) -> alt.Chart:
    """Bands of stations by movement, with two standard errors; the rays are of the first election."""
    points = pl.concat([bands(m).with_columns(election=pl.lit(name)) for name, m in found.items()])
    first = next(iter(found.values()))
    low, high = float(points["x"].min()), float(points["x"].max())  # type: ignore[arg-type]
    rays = [
        {"x": x, "y": part * (1 - first.share) * x, "ray": ray}
        for ray, part in (("all of them the leader's", 1.0), ("half-way: still likely", 0.5))
        for x in (min(low, 0.0), high)
    ]
    names = list(found)
    colour = alt.Color(
        "election:N",
        scale=alt.Scale(domain=names, range=[COLOURS["leader"], COLOURS["others"]]),
        legend=alt.Legend(title=None, orient="bottom", symbolType="circle", symbolOpacity=1),
    )
    x = alt.X("x:Q", title=f"More {people} than others of the territory, points", axis=alt.Axis(tickCount=8))
    y = alt.Y("y:Q", title="More of the leader's share, points", axis=alt.Axis(tickCount=6))
    dash = alt.StrokeDash(
        "ray:N", scale=alt.Scale(range=[[1, 0], [5, 4]]), legend=alt.Legend(title=None, orient="bottom")
    )
    lines = (
        alt.Chart(rows(pl.DataFrame(rays))).mark_line(color=COLOURS["anomalous"]).encode(x=x, y=y, strokeDash=dash)
    )
    dots = alt.Chart(rows(points)).mark_circle(size=46, opacity=1).encode(x=x, y=y, color=colour)
    bars = alt.Chart(rows(points)).mark_rule(strokeWidth=1.5).encode(x=x, y="low:Q", y2="high:Q", color=colour)
    return finished(
        alt.layer(lines, bars, dots).properties(width=640, height=280),
        title=title,
        subtitle="Within territories, size held fixed. Bars: two standard errors. Rays: first election",
        words=f"{title}: bands of stations by {people}, for {', '.join(names)}.",
    )


def bands(measured: Measured) -> pl.DataFrame:
    """Weighted means in bands of the movement: most stations in twenty, the upper twentieth in seven more."""
    a = measured.association
    inner = np.linspace(0.01, 0.95, 20)
    edges = np.quantile(a.dose, [*inner, 0.965, 0.975, 0.985, 0.99, 0.995, 0.9975])
    band = np.searchsorted(edges, a.dose)
    weight = np.bincount(band, a.weight)
    x, y = (np.bincount(band, a.weight * v) / weight for v in (a.dose, a.cleared))
    spread = np.bincount(band, a.weight**2 * (a.cleared - y[band]) ** 2)
    error = np.sqrt(spread) / weight
    kept = np.bincount(band) >= 5
    frame = pl.DataFrame({"x": 100 * x, "y": 100 * y, "low": 100 * (y - 2 * error), "high": 100 * (y + 2 * error)})
    return frame.filter(pl.Series(kept))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
