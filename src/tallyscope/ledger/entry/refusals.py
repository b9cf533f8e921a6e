"""Why an event is refused: what is wrong and what to do, in words that do not depend on the case.

They are constants so that the pages can translate them and a test can see that every one has a translation.
"""

from __future__ import annotations

from tallyscope.returns.problems import Problem

__all__ = ["REFUSALS", "refusal"]

#: Name -> what is wrong, what to do.
REFUSALS: dict[str, tuple[str, str]] = {
    "not now": ("This cannot be done at this step.", "Load the page again: it shows how far the protocol is."),
    "changed": (
        "Somebody else has changed this protocol meanwhile.",
        "Load the page again and look before you go on.",
    ),
    "not yours": ("Somebody else is typing this protocol.", "Take another one, or ask the coordinator to free it."),
    "own entry": ("You typed the first entry.", "The second entry is another person's: take another protocol."),
    "own decision": (
        "You typed this protocol.",
        "Another person decides about it: ask a coordinator who did not type.",
    ),
    "own act": ("You asked for this annulment.", "Another coordinator confirms it."),
    "no reason": ("A reason is missing.", "Write what was found on the paper or in the act."),
    "long": ("A reason is longer than 500 characters.", "Name the act and keep the rest there."),
    "no act": ("The decision is missing.", "Name the act: who decided, when, and its number."),
    "not a paper": ("A correction is a protocol marked Repeat or Repeat count.", "Choose which of the two it is."),
    "nothing stands": ("No protocol of this station stands.", "Enter its protocol first."),
    "breaks a rule": (
        "A rule that blocks acceptance is broken.",
        "Read the lines again, or send it back to entry.",
    ),
    "unexplained": ("A warning has no reason.", "Write a reason for each, or send it back to entry."),
    "no warning": ("A reason is given for a warning that there is none of.", "Load the page again."),
    "not a hash": ("The fingerprint of the file is no SHA-256.", "It is 64 digits and letters a to f."),
    "stale draft": (
        "This draft was changed in another window.",
        "Load the page again: it has what was saved last.",
    ),
    "no station": ("This count has no such station.", "Look it up by its number."),
}


def refusal(name: str, station: str, about: str | None = None) -> Problem:
    """One reason; `about`: the line, rule or person that it is about."""
    text, hint = REFUSALS[name]
    return Problem(f"station {station!r}", text, hint, column=about)
