"""What a check may say of a claim. A check measures whether figures can be; it judges nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["VERDICTS", "WORDS", "Check", "Verdict", "worst"]

Verdict = Literal[
    "infeasible",
    "feasible-uninformative",
    "feasible-not-random",
    "consistent",
    "true",
    "true-on-official-totals-only",
    "internally-inconsistent",
    "missed-low",
    "missed-high",
    "hit",
    "not-checkable",
]

#: Verdict -> what readers are told.
VERDICTS: Mapping[Verdict, str] = {
    "infeasible": "cannot be: no set of stations gives these figures",
    "feasible-uninformative": "possible, and says nothing: nearly every order of counting prints this",
    "feasible-not-random": "possible, but not if the protocols came in at random or by whole territories",
    "consistent": "agrees with the count",
    "true": "holds on the count",
    "true-on-official-totals-only": "holds on the official totals, not on the published protocols",
    "internally-inconsistent": "contradicts another passage of the same document",
    "missed-low": "the outcome lay above what was expected",
    "missed-high": "the outcome lay below what was expected",
    "hit": "the outcome lay within what was expected",
    "not-checkable": "nothing in the returns can confirm or refute it",
}

#: Verdict -> its name; of a missed forecast without by how much, which is in the text.
WORDS: Mapping[Verdict, str] = {
    "infeasible": "infeasible",
    "feasible-uninformative": "feasible and uninformative",
    "feasible-not-random": "feasible but not in random order",
    "consistent": "consistent",
    "true": "true",
    "true-on-official-totals-only": "true on official totals only",
    "internally-inconsistent": "internally inconsistent",
    "missed-low": "forecast missed (low)",
    "missed-high": "forecast missed (high)",
    "hit": "forecast held",
    "not-checkable": "not checkable",
}

#: What a claim of several figures is told to be: the first of these that any of its figures is.
_ORDER: tuple[Verdict, ...] = (
    "internally-inconsistent",
    "infeasible",
    "feasible-not-random",
    "missed-low",
    "missed-high",
    "true-on-official-totals-only",
    "not-checkable",
    "consistent",
    "feasible-uninformative",
    "hit",
    "true",
)


@dataclass(frozen=True)
class Check:
    """A verdict with its arithmetic. `text`: one or two sentences with denominator and reading of progress.

    `details`: every number that the text and the picture use; JSON-ready.
    """

    verdict: Verdict
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)
    #: What shares were read as shares of; "" where the check is not of shares.
    denominator: str = ""
    #: How "99.3 % of protocols" was read; "" where none was told.
    progress: str = ""
    #: The steps, a line each, with their numbers.
    arithmetic: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The verdict's name."""
        by = self.details.get("missed_by")
        name = WORDS[self.verdict]
        return f"{name[:-1]}, by {abs(by):.2f} points)" if by and name.endswith(")") else name


def worst(checks: Sequence[Check]) -> Check:
    """Several checks of one claim as one: the gravest verdict, all that was said. Raises ValueError for none."""
    if len(checks) == 1:
        return checks[0]
    first = min(checks, key=lambda c: _ORDER.index(c.verdict))
    return Check(
        first.verdict,
        " ".join(dict.fromkeys(c.text for c in checks)),
        {**first.details, "parts": [{"verdict": c.verdict, "text": c.text, "details": c.details} for c in checks]},
        "; ".join(dict.fromkeys(c.denominator for c in checks if c.denominator)),
        next((c.progress for c in checks if c.progress), ""),
        tuple(dict.fromkeys(line for c in checks for line in c.arithmetic)),
    )
