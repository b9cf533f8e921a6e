"""Draws order-of-arrival.svg and machine-gap.svg: `python docs/methods/draw_arrival.py SHARED_DATA_FOLDER`.

Bolivia 2019 with its two saved states of the quick count, and Türkiye 2017; St Petersburg 2021.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from tallyscope.charts.theme import COLOURS, config
from tallyscope.forensics.machine_gap import machine_gap
from tallyscope.forensics.order_of_arrival import order_of_arrival
from tallyscope.returns.arrivals import arrived_from_snapshots
from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.reading.read import read

HERE = Path(__file__).parent
LOCAL = timezone(timedelta(hours=-4))
RUNNING, COMPOSITION = "as counted", "by composition alone"


def main(data: Path) -> None:
    """Two pictures beside this script."""
    turkey = order_of_arrival(read(data / "turkey-2017-referendum" / "boxes.csv.gz"))
    bolivia = _bolivia(data / "bolivia-2019-president")
    _save(_running(turkey.details) | _levels(order_of_arrival(bolivia).details), "order-of-arrival")
    petersburg = stpetersburg.returns(data / "russia-2021-stpetersburg")
    found = machine_gap(petersburg)
    assert found.stations is not None
    frame = pl.concat([petersburg.table.select("registered", "scanner"), found.stations], how="horizontal")
    leader = petersburg.table.select(share=100 * pl.col("votes_united_russia") / pl.col("cast"))
    mixed = pl.col("scanner").any().over("territory") & ~pl.col("scanner").all().over("territory")
    kept = petersburg.table.select(mixed).to_series()
    _save(_sizes(pl.concat([frame, leader], how="horizontal").filter(kept)), "machine-gap")


def _bolivia(folder: Path) -> Any:
    first, second = (
        datetime(2019, 10, 20, 19, 40, 57, tzinfo=LOCAL),
        datetime(2019, 10, 21, 18, 29, 53, tzinfo=LOCAL),
    )
    return arrived_from_snapshots(
        read(folder / "final_2019-10-25.csv.gz"),
        [
            (first, read(folder / "trep_2019-10-20T19-40-57.csv.gz")),
            (second, read(folder / "trep_2019-10-21T18-29-53.csv.gz")),
        ],
    )


def _running(details: Any) -> alt.Chart:
    run = details["running"]
    rows = [
        {"counted": x, "share": y, "what": what}
        for what, key in ((RUNNING, "share_percent"), (COMPOSITION, "composition_percent"))
        for x, y in zip(run["counted_percent"], run[key], strict=True)
    ]
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=[RUNNING, COMPOSITION], range=[COLOURS["leader"], COLOURS["anomalous"]]),
        legend=alt.Legend(orient="bottom"),
    )
    return (
        alt.Chart(pl.DataFrame(rows))
        .mark_line()
        .encode(
            x=alt.X("counted:Q", title="% of the ballots counted", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("share:Q", title="running share of Yes, %", scale=alt.Scale(zero=False)),
            color=colour,
            strokeDash=alt.StrokeDash(
                "what:N",
                title=None,
                scale=alt.Scale(domain=[RUNNING, COMPOSITION], range=[[1, 0], [5, 4]]),
                legend=None,
            ),
        )
        .properties(width=300, height=240, title="Türkiye 2017")
    )


def _levels(details: Any) -> alt.LayerChart:
    nothing = {"level": "nothing", **details["drift"]["total"]}
    frame = pl.DataFrame([nothing, *({k: r[k] for k in nothing} for r in details["by_level"])])
    order = frame["level"].to_list()
    base = alt.Chart(frame).encode(y=alt.Y("level:N", sort=order, title="held fixed"))
    title = "points of the leader's share, first to last ballot"
    bars = base.mark_rule(size=3, color=COLOURS["quiet"]).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    dots = base.mark_circle(size=80, color=COLOURS["leader"], opacity=1).encode(x="points:Q")
    zero = alt.Chart(frame).mark_rule(color=COLOURS["muted"], strokeDash=[4, 3]).encode(x=alt.datum(0))
    return alt.layer(zero, bars, dots).properties(width=300, height=240, title="Bolivia 2019")


def _sizes(frame: pl.DataFrame) -> alt.Chart:
    kinds = ["by machine", "by hand, has a counterpart", "by hand, has none"]
    hand = pl.when(pl.col("share_percent").is_not_null()).then(pl.lit(kinds[1])).otherwise(pl.lit(kinds[2]))
    kind = pl.when(pl.col("scanner")).then(pl.lit(kinds[0])).otherwise(hand)
    rows = frame.drop_nulls("share").with_columns(kind.alias("kind")).select("registered", "share", "kind")
    colours = [COLOURS["quiet"], COLOURS["anomalous"], COLOURS["leader"]]
    return (
        alt.Chart(rows)
        .mark_circle(size=30, opacity=0.75)
        .encode(
            x=alt.X("registered:Q", title="voters on the list", scale=alt.Scale(type="log")),
            y=alt.Y("share:Q", title="share of the leader, %"),
            color=alt.Color(
                "kind:N",
                title=None,
                sort=kinds,
                scale=alt.Scale(domain=kinds, range=colours),
                legend=alt.Legend(orient="bottom"),
            ),
        )
        .properties(width=480, height=260)
    )


def _save(chart: Any, name: str) -> None:
    spec = chart.to_dict()
    spec["config"] = {**spec.get("config", {}), **config()}
    (HERE / f"{name}.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
    if len(sys.argv) > 2:
        Path(sys.argv[2], f"{name}.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=1.5))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
