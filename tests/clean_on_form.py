"""Clean returns on every protocol form, all of whose relations hold: what mechanisms are tried on."""

from __future__ import annotations

from functools import cache

import polars as pl

from tallyscope.election.election import Election
from tallyscope.election.load import form_ids, load_form
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns
from tallyscope.simulation import CleanSpec, Habits, clean_election
from tallyscope.simulation.habits import Hours

__all__ = ["FORMS", "clean_on"]

FORMS = form_ids()
_HOURS = ((10, 0.13), (12, 0.35), (14, 0.55), (15, 0.63), (17, 0.8), (18, 0.87), (20, 0.997))


@cache
def clean_on(form: str) -> Returns:
    """600 stations in 5 regions with every line of a form; no ballot is taken away, as some forms demand."""
    spec = CleanSpec(stations=600, regions=5, habits=Habits(taken=0.0, hours=Hours(by=_HOURS)))
    drawn, protocol = clean_election(spec, 11), load_form(form)
    full = drawn.table.with_columns(_other_lines(drawn))
    roles = [line.role for line in protocol.lines]
    if "blank" in roles:
        full = full.with_columns(blank=pl.col("invalid") // 2, invalid=pl.col("invalid") - pl.col("invalid") // 2)
    table = full.select("region", "territory", "station", *roles, *drawn.votes_columns)
    return build_returns(table, Election(form, form, protocol, drawn.choices), levels=("region", "territory"))


def _other_lines(drawn: Returns) -> list[pl.Expr]:
    """Lines that simulated elections do not have, from those they have."""
    nothing = pl.lit(0, dtype=pl.Int64)
    men, women = pl.col("issued") // 2, pl.col("issued") - pl.col("issued") // 2
    lines = {
        "voted": pl.col("issued"),
        "unused": pl.col("cancelled"),
        "damaged": nothing,
        "valid_undisputed": pl.col("valid"),
        "valid_disputed": nothing,
        "for_choices": pl.sum_horizontal(drawn.votes_columns),
        "voted_men": men,
        "voted_women": women,
        "registered_men": men + (pl.col("registered") - pl.col("issued")) // 2,
        "registered_women": pl.col("registered") - men - (pl.col("registered") - pl.col("issued")) // 2,
        "registered_before": pl.col("registered") - pl.col("added"),
        "attached": nothing,
        "detached": nothing,
        "certificates_lost": nothing,
        "first_day_15": pl.col("voted_by_10") // 4,
        "first_day_20": pl.col("voted_by_10") // 3,
        "second_day_15": pl.col("voted_by_10") // 2,
        "second_day_20": pl.col("voted_by_10"),
    }
    return [e.alias(name) for name, e in lines.items()]
