"""The outcome of returns while protocols are out: the sums, and how many voters are on the lists still out."""

from __future__ import annotations

import polars as pl

from tallyscope.election.outcome import Counted, Out, Outcome, outcome
from tallyscope.election.roles import VOTES
from tallyscope.returns.table import Returns

__all__ = ["ANNULLED", "counted_and_out", "standing_outcome"]

#: Why a station has no figures where a decision annulled its result.
ANNULLED = "annulled"


def standing_outcome(returns: Returns) -> Outcome | None:
    """What the election's rule says; None where the registry does not know the rule, or a choice has no column."""
    rule = returns.election.outcome
    if rule is None or len(returns.choices) < len(returns.election.choices):
        return None
    return outcome(rule, *counted_and_out(returns, rule.of))


def counted_and_out(returns: Returns, of: str) -> tuple[Counted, Out]:
    """Sums of the protocols whose votes and denominator are all known, and what the other rows can still hold.

    A protocol with a figure that is missing or illegible is out as a whole. Stations that the election announced
    and the table does not list are out too, and nobody knows how many voters they have. Stations whose result a
    decision annulled ("annulled" in `gaps`) are not awaited.
    """
    needed = [*returns.votes_columns, of]
    annulled = returns.gaps.filter(pl.col("reason") == ANNULLED)["index"].cast(pl.Int64)
    table = returns.table.with_columns(
        pl.all_horizontal(pl.col(needed).is_not_null()).alias("__in"),
        pl.int_range(pl.len()).is_in(annulled.implode()).alias("__annulled"),
        pl.coalesce(*[pl.col(c) for c in ("registered", "registered_before") if c in returns.table.columns]).alias(
            "__list"
        ),
    )
    known = table.filter("__in")
    votes = {c.removeprefix(VOTES): int(known[c].sum()) for c in returns.votes_columns}
    missing = table.filter(~pl.col("__in") & ~pl.col("__annulled"))
    listed = int((table["kind"] == "station").sum())
    unlisted = max(0, (returns.election.stations or 0) - listed)
    out = Out(
        stations=missing.height + unlisted,
        voters=int(missing["__list"].sum()),
        unlisted=int(missing["__list"].null_count()) + unlisted,
    )
    return Counted(votes, int(known[of].sum())), out
