"""Which whole percentages are reported too often: observed less expected stations, percentage by percentage.

The counts behind the finding `integer-percentages` (Kobak, Shpilkin & Pshenichnikov 2016, figure 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import polars as pl

from tallyscope.charts.binning import window
from tallyscope.charts.measures import Measure, leader_share, turnout, usable
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS
from tallyscope.forensics.core.integer_test import profile, usable_stations
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    import numpy.typing as npt
    from altair.typing import ChartType

__all__ = ["integers"]

_PERCENTS = np.arange(101)


def integers(returns: Returns, finding: Finding | None = None, *, width: int = 800, height: int = 150) -> ChartType:
    """Observed less expected stations at each whole percentage: turnout above, the leader's share below.

    `finding`: of the method `integer-percentages`; without one, or if it does not carry the counts, they are
    computed. 100 % is not drawn: stations beyond 99 % are not part of the test. The band is 2 sqrt(expected) wide
    on either side, no less than two standard deviations of chance. Raises NothingToDraw.
    """
    across, up = turnout(returns, "issued", "cast", "voted"), leader_share(returns)
    counts = _of_finding(finding) or _computed(returns, across, up)
    panels = [_panel(*counts[name], m, width, height) for name, m in (("turnout", across), ("share", up))]
    return finished(
        alt.vconcat(*panels, spacing=26),
        title="Whole percentages, one by one: stations beyond what chance explains",
        subtitle="Observed less expected stations; grey: twice the square root of what is expected",
        words=f"Two bar charts. Above: {across.axis}. Below: {up.axis}. A bar for each whole percentage says how "
        "many more polling stations report it than chance explains.",
    )


def _of_finding(finding: Finding | None) -> dict[str, tuple[Any, Any]] | None:
    """(observed, expected) by measure, (101,) each, if the finding carries them."""
    by = finding.details.get("by_percent") if finding is not None else None
    if not isinstance(by, Mapping) or not all(isinstance(by.get(m), Mapping) for m in ("turnout", "share")):
        return None
    found = {m: (by[m].get("observed"), by[m].get("expected")) for m in ("turnout", "share")}
    whole = all(isinstance(v, (list, tuple)) and len(v) == _PERCENTS.size for pair in found.values() for v in pair)
    return found if whole else None


def _computed(returns: Returns, across: Measure, up: Measure) -> dict[str, tuple[Any, Any]]:
    table = usable(returns, across, up)
    issued, registered = across.counts(table)
    leader, cast = up.counts(table)
    used = usable_stations(registered, issued, cast, leader)
    profiles = {
        "turnout": profile(issued[used], registered[used]),
        "share": profile(leader[used], cast[used]),
    }
    return {m: (p.observed, p.expected) for m, p in profiles.items()}


def _panel(
    observed: npt.ArrayLike, expected: npt.ArrayLike, measure: Measure, width: int, height: int
) -> ChartType:
    seen, chance = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    frame = pl.DataFrame(
        {
            "percent": _PERCENTS,
            "observed": seen,
            "expected": chance.round(1),
            "excess": (seen - chance).round(1),
            "high": (2 * np.sqrt(chance)).round(1),
            "low": (-2 * np.sqrt(chance)).round(1),
            "five": np.where(_PERCENTS % 5 == 0, "multiples of 5", "others"),
        }
    )
    low, high = window(chance, 1)
    frame = frame.filter(pl.col("percent").is_between(low, min(high, 99)))
    x = alt.X(
        "percent:Q",
        title=measure.axis,
        scale=alt.Scale(domain=[low - 0.5, min(high, 99) + 0.5], nice=False),
        axis=alt.Axis(values=list(range(low, high + 1, 5 if width >= 600 else 10))),
    )
    height_of, up = "Stations, observed less expected", alt.Axis(format=",.0f", tickCount=5)
    y = alt.Y("excess:Q", title=height_of, axis=up)
    colour = alt.Color(
        "five:N",
        scale=alt.Scale(domain=["multiples of 5", "others"], range=[COLOURS["anomalous"], COLOURS["quiet"]]),
        legend=None,
    )
    base = alt.Chart(rows(frame), width=width, height=height)
    band = base.mark_area(color=COLOURS["band"]).encode(
        x=x, y=alt.Y("low:Q", title=height_of, axis=up), y2="high:Q"
    )
    tooltip = [alt.Tooltip(f"{c}:Q", format=",") for c in ("percent", "observed", "expected", "excess")]
    bars = base.mark_bar(width=max(0.7 * width / (high - low), 1.5)).encode(x=x, y=y, color=colour, tooltip=tooltip)
    return alt.layer(band, bars)
