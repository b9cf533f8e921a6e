"""Two entries of one paper side by side, line by line, for whoever decides."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.election.election import Election
from tallyscope.ledger.entry.sheet import Sheet
from tallyscope.ledger.entry.typed import differing, read_typed
from tallyscope.ledger.schema import figure_columns
from tallyscope.web.entry.lines import number_of, title_of
from tallyscope.web.language import Language

__all__ = ["Compared", "compared"]


@dataclass(frozen=True)
class Compared:
    """One line: what each entry says; `differs` where they say different things."""

    column: str
    number: int | None
    title: str
    first: str
    second: str
    differs: bool


def compared(language: Language, election: Election, sheet: Sheet) -> list[Compared]:
    """Every line of the form, with both entries of a sheet that has two."""
    assert sheet.first is not None
    assert sheet.second is not None
    one, other = sheet.first.texts, sheet.second.texts
    apart = differing(read_typed(election, one), read_typed(election, other))
    return [
        Compared(
            column,
            number_of(election, column),
            title_of(language, election, column),
            one.get(column, ""),
            other.get(column, ""),
            column in apart,
        )
        for column in figure_columns(election)
    ]
