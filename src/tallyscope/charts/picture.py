"""A figure of a report, drawn. Nothing of the drawing library is needed to hold one."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.charts.export import Drawing

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """A figure of the report by its name. `narrow`: for a phone; None if the wide one serves there too."""

    name: str
    wide: Drawing
    narrow: Drawing | None
