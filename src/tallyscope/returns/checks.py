"""Checks every protocol against the relations of its form: which, where, by how much, and what would repair it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tallyscope.election.relation import CHOICES, Operator, Relation
from tallyscope.returns.build import linear_expr
from tallyscope.returns.repair import suggest_repairs
from tallyscope.returns.table import Returns

__all__ = ["CheckResult", "RelationResult", "check", "violated"]


@dataclass(frozen=True)
class RelationResult:
    """One relation over the whole table: protocols checked, violating it, or without one of its figures."""

    relation: Relation
    checked: int
    violations: int
    incomplete: int


@dataclass(frozen=True)
class CheckResult:
    """`violations`: index (UInt32, row of the table), code, level, residual (Int64), suggestion (text or null).

    `residual` is the relation's left side minus its right side, in the unit of the lines (ballots, voters).
    """

    relations: tuple[RelationResult, ...]
    violations: pl.DataFrame

    def of(self, code: str) -> RelationResult:
        """The result for one relation. Raises KeyError."""
        return {r.relation.code: r for r in self.relations}[code]


def violated(residual: pl.Expr, operator: Operator) -> pl.Expr:
    """Whether a residual breaks its relation; null where it is not known."""
    return {
        "=": residual != 0,
        ">=": residual < 0,
        "<=": residual > 0,
        ">": residual <= 0,
        "<": residual >= 0,
    }[operator]


def check(returns: Returns, *, relations: Sequence[Relation] | None = None) -> CheckResult:
    """Checks all reported protocols. `relations`: those of the election's form unless given.

    A relation that names a line the table does not have is left out of the result.
    """
    of_form = returns.election.form.relations if relations is None else relations
    usable = [r for r in of_form if _evaluable(r, returns)]
    votes = returns.votes_columns
    residuals = [linear_expr(r.residual, votes).alias(r.code) for r in usable]
    frame = returns.table.select("status", *residuals).with_row_index("index").filter(pl.col("status") != "empty")
    tests = [violated(pl.col(r.code), r.operator) for r in usable]
    counts = frame.select(
        *[t.sum().alias(f"bad {r.code}") for r, t in zip(usable, tests, strict=True)],
        *[pl.col(r.code).null_count().alias(f"null {r.code}") for r in usable],
    )
    results = tuple(
        RelationResult(r, frame.height - (null := counts[f"null {r.code}"][0]), counts[f"bad {r.code}"][0], null)
        for r in usable
    )
    found = [
        frame.filter(t).select(
            "index", code=pl.lit(r.code), level=pl.lit(r.level), residual=pl.col(r.code).cast(pl.Int64)
        )
        for r, t in zip(usable, tests, strict=True)
    ]
    schema = {"index": pl.UInt32, "code": pl.String, "level": pl.String, "residual": pl.Int64}
    violations = pl.concat([pl.DataFrame(schema=schema), *found]).sort("index", maintain_order=True)
    return CheckResult(results, suggest_repairs(returns, usable, violations))


def _evaluable(relation: Relation, returns: Returns) -> bool:
    columns = [r for r in relation.residual.terms if r != CHOICES]
    choices = CHOICES not in relation.residual.terms or bool(returns.votes_columns)
    return choices and returns.has(*columns)
