"""The card in the margin of a claim: who, when, the verdict with its arithmetic, how it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tallyscope.claims.checks.verdict import Check, Verdict
from tallyscope.claims.claim import Claim, Document
from tallyscope.report.claims.alleged import mechanisms_of, methods_for
from tallyscope.report.claims.checked import Checked
from tallyscope.report.words import title

if TYPE_CHECKING:
    from tallyscope.charts.export import Drawing

__all__ = ["TONES", "Card", "MethodLine", "cards"]

#: Verdict -> how it looks: "no", "mind", "yes" or "quiet". Never by colour alone: each has its line and its sign.
TONES: Mapping[Verdict, str] = {
    "infeasible": "no",
    "internally-inconsistent": "no",
    "feasible-not-random": "mind",
    "true-on-official-totals-only": "mind",
    "missed-low": "mind",
    "missed-high": "mind",
    "consistent": "yes",
    "true": "yes",
    "hit": "yes",
    "feasible-uninformative": "quiet",
    "not-checkable": "quiet",
}
_SIGNS = {"no": "✗", "mind": "!", "yes": "✓", "quiet": "·"}
_TYPES = {
    "result": "result",
    "forecast": "forecast",
    "legitimacy_assessment": "assessment of legitimacy",
    "fraud_mechanism": "alleged mechanism",
    "country_comparison": "comparison of countries",
    "other": "statement",
}
_FORMS = {"direct": "quoted", "indirect": "paraphrased", "mixed": "partly quoted", "headline": "headline"}


@dataclass(frozen=True)
class MethodLine:
    """What a method measured of the election, or asks where it was not run."""

    method: str
    title: str
    says: str
    applies: bool = True


@dataclass(frozen=True)
class Card:
    """`number`: its place in the document; `like`: the card whose verdict it repeats; `facts`: term -> words."""

    id: str
    number: int
    speaker: str
    about: str
    tone: str
    sign: str
    check: Check
    like: int | None
    facts: tuple[tuple[str, str], ...]
    read: tuple[str, ...]
    methods: tuple[MethodLine, ...]
    pictures: tuple[Drawing, ...]

    @property
    def silent(self) -> tuple[str, ...]:
        """Titles of the methods that do not apply to the returns."""
        return tuple(m.title for m in self.methods if not m.applies)

    @property
    def quiet(self) -> bool:
        """Whether nothing was measured, so that a line will do."""
        return self.tone == "quiet" and not (self.check.arithmetic or self.methods)


def cards(of: Checked, pictures: Mapping[str, Sequence[Drawing]]) -> dict[str, Card]:
    """Claim id -> card, in the order of the text."""
    found: dict[str, Card] = {}
    told: dict[str, int] = {}
    ordered = sorted(of.document.claims, key=lambda c: (c.start, -c.end))
    for number, claim in enumerate(ordered, 1):
        check = of.checks[claim.id]
        tone = TONES[check.verdict]
        like = told.get(check.text) if check.arithmetic else None
        told.setdefault(check.text, number)
        found[claim.id] = Card(
            id=claim.id,
            number=number,
            speaker=claim.speaker.name,
            about=_about(claim),
            tone=tone,
            sign=_SIGNS[tone],
            check=check,
            like=like,
            facts=() if like else tuple(_facts(check)),
            read=tuple(_read(claim, of.document)),
            methods=_methods(claim, of),
            pictures=() if like else tuple(pictures.get(claim.id, ())),
        )
    return found


def _about(claim: Claim) -> str:
    said = claim.statement_date.value
    when = f"{said.day} {said:%B %Y}" if said is not None else "undated"
    parts = [_TYPES[claim.type], _FORMS[claim.form], when]
    if claim.chain:
        parts.append("as told by " + ", ".join(a.speaker.name for a in claim.chain))
    return ", ".join(parts)


def _facts(check: Check) -> Iterator[tuple[str, str]]:
    if check.denominator:
        yield "Denominator", check.denominator
    if check.progress:
        yield "Progress", check.progress


def _read(claim: Claim, document: Document) -> Iterator[str]:
    """Why the reader took it so: election, date and speaker with their evidence, and what was rejected."""
    link, dating = claim.election, claim.statement_date
    if link.id is not None:
        yield f"Election {link.id}" + _because(e.text for e in link.evidence)
    elif link.country is not None:
        yield f"No election of the registry; it speaks of {link.country}" + _because(e.text for e in link.evidence)
    if dating.value is not None and dating.evidence:
        yield f"Said on {dating.value.isoformat()}" + _because(e.text for e in dating.evidence)
    for rejected in (*link.rejected, *dating.rejected):
        yield f"Not {rejected.value}: {rejected.why}"
    if claim.speaker.evidence:
        yield f"Speaker {claim.speaker.name}" + _because(e.text for e in claim.speaker.evidence)
    for figure in claim.figures:
        if figure.of_reason:
            yield f"{figure.span.of(document.text)}: {figure.of_reason}"
    if claim.progress is not None and claim.progress.reason:
        yield f"{claim.progress.span.of(document.text)}: {claim.progress.reason}"
    for flag in claim.flags:
        yield flag.text


def _because(evidence: Iterator[str]) -> str:
    listed = "; ".join(dict.fromkeys(text for text in evidence if text))
    return f": {listed}" if listed else ""


def _methods(claim: Claim, of: Checked) -> tuple[MethodLine, ...]:
    """What the methods that speak to an alleged mechanism measured; of no election, nothing."""
    if claim.election.id is None or not claim.mechanisms:
        return ()
    names = [m.name for m in claim.mechanisms]
    wanted = {name for one in names for name in mechanisms_of(one)}
    found = of.findings.get(claim.election.id)
    if found is None:
        return tuple(MethodLine(m.id, title(m.id), m.question) for m in methods_for(names))
    speaking = [f for f in found if wanted & set(f.mechanisms)]
    return tuple(MethodLine(f.method, title(f.method), f.summary, f.applicable) for f in speaking)
