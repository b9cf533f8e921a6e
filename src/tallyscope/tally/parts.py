"""What a tally is made of: whole numbers that add up, over stations, over units and over time."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tallyscope.election.roles import VOTES
from tallyscope.returns.table import Returns

__all__ = ["COUNTS", "finished", "part_columns", "parts"]

#: Kinds of rows, counted.
COUNTS = ("stations", "reported", "empty", "zero", "pseudo")


def parts(returns: Returns, keys: Sequence[str] = ()) -> pl.DataFrame:
    """The parts of the tally of every group of rows, groups in order of appearance; Int64, never null.

    Columns: the keys; COUNTS; every figure's sum over the rows where it is known, and `known_<figure>`, how
    many these are; for `turnout` and each `share_<choice id>` the two sums it is the ratio of, `..._part` and
    `..._whole`, over the rows in which both are known. Parts of two disjoint tables add up to those of both.
    """
    columns = [e.cast(pl.Int64) for e in (*_counts(), *_sums(returns), *_ratios(returns))]
    if not keys:
        return returns.table.select(columns)
    return returns.table.group_by(keys, maintain_order=True).agg(columns)


def part_columns(returns: Returns) -> tuple[str, ...]:
    """The names of the parts of a tally of these returns, without keys."""
    names = [e.meta.output_name() for e in (*_sums(returns), *_ratios(returns))]
    return (*COUNTS, *names)


def finished(found: pl.DataFrame, returns: Returns, keys: Sequence[str] = ()) -> pl.DataFrame:
    """The tally that parts come to; `returns`: any of the election, for its figures and choices."""
    figures = [pl.when(pl.col(f"known_{f}") > 0).then(pl.col(f)).alias(f) for f in returns.figures]
    shares = [_share(v) for v in returns.votes_columns]
    return found.select(*keys, *COUNTS, *figures, *(_percent(name) for name in ("turnout", *shares)))


def _share(votes: str) -> str:
    return f"share_{votes.removeprefix(VOTES)}"


def _counts() -> list[pl.Expr]:
    station = pl.col("kind") == "station"
    status = pl.col("status")
    return [
        station.sum().alias("stations"),
        *((station & (status == s)).sum().alias(s) for s in ("reported", "empty", "zero")),
        (~station).sum().alias("pseudo"),
    ]


def _sums(returns: Returns) -> list[pl.Expr]:
    return [e for f in returns.figures for e in (pl.col(f).sum(), pl.col(f).count().alias(f"known_{f}"))]


def _ratios(returns: Returns) -> list[pl.Expr]:
    """Protocols with only one of the two figures would bend their ratio."""
    whole = returns.election.form.denominator
    ratios = [("turnout", "cast", "registered"), *((_share(v), v, whole) for v in returns.votes_columns)]
    both = [
        (name, pl.col(part), pl.col(whole), pl.col(part).is_not_null() & pl.col(whole).is_not_null())
        for name, part, whole in ratios
    ]
    return [
        e.alias(f"{name}_{which}")
        for name, part, whole, known in both
        for which, e in (("part", part.filter(known).sum()), ("whole", whole.filter(known).sum()))
    ]


def _percent(name: str) -> pl.Expr:
    part, whole = pl.col(f"{name}_part"), pl.col(f"{name}_whole")
    return pl.when(whole > 0).then(100 * part / whole).alias(name)
