"""The summary table of a commission: every line of every protocol below it, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import polars as pl

from tallyscope.returns.table import Returns
from tallyscope.tally.sums import STATION, tally

__all__ = ["SummaryTable", "UnknownCommission", "commission_path", "summary_table"]


class UnknownCommission(ValueError):
    """There is no commission of this name, or there are several."""


@dataclass(frozen=True)
class SummaryTable:
    """`path`: the commission, () for the nation; `level`: of the units below; `table`: one row a unit, sums last.

    Columns of `table`: `unit`, `stations`, `processed` (stations with a protocol), then every figure, int or null.
    """

    path: tuple[str, ...]
    level: str
    table: pl.DataFrame


def commission_path(returns: Returns, name: str) -> tuple[str, ...]:
    """The commission a person means: its names from the top joined by " / ", or its own name if no other has it.

    "" is the nation. Raises UnknownCommission, which names what there is.
    """
    if not name.strip():
        return ()
    wanted = name.strip().casefold()
    found = [path for path in _paths(returns) if _means(path, wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "; ".join(" / ".join(path) for path in found[:5])
        raise UnknownCommission(f"{len(found)} commissions are called {name!r}: {listed}")
    raise UnknownCommission(f"there is no commission {name!r}; {_near(returns, name)}")


def _paths(returns: Returns) -> list[tuple[str, ...]]:
    depths = range(1, len(returns.levels) + 1)
    tables = [returns.table.select(returns.levels[:d]).unique(maintain_order=True) for d in depths]
    return [tuple(str(part) for part in row) for table in tables for row in table.rows()]


def _means(path: tuple[str, ...], wanted: str) -> bool:
    return wanted in (path[-1].casefold(), " / ".join(path).casefold())


def _near(returns: Returns, name: str) -> str:
    from rapidfuzz import process

    near = process.extract(name, [" / ".join(path) for path in _paths(returns)], limit=3)
    return f"the nearest are: {'; '.join(text for text, _, _ in near)}" if near else "it has no commissions"


def summary_table(returns: Returns, path: Sequence[str] = ()) -> SummaryTable:
    """The summary table of a commission. Raises UnknownCommission for a path that no station is below."""
    here = [pl.col(level) == name for level, name in zip(returns.levels, path, strict=False)]
    part = returns.filter(reduce(and_, here)) if here else returns
    if not len(part) or len(path) > len(returns.levels):
        raise UnknownCommission(f"there is no commission {' / '.join(path)!r}")
    level = returns.levels[len(path)] if len(path) < len(returns.levels) else STATION
    units = tally(part, level).select(pl.col(level).alias("unit"), *_columns(returns))
    sums = tally(part).select(pl.lit("", dtype=pl.String).alias("unit"), *_columns(returns))
    return SummaryTable(tuple(path), level, pl.concat([units, sums]))


def _columns(returns: Returns) -> list[pl.Expr]:
    processed = (pl.col("reported") + pl.col("zero")).alias("processed")
    return [pl.col("stations"), processed, *(pl.col(figure) for figure in returns.figures)]
