"""Draws mixture.svg and mixture-ranks.svg: `python docs/methods/draw_mixture.py`; needs the extra `bayes`.

The first shows stations of two simulated elections by the probability that the mixture gives each; the second the
ranks that `studies/mixture_sbc.py` kept.
"""

from __future__ import annotations

import json
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl
import vl_convert
from scipy.stats import binom

from tallyscope.charts.theme import COLOURS, config
from tallyscope.forensics.mixture import mixture
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "studies" / "results" / "mixture_sbc.jsonl"
RANKS, BINS = 100, 10
#: Above it a finding gives no answer.
AGREED = 1.05
CLEAN, STUFFED = "as it was voted", "ballots added in a quarter of its stations"
#: Parameters in the order of the picture, the ones that people ask for first.
FIRST = ("votes_gained", "manipulated", "extreme", "switching", "theta")


def main() -> None:
    """Two pictures beside this script."""
    clean = clean_election(CleanSpec(stations=640, regions=8, stations_per_territory=80), 3)
    stuffed, _ = stuffing.apply(clean, Site(share_of_stations=0.25), 0.12, 7)
    frame = pl.concat([_stations(CLEAN, clean), _stations(STUFFED, stuffed)])
    _save(_histograms(*_ranks()), "mixture-ranks")
    _save(_map(frame), "mixture")


def _stations(name: str, returns: Returns) -> pl.DataFrame:
    found = mixture(returns)
    assert found.stations is not None
    assert returns.leader is not None
    n, cast, w = (returns.counts(c) for c in ("registered", "cast", f"votes_{returns.leader.id}"))
    changed = 1.0 - found.stations["p_none"]
    return pl.DataFrame(
        {"election": name, "turnout": 100 * cast / n, "share": 100 * w / cast, "changed": changed}
    ).drop_nulls()


def _map(frame: pl.DataFrame) -> alt.FacetChart:
    colour = alt.Color(
        "changed:Q",
        title="probability that ballots were added",
        scale=alt.Scale(domain=[0, 1], range=[COLOURS["leader"], COLOURS["anomalous"]]),
        legend=alt.Legend(orient="bottom", gradientLength=240, titleLimit=460),
    )
    return (
        alt.Chart(frame)
        .mark_circle(size=18, opacity=0.75)
        .encode(
            x=alt.X("turnout:Q", title="turnout, %", scale=alt.Scale(domain=[30, 100])),
            y=alt.Y("share:Q", title=None, scale=alt.Scale(domain=[10, 100])),
            color=colour,
        )
        .properties(width=300, height=260)
        .facet(
            alt.Facet(
                "election:N",
                title="leader's share, %",
                sort=[CLEAN, STUFFED],
                header=alt.Header(titleAnchor="start"),
            ),
            columns=2,
        )
    )


def _ranks() -> tuple[pl.DataFrame, int, list[str]]:
    lines = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    agreed = [line for line in lines if "seed" in line and max(line["r_hat"].values()) < AGREED]
    runs = [line["ranks"] for line in agreed]
    names = [*FIRST, *(n for n in runs[0] if n not in FIRST)]
    rows = []
    for name in names:
        counts = np.histogram([r[name] for r in runs], bins=BINS, range=(-0.5, RANKS - 0.5))[0]
        rows += [
            {"parameter": name, "low": i * RANKS // BINS, "high": (i + 1) * RANKS // BINS, "runs": int(c)}
            for i, c in enumerate(counts)
        ]
    return pl.DataFrame(rows), len(runs), names


def _histograms(frame: pl.DataFrame, runs: int, names: list[str]) -> alt.FacetChart:
    low, high = binom.ppf([0.005, 0.995], runs, 1 / BINS)
    frame = frame.with_columns(least=pl.lit(low), most=pl.lit(high))
    base = alt.Chart(frame).encode(
        x=alt.X("low:Q", title="rank of the truth", axis=alt.Axis(values=[0, 50, 100])), x2="high:Q"
    )
    bars = base.mark_rect(fill=COLOURS["leader"], stroke=COLOURS["paper"]).encode(
        y=alt.Y("runs:Q", title=None, axis=alt.Axis(tickCount=3)), y2=alt.datum(0)
    )
    band = base.mark_rect(color=COLOURS["quiet"], opacity=0.3).encode(y="least:Q", y2="most:Q")
    title = f"of {runs} draws from the prior, how many had the truth at each rank; grey: 99 % of chance"
    return (
        alt.layer(bars, band)
        .properties(width=140, height=70)
        .facet(alt.Facet("parameter:N", title=title, sort=names, header=alt.Header(titleAnchor="start")), columns=5)
    )


def _save(chart: alt.FacetChart, name: str) -> None:
    spec = chart.to_dict()
    spec["config"] = {**spec.get("config", {}), **config()}
    (HERE / f"{name}.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")


if __name__ == "__main__":
    main()
