"""Draws last-digits.svg and second-digit.svg: `python docs/methods/draw_digits.py RESULTS_FILE` (Russia 2012)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import vl_convert

import tallyscope
from tallyscope.charts.theme import COLOURS, config
from tallyscope.forensics.methods import method

HERE = Path(__file__).parent


def main(file: str) -> None:
    """Two pictures beside this script."""
    returns = tallyscope.read(file)
    details = method("last-digits").run(returns).details
    rows: list[dict[str, Any]] = [
        {"kind": name, "digit": d, "percent": 100 * share}
        for name, kind in details.items()
        if isinstance(kind, dict) and "digits" in kind
        for d, share in enumerate(kind["digits"])
    ]
    _save(_dots(pl.DataFrame(rows)), "last-digits")
    second = method("second-digit").run(returns).details
    total = second["stations_used"]
    names = {"observed": "observed", "expected": "neighbours in size", "benford": "Benford's law"}
    lines = [
        {"what": title, "digit": d, "percent": 100 * value / total}
        for key, title in names.items()
        for d, value in enumerate(second[key])
    ]
    _save(_lines(pl.DataFrame(lines), tuple(names.values())), "second-digit")


def _dots(frame: pl.DataFrame) -> alt.FacetChart:
    base = alt.Chart(frame).encode(x=alt.X("digit:O", title="last digit", axis=alt.Axis(labelAngle=0)))
    y = alt.Y("percent:Q", title=None, scale=alt.Scale(domain=[9.4, 10.6], zero=False))
    dots = base.mark_circle(size=70, color=COLOURS["leader"], opacity=1).encode(y=y)
    rule = alt.Chart(frame).mark_rule(color=COLOURS["muted"], strokeDash=[4, 3]).encode(y=alt.datum(10))
    return (
        alt.layer(rule, dots)
        .properties(width=190, height=190)
        .facet(alt.Facet("kind:N", title="% of counts of a kind with each last digit"), columns=3)
    )


def _lines(frame: pl.DataFrame, order: tuple[str, ...]) -> alt.Chart:
    colour = alt.Color(
        "what:N",
        title=None,
        sort=list(order),
        scale=alt.Scale(domain=list(order), range=[COLOURS["anomalous"], COLOURS["leader"], COLOURS["quiet"]]),
        legend=alt.Legend(orient="bottom"),
    )
    return (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("digit:O", title="second digit of the leader's votes", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("percent:Q", title="% of stations", scale=alt.Scale(zero=False)),
            color=colour,
        )
        .properties(width=480, height=260)
    )


def _save(chart: alt.Chart | alt.FacetChart, name: str) -> None:
    spec = chart.to_dict()
    spec["config"] = {**spec.get("config", {}), **config()}
    (HERE / f"{name}.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
