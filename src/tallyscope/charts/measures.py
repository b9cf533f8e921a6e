"""What the figures draw of Returns: which column is the part, which the whole, and what the axis has to say.

Turnout is a part of the voters on the list; a share is a part of what the election's law says (Form.denominator).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.form import DENOMINATORS
from tallyscope.election.roles import votes_column
from tallyscope.returns.table import Returns

__all__ = ["Measure", "NothingToDraw", "leader_share", "turnout", "usable"]

Ints = npt.NDArray[np.int64]

_TURNOUT = {
    "cast": "ballots cast",
    "issued": "ballots issued",
    "voted": "voters who took part",
    "valid": "valid votes",
}


class NothingToDraw(ValueError):
    """These returns lack what the figure shows."""


@dataclass(frozen=True)
class Measure:
    """A percentage of stations: 100 part / whole, both columns of Returns; `axis` states the denominator."""

    part: str
    whole: str
    name: str
    axis: str

    def counts(self, table: pl.DataFrame) -> tuple[Ints, Ints]:
        """(part, whole) of these rows, each (rows,) int64."""
        return table[self.part].to_numpy(), table[self.whole].to_numpy()


def turnout(returns: Returns, *parts: str) -> Measure:
    """Turnout by the first of `parts` that is known (ballots cast, unless told). Raises NothingToDraw."""
    for part in parts or ("cast", "issued", "voted", "valid"):
        if returns.has(part, "registered"):
            return Measure(part, "registered", "Turnout", f"Turnout: {_TURNOUT[part]}, % of registered voters")
    raise NothingToDraw("turnout cannot be drawn: voters on the list or ballots cast are not known")


def leader_share(returns: Returns) -> Measure:
    """The leader's share by the law's denominator, the other one if that is not known. Raises NothingToDraw."""
    leader = returns.leader
    if leader is None:
        raise NothingToDraw("a share cannot be drawn: no choice has a vote")
    lawful = returns.election.form.denominator
    for whole in (lawful, "valid" if lawful == "cast" else "cast"):
        if returns.has(whole):
            return Measure(
                votes_column(leader.id), whole, leader.name, f"{leader.name}, % of {DENOMINATORS[whole]}"
            )
    raise NothingToDraw("a share cannot be drawn: neither ballots cast nor valid votes are known")


def usable(returns: Returns, *measures: Measure) -> pl.DataFrame:
    """The rows of ordinary stations in which every measure is defined: 0 <= part <= whole, whole > 0.

    Adds the column `weight`: voters on the list, or the last measure's whole where they are not known.
    Raises NothingToDraw if no station is left.
    """
    defined = [
        (pl.col(m.whole) > 0) & (pl.col(m.part) >= 0) & (pl.col(m.part) <= pl.col(m.whole)) for m in measures
    ]
    weight = "registered" if returns.has("registered") else measures[-1].whole
    table = returns.table.filter(pl.col("kind") == "station", *defined)
    if table.is_empty():
        raise NothingToDraw("no polling station has the figures that this is drawn from")
    return table.with_columns(pl.col(weight).fill_null(0).alias("weight"))
