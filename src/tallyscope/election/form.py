"""A protocol form: its numbered lines, the relations between them, and the dates on which it was the law's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from tallyscope.election.relation import Linear, Relation

__all__ = ["DENOMINATORS", "AttributeNames", "Denominator", "Form", "LevelNames", "Line", "PseudoRows"]

#: What a vote share is a share of: ballots cast (invalid ones count) or valid votes.
Denominator = Literal["cast", "valid"]
#: What readers call it, wherever a share is shown.
DENOMINATORS: Mapping[Denominator, str] = {"cast": "ballots cast", "valid": "valid votes"}


@dataclass(frozen=True)
class Line:
    """One numbered figure of a protocol; `names` are the headers under which files carry it, any language."""

    role: str
    names: tuple[str, ...]
    number: int | None = None
    #: True: a file of this form without the line is incomplete. False: some files leave it out.
    required: bool = True


@dataclass(frozen=True)
class LevelNames:
    """One level of the tree above the station, and the headers under which files carry it."""

    name: str
    names: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class PseudoRows:
    """How a file says that a row is not a polling station: its column, and the values that say so."""

    names: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class AttributeNames:
    """What files of this form say of a protocol besides its figures, and the headers under which they do.

    `name`: "arrived" (when the protocol came in) or "scanner" (its ballots were counted by a machine).
    """

    name: str
    names: tuple[str, ...]
    #: Of times without an offset of their own.
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Form:
    """A protocol form, as read from its TOML file (`election/forms/`)."""

    id: str
    title: str
    country: str
    denominator: Denominator
    lines: tuple[Line, ...]
    #: Levels above the station, the top one first.
    levels: tuple[LevelNames, ...]
    #: Headers of the columns that together name a station within its lowest level (more than one are joined).
    station: tuple[tuple[str, ...], ...]
    relations: tuple[Relation, ...] = ()
    #: Standing figures the form does not print, computed from those it does: role -> sum of lines.
    derived: Mapping[str, Linear] = field(default_factory=dict)
    #: Headers that are known and left out (addresses, links).
    ignored: tuple[str, ...] = ()
    first_choice_line: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    source: str = ""
    pseudo: PseudoRows | None = None
    attributes: tuple[AttributeNames, ...] = ()

    def line_of(self, role: str) -> Line | None:
        """The line that plays this role, or None if it is not on this form."""
        return next((line for line in self.lines if line.role == role), None)

    def relation(self, code: str) -> Relation:
        """The relation of this code. Raises KeyError."""
        for relation in self.relations:
            if relation.code == code:
                return relation
        raise KeyError(code)
