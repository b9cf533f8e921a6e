"""The state of one station's entry: how far its protocol is, who typed what, and what stands meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from tallyscope.ledger.version import Stage

__all__ = ["PHASES", "Decided", "Phase", "Reading", "Sheet", "sheet_from"]

Phase = Literal[
    "empty",  #: no one is typing; the paper, first or corrected, has not been entered
    "first",  #: a clerk is typing it for the first time
    "errors",  #: the first entry breaks a rule that blocks acceptance
    "waiting",  #: the first entry is in; a second person has to type it
    "second",  #: that person is typing, without seeing the first entry
    "differences",  #: the two entries differ; a coordinator decides
    "warnings",  #: the figures agree; a coordinator accepts what is remarkable, or sends it back
    "annulling",  #: a coordinator has a decision that annuls what stands; another one confirms it
    "standing",  #: a version of this protocol stands in the record and nothing is under way
]
PHASES: tuple[Phase, ...] = get_args(Phase)
#: Which entry a coordinator found to be the paper's.
Decided = Literal["first", "second"]


@dataclass(frozen=True)
class Reading:
    """What one person, or a machine, read off the paper: column of Returns -> text as typed."""

    by: str
    at: datetime
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """One station's entry. `round` counts papers and attempts: what was typed in an earlier one is not of this."""

    station: str
    phase: Phase = "empty"
    round: int = 0
    stage: Stage = "first"
    #: Why what stands is corrected, or the decision that annuls it; and the SHA-256 of the file that shows it.
    reason: str = ""
    evidence: str | None = None
    #: Number of the version that stands in the record.
    standing: int | None = None
    #: Who is typing now; of a decision to annul, who made it.
    at_work: str | None = None
    #: A machine's reading, which only helps whoever types first.
    proposal: Reading | None = None
    first: Reading | None = None
    second: Reading | None = None
    #: What the coordinator found on the paper where the entries differ, who they are of, and why.
    final: Reading | None = None
    entered_by: str = ""
    decision: str = ""
    #: Why it came back to entry, for whoever types next.
    note: str = ""

    @property
    def typists(self) -> frozenset[str]:
        """Everybody who typed a reading that the sheet holds, or is typing now."""
        found = {r.by for r in (self.first, self.second) if r is not None}
        return frozenset(found | ({self.at_work} if self.at_work and self.phase != "annulling" else set()))

    def content(self) -> dict[str, Any]:
        """As values for JSON; `sheet_from` reads them."""
        return {k: _plain(v) for k, v in asdict(self).items()}


def _plain(value: Any) -> Any:
    return {**value, "at": value["at"].isoformat()} if isinstance(value, dict) and "at" in value else value


def sheet_from(content: Mapping[str, Any]) -> Sheet:
    """The sheet of which this is the content."""
    readings = ("proposal", "first", "second", "final")
    read = {name: _reading(content[name]) for name in readings}
    return Sheet(**{**content, **read})


def _reading(content: Mapping[str, Any] | None) -> Reading | None:
    if content is None:
        return None
    return Reading(content["by"], datetime.fromisoformat(content["at"]), dict(content["texts"]))
