"""What can happen to a sheet: each event with everything that it needs. `machine.step` says what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tallyscope.ledger.entry.sheet import Decided
from tallyscope.ledger.version import Stage

__all__ = [
    "Accept",
    "Annul",
    "Begin",
    "Confirm",
    "Correct",
    "Decide",
    "Event",
    "Finish",
    "Keep",
    "Leave",
    "Overtaken",
    "Propose",
    "Release",
    "SendBack",
    "Withdraw",
]


@dataclass(frozen=True)
class Propose:
    """A machine reads the paper. It is a proposal to whoever types first, and never stands by itself."""

    texts: Mapping[str, str]


@dataclass(frozen=True)
class Begin:
    """A clerk takes the paper to type it, first or second; nobody else types it meanwhile."""


@dataclass(frozen=True)
class Leave:
    """The clerk puts the paper down; what was typed stays the clerk's draft."""


@dataclass(frozen=True)
class Release:
    """A coordinator frees a paper that a clerk holds and does not finish."""

    reason: str


@dataclass(frozen=True)
class Finish:
    """The clerk has typed every line and hands the entry in."""

    texts: Mapping[str, str]


@dataclass(frozen=True)
class Decide:
    """A coordinator says whose entry is the paper's; `corrected`: lines that both have wrong, as on the paper."""

    whose: Decided
    reason: str
    corrected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SendBack:
    """A coordinator sends it back to entry; `stage`: of the new paper, if the station makes its protocol again."""

    reason: str
    stage: Stage | None = None


@dataclass(frozen=True)
class Accept:
    """A coordinator accepts the warnings: code of the rule -> reason."""

    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Correct:
    """A new paper corrects what stands: Repeat or Repeat count. `evidence`: SHA-256 of the file that shows it."""

    stage: Stage
    reason: str
    evidence: str | None = None


@dataclass(frozen=True)
class Withdraw:
    """A correction was opened by mistake: what stands stays."""

    reason: str


@dataclass(frozen=True)
class Annul:
    """A decision annuls the station's result. `act`: which one; `evidence`: SHA-256 of the file that shows it."""

    act: str
    evidence: str | None = None


@dataclass(frozen=True)
class Confirm:
    """Another coordinator has seen the act."""


@dataclass(frozen=True)
class Keep:
    """The annulment is not confirmed: what stands stays."""

    reason: str


@dataclass(frozen=True)
class Overtaken:
    """A version came into the record by another way, an import; `number` stands now."""

    number: int


Event = (
    Propose
    | Begin
    | Leave
    | Release
    | Finish
    | Decide
    | SendBack
    | Accept
    | Correct
    | Withdraw
    | Annul
    | Confirm
    | Keep
    | Overtaken
)
