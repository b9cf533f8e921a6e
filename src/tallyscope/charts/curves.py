"""The leader's votes and the others' by turnout: what is beyond the proportion of the core is shaded.

Where support does not depend on turnout the two curves are proportional (Shpilkin 2009-2024); see
`tallyscope.forensics.core.anomalous` for the arithmetic, which is the one the finding is computed with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import polars as pl

from tallyscope.charts.binning import window
from tallyscope.charts.measures import NothingToDraw, leader_share, turnout, usable
from tallyscope.charts.rows import finished, rows
from tallyscope.charts.theme import COLOURS
from tallyscope.forensics.core.anomalous import BINS, SMALLEST, Curves, curves_by_unit
from tallyscope.forensics.core.core_finder import shpilkin_core
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["curves"]


def curves(returns: Returns, finding: Finding | None = None, *, width: int = 800, height: int = 340) -> ChartType:
    """Votes by turnout in 1-point bins (b, b + 1] %, stations with more than 100 voters on the list.

    `finding`: of the method `anomalous-votes`, whose core is drawn; without one the published recipe finds it.
    Drawn: the leader's votes L(b); all other ballots O(b), invalid ones too; c O(b) with c = L(core)/O(core); the
    core; and, shaded, L(b) - c O(b), unless the finding says that the method does not apply. Raises NothingToDraw.
    """
    across, up = turnout(returns, "cast"), leader_share(returns)
    leader = up.name
    table = usable(returns, across, up)
    registered, cast, votes = (table[c].to_numpy() for c in ("registered", "cast", up.part))
    both = curves_by_unit(registered, cast, votes, np.zeros(table.height, dtype=np.int64), 1)
    core = _core(both, finding)
    if core is None:
        raise NothingToDraw("the core of the turnout distribution is not known")
    low, high = window((both.leader + both.others)[0], 1)
    frame = _frame(both, core).filter(pl.col("turnout").is_between(low, high))
    names = [leader, f"All others × {both.leader[0, core] / both.others[0, core]:.2f}", "All other ballots"]
    x = alt.X(
        "turnout:Q",
        title=across.axis,
        scale=alt.Scale(domain=[low, high], nice=False),
        axis=alt.Axis(values=list(range(low, high + 1, 10 if width >= 600 else 20))),
    )
    y = alt.Y("votes:Q", title="Votes in a bin of 1 point", axis=alt.Axis(format=",.0f", tickCount=5))
    applies = finding is None or finding.applicable
    shade = [_shade(frame, x, y)] if applies else []
    layers = alt.layer(_band(core), *shade, _lines(frame, names, x, y), _label(core))
    return finished(
        layers.properties(width=width, height=height),
        title=f"Votes for {leader} and all other ballots, by turnout",
        subtitle=f"Stations with more than {SMALLEST} voters on the list, bins of 1 percentage point",
        words=f"Two curves over turnout. One: votes for {leader}. The other: all other ballots, and the same "
        f"multiplied so that both agree in the core, turnout above {core} and up to {core + 1} %."
        + (" The difference is shaded." if applies else ""),
    )


def _core(both: Curves, finding: Finding | None) -> int | None:
    """The bin that the finding calls the core, or the published recipe's; None if nobody else has a vote there."""
    details = finding.details if finding is not None else {}
    for of in ("core", "shpilkin"):
        value = details.get(of)
        value = value.get("core") if isinstance(value, dict) else value
        if isinstance(value, int) and 0 <= value < BINS and both.others[0, value] > 0:
            return value
    core = int(shpilkin_core(both).core[0])
    return core if core >= 0 and both.others[0, core] > 0 else None


def _frame(both: Curves, core: int) -> pl.DataFrame:
    """One row a bin: the middle of its turnout, the two curves and the scaled one, in votes."""
    leader, others = both.leader[0], both.others[0]
    return pl.DataFrame(
        {
            "turnout": np.arange(BINS) + 0.5,
            "votes": leader.round().astype(np.int64),
            "scaled": (leader[core] / others[core] * others).round().astype(np.int64),
            "others": others.round().astype(np.int64),
        }
    )


def _band(core: int) -> Any:
    edges = pl.DataFrame({"from": [core], "to": [core + 1]})
    return alt.Chart(rows(edges)).mark_rect(color=COLOURS["grid"]).encode(x=alt.X("from:Q"), x2="to:Q")


def _shade(frame: pl.DataFrame, x: alt.X, y: alt.Y) -> Any:
    mark = alt.Chart(rows(frame)).mark_area(color=COLOURS["anomalous"], opacity=0.28)
    return mark.encode(x=x, y=y, y2="scaled:Q")


def _lines(frame: pl.DataFrame, names: list[str], x: alt.X, y: alt.Y) -> Any:
    colours = [COLOURS["leader"], COLOURS["others"], COLOURS["others"]]
    scale = alt.Scale(domain=names, range=colours)
    dashes = alt.Scale(domain=names, range=[[1, 0], [5, 3], [1, 0]])
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=2.5, offset=38)
    named = dict(zip(("votes", "scaled", "others"), names, strict=True))
    long = frame.rename(named).unpivot(names, index="turnout", variable_name="curve", value_name="votes")
    return (
        alt.Chart(rows(long))
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=alt.Color("curve:N", scale=scale, legend=legend),
            strokeDash=alt.StrokeDash("curve:N", scale=dashes, legend=legend),
            tooltip=[
                alt.Tooltip("curve:N", title="curve"),
                alt.Tooltip("turnout:Q", title="turnout, middle of the bin, %"),
                alt.Tooltip("votes:Q", title="votes", format=","),
            ],
        )
    )


def _label(core: int) -> Any:
    at = pl.DataFrame({"at": [core + 0.5], "text": [f"core {core}–{core + 1} %"]})
    mark = alt.Chart(rows(at)).mark_text(baseline="bottom", dy=-4, color=COLOURS["muted"])
    return mark.encode(x=alt.X("at:Q"), y=alt.value(0), text="text:N")
