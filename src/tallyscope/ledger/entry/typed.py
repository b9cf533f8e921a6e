"""What was typed on a form's lines: figures, and for every other line why there is none.

Zero, missing on the paper ("-"), illegible ("?"), not typed yet, and not on this form are five different things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from tallyscope.election.election import Election
from tallyscope.election.roles import VOTES
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import Gap
from tallyscope.returns.reading.figures import to_counts

__all__ = ["STATES", "Typed", "differing", "read_typed", "written"]

#: How a line without a figure may stand; the names are those of `election.rule.CONTEXT`.
STATES = ("unfilled", "not_counts", "missing", "illegible", "unasked", "strangers")
#: What is typed for a line that the paper leaves empty, and for one that cannot be read.
_MARKS: Mapping[Gap, str] = {"missing": "-", "illegible": "?"}


@dataclass(frozen=True)
class Typed:
    """`figures`: column -> count; `gaps`: the form's other lines -> why; `states`: state -> the columns in it."""

    figures: Mapping[str, int]
    gaps: Mapping[str, Gap]
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_typed(election: Election, texts: Mapping[str, str]) -> Typed:
    """Reads the texts typed on the lines (column of Returns -> text; a line that is not there was not typed)."""
    columns = figure_columns(election)
    cells = [texts.get(column, "").strip() for column in columns]
    read = to_counts(pl.Series(cells, dtype=pl.String))
    wrong, illegible = set(read.errors["index"]), set(read.illegible)
    figures: dict[str, int] = {}
    states: dict[str, list[str]] = {state: [] for state in STATES}
    for i, (column, cell, count) in enumerate(zip(columns, cells, read.counts, strict=True)):
        if count is not None:
            figures[column] = count
        elif i in wrong:
            states["not_counts"].append(column)
        elif i in illegible:
            states["illegible"].append(column)
        elif cell:
            states["missing"].append(column)
        else:
            states["unfilled" if _required(election, column) else "unasked"].append(column)
    optional = [c for c in states["missing"] if not _required(election, c)]
    states["missing"] = [c for c in states["missing"] if c not in optional]
    states["strangers"] = [c for c in texts if c not in columns]
    gaps: dict[str, Gap] = dict.fromkeys([*states["missing"], *optional, *states["unasked"]], "missing")
    gaps |= dict.fromkeys(states["illegible"], "illegible")
    return Typed(figures, gaps, {state: tuple(found) for state, found in states.items()})


def differing(one: Typed, other: Typed) -> tuple[str, ...]:
    """The columns on which two readings of a paper say different things; "7" and "007" are the same figure."""
    said = [{**{c: str(n) for c, n in t.figures.items()}, **t.gaps, **_odd(t)} for t in (one, other)]
    return tuple(c for c in {**said[0], **said[1]} if said[0].get(c) != said[1].get(c))


def _odd(typed: Typed) -> dict[str, str]:
    """Lines that are neither a figure nor a gap, by their state."""
    return {c: state for state in ("unfilled", "not_counts", "strangers") for c in typed.states[state]}


def written(figures: Mapping[str, int], gaps: Mapping[str, Gap]) -> dict[str, str]:
    """The texts that `read_typed` reads as these figures and gaps."""
    return {c: str(n) for c, n in figures.items()} | {c: _MARKS[gap] for c, gap in gaps.items()}


def _required(election: Election, column: str) -> bool:
    line = None if column.startswith(VOTES) else election.form.line_of(column)
    return line is None or line.required
