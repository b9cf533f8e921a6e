"""What the columns of an unknown file are taken for: the answer of `infer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from tallyscope.returns.mapping import ColumnMapping

__all__ = ["ColumnGuess", "Inference", "describe"]


@dataclass(frozen=True)
class ColumnGuess:
    """What one column is taken for. `target`: see tallyscope.returns.mapping; `confidence`: 0..1."""

    column: str
    target: str
    confidence: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Inference:
    """The whole file: one guess a column, in the order of the file."""

    guesses: tuple[ColumnGuess, ...]
    #: What adds up to what, as text with the number of rows in which it holds.
    relations: tuple[str, ...]
    #: Rows that are sums of other rows: `index` (UInt32), `of` (text).
    totals: pl.DataFrame
    #: Names of the levels of the tree, the top one first.
    levels: tuple[str, ...]
    #: Figures that no column carries -> expression over those that one does.
    derived: Mapping[str, str] = field(default_factory=dict)
    #: Choice id -> the name in the file.
    choice_names: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0

    def of(self, column: str) -> ColumnGuess:
        """The guess for one column. Raises KeyError."""
        for guess in self.guesses:
            if guess.column == column:
                return guess
        raise KeyError(column)

    def mapping(self) -> ColumnMapping:
        """The same as a mapping, to read the file with or to correct by hand."""
        return ColumnMapping(
            columns={g.column: g.target for g in self.guesses},
            levels=self.levels,
            choice_names=dict(self.choice_names),
            derived=dict(self.derived),
            drop_totals=self.totals.height > 0,
        )


def describe(inference: Inference) -> list[dict[str, str | float]]:
    """One plain row a column: column, target, confidence, evidence (joined with "; ")."""
    return [
        {
            "column": g.column,
            "target": g.target,
            "confidence": round(g.confidence, 3),
            "evidence": "; ".join(g.evidence),
        }
        for g in inference.guesses
    ]
