"""What a claim is: who said what, in which words, when, about which election, with which figures.

Every offset points into the text of the Document, end exclusive, so that whatever is said of a claim can be marked
in the article. What was resolved (a speaker, a date, an election, a denominator) carries its evidence, and what was
rejected with why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from tallyscope.returns.problems import Problem

if TYPE_CHECKING:
    from tallyscope.claims.checks.verdict import Check
    from tallyscope.returns.table import Returns

__all__ = [
    "FORMS",
    "TYPES",
    "Attribution",
    "Claim",
    "Comparator",
    "Dating",
    "Document",
    "ElectionLink",
    "Evidence",
    "Figure",
    "Flag",
    "Form",
    "Mechanism",
    "Metric",
    "Of",
    "Progress",
    "Rejected",
    "Span",
    "Speaker",
    "Type",
    "Unit",
]

Type = Literal["result", "forecast", "legitimacy_assessment", "fraud_mechanism", "country_comparison", "other"]
Form = Literal["direct", "indirect", "mixed", "headline"]
#: "range": from `minimum` to `maximum`; "~": about.
Comparator = Literal["=", ">", ">=", "<", "<=", "~", "range"]
Metric = Literal["vote_share", "expected_vote_share", "turnout", "votes", "invalid_share", "margin", "other"]
Unit = Literal["percent", "points", "votes", "people", "times"]
#: What a figure is a share of: ballots found in boxes, valid votes, registered voters, protocols, stations.
Of = Literal["cast", "valid", "registered", "protocols", "stations", "ballots", "ambiguous"]

TYPES: tuple[Type, ...] = (
    "result",
    "forecast",
    "legitimacy_assessment",
    "fraud_mechanism",
    "country_comparison",
    "other",
)
FORMS: tuple[Form, ...] = ("direct", "indirect", "mixed", "headline")


@dataclass(frozen=True, order=True)
class Span:
    """A passage: `start` to `end` (exclusive), in characters of the document's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words of the passage."""
        return text[self.start : self.end]

    def covers(self, other: Span) -> bool:
        """True if `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class Evidence:
    """Why something was resolved as it was. `span`: the words it rests on, where it rests on words."""

    text: str
    span: Span | None = None


@dataclass(frozen=True)
class Rejected:
    """Another answer, in its own words (a date, an id), and why it was not given."""

    value: str
    why: str
    span: Span | None = None


@dataclass(frozen=True)
class Figure:
    """A number that carries the claim. `value`, or `minimum` and `maximum` of a range, in `unit`.

    `candidate`: as written; `choice`: its id in the election that the claim is linked to. `decimals`: as printed.
    `of_as_written`: the denominator's words; `of_resolved`: what they mean, `of_reason` why. `of_year`: of another
    election than the claim's ("against 63.6 % in 2012"); `election`: its id, None where the registry has none.
    """

    span: Span
    metric: Metric = "other"
    value: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    comparator: Comparator = "="
    decimals: int = 0
    unit: Unit = "percent"
    candidate: str | None = None
    choice: str | None = None
    of_as_written: str | None = None
    of_resolved: Of | None = None
    of_reason: str = ""
    of_year: int | None = None
    election: str | None = None

    @property
    def printed(self) -> str:
        """The value (of a range its minimum) with the decimals that were printed, for exact arithmetic."""
        shown = self.value if self.value is not None else self.minimum
        return "" if shown is None else f"{shown:.{self.decimals}f}"


@dataclass(frozen=True)
class Progress:
    """How much was counted when it was said: `value` per cent of `of_resolved`."""

    span: Span
    value: float
    decimals: int
    of_as_written: str | None
    of_resolved: Of
    reason: str
    comparator: Comparator = "="

    @property
    def printed(self) -> str:
        """The value with the decimals that were printed."""
        return f"{self.value:.{self.decimals}f}"


@dataclass(frozen=True)
class Speaker:
    """Who is said to have said it. `id`: of the registry, None for somebody it does not have.

    `mention`: the words that name or point to the speaker ("the official", "he", "Moscow"); None where none do.
    """

    id: str | None
    name: str
    mention: Span | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        """The id, or the name where the registry has none."""
        return self.id or self.name


@dataclass(frozen=True)
class Attribution:
    """One outer step of a chain: `speaker` reports the claim in words of `form`, within claim `claim`."""

    speaker: Speaker
    form: Form
    claim: str | None = None


@dataclass(frozen=True)
class Dating:
    """When something was said. `derived`: not written out, but concluded. `value`: None where nothing tells."""

    value: date | None
    evidence: tuple[Evidence, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    derived: bool = True


@dataclass(frozen=True)
class ElectionLink:
    """The election that a claim is about; `id`: None for "not about any election (of the registry)".

    `context`: the election that occasioned the statement, though it is not its subject. `country`: ISO code of the
    country spoken of.
    """

    id: str | None
    evidence: tuple[Evidence, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    context: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Mechanism:
    """A kind of manipulation that is alleged. `name`: as in the registry of mechanisms."""

    name: str
    span: Span


@dataclass(frozen=True)
class Flag:
    """What a reader has to know before believing the claim. `kind`: "contradiction", "insertion", "over-100" ..."""

    kind: str
    text: str
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """One claim. `content`: what is claimed; a direct quotation with its marks, unless it was split by subject.

    `quotation`: the whole quotation that `content` is in or is; `direct_part`: quoted words of a mixed claim.
    `nested_in`, `same_as`: ids of claims of the same document. `chain`: outermost speaker first.
    """

    id: str
    content: tuple[Span, ...]
    form: Form
    type: Type
    speaker: Speaker
    cue: tuple[Span, ...] = ()
    chain: tuple[Attribution, ...] = ()
    outlet: str | None = None
    statement_date: Dating = field(default_factory=lambda: Dating(None))
    election: ElectionLink = field(default_factory=lambda: ElectionLink(None))
    figures: tuple[Figure, ...] = ()
    progress: Progress | None = None
    quotation: Span | None = None
    direct_part: Span | None = None
    mechanisms: tuple[Mechanism, ...] = ()
    flags: tuple[Flag, ...] = ()
    nested_in: str | None = None
    same_as: str | None = None
    #: Its words as they are read (of HTML without markup); set by the document that it stands in.
    said: str = ""

    @property
    def start(self) -> int:
        """Where its content begins."""
        return self.content[0].start

    @property
    def end(self) -> int:
        """Where its content ends."""
        return self.content[-1].end

    def words(self, text: str) -> str:
        """The content, in the words of the document's `text`."""
        return " … ".join(span.of(text) for span in self.content)

    def check(self, returns: Returns | None = None, document: Document | None = None) -> Check:
        """The verdict on this claim: `tallyscope.claims.check.check_claim` as a method, for notebooks."""
        from tallyscope.claims.check import check_claim

        return check_claim(self, returns, document)


@dataclass(frozen=True)
class Document:
    """An article that was read. `text`: what every offset points into (for HTML its source).

    `outlet`: id of the registry, or the name. `problems`: what the reader could not do, for the user.
    """

    name: str
    text: str
    language: str
    claims: tuple[Claim, ...]
    outlet: str | None = None
    headline: Span | None = None
    date: Dating = field(default_factory=lambda: Dating(None))
    elections: tuple[ElectionLink, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        """Every claim carries its words, so that it can be checked and quoted on its own."""
        told = tuple(c if c.said else replace(c, said=c.words(self.text)) for c in self.claims)
        object.__setattr__(self, "claims", told)

    def check(self, *returns: Returns) -> dict[str, Check]:
        """Claim id -> verdict: `tallyscope.claims.check.check_document` as a method, for notebooks."""
        from tallyscope.claims.check import check_document

        return check_document(self, returns)

    def claim(self, id: str) -> Claim:
        """The claim of this id. Raises KeyError."""
        for claim in self.claims:
            if claim.id == id:
                return claim
        raise KeyError(id)
