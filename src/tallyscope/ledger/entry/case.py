"""An event in its circumstances, and what several steps ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tallyscope.ledger.entry.accepting import final_version
from tallyscope.ledger.entry.examine import Examination
from tallyscope.ledger.entry.refusals import refusal
from tallyscope.ledger.entry.sheet import Sheet
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.version import Version

__all__ = ["LONGEST", "Case", "Judge", "Step", "about", "accepted", "hashed", "reasoned", "rested", "unbiased"]

#: Texts as typed -> what the rules say of them.
Judge = Callable[[Mapping[str, str]], Examination]
#: Characters of a reason.
LONGEST = 500


@dataclass(frozen=True)
class Step:
    """The new state. `version`: what the record has to accept together with it; its number then stands."""

    sheet: Sheet
    version: Version | None = None


@dataclass(frozen=True)
class Case:
    """A sheet, who does something with it and when; `stands`: the version of the record that stands."""

    sheet: Sheet
    who: str
    at: datetime
    judge: Judge
    stands: Version | None
    form: str

    def refuse(self, *reasons: tuple[str, str | None]) -> Refused:
        """Every reason, as the exception to raise."""
        return Refused(refusal(name, self.sheet.station, about) for name, about in reasons)


def rested(sheet: Sheet, number: int | None, note: str = "") -> Sheet:
    """Nothing under way, this version standing; what was typed before is of an earlier round."""
    return Sheet(sheet.station, "standing", round=sheet.round + 1, standing=number, note=note)


def accepted(case: Case, sheet: Sheet, found: Examination, reasons: Mapping[str, str]) -> Step:
    """The version, and the sheet at rest; its number is written in when the record has given it."""
    version = final_version(sheet, found.typed, case.form, case.who, reasons, case.at)
    return Step(rested(sheet, None), version)


def about(reason: str, missing: str = "no reason") -> list[tuple[str, str | None]]:
    """Why a reason is none."""
    if not reason.strip():
        return [(missing, None)]
    return [("long", None)] if len(reason.strip()) > LONGEST else []


def hashed(evidence: str | None) -> list[tuple[str, str | None]]:
    """Why a fingerprint is none."""
    hexadecimal = evidence is None or (len(evidence) == 64 and set(evidence) <= set("0123456789abcdef"))
    return [] if hexadecimal else [("not a hash", None)]


def reasoned(case: Case, reason: str) -> None:
    """Refuses an event without its reason."""
    if wrong := about(reason):
        raise case.refuse(*wrong)


def unbiased(case: Case) -> None:
    """Refuses who typed what is decided about."""
    if case.who in case.sheet.typists:
        raise case.refuse(("own decision", None))
