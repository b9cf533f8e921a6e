"""What phases, queues and events of entry are called on screen."""

from __future__ import annotations

from collections.abc import Sequence

from tallyscope.ledger.entry.sheet import Phase
from tallyscope.ledger.errors import Refused
from tallyscope.web.language import Language, marked

__all__ = ["EVENTS", "PHASES", "QUEUES", "told"]

PHASES: dict[Phase, str] = {
    "empty": marked("not entered yet"),
    "first": marked("being typed for the first time"),
    "errors": marked("does not hold together"),
    "waiting": marked("waits for a second person"),
    "second": marked("being typed for the second time"),
    "differences": marked("the two entries differ"),
    "warnings": marked("warnings to accept"),
    "annulling": marked("annulment to confirm"),
    "standing": marked("stands"),
}
#: Title of a queue of the coordinator's desk -> the phases that are in it.
QUEUES: tuple[tuple[str, tuple[Phase, ...]], ...] = (
    (marked("Errors"), ("errors",)),
    (marked("Differences"), ("differences",)),
    (marked("Warnings to accept"), ("warnings",)),
    (marked("Annulments to confirm"), ("annulling",)),
    (marked("Corrections under way"), ("empty",)),
    (marked("Being typed"), ("first", "second")),
)
#: Event -> what the history calls it.
EVENTS: dict[str, str] = {
    "Propose": marked("read by a machine"),
    "Begin": marked("taken to type"),
    "Leave": marked("put back"),
    "Release": marked("freed"),
    "Finish": marked("handed in"),
    "Decide": marked("decided"),
    "SendBack": marked("sent back"),
    "Accept": marked("warnings accepted"),
    "Correct": marked("correction opened"),
    "Withdraw": marked("correction withdrawn"),
    "Annul": marked("annulment asked for"),
    "Confirm": marked("annulment confirmed"),
    "Keep": marked("annulment not confirmed"),
    "Overtaken": marked("overtaken by an import"),
}


def told(language: Language, refused: Refused) -> Sequence[tuple[str, str, str]]:
    """What a refusal says: what it is about, what is wrong, what to do."""
    found = []
    for problem in refused.problems:
        if isinstance(problem, str):
            found.append(("", problem, ""))
        else:
            about = problem.column or ""
            hint = language.gettext(problem.hint) if problem.hint else ""
            found.append((about, language.gettext(problem.text), hint))
    return found
