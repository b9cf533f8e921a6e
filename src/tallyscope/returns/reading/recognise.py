"""Which known election a table is of, told by its headers alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tallyscope.election.election import Election
from tallyscope.election.load import election_ids, load_election
from tallyscope.election.roles import votes_column
from tallyscope.returns.mapping import ARRIVED, IGNORE, SCANNER, STATION, arrived_target, attribute_of

__all__ = ["Recognition", "normalised", "recognise", "recognise_as"]

#: A table is "nearly" of an election when this share of the election's columns is there.
_NEARLY = 0.6


@dataclass(frozen=True)
class Recognition:
    """A table's headers read as those of an election: header -> target, and what did not fit."""

    election: Election
    targets: Mapping[str, str]
    #: Lines and choices of the election that no header carries, as they are usually written.
    missing: tuple[str, ...]
    #: Headers that the election does not know.
    unknown: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """True if no required line and no choice is missing."""
        return not self.missing


def normalised(header: str) -> str:
    """A header without case, quotation marks, punctuation, leading numbers and repeated blanks."""
    text = unicodedata.normalize("NFKC", header).casefold().replace("ё", "е")
    text = re.sub(r"[\"'«»“”„`.,;:()\[\]№#*]", " ", text)
    text = re.sub(r"^\s*\d+\s*[-–.)]?\s+(?=\D)", "", text)
    return re.sub(r"[\s_]+", " ", text).strip()


@cache
def _columns(id: str) -> dict[str, str]:
    """Normalised header -> target, for everything an election's files may carry."""
    election = load_election(id)
    form = election.form
    # A role's own name is a header too, unless the files of this form mean something else by it.
    known = {normalised(line.role): line.role for line in form.lines}
    known |= {ARRIVED: ARRIVED, SCANNER: SCANNER}
    for attribute in form.attributes:
        target = arrived_target(attribute.time_zone) if attribute.name == ARRIVED else attribute.name
        known |= {normalised(name): target for name in attribute.names}
    known |= {normalised(name): IGNORE for name in form.ignored}
    if form.pseudo:
        known |= {normalised(name): IGNORE for name in form.pseudo.names}
    for level in form.levels:
        known |= {normalised(name): f"level:{level.name}" for name in level.names}
    for names in form.station:
        known |= {normalised(name): STATION for name in names}
    for line in form.lines:
        known |= {normalised(name): line.role for name in line.names}
    for choice in election.choices:
        names = (choice.name, votes_column(choice.id), *choice.names)
        known |= {normalised(name): f"choice:{choice.id}" for name in names}
    return known


def recognise(headers: Sequence[str]) -> Recognition | None:
    """The registered election whose columns these headers carry; None if no election is near."""
    candidates = [recognise_as(headers, id) for id in election_ids()]
    best = max(candidates, key=_quality)
    return best if _quality(best)[1] >= _NEARLY else None


def _quality(found: Recognition) -> tuple[bool, float, int]:
    """Complete ones first, then by the share of choices and lines that are there, then by fewest unknown."""
    figures = (t for t in found.targets.values() if attribute_of(t) is None and t not in (STATION, IGNORE))
    targets = {t for t in figures if not t.startswith("level:")}
    wanted = len(targets) + len(found.missing)
    choices = sum(t.startswith("choice:") for t in targets) / len(found.election.choices)
    return found.complete, min(len(targets) / max(wanted, 1), choices), -len(found.unknown)


def recognise_as(headers: Sequence[str], id: str) -> Recognition:
    """Reads headers as those of the election of this id, whatever is missing. Raises UnknownElection."""
    election, known = load_election(id), _columns(id)
    targets: dict[str, str] = {}
    unknown = []
    for header in headers:
        target = known.get(normalised(header))
        if target is None:
            unknown.append(header)
        elif target in (STATION, IGNORE) or target not in targets.values():
            targets[header] = target
        else:
            unknown.append(header)
    there = set(targets.values())
    missing = [line.names[0] for line in election.form.lines if line.required and line.role not in there]
    missing += [(*c.names, c.name)[0] for c in election.choices if f"choice:{c.id}" not in there]
    return Recognition(election, targets, tuple(missing), tuple(unknown))
