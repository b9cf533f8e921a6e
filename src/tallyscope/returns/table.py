"""The one table: Returns, one row per polling station with the standing figures of its protocol.

Columns, in this order:

    the levels of the tree     one text column a level, the top one first ("region", "territory" ...)
    station                    the station's name or number, text, unique within its lowest level
    kind                       "station", or "pseudo" (e-voting of a region, a country's stations as one row ...)
    status                     "reported", "empty" (no figure at all) or "zero" (a protocol without a single ballot)
    file, row                  where it was read: index into `sources`, row of that file (the header is row 1)
    arrived, scanner           only where the file says so: when the protocol came in (Datetime), and whether its
                               ballots were counted by a machine (Boolean)
    registered, issued, cast, valid, invalid    always there; null throughout if the form does not have them
    every other line's role    only those that are on the form
    votes_<choice id>          one column a choice

Figures are Int64; null is a figure that is not known. Why it is not known stands in `gaps`: a cell without an entry
there was empty ("missing"); "illegible" is recorded; what is not on the form has no column (or is null throughout).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.election import Choice, Election
from tallyscope.election.roles import ROLES, VOTES, votes_column

if TYPE_CHECKING:
    from tallyscope.returns.checks import CheckResult

__all__ = ["ATTRIBUTES", "BOOKKEEPING", "KINDS", "STATUSES", "MissingFigures", "Returns", "Source", "empty_gaps"]

#: Columns between the levels and the figures.
BOOKKEEPING = ("station", "kind", "status", "file", "row")
#: Columns that follow them in the tables that have them, with their types.
ATTRIBUTES: dict[str, pl.DataType] = {"arrived": pl.Datetime("us"), "scanner": pl.Boolean()}
KINDS = ("station", "pseudo")
STATUSES = ("reported", "empty", "zero")


class MissingFigures(ValueError):
    """A computation asked for figures that some stations do not have."""


@dataclass(frozen=True)
class Source:
    """A file that figures were read from."""

    name: str
    sha256: str
    rows: int = 0


def empty_gaps() -> pl.DataFrame:
    """No gaps: the frame of (index of the row in the table, column, reason) without rows."""
    return pl.DataFrame(schema={"index": pl.UInt32, "column": pl.String, "reason": pl.String})


@dataclass(frozen=True, eq=False)
class Returns:
    """The returns of one election; see the module's docstring for the columns of `table`."""

    table: pl.DataFrame
    election: Election
    sources: tuple[Source, ...] = ()
    gaps: pl.DataFrame = field(default_factory=empty_gaps)
    #: What a reader should know of how the files were read, in whole sentences.
    notices: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.table.height

    def __repr__(self) -> str:
        return f"Returns({self.election.title!r}, {len(self):,} rows, {len(self.choices)} choices)"

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels above the station that the table carries, the top one first."""
        columns = self.table.columns
        return tuple(columns[: columns.index("station")])

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The choices of the election whose votes the table carries, in the order of the form."""
        return tuple(c for c in self.election.choices if votes_column(c.id) in self.table.columns)

    @cached_property
    def votes_columns(self) -> tuple[str, ...]:
        """The votes columns, in the order of `choices`."""
        return tuple(votes_column(c.id) for c in self.choices)

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """Every column that holds counts: lines first, then the votes of the choices."""
        return tuple(c for c in self.table.columns if c in ROLES or c.startswith(VOTES))

    @cached_property
    def leader(self) -> Choice | None:
        """The choice with the most votes in the whole table; None when nobody has any."""
        if not self.choices:
            return None
        sums = self.table.select(pl.col(self.votes_columns).sum()).row(0)
        best = int(np.argmax(np.asarray(sums, dtype=np.int64)))
        return self.choices[best] if sums[best] else None

    def has(self, *columns: str) -> bool:
        """True if the table carries every one of these columns with at least one known figure."""
        known = [c for c in columns if c in self.table.columns]
        if len(known) < len(columns):
            return False
        return all(self.table[c].null_count() < self.table.height for c in known)

    def counts(self, column: str) -> npt.NDArray[np.int64]:
        """One column of figures, (rows,) int64. Raises MissingFigures if any of them is not known."""
        series = self.table[column]
        if series.null_count():
            raise MissingFigures(
                f"{series.null_count():,} of {len(self):,} rows have no figure for {ROLES.get(column, column)!r}; "
                f"keep the others with .known({column!r})"
            )
        return series.cast(pl.Int64).to_numpy()

    def filter(self, *predicates: pl.Expr) -> Returns:
        """The rows that fulfil all the predicates; gaps follow their rows."""
        numbered = self.table.with_row_index("__index").filter(*predicates)
        kept = numbered.select(pl.col("__index").alias("index"), new=pl.int_range(pl.len(), dtype=pl.UInt32))
        gaps = self.gaps.join(kept, on="index").select(pl.col("new").alias("index"), "column", "reason")
        return replace(self, table=numbered.drop("__index"), gaps=gaps)

    def known(self, *columns: str) -> Returns:
        """The rows in which every one of these figures is known."""
        return self.filter(*[pl.col(c).is_not_null() for c in columns])

    def reporting(self) -> Returns:
        """The ordinary polling stations that reported: neither pseudo-stations nor empty protocols."""
        return self.filter(pl.col("kind") == "station", pl.col("status") != "empty")

    def codes(self, levels: Sequence[str]) -> tuple[npt.NDArray[np.int64], pl.DataFrame]:
        """Groups rows by levels: (rows,) group number in order of appearance, and one row of names a group.

        Without levels all rows are one group, which has no name (a frame without columns).
        """
        if not levels:
            return np.zeros(len(self), dtype=np.int64), pl.DataFrame()
        names = self.table.select(levels).unique(maintain_order=True).with_row_index("__code")
        coded = self.table.select(levels).join(
            names, on=list(levels), how="left", nulls_equal=True, maintain_order="left"
        )
        return coded["__code"].cast(pl.Int64).to_numpy(), names.drop("__code")

    def tally(self, by: str = "nation") -> pl.DataFrame:
        """Sums by a level, with turnout and shares: `tallyscope.tally.tally` as a method, for notebooks."""
        from tallyscope.tally import tally

        return tally(self, by)

    def check(self) -> CheckResult:
        """Every protocol against its form: `tallyscope.returns.checks.check` as a method, for notebooks."""
        from tallyscope.returns.checks import check

        return check(self)

    def station_names(self) -> pl.Series:
        """Where a row is, for people: its levels and its station joined with " / ", text (rows,)."""
        parts = [*self.levels, "station"]
        return self.table.select(pl.concat_str(parts, separator=" / ", ignore_nulls=True).alias("name"))["name"]
