"""What must hold of a page before anybody sees it (Kyrgyzstan 2021 showed shares over 150 %).

Shares are of the law's denominator, none is below 0 or above 100, and they are the whole at most, unless a protocol
itself has more votes than ballots or does not tell all of them; a unit is the sum of what is below it; no more
protocols than stations; one standing protocol a station; the record of a bulletin has as many versions as it says,
and later bulletins have no fewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import polars as pl

from tallyscope.web.public.published import Published, Unit
from tallyscope.web.public.view import progress_of

__all__ = ["Inconsistent", "broken", "held"]

#: Per cent by which a sum of shares may be off by the arithmetic of floating point.
_FLOAT = 1e-9


class Inconsistent(ValueError):
    """A bulletin that may not be shown; `problems` has every reason."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def held(published: Published) -> Published:
    """The bulletin, if everything holds. Raises Inconsistent."""
    if problems := broken(published):
        raise Inconsistent(problems)
    return published


def broken(published: Published) -> list[str]:
    """Everything that does not hold, in whole sentences."""
    loose = _loose(published)
    found = [*_record(published), *_standing(published)]
    for unit in published.units:
        name = " / ".join(unit.path) or published.returns.election.title
        found += [f"{name}: {text}" for text in _shares(published, unit, unit.path not in loose)]
        found += [f"{name}: {text}" for text in _sums(published, unit)]
    return found


def _record(published: Published) -> Iterator[str]:
    heads = sorted(published.bulletins, key=lambda head: head.number)
    size = published.latest.size
    if published.history["number"].to_list() != list(range(size)):
        yield f"The record has {published.history.height:,} versions, the bulletin says {size:,}."
    for a, b in pairwise(heads):
        if b.size < a.size or b.published_at < a.published_at:
            yield f"Bulletin {b.number} is of an earlier record or time than bulletin {a.number}."


def _standing(published: Published) -> Iterator[str]:
    """Kenya 2017 had 41,451 forms for 40,883 stations."""
    stations = published.stations
    if stations["key"].n_unique() != stations.height or stations.height != len(published.returns):
        yield "A station stands in the count more than once."
    counted = stations.filter(pl.col("status") != "empty")
    without = counted.filter(pl.col("version").is_null() | (pl.col("stage") == "annulled")).height
    if without:
        yield f"{without:,} stations are counted without a standing protocol in the record."
    strangers = published.history.filter(~pl.col("station").is_in(stations["key"].implode())).height
    if strangers:
        yield f"{strangers:,} versions of the record are of no station of this count."


def _shares(published: Published, unit: Unit, whole: bool) -> Iterator[str]:
    """`whole`: every protocol that is in tells all figures that shares are made of, and they fit together."""
    returns, figures = published.returns, unit.figures
    shares = [figures[f"share_{c.id}"] for c in returns.choices]
    known = [s for s in shares if s is not None]
    if any(not 0 <= s <= 100 + _FLOAT for s in known):
        yield f"a share is not between 0 and 100 %: {', '.join(f'{s:.2f}' for s in known)}."
    denominator = figures[returns.election.form.denominator]
    if whole and denominator:
        rest = figures["invalid"] if returns.election.form.denominator == "cast" else 0
        if sum(figures[c] or 0 for c in returns.votes_columns) + (rest or 0) > denominator:
            yield f"votes and invalid ballots are more than the {denominator:,} that shares are of."
    done, of = progress_of(published, unit)
    if not 0 <= done <= of:
        yield f"{done:,} protocols of {of:,} stations."


def _sums(published: Published, unit: Unit) -> Iterator[str]:
    if unit.is_lowest:
        return
    for column in ("stations", "empty", *published.returns.figures):
        parts = [published.units[child].figures[column] for child in unit.children]
        known = [part for part in parts if part is not None]
        below = sum(known) if known else None
        if below != unit.figures[column]:
            yield f"{column} is {unit.figures[column]}, and {below} in what is below it."


def _loose(published: Published) -> set[tuple[str, ...]]:
    """Paths of the units in which a protocol has more votes than ballots, or does not tell all of them.

    There the protocol is what is wrong, which is shown and not corrected by a page.
    """
    returns = published.returns
    whole = returns.election.form.denominator
    parts = [*returns.votes_columns, *(["invalid"] if whole == "cast" else [])]
    unknown = pl.any_horizontal(pl.col(*returns.votes_columns, whole).is_null())
    more = pl.sum_horizontal(parts) > pl.col(whole)
    table = returns.table.filter((unknown | more) & (pl.col("status") != "empty"))
    if not returns.levels:
        return {()} if table.height else set()
    rows = table.select(returns.levels).unique().rows()
    return {tuple(map(str, row[:depth])) for row in rows for depth in range(len(returns.levels) + 1)}
