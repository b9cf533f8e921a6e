"""From figures as a file carries them to Returns: derived figures, status, the order of columns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tallyscope.election.election import Election
from tallyscope.election.relation import CHOICES, Linear
from tallyscope.election.roles import BEFORE_PROTOCOL, DERIVED, ROLES, VOTES
from tallyscope.returns.table import ATTRIBUTES, BOOKKEEPING, Returns, Source, empty_gaps

__all__ = ["DEFAULTS", "build_returns", "linear_expr"]

#: How the standing figures follow from other lines when neither file nor form says it: first that fits wins.
DEFAULTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "issued": (("issued_early", "issued_in_station", "issued_outside"), ("issued_in_station", "issued_outside")),
    "valid": (("for_choices",), (CHOICES,)),
    "cast": (("valid", "blank", "invalid"), ("valid", "invalid"), ("portable", "stationary")),
}


def linear_expr(linear: Linear, votes: Sequence[str]) -> pl.Expr:
    """A weighted sum of lines as an expression; `votes`: the columns that "choices" stands for."""
    total: pl.Expr = pl.lit(_number(linear.constant))
    for role, factor in linear.terms.items():
        columns = list(votes) if role == CHOICES else [role]
        for column in columns:
            term = pl.col(column)
            total = total + (term if factor == 1 else term * _number(factor))
    return total


def _number(value: float) -> int | float:
    """Whole factors stay whole, so that sums of counts stay exact integers."""
    return int(value) if value == int(value) else value


def build_returns(
    table: pl.DataFrame,
    election: Election,
    *,
    levels: Sequence[str],
    sources: tuple[Source, ...] = (),
    gaps: pl.DataFrame | None = None,
    notices: tuple[str, ...] = (),
) -> Returns:
    """Makes Returns of a table that has the levels, `station` and figures; adds what is missing of the rest.

    `table`: levels and `station` as text, figures as integers (null: not known) under the names of roles and
    `votes_<id>`; `kind`, `file`, `row` and the `ATTRIBUTES` are optional. A null part makes a derived figure null.
    """
    votes = [f"{VOTES}{c.id}" for c in election.choices if f"{VOTES}{c.id}" in table.columns]
    table = _bookkeeping(table)
    table = _derive(table, election, votes)
    lines = [r for r in ROLES if r in table.columns and r not in DERIVED]
    figures = [*DERIVED, *lines, *votes]
    table = table.with_columns(pl.col(figures).cast(pl.Int64)).with_columns(
        _status([f for f in figures if f not in BEFORE_PROTOCOL])
    )
    attributes = [pl.col(a).cast(kind) for a, kind in ATTRIBUTES.items() if a in table.columns]
    ordered = table.select(*levels, *BOOKKEEPING, *attributes, *figures)
    return Returns(ordered, election, sources, empty_gaps() if gaps is None else gaps, notices)


def _bookkeeping(table: pl.DataFrame) -> pl.DataFrame:
    defaults = {
        "kind": pl.lit("station"),
        "file": pl.lit(0, dtype=pl.UInt16),
        "row": pl.int_range(2, pl.len() + 2, dtype=pl.UInt32),
    }
    return table.with_columns(**{name: e for name, e in defaults.items() if name not in table.columns})


def _derive(table: pl.DataFrame, election: Election, votes: Sequence[str]) -> pl.DataFrame:
    for role, linear in election.form.derived.items():
        needed = [r for r in linear.terms if r != CHOICES]
        if role not in table.columns and all(p in table.columns for p in needed):
            table = table.with_columns(linear_expr(linear, votes).alias(role))
    for role, ways in DEFAULTS.items():
        for parts in ways:
            if role in table.columns:
                break
            if all(p in table.columns or (p == CHOICES and votes) for p in parts):
                linear = Linear(dict.fromkeys(parts, 1.0))
                table = table.with_columns(linear_expr(linear, votes).alias(role))
    missing = [pl.lit(None, dtype=pl.Int64).alias(r) for r in DERIVED if r not in table.columns]
    return table.with_columns(missing)


def _status(figures: Sequence[str]) -> pl.Expr:
    known = pl.any_horizontal(pl.col(figures).is_not_null())
    nonzero = pl.any_horizontal((pl.col(figures) != 0).fill_null(False))
    # Where ballots cast are unknown, a protocol is "zero" only if it has no other figure than zero.
    zero = pl.when(pl.col("cast").is_not_null()).then(pl.col("cast") == 0).otherwise(~nonzero)
    status = pl.when(~known).then(pl.lit("empty")).when(zero).then(pl.lit("zero")).otherwise(pl.lit("reported"))
    return status.alias("status")
