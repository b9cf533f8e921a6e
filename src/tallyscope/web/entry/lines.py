"""The form as on paper: its lines in its order, what is typed on each, and what the rules say beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallyscope.election.election import Election
from tallyscope.election.roles import VOTES
from tallyscope.election.rule import Audience, RuleLevel, advice
from tallyscope.ledger.schema import figure_columns
from tallyscope.returns.remarks import Remark
from tallyscope.returns.repair import Repair
from tallyscope.web.language import Language, marked

__all__ = ["Line", "Said", "lines_of", "said"]

#: What `returns.repair` calls each slip.
SLIPS = {
    text: text
    for text in (
        marked("two digits swapped"),
        marked("1 zero missing"),
        marked("2 zeros missing"),
        marked("3 zeros missing"),
        marked("1 zero too many"),
        marked("2 zeros too many"),
        marked("3 zeros too many"),
    )
}


@dataclass(frozen=True)
class Said:
    """A remark for a person: what is wrong, what to do, which lines, and figures that one slip would explain."""

    code: str
    level: RuleLevel
    text: str
    advice: str
    lines: tuple[str, ...]
    repairs: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A line to type. `level`: of the gravest remark that points at it; `said`: the remarks told beside it."""

    column: str
    number: int | None
    title: str
    text: str
    required: bool
    level: RuleLevel | None
    said: tuple[Said, ...]


def lines_of(
    language: Language, election: Election, texts: Mapping[str, str], remarks: Iterable[Said] = ()
) -> list[Line]:
    """Every line of the form. A remark is told beside the first line that it points at."""
    told = list(remarks)
    return [
        Line(
            column,
            number_of(election, column),
            title_of(language, election, column),
            texts.get(column, ""),
            _required(election, column),
            next((r.level for level in "EWI" for r in told if r.level == level and column in r.lines), None),
            tuple(r for r in told if r.lines[:1] == (column,)),
        )
        for column in figure_columns(election)
    ]


def said(
    language: Language, election: Election, remarks: Iterable[Remark], audience: Audience = "clerk"
) -> list[Said]:
    """Remarks in a language, for somebody; their lines in the order of the form."""
    order = figure_columns(election)
    return [
        Said(
            r.rule.code,
            r.rule.level,
            r.rule.text(audience, language.code),
            advice(r.rule.level, audience, language.code),
            tuple(c for c in order if c in r.lines),
            tuple(_repair(language, election, slip) for slip in r.repairs),
        )
        for r in remarks
    ]


def number_of(election: Election, column: str) -> int | None:
    """The number that the form prints on a line; choices follow one another where the election does not say."""
    if not column.startswith(VOTES):
        line = election.form.line_of(column)
        return line.number if line else None
    choice = election.choice(column.removeprefix(VOTES))
    first = election.form.first_choice_line
    if choice.line is not None or first is None:
        return choice.line
    return first + election.choices.index(choice)


def title_of(language: Language, election: Election, column: str) -> str:
    """What a line is called."""
    if column.startswith(VOTES):
        return language.choice(election.choice(column.removeprefix(VOTES)))
    return language.line(election.form, column)


def _required(election: Election, column: str) -> bool:
    line = election.form.line_of(column)
    return line is None or line.required


def _repair(language: Language, election: Election, repair: Repair) -> str:
    number = number_of(election, repair.column)
    where = language.gettext("line %(number)s") % {"number": number} if number is not None else ""
    named = where or title_of(language, election, repair.column)
    values = {"line": named, "value": repair.value, "instead": repair.instead}
    text = language.gettext("Look at %(line)s: is it %(value)s or %(instead)s?") % values
    return f"{text} ({language.gettext(SLIPS.get(repair.slip, repair.slip))})"
