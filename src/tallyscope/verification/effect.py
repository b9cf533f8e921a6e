"""What the differences come to in the whole result, and what the stations without a copy would have to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.roles import votes_column
from tallyscope.verification.beside import COPY, OFFICIAL, Beside

__all__ = ["ChoiceEffect", "Effect", "Lead", "effect"]


@dataclass(frozen=True)
class ChoiceEffect:
    """One choice. Votes over the stations where protocol and copy tell them; shares, in per cent of the form's
    denominator, over those where both also tell the denominator, None where there is none.

    `low`, `high`: the choice's votes in the whole table if every copy is right and nothing at all is known of the
    ballots of the other stations: `low` gives it none of them, `high` all. None where a station without a copy does
    not tell its ballots.
    """

    choice: Choice
    stations: int
    official: int
    copy: int
    official_share: float | None
    copy_share: float | None
    low: int | None
    high: int | None

    @property
    def difference(self) -> int:
        """Official less copy, in votes: what the choice has more by the official protocols."""
        return self.official - self.copy


@dataclass(frozen=True)
class Lead:
    """The lead of the first choice over the second, by the official table.

    `votes`: of the whole table; `found`: by how much the copies make it smaller; `needed_each`: by how many votes a
    station without a copy would have to be out, on average, for the lead to be nothing; `found_each`: by how many
    the compared ones are. None where no station is without a copy, or none was compared.
    """

    first: Choice
    second: Choice
    votes: int
    found: int
    needed_each: float | None
    found_each: float | None


@dataclass(frozen=True)
class Effect:
    """`compared` of `protocols` official protocols have a copy. Choices by their official votes, the most first."""

    compared: int
    protocols: int
    choices: tuple[ChoiceEffect, ...]
    lead: Lead | None

    @property
    def of_choice(self) -> Mapping[str, ChoiceEffect]:
        """Choice id -> its effect."""
        return {e.choice.id: e for e in self.choices}


def effect(compared: Beside) -> Effect:
    """The total effect of the copies. Differences and bounds; stations with a copy are nobody's random draw."""
    official = compared.official
    chosen = [c for c in official.choices if votes_column(c.id) in compared.figures]
    whole = official.table.select(pl.col(votes_column(c.id)).sum() for c in chosen).row(0)
    order = sorted(range(len(chosen)), key=lambda i: -whole[i])
    effects = tuple(_of(compared, chosen[i]) for i in order)
    protocols = compared.compared + compared.without_copy
    lead = None
    if len(order) > 1:
        first, second = effects[0], effects[1]
        found, rest = first.difference - second.difference, compared.without_copy
        votes = whole[order[0]] - whole[order[1]]
        each = found / compared.compared if compared.compared else None
        lead = Lead(first.choice, second.choice, votes, found, (votes - found) / rest if rest else None, each)
    return Effect(compared.compared, protocols, effects, lead)


def _of(compared: Beside, choice: Choice) -> ChoiceEffect:
    column = votes_column(choice.id)
    official, copy = pl.col(OFFICIAL + column), pl.col(COPY + column)
    told = compared.stations.filter(official.is_not_null() & copy.is_not_null())
    sums = told.select(official.sum().alias("o"), copy.sum().alias("c")).row(0)
    rest = _ballots_elsewhere(compared, told)
    low = int(sums[1])
    return ChoiceEffect(
        choice,
        told.height,
        int(sums[0]),
        low,
        *_shares(compared, told, column),
        low if rest is not None else None,
        low + rest if rest is not None else None,
    )


def _shares(compared: Beside, told: pl.DataFrame, column: str) -> tuple[float | None, float | None]:
    denominator = compared.official.election.form.denominator
    if denominator not in compared.figures:
        return None, None
    whole = [pl.col(prefix + denominator) for prefix in (OFFICIAL, COPY)]
    both = told.filter(*[w.is_not_null() for w in whole])
    parts = [pl.col(prefix + column) for prefix in (OFFICIAL, COPY)]
    n, m, of, by = both.select(*[p.sum() for p in parts], *[w.sum() for w in whole]).row(0)
    return (100 * n / of if of else None), (100 * m / by if by else None)


def _ballots_elsewhere(compared: Beside, told: pl.DataFrame) -> int | None:
    """Valid votes by the official table in every station that is not among `told`."""
    key = [*compared.official.levels, "station"]
    protocols = compared.official.table.filter(pl.col("status") != "empty")
    elsewhere = protocols.join(told.select(key), on=key, how="anti", nulls_equal=True)
    return None if elsewhere["valid"].null_count() else int(elsewhere["valid"].sum())
