"""What an election is: its days, its choices, the form its stations sign, its official totals where known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tallyscope.election.form import Form
from tallyscope.election.outcome.rule import OutcomeRule

__all__ = ["Choice", "Election", "Official"]


@dataclass(frozen=True)
class Choice:
    """A candidate, a party or an answer. `id`: surname, party, `yes`/`no`, in Latin lower case."""

    id: str
    name: str
    #: Every other way in which files and texts write it, any script.
    names: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True)
class Official:
    """Totals, mostly as declared by the commission: role or choice id -> count.

    `shares`: choice id -> per cent of the form's denominator, as printed, where that is all that is known of it.
    """

    source: str
    lines: Mapping[str, int] = field(default_factory=dict)
    votes: Mapping[str, int] = field(default_factory=dict)
    shares: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Election:
    """One contest held once. Unknown elections have an id of their own and no official totals."""

    id: str
    title: str
    form: Form
    choices: tuple[Choice, ...]
    country: str = ""
    voting_days: tuple[date, ...] = ()
    official: Official | None = None
    #: Sums of all published station data, where the commission's own totals are not known of every choice.
    tallied: Official | None = None
    #: Standing polling stations of the whole election, where the commission says how many.
    stations: int | None = None
    #: "president", "parliament" or "referendum".
    office: str = ""
    #: Protocols that progress is told of, where they are more than the stations (electronic voting has its own).
    protocols: int | None = None
    notes: tuple[str, ...] = ()
    #: Who is elected by how many votes; None where the registry does not know the rule.
    outcome: OutcomeRule | None = None

    def choice(self, id: str) -> Choice:
        """The choice of this id. Raises KeyError."""
        for choice in self.choices:
            if choice.id == id:
                return choice
        raise KeyError(id)
