"""Rows that call themselves totals and are not exactly the sums of the others: printed totals often are a bit off.

Counted as stations they would double everything, so they are told like totals. A village may be called Totali: only
a row about as large as the rows of its place together is meant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tallyscope.returns.table import Returns

__all__ = ["near_totals"]

#: A printed total is this near to the sum of the rows, relative to that sum.
_NEAR = 0.2
Sums = dict[tuple[Any, ...], dict[str, int]]


def near_totals(returns: Returns, exact: pl.DataFrame) -> pl.DataFrame:
    """`index` (UInt32) and `of` (text: what the row is nearly the sum of), in the order of the table.

    `exact`: rows that are known to be totals, with the same columns; they are left out of all sums.
    """
    from tallyscope.returns.inference.totals import named_totals

    known = np.zeros(len(returns), dtype=np.bool_)
    known[exact["index"].to_numpy()] = True
    named = named_totals(returns.table.select(*returns.levels, "station")) & ~known
    found: list[tuple[int, str]] = []
    if named.any():
        plain = returns.table.filter(pl.Series(~named & ~known))
        places = [_sums(returns, plain, depth) for depth in range(len(returns.levels) + 1)]
        for index in np.flatnonzero(named).tolist():
            of = _nearly(returns, returns.table.row(index, named=True), places)
            found += [(index, of)] if of is not None else []
    return pl.DataFrame(found, schema=exact.schema, orient="row")


def _sums(returns: Returns, plain: pl.DataFrame, depth: int) -> Sums:
    """The sums of every place of two rows or more, by its names down to a level."""
    keys = returns.levels[:depth]
    sums = [pl.len().alias("rows"), pl.col(returns.figures).sum()]
    table = plain.group_by(keys).agg(sums) if keys else plain.select(sums)
    many = table.filter(pl.col("rows") >= 2).drop("rows")
    return {tuple(row[k] for k in keys): row for row in many.iter_rows(named=True)}


def _nearly(returns: Returns, row: dict[str, Any], places: list[Sums]) -> str | None:
    """What a row is nearly the sum of: the smallest place it lies in that has rows enough, and how it is off."""
    for depth in range(len(returns.levels), -1, -1):
        names = tuple(row[level] for level in returns.levels[:depth])
        sums = places[depth].get(names)
        if sums is None:
            continue
        off = {c: row[c] - sums[c] for c in returns.figures if row[c] is not None}
        whole = sum(sums[c] for c in off)
        if not whole or abs(sum(off.values())) > _NEAR * whole:
            return None
        column = max(off, key=lambda c: abs(off[c]))
        of = f"the other rows of {names[-1]!r}" if names else "the other rows of the file"
        return f"{of}, although {column!r} is {off[column]:+,} off"
    return None
