"""Whether versions may be accepted: everything that is wrong with a batch, told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tallyscope.ledger.record import Record
from tallyscope.ledger.version import GAPS, LARGEST, SOURCES, STAGES, Version
from tallyscope.returns.problems import Problem, capped

__all__ = ["Place", "problems_of"]

_LONGEST = {"entered_by": 200, "accepted_by": 200, "reason": 4_000}
#: What no database or JSON takes: the NUL character, and halves of surrogate pairs.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_EVIDENCE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Place:
    """Where a version goes: its station's id, lowest commission and kind, and what stands there by this source."""

    station: int
    commission: int
    kind: str
    standing: int | None
    #: The standing version is in the sums: there is one, and it is not annulled.
    counted: bool


def problems_of(
    versions: Sequence[Version], record: Record, places: Mapping[tuple[str, str], Place]
) -> list[Problem]:
    """Every reason to refuse these versions; `places`: (station, source) -> Place, of the stations that exist."""
    wanted = frozenset(record.columns)
    seen: set[tuple[str, str]] = set()
    found: list[Problem] = []
    for version in versions:
        found += _itself(version, record, wanted)
        key = (version.station, version.source)
        if key in seen:
            found.append(
                _problem(version, "is in the batch twice.", "Give its correction when this one is accepted.")
            )
        elif key not in places:
            found.append(
                _problem(version, "is no station of this count.", "Is it written as in the list of stations?")
            )
        else:
            found += _supersedes(version, places[key].standing)
        seen.add(key)
    return capped(found, len(found), "problems")


def _problem(version: Version, text: str, hint: str = "", column: str | None = None) -> Problem:
    return Problem(f"station {version.station!r}", text, hint, column=column)


def _supersedes(version: Version, standing: int | None) -> Iterator[Problem]:
    """A correction names what it corrects, so that two of the same version cannot both be accepted."""
    if version.supersedes == standing:
        return
    if standing is None:
        yield _problem(version, f"supersedes version {version.supersedes}, but nothing stands.", "", "supersedes")
    elif version.supersedes is None:
        hint = f"If this is a correction it supersedes version {standing}, with a reason."
        yield _problem(version, f"stands already, by version {standing}.", hint, "supersedes")
    else:
        text = f"supersedes version {version.supersedes}, but version {standing} stands."
        yield _problem(version, text, "Somebody was faster: compare with what stands now.", "supersedes")


def _itself(version: Version, record: Record, wanted: frozenset[str]) -> Iterator[Problem]:
    """What is wrong with a version whatever stands."""
    if version.form != record.election.form.id:
        text = f"is on the form {version.form!r}; the count is on {record.election.form.id!r}."
        yield _problem(version, text, column="form")
    if version.source not in SOURCES:
        yield _problem(version, f"{version.source!r} is not one of {', '.join(SOURCES)}.", column="source")
    if version.stage not in STAGES:
        yield _problem(version, f"{version.stage!r} is not one of {', '.join(STAGES)}.", column="stage")
    if version.evidence is not None and not _EVIDENCE.fullmatch(version.evidence):
        yield _problem(version, "is no SHA-256 in lower-case hex.", column="evidence")
    if version.gaps or version.figures.keys() != wanted:
        yield from _lines(version, record, wanted)
    yield from _counts(version)
    yield from _texts(version)


def _lines(version: Version, record: Record, wanted: frozenset[str]) -> Iterator[Problem]:
    """Every line of the form is a figure or a gap, and nothing else is there."""
    figures, gaps = version.figures.keys(), version.gaps.keys()
    for name in record.columns:
        if name not in figures and name not in gaps:
            hint = "Give its figure, or say that it is missing or illegible."
            yield _problem(version, "is neither a figure nor a gap.", hint, name)
        elif name in figures and name in gaps:
            yield _problem(version, "is a figure and a gap.", "It is one of the two.", name)
    for name in sorted((figures | gaps) - wanted, key=str):
        yield _problem(version, "is not on this form.", column=str(name))
    for name, reason in version.gaps.items():
        if reason not in GAPS:
            yield _problem(version, f"{reason!r} is not one of {', '.join(GAPS)}.", column=name)


def _counts(version: Version) -> Iterator[Problem]:
    values = version.figures.values()
    if not values or (set(map(type, values)) == {int} and min(values) >= 0 and max(values) <= LARGEST):
        return
    for name, value in version.figures.items():
        if type(value) is not int or not 0 <= value <= LARGEST:
            yield _problem(version, f"{value!r} is not a count of ballots or voters.", column=name)


def _texts(version: Version) -> Iterator[Problem]:
    for name, longest in _LONGEST.items():
        text = getattr(version, name)
        if _UNWRITABLE.search(text):
            yield _problem(version, "has characters that cannot be written.", column=name)
        if len(text) > longest:
            yield _problem(version, f"has more than {longest:,} characters.", column=name)
    if not version.entered_by.strip():
        yield _problem(version, "is empty.", "Say who entered it.", "entered_by")
    if not version.reason.strip() and (version.supersedes is not None or version.stage == "annulled"):
        yield _problem(version, "is empty.", "A correction or a decision has a reason.", "reason")
