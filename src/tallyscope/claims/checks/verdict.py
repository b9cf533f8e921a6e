"""What a check may say of a claim. A check measures whether figures can be; it judges nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["VERDICTS", "Check", "Verdict"]

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


@dataclass(frozen=True)
class Check:
    """A verdict with its arithmetic. `text`: one or two sentences with denominator and reading of progress.

    `details`: every number that the text and the picture use; JSON-ready.
    """

    verdict: Verdict
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)
