"""The polling stations a method works on: ordinary ones that reported every figure it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.roles import ROLES
from tallyscope.forensics.finding import Condition
from tallyscope.returns.table import Returns

__all__ = ["Figures", "Units", "dividing_level", "figures_known", "first_known", "station_figures", "units_at"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Figures:
    """`rows`: (stations,) their places in the Returns; figures by column, (stations,) int64. `reported`: how many
    ordinary stations reported at all, those that lack a figure included."""

    rows: Ints
    counts: Mapping[str, Ints]
    reported: int

    def __getitem__(self, column: str) -> Ints:
        return self.counts[column]

    def where(self, kept: npt.NDArray[np.bool_]) -> Figures:
        """The stations for which `kept`, (stations,) bool, holds."""
        return Figures(self.rows[kept], {c: v[kept] for c, v in self.counts.items()}, self.reported)


@dataclass(frozen=True, eq=False)
class Units:
    """Units of one level: `of`: (stations,) number of the unit; `names`: (units,) path from the top level down."""

    level: str
    of: Ints
    names: tuple[tuple[str, ...], ...]


def first_known(returns: Returns, *columns: str) -> str | None:
    """The first of these columns that the election's file carries, None if it carries none of them."""
    return next((c for c in columns if returns.has(c)), None)


def station_figures(returns: Returns, columns: Sequence[str]) -> Figures:
    """Ordinary stations (neither pseudo-stations nor empty or ballotless protocols) that have all these figures."""
    reported = (pl.col("kind") == "station") & (pl.col("status") == "reported")
    known = pl.all_horizontal([pl.col(c).is_not_null() for c in columns])
    table = returns.table.select(*columns, "kind", "status").with_row_index("__row")
    kept = table.filter(reported, known)
    counts = {c: kept[c].cast(pl.Int64).to_numpy() for c in columns}
    return Figures(kept["__row"].cast(pl.Int64).to_numpy(), counts, table.filter(reported).height)


def figures_known(figures: Figures, columns: Sequence[str]) -> Condition:
    """The condition that the stations that reported have these figures, measured; met from nine tenths on."""
    text = "Stations report " + ", ".join(ROLES.get(c, "votes of the leading choice") for c in columns)
    share = figures.rows.size / figures.reported if figures.reported else 0.0
    return Condition(text, share >= 0.9, f"{figures.rows.size:,} of {figures.reported:,} stations")


def units_at(returns: Returns, figures: Figures, depth: int) -> Units:
    """The units of the level `returns.levels[depth]` that these stations belong to."""
    levels = returns.levels[: depth + 1]
    named = returns.table.select(levels)[figures.rows].with_row_index("__row")
    names = named.select(levels).unique(maintain_order=True).with_row_index("__unit")
    joined = named.join(names, on=list(levels), how="left", nulls_equal=True, maintain_order="left")
    paths = tuple(tuple("" if p is None else str(p) for p in row) for row in names.select(levels).iter_rows())
    return Units(levels[-1], joined["__unit"].cast(pl.Int64).to_numpy(), paths)


def dividing_level(
    returns: Returns, figures: Figures, weight: Ints, *, units: int = 2, largest: float = 0.6
) -> int | None:
    """The first level, from the top, that parts the stations into enough units of which none is too large.

    `weight`: (stations,) what a unit's size is measured in; `units`: how many are enough; `largest`: share of the
    whole that one unit may hold. None if no level does: a file without levels, or of one place.
    """
    for depth in range(len(returns.levels)):
        sizes = np.bincount(units_at(returns, figures, depth).of, weights=weight)
        if sizes.size >= units and sizes.max() <= largest * sizes.sum():
            return depth
    return None
