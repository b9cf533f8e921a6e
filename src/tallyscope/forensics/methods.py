"""The methods there are, and running them: what each asks, of which mechanisms it speaks, what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallyscope.forensics.finding import Finding
    from tallyscope.returns.table import Returns

__all__ = ["METHODS", "Method", "UnknownMethod", "method", "run"]


class UnknownMethod(LookupError):
    """There is no method of this id."""


@dataclass(frozen=True)
class Method:
    """A method. `mechanisms`: kinds of manipulation that leave what it looks for; `conditions`: what it needs.

    `function`: "module:name" of the function Returns -> Finding, loaded when the method is run.
    """

    id: str
    mechanisms: tuple[str, ...]
    question: str
    source: str
    conditions: tuple[str, ...]
    function: str

    def run(self, returns: Returns) -> Finding:
        """The method's answer on these returns."""
        module, name = self.function.split(":")
        answer: Callable[[Returns], Finding] = getattr(import_module(module), name)
        return answer(returns)


METHODS: tuple[Method, ...] = (
    Method(
        id="integer-percentages",
        mechanisms=("result written in advance", "rewritten protocol"),
        question="Do more stations report a whole-number turnout or share of the leader than chance explains?",
        source="Kobak, Shpilkin & Pshenichnikov, Integer percentages as electoral falsification fingerprints, "
        "Annals of Applied Statistics 10 (2016) 54-73; exact sums in place of its simulation",
        conditions=(
            "voters on the list, ballots issued (else voters who took part, else ballots cast), the ballots that "
            "shares are reckoned from, and the leader's votes, station by station",
            "at least 300 stations of 100 voters or more, with turnout and share of at most 99 %",
            "at least half of the stations that reported are such stations",
        ),
        function="tallyscope.forensics.integer_percentages:integer_percentages",
    ),
    Method(
        id="anomalous-votes",
        mechanisms=("ballot stuffing", "carousel", "absentee ballots", "rewritten protocol"),
        question="How many votes has the leader beyond a constant ratio to all others, as turnout rises?",
        source="Shpilkin (2009-2024): votes by turnout; the recipe as in Kobak, Shpilkin & Pshenichnikov, "
        "Significance 13 (2016) and 15 (2018), with an interval that carries the choice of the core",
        conditions=(
            "voters on the list, ballots cast and the leader's votes, station by station",
            "at least 300 stations of more than 100 voters, 20 of them in the core",
            "the others' ballots form one hump, of which the core is the top: two Gaussians fit, the lower one is "
            "at most 15 points wide, at most 70 % of the others' ballots lie below the core, the leader's ratio "
            "below it is within 20 % of that in it, and the core stays within 5 points in three quarters of the "
            "draws when regions are drawn anew",
        ),
        function="tallyscope.forensics.anomalous_votes:anomalous_votes",
    ),
)


def method(id: str) -> Method:
    """The method of this id. Raises UnknownMethod, which names those there are."""
    for one in METHODS:
        if one.id == id:
            return one
    raise UnknownMethod(f"there is no method {id!r}; there are: {', '.join(m.id for m in METHODS)}")


def run(
    returns: Returns, methods: Sequence[str] | None = None, on_progress: Callable[[str], None] | None = None
) -> tuple[Finding, ...]:
    """Runs methods (all of them unless ids are given) and sets the q-values over the p-values there are.

    `on_progress`: told the id of each method before it runs. Raises UnknownMethod, before anything is run.
    """
    wanted = METHODS if methods is None else tuple(method(id) for id in dict.fromkeys(methods))
    findings = []
    for one in wanted:
        if on_progress is not None:
            on_progress(one.id)
        findings.append(one.run(returns))
    return _with_q_values(findings)


def _with_q_values(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    import numpy as np

    from tallyscope.forensics.core.multiple import q_values

    q = q_values(np.asarray([np.nan if f.p_value is None else f.p_value for f in findings], dtype=np.float64))
    return tuple(f if np.isnan(one) else replace(f, q_value=float(one)) for f, one in zip(findings, q, strict=True))
