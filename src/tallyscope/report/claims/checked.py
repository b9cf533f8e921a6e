"""An article with everything that was found out about its claims: verdicts, what was out, what methods measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tallyscope.claims.check import check_document
from tallyscope.claims.checks.verdict import Check
from tallyscope.claims.claim import Document
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    from tallyscope.claims.checks.outstanding import Outstanding
    from tallyscope.forensics.finding import Finding

__all__ = ["Checked", "checked"]


@dataclass(frozen=True, eq=False)
class Checked:
    """`checks`, `remainders`: by claim id; `findings`: by election id, of methods that speak to what is alleged."""

    document: Document
    checks: Mapping[str, Check]
    returns: Mapping[str, Returns] = field(default_factory=dict)
    remainders: Mapping[str, Outstanding] = field(default_factory=dict)
    findings: Mapping[str, Sequence[Finding]] = field(default_factory=dict)


def checked(
    documents: Iterable[Document], returns: Iterable[Returns] = (), on_step: Callable[[str], None] | None = None
) -> tuple[Checked, ...]:
    """Checks every claim; finds what was out behind preliminary counts that random orders do not explain; runs the
    methods that speak to mechanisms which are alleged of an election whose returns are given.

    `on_step`: told what is being done. Raises NoCount for returns without votes or ballots.
    """
    tell = on_step or (lambda _: None)
    by_id = {r.election.id: r for r in returns}
    found = []
    for document in documents:
        tell(f"checking {document.name}")
        checks = check_document(document, by_id.values())
        tell(f"what was still out, {document.name}")
        remainders = _remainders(document, checks, by_id)
        tell(f"methods, {document.name}")
        found.append(Checked(document, checks, by_id, remainders, _findings(document, by_id)))
    return tuple(found)


def _remainders(
    document: Document, checks: Mapping[str, Check], returns: Mapping[str, Returns]
) -> dict[str, Outstanding]:
    from tallyscope.claims.checks.count import count_of
    from tallyscope.claims.checks.outstanding import outstanding
    from tallyscope.claims.checks.printed import Printed

    found = {}
    for claim in document.claims:
        check, given = checks[claim.id], returns.get(claim.election.id or "")
        if check.verdict != "feasible-not-random" or given is None:
            continue
        details = check.details
        printed = {c: Printed.of(s["printed"]) for c, s in details["shares"].items()}
        few, most = details["out"]
        found[claim.id] = outstanding(count_of(given), printed, (few, most), details["denominator"])
    return found


def _findings(document: Document, returns: Mapping[str, Returns]) -> dict[str, Sequence[Finding]]:
    from tallyscope.report.claims.alleged import methods_for

    found: dict[str, Sequence[Finding]] = {}
    for id, given in returns.items():
        alleged = [m.name for c in document.claims if c.election.id == id for m in c.mechanisms]
        wanted = methods_for(alleged)
        if wanted:
            from tallyscope.forensics.methods import run

            found[id] = run(given, [m.id for m in wanted])
    return found
