"""Draws a picture a mechanism into docs/power, power against dose for every method: `python docs/power/draw.py`.

Reads the packaged rates; draws nothing that was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from tallyscope.charts.export import to_svg
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS
from tallyscope.forensics.calibration.binomial import clopper_pearson
from tallyscope.forensics.calibration.lookup import nearest_in_size
from tallyscope.forensics.calibration.rates import Rate, Rates, packaged
from tallyscope.forensics.methods import METHODS
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.simulation.mechanisms.mechanism import Mechanism

HERE = Path(__file__).parent
COLUMNS, WIDTH, HEIGHT = 4, 165, 105
COLOUR = {"scattered": COLOURS["leader"], "territories": COLOURS["anomalous"], "all": COLOURS["others"]}


def main() -> None:
    """One file a mechanism that was measured."""
    rates = packaged()
    for mechanism in MECHANISMS.values():
        chart = picture(mechanism, rates)
        if chart is not None:
            (HERE / f"{mechanism.name.replace(' ', '-')}.svg").write_text(to_svg(chart), encoding="utf-8")


def picture(mechanism: Mechanism, rates: Rates) -> Any:
    """Small multiples, a method each: those that speak to the mechanism first. None if nothing was measured."""
    measured = {m.id: [r for r in rates.of(m.id) if r.mechanism == mechanism.name] for m in METHODS}
    # Smaller countries show the same dose less.
    measured = {id: nearest_in_size(of, rates) for id, of in measured.items()}
    measured = {id: of for id, of in measured.items() if of}
    if not measured:
        return None
    first = {m.id: mechanism.name not in m.mechanisms for m in METHODS}
    order = sorted(measured, key=lambda id: first[id])
    panels = [_panel(id, measured[id], mechanism, speaks=not first[id]) for id in order]
    chart = alt.concat(*panels, columns=COLUMNS, spacing={"row": 22, "column": 26})
    dose = "% of the leader's votes" if mechanism.unit == "votes" else "points lifted"
    return finished(
        chart,
        title=f"{mechanism.name[:1].upper()}{mechanism.name[1:]}: how often each method cries at 5 %",
        subtitle=f"% of runs, by dose ({dose}). {_legend(measured)}. Bands: 95 %; dashes: 5 %",
        words=f"A small picture a method. Across: dose ({mechanism.meaning}). Up: runs in which it cried.",
    )


def _legend(measured: Mapping[str, Sequence[Rate]]) -> str:
    named = {
        "scattered": "Blue: 30 % of stations",
        "territories": "orange: a fifth of territories",
        "all": "green: all",
    }
    places = {r.place for of in measured.values() for r in of}
    return ", ".join(text for place, text in named.items() if place in places)


def _panel(id: str, measured: Sequence[Rate], mechanism: Mechanism, *, speaks: bool) -> alt.LayerChart:
    frame = pl.DataFrame([_point(of, mechanism) for of in _pooled(measured)])
    doses = frame.sort("dose")["label"].unique(maintain_order=True).to_list()
    x = alt.X("label:O", sort=doses, title=None, axis=alt.Axis(labelAngle=0, labelFontSize=10))
    y = alt.Y("rate:Q", title=None, scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(values=[0, 50, 100]))
    places = sorted(COLOUR)
    colour = alt.Color("place:N", legend=None, scale=alt.Scale(domain=places, range=[COLOUR[p] for p in places]))
    base = alt.Chart(rows(frame)).encode(x=x, color=colour)
    band = base.mark_area(opacity=0.13).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    # Dashes let a line below the other show through where both run together.
    dash = alt.StrokeDash("place:N", legend=None, scale=alt.Scale(domain=places, range=[[2, 2], [1, 0], [6, 4]]))
    line = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=22)).encode(y=y, strokeDash=dash)
    rule = (
        alt.Chart(rows(pl.DataFrame({"at": [5]})))
        .mark_rule(color=COLOURS["quiet"], strokeDash=[3, 3])
        .encode(y=alt.Y("at:Q", title=None))
    )
    title = alt.Title(_named(id, measured), color=COLOURS["ink" if speaks else "muted"], fontSize=12, offset=6)
    drawn = (rule, band, line) if any(r.tested for r in measured) else (rule, line.encode(opacity=alt.value(0)))
    return alt.layer(*drawn).properties(width=WIDTH, height=HEIGHT, title=title)


def _named(id: str, measured: Sequence[Rate]) -> str:
    return id if any(r.tested for r in measured) else f"{id} (no verdict)"


def _pooled(measured: Sequence[Rate]) -> list[Sequence[Rate]]:
    """Rates of one place and dose together, whatever the design: a line has one point a dose."""
    groups: dict[tuple[str, float], list[Rate]] = {}
    for r in sorted(measured, key=lambda r: (r.place, r.dose)):
        groups.setdefault((r.place, r.dose), []).append(r)
    return list(groups.values())


def _point(of: Sequence[Rate], mechanism: Mechanism) -> dict[str, Any]:
    cried, runs, dose = sum(r.at_5 for r in of), sum(r.runs for r in of), of[0].dose
    low, high = clopper_pearson(cried, runs)
    label = f"{100 * dose:g} %" if mechanism.unit == "votes" else f"{dose:g}"
    rate = {"rate": 100 * cried / runs, "low": 100 * low, "high": 100 * high}
    return {"dose": dose, "label": label, "place": of[0].place, **rate}


if __name__ == "__main__":
    main()
