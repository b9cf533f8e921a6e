"""Columns that say when a protocol came in, or that a machine counted it: by their header and all their cells."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from tallyscope.returns.inference.columns import Column
from tallyscope.returns.inference.names import lexicon, normalised
from tallyscope.returns.inference.result import ColumnGuess
from tallyscope.returns.mapping import ARRIVED, SCANNER

__all__ = ["attribute_guesses"]


def attribute_guesses(columns: Sequence[Column]) -> dict[int, ColumnGuess]:
    """Position -> guess, of columns whose header and cells both say so; none where two could be the same."""
    found: dict[str, list[ColumnGuess]] = {ARRIVED: [], SCANNER: []}
    at = {c.name: c.position for c in columns}
    for column in columns:
        for target in (ARRIVED, SCANNER):
            if _named(column.name, target) and _holds(column, target):
                found[target].append(ColumnGuess(column.name, target, 0.9, _WHY[target]))
    return {at[g[0].column]: g[0] for g in found.values() if len(g) == 1}


_WHY = {
    ARRIVED: ("times of day, under a header that speaks of arrival; taken as UTC: write the zone after a colon",),
    SCANNER: ("yes or no, under a header that speaks of a counting machine",),
}


@cache
def _phrases(target: str) -> tuple[str, ...]:
    return tuple(f" {normalised(p)} " for p in lexicon()["attributes"][target])


def _named(header: str, target: str) -> bool:
    """True if a whole phrase of the lexicon stands in the header."""
    return any(phrase in f" {normalised(header)} " for phrase in _phrases(target))


def _holds(column: Column, target: str) -> bool:
    """True if every filled cell is a time (of at least two moments, not all midnight), or a flag."""
    from tallyscope.returns.reading.attributes import to_flags, to_times

    if target == SCANNER:
        counts = column.counts
        ones = counts is not None and set(counts.drop_nulls().unique().to_list()) <= {0, 1}
        return column.kind == "flag" or (ones and not to_flags(column.series.cast(pl.String)).errors.height)
    if column.kind != "time":
        return False
    read = to_times(column.series.cast(pl.String))
    known = read.values.drop_nulls()
    return not read.errors.height and known.n_unique() > 1 and bool((known != known.dt.truncate("1d")).any())
