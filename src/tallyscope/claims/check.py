"""A claim held against the count: which checks speak to it, and what they say together.

Figures are measured on every denominator and on every set of totals there is. What carries no figure is recorded,
attributed and never judged; contradictions inside the document are flagged and never repaired. Which methods speak
to an alleged mechanism is joined further right, in the report: claims know nothing of methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

from tallyscope.claims.checks.contradiction import contradictions
from tallyscope.claims.checks.count import Count, count_of, declared_of
from tallyscope.claims.checks.figures import check_figures, printed_of
from tallyscope.claims.checks.place import count_of_unit, place_named, unit_named
from tallyscope.claims.checks.preliminary import check_preliminary
from tallyscope.claims.checks.printed import Printed, rounds_to
from tallyscope.claims.checks.progress import ProgressOf
from tallyscope.claims.checks.sane import with_sane_figures
from tallyscope.claims.checks.shares import Known
from tallyscope.claims.checks.subject import choice_named, is_superlative, says_elected
from tallyscope.claims.checks.superlative import check_superlative
from tallyscope.claims.checks.verdict import Check, worst
from tallyscope.claims.checks.winner import check_elected
from tallyscope.claims.claim import Claim, Document, Progress
from tallyscope.election.election import Election
from tallyscope.election.load import UnknownElection, load_election
from tallyscope.returns.table import Returns

__all__ = ["check_claim", "check_document"]

#: While a count goes on, shares without a progress may be of a part of it.
_COUNTING = timedelta(days=7)

_RECORDED = {
    "legitimacy_assessment": "An assessment of the election: recorded and attributed, neither true nor false here.",
    "fraud_mechanism": "An alleged mechanism: recorded and attributed; methods measure its traces.",
    "country_comparison": "A comparison of countries: recorded and attributed, neither true nor false here.",
    "forecast": "A forecast without a share: recorded and attributed; no count confirms or refutes it.",
    "result": "A statement of the result without a figure or a winner to check: recorded and attributed.",
    "other": "Recorded and attributed; it says nothing that protocols can confirm or refute.",
}


def check_claim(claim: Claim, returns: Returns | None = None, document: Document | None = None) -> Check:
    """The verdict on one claim.

    `returns`: of the election that it is about; without them, or with those of another one, only the registry's
    official totals are asked. `document`: where it stands, for what it contradicts and which count it is of.
    """
    return _Checker(document, [returns] if returns is not None else []).check(claim)


def check_document(document: Document, returns: Iterable[Returns] = ()) -> dict[str, Check]:
    """Claim id -> verdict, for every claim of a document. `returns`: of as many elections as there are."""
    checker = _Checker(document, returns)
    return {claim.id: checker.check(claim) for claim in document.claims}


class _Checker:
    """What the checks of one document share: the counts, and which passages contradict others."""

    def __init__(self, document: Document | None, returns: Iterable[Returns]) -> None:
        if document is not None:
            document = replace(document, claims=tuple(with_sane_figures(c) for c in document.claims))
        self._document = document
        self._returns = {r.election.id: r for r in returns}
        self._known: dict[str, Known | None] = {id: count_of(r) for id, r in self._returns.items()}

    def check(self, claim: Claim) -> Check:
        claim = with_sane_figures(claim)
        if claim.id in self._contradicted:
            text, others = self._contradicted[claim.id]
            found = list(self._figures(claim))
            details = {"contradicts": list(others)}
            lines = tuple(line for c in found for line in c.arithmetic)
            return Check("internally-inconsistent", text, details, arithmetic=lines)
        if claim.election.id is None:
            return Check("not-checkable", self._of_no_election(claim))
        if self._election(claim.election.id) is None:
            return Check(
                "not-checkable", f"{claim.election.id} is not in the registry; nothing is known of its count."
            )
        checks = [*self._figures(claim), *self._without_figures(claim)]
        if claim.type == "fraud_mechanism":
            # What is alleged disputes the count: the count does not judge it.
            lines = tuple(line for c in checks for line in c.arithmetic)
            return Check("not-checkable", _RECORDED[claim.type], arithmetic=lines)
        return worst(checks) if checks else Check("not-checkable", _RECORDED[claim.type])

    @cached_property
    def _contradicted(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        if self._document is None:
            return {}
        flagged = {
            claim.id: (flag.text, flag.claims)
            for claim in self._document.claims
            for flag in claim.flags
            # What carries a figure is measured; the words beside it are what contradicts.
            if flag.kind == "contradiction" and not claim.figures
        }
        return flagged | {c.claim: (c.text, c.others) for c in contradictions(self._document)}

    def _of_no_election(self, claim: Claim) -> str:
        if claim.type == "other" or claim.election.context is not None:
            return "Not about the result of an election: recorded and attributed."
        where = f" (it speaks of {claim.election.country})" if claim.election.country else ""
        return f"Not linked to an election of the registry{where}: recorded and attributed."

    def _election(self, id: str) -> Election | None:
        known = self._known.get(id)
        try:
            return known.election if known is not None else load_election(id)
        except UnknownElection:
            return None

    def _totals(self, election: Election) -> Known | None:
        if election.id not in self._known:
            self._known[election.id] = declared_of(election)
        return self._known[election.id]

    def _figures(self, claim: Claim) -> Iterator[Check]:
        """The checks of its figures; none where it has no figure of the count. Each by its own election."""
        for other in dict.fromkeys(f.election for f in claim.figures if f.of_year is not None):
            theirs = tuple(f for f in claim.figures if f.of_year is not None and f.election == other)
            if other is not None:
                earlier = tuple(replace(f, of_year=None, election=None) for f in theirs)
                link = replace(claim.election, id=other)
                yield from self._figures(replace(claim, figures=earlier, election=link, progress=None))
        claim = replace(claim, figures=tuple(f for f in claim.figures if f.of_year is None))
        election = self._election(claim.election.id) if claim.election.id else None
        if election is None or not claim.figures:
            return
        unit = self._unit(claim, election)
        known = count_of_unit(self._returns[election.id], unit) if unit is not None else self._totals(election)
        if known is None:
            yield Check("not-checkable", self._nothing_known(election))
            return
        for check in self._measured(claim, election, known):
            yield _of_unit(check, unit) if unit is not None else _of_place(check, claim, election)

    def _unit(self, claim: Claim, election: Election) -> str | None:
        given = self._returns.get(election.id)
        return unit_named(claim.said, given) if given is not None else None

    def _measured(self, claim: Claim, election: Election, known: Known) -> Iterator[Check]:
        # A choice that did not stand in this election has no share of any part of it; check_figures says so.
        standing = set(known.choices if isinstance(known, Count) else known.declared.votes)
        parts = [f for f in claim.figures if _of_part(f.metric, f.comparator) and f.choice in standing]
        shares = {f.choice: p for f in parts if (p := printed_of(f)) is not None and f.choice}
        progress = self._progress(claim)
        rest = claim.figures
        if shares and progress is not None and claim.type == "result":
            yield self._preliminary(known, shares, progress)
            rest = tuple(f for f in rest if f not in parts)
        for check in check_figures(known, replace(claim, figures=rest), after=self._after(claim, election)):
            yield self._while_counting(claim, election, self._with_other_counts(claim, check))

    def _nothing_known(self, election: Election) -> str:
        given = f" (the returns given are of {', '.join(self._returns)})" if self._returns else ""
        return f"The registry has no official totals of {election.title}, and no returns of it were given{given}."

    def _preliminary(self, known: Known, shares: Mapping[str, Printed], progress: Progress) -> Check:
        of: ProgressOf = "ballots" if progress.of_resolved in ("ballots", "cast", "valid") else "protocols"
        if isinstance(known, Count):
            return check_preliminary(known, shares, Printed.of(progress.printed), of)
        law = known.election.form.denominator
        lines = tuple(
            f"{known.election.choice(c).name}: {p} % printed; {known.declared.share(c, law):.2f} % in the end"
            for c, p in shares.items()
        )
        text = "Shares of a part of the count; without the protocols (--returns) only the final shares can be told."
        return Check("not-checkable", text, {"choices": sorted(shares)}, arithmetic=lines)

    def _progress(self, claim: Claim) -> Progress | None:
        """Its own; else that of the same speaker's only other count in the document (a headline repeats it)."""
        if claim.progress is not None or self._document is None or claim.type != "result":
            return claim.progress
        told = {
            c.progress.printed: c.progress
            for c in self._document.claims
            if c.progress is not None
            and (c.id == claim.same_as or c.speaker.key == claim.speaker.key)
            and c.election.id == claim.election.id
        }
        return next(iter(told.values())) if len(told) == 1 else None

    def _after(self, claim: Claim, election: Election) -> bool:
        said = claim.statement_date.value
        return bool(said and election.voting_days and said > max(election.voting_days))

    def _while_counting(self, claim: Claim, election: Election, check: Check) -> Check:
        """A share of an unfinished count, whose progress was not told, cannot be refuted by the final one."""
        said = claim.statement_date.value
        if check.verdict != "infeasible" or claim.type != "result" or said is None or not election.voting_days:
            return check
        if not min(election.voting_days) <= said <= max(election.voting_days) + _COUNTING:
            return check
        text = f"{check.text} It was said while votes were being counted, and of how many is not told."
        return replace(check, verdict="not-checkable", text=text)

    def _with_other_counts(self, claim: Claim, check: Check) -> Check:
        """A rounded share may also be that of a preliminary count which the document tells."""
        if self._document is None or check.verdict != "consistent" or check.details.get("comparator") != "=":
            return check
        if "choice" not in check.details:
            return check  # a turnout, a number of votes
        choice, printed = check.details["choice"], Printed.of(check.details["printed"])
        others = dict.fromkeys(
            (f.printed, c.progress.printed)
            for c in self._document.claims
            if c.id != claim.id and c.progress is not None and c.election.id == claim.election.id
            for f in c.figures
            if f.choice == choice and f.value is not None and rounds_to(f.value, printed)
        )
        lines = tuple(
            f"{share} % at {done} % of the count, in this document: {printed} % holds" for share, done in others
        )
        return replace(check, arithmetic=check.arithmetic + lines)

    def _without_figures(self, claim: Claim) -> Iterator[Check]:
        """Who won, and superlatives; of claims about an election whose totals are known."""
        election = self._election(claim.election.id) if claim.election.id else None
        known = self._totals(election) if election is not None else None
        if known is None or claim.type in ("forecast", "country_comparison"):
            return
        words = claim.said
        choice = choice_named(words, known.election)
        if claim.figures:
            return
        if claim.type != "result" and is_superlative(words):
            yield check_superlative(known)
        elif claim.type in ("result", "other") and choice is not None and says_elected(words):
            progress = self._told(claim)
            done = Printed.of(progress.printed) if progress is not None else None
            yield check_elected(known, choice.id, done)
        elif is_superlative(words):
            yield check_superlative(known)

    def _told(self, claim: Claim) -> Progress | None:
        """The smallest progress that the document tells of this election: what was out when a winner was named."""
        if claim.progress is not None or self._document is None:
            return claim.progress
        told = [c.progress for c in self._document.claims if c.progress and c.election.id == claim.election.id]
        return min(told, key=lambda p: p.value, default=None)


def _of_unit(check: Check, unit: str) -> Check:
    """A check on the protocols of one unit says so."""
    return replace(check, text=f"{unit} alone. {check.text}", details={**check.details, "unit": unit})


def _of_place(check: Check, claim: Claim, election: Election) -> Check:
    """What the country's count refutes may be a place's."""
    place = place_named(claim.said, election) if check.verdict == "infeasible" else None
    if place is None:
        return check
    text = f"{check.text} It may be of {place} alone, whose count is not known by that name."
    return replace(check, verdict="not-checkable", text=text)


def _of_part(metric: str, comparator: str) -> bool:
    return metric == "vote_share" and comparator == "="
