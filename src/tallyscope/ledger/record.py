"""What is known of a record once it is open: its election, its levels, and the tables that follow from its form."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl
from sqlalchemy import Table

from tallyscope.election.election import Election
from tallyscope.ledger.schema import figure_columns, figures_table, sums_table
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns, Source
from tallyscope.tally.parts import part_columns

__all__ = ["Record"]


@dataclass(frozen=True, eq=False)
class Record:
    """`levels`: above the station, top first; `registered_before`: the list of stations has it, the form not."""

    election: Election
    levels: tuple[str, ...]
    origin: str
    registered_before: bool
    #: Commission -> itself and every one above it; filled by `sums` when it is first needed.
    paths: dict[int, tuple[int, ...]] = field(default_factory=dict)
    #: How many commissions are above a station: one number, unless some have none at a level. Filled likewise.
    depths: set[int] = field(default_factory=set)

    @property
    def before(self) -> tuple[str, ...]:
        """Figures that the list of stations says and the form does not."""
        return ("registered_before",) if self.registered_before else ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The figures of a protocol, in the order of the form."""
        return figure_columns(self.election)

    @cached_property
    def figures(self) -> Table:
        """The table `figures`."""
        return figures_table(self.election)

    @cached_property
    def sums(self) -> Table:
        """The table `sums`."""
        return sums_table(self.parts)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts of a tally of this record's returns."""
        return part_columns(self.empty)

    @cached_property
    def empty(self) -> Returns:
        """Its returns without a row."""
        schema: dict[str, pl.DataType] = {level: pl.String() for level in (*self.levels, "station")}
        schema |= {column: pl.Int64() for column in (*self.before, *self.columns)}
        return self.returns(pl.DataFrame(schema=schema), self.levels)

    def returns(
        self, table: pl.DataFrame, levels: tuple[str, ...], gaps: pl.DataFrame | None = None, *, size: int = 0
    ) -> Returns:
        """Returns of these rows; `size`: of the record that they are of."""
        sources = (Source(self.origin, "", size),)
        return build_returns(table, self.election, levels=levels, sources=sources, gaps=gaps)
