"""What several pages say in the same way: names of figures, results with shares, progress, lists of stations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.form import DENOMINATORS
from tallyscope.election.roles import VOTES, votes_column
from tallyscope.web.language import Language
from tallyscope.web.public.published import Published, Unit

__all__ = [
    "Page",
    "by_top",
    "by_votes",
    "denominator",
    "grouped",
    "invalid",
    "lines",
    "missing_of",
    "name_of",
    "on_form",
    "progress_of",
    "results",
    "short_name_of",
    "title_of",
]


@dataclass(frozen=True)
class Page:
    """A page: its template, and the values it is made of."""

    template: str
    values: Mapping[str, Any]


def title_of(published: Published, lang: Language) -> str:
    """What the election is called."""
    return lang.gettext(published.returns.election.title)


def denominator(published: Published, lang: Language) -> str:
    """What shares are of, by the law."""
    return lang.gettext(DENOMINATORS[published.returns.election.form.denominator])


def by_votes(published: Published, unit: Unit | None = None) -> list[Choice]:
    """The choices, the most votes in a unit (the whole election) first; those with none known last."""
    figures = (unit or published.units[0]).figures
    return sorted(published.returns.choices, key=lambda c: -(figures[votes_column(c.id)] or 0))


def on_form(published: Published) -> list[tuple[int | None, str]]:
    """The figures of the form, (number of the line or None, column): lines as the law numbers them, then choices.

    What the form does not print but follows from it (ballots found in the boxes) comes last.
    """
    election, known = published.returns.election, published.returns.figures
    lines = [(line.number, line.role) for line in election.form.lines]
    choices = [(choice.line, votes_column(choice.id)) for choice in election.choices]
    derived = [(None, role) for role in election.form.derived]
    found = dict.fromkeys(pair for pair in [*lines, *choices, *derived] if pair[1] in known)
    return list({column: (number, column) for number, column in reversed(found)}.values())[::-1]


def name_of(published: Published, lang: Language, column: str) -> str:
    """What a figure is called: a line of the form, or a choice."""
    if column.startswith(VOTES):
        return lang.choice(published.returns.election.choice(column.removeprefix(VOTES)))
    return lang.line(published.returns.election.form, column)


def short_name_of(published: Published, lang: Language, column: str) -> str:
    """What a figure is called where there is little room."""
    if column.startswith(VOTES):
        return lang.choice(published.returns.election.choice(column.removeprefix(VOTES)))
    return lang.role(column)


def progress_of(published: Published, unit: Unit) -> tuple[int, int]:
    """Protocols processed and to be, ordinary stations; of the nation by what was announced, if that is more."""
    figures = unit.figures
    listed, empty = int(figures["stations"] or 0), int(figures["empty"] or 0)
    if not unit.number:
        return published.progress.processed, max(published.progress.of, listed)
    return listed - empty, listed


def missing_of(published: Published, unit: Unit) -> int:
    """Protocols that have not come in; one that was annulled has come in, and counts for nothing."""
    done, of = progress_of(published, unit)
    return of - done - published.annulled[unit.path]


def results(published: Published, lang: Language, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a choice: the most votes first, those with none known last and in the form's order.

    `leads`: has the most votes of all, alone or with others.
    """
    votes = [figures[c] for c in published.returns.votes_columns if figures[c]]
    rows = [
        {
            "name": lang.choice(c),
            "votes": figures[votes_column(c.id)],
            "share": figures[f"share_{c.id}"],
            "leads": bool(votes) and figures[votes_column(c.id)] == max(votes),
        }
        for c in published.returns.choices
    ]
    return sorted(rows, key=lambda row: -(row["votes"] if row["votes"] is not None else -1))


def invalid(published: Published, lang: Language, figures: Mapping[str, Any]) -> dict[str, Any] | None:
    """The invalid ballots as a row below the results, where they are part of what shares are of."""
    if published.returns.election.form.denominator != "cast" or figures["invalid"] is None:
        return None
    share = 100 * figures["invalid"] / figures["cast"] if figures["cast"] else None
    return {"name": lang.role("invalid"), "votes": figures["invalid"], "share": share}


def lines(published: Published, lang: Language, figures: Mapping[str, Any]) -> list[tuple[int | None, str, str]]:
    """Every line of the form but the votes, with its number and its sum."""
    shown = [(number, c) for number, c in on_form(published) if not c.startswith(VOTES)]
    return [(number, name_of(published, lang, c), lang.number(figures[c])) for number, c in shown]


def by_top(published: Published, stations: pl.DataFrame) -> list[tuple[str, int, list[tuple[str, Sequence[str]]]]]:
    """Stations by their top unit: its name, how many, and `grouped` below it."""
    levels = published.returns.levels
    if len(levels) < 2:
        return [("", stations.height, grouped(published, stations))] if stations.height else []
    parts = stations.partition_by(levels[0], maintain_order=True)
    return [(str(part[levels[0]][0]), part.height, grouped(published, part, 1)) for part in parts]


def grouped(published: Published, stations: pl.DataFrame, depth: int = 0) -> list[tuple[str, Sequence[str]]]:
    """Stations by their lowest commission: its names below `depth` levels, and the stations' own names."""
    levels = published.returns.levels[depth:]
    where = pl.concat_str(levels, separator=" / ", ignore_nulls=True) if levels else pl.lit("")
    table = stations.group_by(where.alias("where"), maintain_order=True).agg(pl.col("station"))
    return [(name, names) for name, names in table.iter_rows()]
