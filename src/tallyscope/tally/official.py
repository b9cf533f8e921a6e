"""What was counted here beside what the commission declared."""

from __future__ import annotations

import polars as pl

from tallyscope.election.roles import role_title, votes_column
from tallyscope.returns.table import Returns
from tallyscope.tally.sums import tally

__all__ = ["compare"]


def compare(returns: Returns) -> pl.DataFrame:
    """One row a figure that the registry knows: `what`, `counted`, `official`, `difference` (counted - official).

    Empty if the registry has no official totals of this election.
    """
    schema = {"what": pl.String, "counted": pl.Int64, "official": pl.Int64, "difference": pl.Int64}
    official = returns.election.official
    if official is None:
        return pl.DataFrame(schema=schema)
    sums = tally(returns).row(0, named=True)
    lines = [(role_title(role), sums.get(role), n) for role, n in official.lines.items()]
    votes = [
        (c.name, sums.get(votes_column(c.id)), official.votes[c.id])
        for c in returns.choices
        if c.id in official.votes
    ]
    rows = [(what, n, m, None if n is None else n - m) for what, n, m in [*lines, *votes]]
    return pl.DataFrame(rows, schema=schema, orient="row")
