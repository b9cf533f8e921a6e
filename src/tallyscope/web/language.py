"""The languages of the pages: texts through gettext catalogues, numbers and times as each language writes them."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from tallyscope.election.election import Choice
from tallyscope.election.form import DENOMINATORS, Form
from tallyscope.election.roles import ROLES, role_title
from tallyscope.ledger.accounts.faults import FAULTS
from tallyscope.ledger.entry.refusals import REFUSALS
from tallyscope.web.catalogues import translations

__all__ = ["LANGUAGES", "SOURCE", "Language", "language", "marked", "vocabulary"]

#: Code -> what its readers call it.
LANGUAGES = {"en": "English", "ru": "Русский"}
#: The language that the texts are written in.
SOURCE = "en"

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NARROW_SPACE, _MINUS = "\u202f", "\u2212"


@dataclass(frozen=True)
class Language:
    """One language. `number`, `percent`, `time` give text for people; None is told as a dash, never as zero."""

    code: str
    translations: gettext.NullTranslations

    @property
    def gettext(self) -> Callable[[str], str]:
        """The translation of a text."""
        return self.translations.gettext

    @property
    def ngettext(self) -> Callable[[str, str, int], str]:
        """The translation of a text that depends on a number."""
        return self.translations.ngettext

    def number(self, value: int | None) -> str:
        """A count, in groups of three."""
        if value is None:
            return "–"
        text = f"{abs(value):,}".replace(",", "," if self.code == "en" else _NARROW_SPACE)
        return (_MINUS if value < 0 else "") + text

    def signed(self, value: int) -> str:
        """A difference, with its sign."""
        return ("+" if value > 0 else "") + self.number(value)

    def percent(self, value: float | None, decimals: int = 2) -> str:
        """Per cent; what is not defined is a dash."""
        if value is None or value != value:
            return "–"
        text = self.decimals(value, decimals).replace("-", _MINUS)
        return f"{text}{_NARROW_SPACE}%" if self.code == "en" else f"{text.replace('.', ',')}{_NARROW_SPACE}%"

    def decimals(self, value: float, decimals: int) -> str:
        """A number with so many decimals, halves up, as bulletins round: 2.675 is 2.68.

        A ratio of whole numbers that ends there is told from its shortest form, which is exact.
        """
        return str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))

    def done(self, part: int, whole: int) -> str:
        """How far a count is, per cent: never 100 while one is missing, never 0 once one is in."""
        if not whole:
            return self.percent(None)
        exact = 100 * part / whole
        return self.percent(exact if part in (0, whole) else min(max(exact, 0.01), 99.99))

    def time(self, value: datetime) -> str:
        """A moment to the minute, in UTC and saying so; one without a zone is taken as UTC."""
        value = value.astimezone(UTC) if value.tzinfo else value
        if self.code == "ru":
            return f"{value:%d.%m.%Y, %H:%M} UTC"
        return f"{value.day} {_MONTHS[value.month - 1]} {value:%Y, %H:%M} UTC"

    def moment(self, value: datetime) -> str:
        """A moment of the night where there is little room: day, month, hour and minute, in UTC."""
        value = value.astimezone(UTC) if value.tzinfo else value
        if self.code == "ru":
            return f"{value:%d.%m, %H:%M}"
        return f"{value.day} {_MONTHS[value.month - 1][:3]}, {value:%H:%M}"

    def line(self, form: Form, role: str) -> str:
        """What a line of the form is called: by the form itself where it has the language, else by its role."""
        of = form.line_of(role)
        native = [name for name in of.names if _cyrillic(name)] if of and self.code == "ru" else []
        return native[0] if native else self.role(role)

    def role(self, role: str) -> str:
        """What a line is called in short, by its role."""
        return self.gettext(role_title(role))

    def stage(self, stage: str) -> str:
        """What the law calls a version of a protocol."""
        return self.gettext(_STAGES.get(stage, stage))

    def source(self, source: str) -> str:
        """Who says what a version says."""
        return self.gettext(_SOURCES.get(source, source))

    def choice(self, choice: Choice) -> str:
        """What a choice is called."""
        native = [name for name in choice.names if _cyrillic(name)] if self.code == "ru" else []
        return max(native, key=len) if native else choice.name

    def short(self, choice: Choice) -> str:
        """What a choice is called in the head of a narrow column."""
        native = [name for name in choice.names if _cyrillic(name)] if self.code == "ru" else []
        return min(native, key=len) if native else choice.name


def marked(text: str) -> str:
    """Marks a text that is translated where it is shown, not where it stands."""
    return text


def vocabulary() -> frozenset[str]:
    """Texts from outside the pages that have to be in the catalogues: roles, levels, elections, faults."""
    from tallyscope.election.load import election_ids, form_ids, load_election, load_form

    levels = {level.title for id in form_ids() for level in load_form(id).levels}
    titles = {load_election(id).title for id in election_ids()}
    said = (ROLES.values(), DENOMINATORS.values(), FAULTS.values(), *REFUSALS.values())
    return frozenset().union(levels, titles, *said)


_STAGES = {
    "first": marked("first protocol"),
    "repeat": marked("repeat protocol"),
    "repeat-count": marked("repeat count"),
    "annulled": marked("annulled"),
}
_SOURCES = {
    "official": marked("Signed protocols"),
    "observer": marked("Observers' certified copies"),
    "photo": marked("Photos of protocols"),
    "scanner": marked("Scanners' records"),
}


@cache
def language(code: str) -> Language:
    """A language by its code. Raises KeyError for one that there is none of."""
    if code not in LANGUAGES:
        raise KeyError(code)
    return Language(code, translations(code) if code != SOURCE else gettext.NullTranslations())


def _cyrillic(text: str) -> bool:
    return any("Ѐ" <= letter <= "ӿ" for letter in text)
