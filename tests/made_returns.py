"""A small made country for the tests of charts and reports: 300 stations, and every odd kind of row."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from tallyscope.election.election import Choice, Election, Official
from tallyscope.election.form import Denominator, Form, Line
from tallyscope.election.relation import parse_relation
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns, Source

_ROLES = {1: "registered", 2: "issued", 3: "invalid", 4: "valid"}
_RELATIONS = (
    ("E1", "hard", "L1 >= L2", "No more ballots issued than voters on the list."),
    ("E2", "hard", "L4 = choices", "The votes add up to the valid ballots."),
    ("W1", "soft", "L3 + L4 <= L2", "No more ballots in the boxes than were issued."),
)


def made_returns(
    *, denominator: Denominator = "cast", names: tuple[str, str] = ("Anna A", "Boris B"), region: str = "North"
) -> Returns:
    """Returns of a made election; `region`: the name of the first region."""
    form = Form(
        id="made",
        title="A made form",
        country="XX",
        denominator=denominator,
        lines=tuple(Line(role, (role,), number) for number, role in _ROLES.items()),
        levels=(),
        station=(),
        relations=tuple(
            parse_relation(code, level, text, _ROLES, clerk=public, public=public)  # type: ignore[arg-type]
            for code, level, text, public in _RELATIONS
        ),
    )
    election = Election(
        id="XX-MADE-2020",
        title="Made country, president, 1 March 2020",
        form=form,
        choices=(Choice("a", names[0]), Choice("b", names[1])),
        country="XX",
        voting_days=(date(2020, 3, 1),),
        official=Official("the made commission", {}, {"a": 1, "b": 2}),
    )
    sources = (Source("made.csv", "0" * 64, 300),)
    return build_returns(_table(region), election, levels=("region", "territory"), sources=sources)


def _table(region: str) -> pl.DataFrame:
    random = np.random.default_rng(7)
    n = 300
    registered = random.integers(50, 2500, n)
    issued = random.binomial(registered, random.uniform(0.4, 0.9, n))
    cast = issued.copy()
    invalid = random.binomial(cast, 0.01)
    votes = random.binomial(cast - invalid, random.uniform(0.4, 0.8, n))
    table = pl.DataFrame(
        {
            "region": np.array([region, "South", "West"])[np.arange(n) % 3],
            "territory": [f"T{i % 12}" for i in range(n)],
            "station": [str(i + 1) for i in range(n)],
            "kind": ["station"] * (n - 1) + ["pseudo"],
            "registered": registered,
            "issued": issued,
            "invalid": invalid,
            "valid": cast - invalid,
            "votes_a": votes,
            "votes_b": cast - invalid - votes,
        }
    )
    row = pl.int_range(pl.len())
    figures = ("registered", "issued", "invalid", "valid", "votes_a", "votes_b")
    return (
        table.with_columns(pl.when(row != 0).then(pl.col(figures)))  # an empty protocol
        .with_columns(pl.when(row == 1).then(0).otherwise(pl.col(figures)).name.keep())  # all zero
        .with_columns(pl.when(row == 2).then(pl.col("votes_b") + 9).otherwise(pl.col("votes_b")).alias("votes_b"))
        .with_columns(pl.when(row == 3).then(pl.col("issued") - 5).otherwise(pl.col("issued")).alias("issued"))
    )
