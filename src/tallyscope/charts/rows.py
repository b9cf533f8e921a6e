"""What every figure is put together with: its counted rows, and the finish that all share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from tallyscope.charts.theme import config

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["finished", "rows"]


def rows(frame: pl.DataFrame) -> alt.InlineData:
    """A frame of counted figures as compact text, which Altair neither limits nor walks through."""
    kinds = {name: "number" if dtype.is_numeric() else "string" for name, dtype in frame.schema.items()}
    return alt.InlineData(frame.write_csv(), format=alt.CsvDataFormat(type="csv", parse=kinds))


def finished(chart: Any, *, title: str, subtitle: str, words: str) -> ChartType:
    """The chart with its headline, its theme, and `words` for those who do not see it."""
    done: ChartType = chart.properties(title=alt.Title(title, subtitle=subtitle), description=words)
    themed: ChartType = done.configure(**config())
    return themed
