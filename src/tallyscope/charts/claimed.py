"""A printed count beside what was possible: the feasible interval of each share, and where protocols were out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from tallyscope.charts.measures import NothingToDraw
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["possible_shares", "where_out"]

_ROW = 34
_PLACES = 12
_NAMES = 150


def possible_shares(details: Mapping[str, Any], names: Mapping[str, str], *, width: int = 640) -> ChartType:
    """A row a choice, in points from its final share: what was possible with so many out, and what was printed.

    `details`: of the check of a preliminary count (claims.checks.preliminary); `names`: choice -> its name. Raises
    NothingToDraw for a check that did not come to shares.
    """
    shares = details.get("shares")
    if not shares:
        raise NothingToDraw("the check has no shares")
    frame = pl.DataFrame(
        [
            {
                "name": names.get(choice, choice),
                "printed": f"{s['printed']} %",
                "final": round(s["final"], 2),
                "low": s["lowest"] - s["final"],
                "high": s["highest"] - s["final"],
                "said": float(s["printed"]) - s["final"],
                "place": i,
            }
            for i, (choice, s) in enumerate(sorted(shares.items(), key=lambda item: -item[1]["final"]))
        ]
    )
    few, most = details["out"]
    out = f"{few:,} to {most:,}" if few != most else f"{few:,}"
    frame = frame.with_columns(right=pl.max_horizontal("high", "said"))
    height = _ROW * frame.height
    base = alt.Chart(rows(frame), width=width - _NAMES, height=height)
    far = max(abs(float(frame.select(pl.min_horizontal("low", "said").min()).item())), 0.05)
    # A share printed far right still has room for its figure.
    far = 1.15 * max(far, float(frame.select(pl.col("right").max()).item()))
    x = alt.X(
        "low:Q",
        title="percentage points from the final share" if width > 500 else "points from the final share",
        scale=alt.Scale(domain=[-far, far], nice=False),
        axis=alt.Axis(format="+.2~f", values=_ticks(far, (width - _NAMES) // 120)),
    )
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=_NAMES))
    tip = [
        alt.Tooltip("name:N", title="choice"),
        alt.Tooltip("printed:N", title="printed"),
        alt.Tooltip("final:Q", title="final, %", format=".2f"),
    ]
    layers = [
        base.mark_bar(height=10, color=COLOURS["quiet"]).encode(x=x, x2="high:Q", y=y, tooltip=tip),
        base.mark_tick(thickness=2, size=20, color=COLOURS["ink"]).encode(x=alt.X("zero:Q"), y=y),
        base.mark_point(filled=True, size=90, shape="diamond", color=COLOURS["anomalous"], opacity=1).encode(
            x=alt.X("said:Q"), y=y, tooltip=tip
        ),
        base.mark_text(align="left", dx=7, fontSize=11.5, color=COLOURS["anomalous"]).encode(
            x="right:Q", y=y, text="printed:N"
        ),
    ]
    layers[1] = layers[1].transform_calculate(zero="0")
    return finished(
        alt.layer(*layers),
        title="What was printed, and what was possible",
        subtitle=f"Grey: with any {out} of {details['protocols']:,} protocols out. Line: final. Diamond: printed",
        words=f"{frame.height} choices: " + "; ".join(_words(row) for row in frame.iter_rows(named=True)) + ".",
    )


def _ticks(far: float, most: int) -> list[float]:
    """Round steps of 1, 2 or 5 on both sides of 0, at most `most` a side and at least one."""
    steps = (digit * 10.0**power for power in range(-3, 3) for digit in (1, 2, 5))
    step = next((s for s in steps if far / s < max(most, 1) + 1), far)
    return [round(n * step, 3) for n in range(-int(far / step), int(far / step) + 1)]


def _words(row: Mapping[str, Any]) -> str:
    low, high = row["final"] + row["low"], row["final"] + row["high"]
    return f"{row['name']} printed {row['printed']}, possible {low:.2f} to {high:.2f}, final {row['final']:.2f}"


def where_out(places: pl.DataFrame, *, width: int = 640) -> ChartType:
    """The units in which most of the protocols still out lay, under the least surprising chances.

    `places`: `unit`, `protocols` expected to be out, `of` how many (claims.checks.outstanding). Raises
    NothingToDraw without units.
    """
    if not places.height or float(places["protocols"].sum()) <= 0:
        raise NothingToDraw("no place is known in which protocols were out")
    total = float(places["protocols"].sum())
    first = places.head(_PLACES).select(
        pl.col("unit").fill_null("(none)"),
        expected=pl.col("protocols").round(1),
        part=(100 * pl.col("protocols") / total).round(1),
        of=pl.col("of"),
    )
    base = alt.Chart(rows(first), width=width - _NAMES, height=22 * first.height)
    y = alt.Y("unit:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=_NAMES))
    tip = [
        alt.Tooltip("unit:N", title="unit"),
        alt.Tooltip("expected:Q", title="expected out", format=".1f"),
        alt.Tooltip("of:Q", title="of protocols", format=","),
    ]
    bars = base.mark_bar(color=COLOURS["leader"], height=13).encode(
        x=alt.X("expected:Q", title="protocols expected to have been out"), y=y, tooltip=tip
    )
    text = base.mark_text(align="left", dx=5, fontSize=11, color=COLOURS["muted"]).encode(
        x="expected:Q", y=y, text=alt.Text("part:Q", format=".1f")
    )
    return finished(
        alt.layer(bars, text),
        title="Where the missing protocols most likely lay",
        subtitle="Of all chances that give the printed shares, those that assume least. Figures: % of all out",
        words="; ".join(f"{r['unit']} {r['expected']:.0f}" for r in first.iter_rows(named=True)) + ".",
    )
