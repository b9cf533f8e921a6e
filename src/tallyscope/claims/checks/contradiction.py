"""Contradictions inside a document: what cannot all be meant as it stands. They are flagged, and never repaired.

Three kinds, each with the passages that cannot stand together:

size      a share is called small where the same speaker expected less than what he says it was, or calls it large
          (and the reverse): a slip of the paper or of a translation, and only the original could tell
sum       shares of one count that exceed 100 per cent together by more than their rounding
figures   one speaker gives one choice two shares of one count that do not round to each other
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.claim import Claim, Document, Figure

__all__ = ["Contradiction", "contradictions"]

_SHARE_WORDS = re.compile(
    r"\b(?:percent\w*|per cent|share|results?|votes?|процент\w*|дол\w+|результат\w*|голос\w*)\b", re.I
)
_SMALL = re.compile(
    r"\b(?:small(?:er)?|low(?:er)?|little|few(?:er)?|modest|weak(?:er)?|poor(?:er)?|disappointing"
    r"|мал\w*|небольш\w*|низк\w*|мало|скромн\w*|слаб\w*|невысок\w*)\b",
    re.I,
)
_LARGE = re.compile(
    r"\b(?:large(?:r)?|high(?:er)?|a lot|much|big(?:ger)?|great(?:er)?|strong(?:er)?|huge|good result"
    r"|больш\w*|высок\w*|много|немало|сильн\w*|хорош\w* результат\w*)\b",
    re.I,
)


@dataclass(frozen=True)
class Contradiction:
    """`claim` cannot stand beside `others` (ids). `text`: one sentence for the reader."""

    kind: str
    claim: str
    others: tuple[str, ...]
    text: str


def contradictions(document: Document) -> tuple[Contradiction, ...]:
    """Every contradiction found, in the order of the claims that carry them."""
    found = [*_sizes(document), *_sums(document), *_figures(document)]
    order = {claim.id: i for i, claim in enumerate(document.claims)}
    return tuple(sorted(found, key=lambda c: order[c.claim]))


def _sizes(document: Document) -> Iterator[Contradiction]:
    for claim in document.claims:
        words = claim.said
        small, large = bool(_SMALL.search(words)), bool(_LARGE.search(words))
        if claim.figures or small == large or not _SHARE_WORDS.search(words):
            continue
        against = [c for c in _same_subject(document, claim) if _opposite(document, claim, c, small)]
        if against:
            size, quoted = "small" if small else "large", "; ".join(f"“{_bare(c)}”" for c in against)
            text = (
                f"The share is called {size} here, while the same speaker is quoted so: {quoted}. Both cannot be "
                "meant; the text is left as it stands."
            )
            yield Contradiction("size", claim.id, tuple(c.id for c in against), text)


def _bare(claim: Claim) -> str:
    """Its words without quotation marks of their own."""
    return claim.said.strip(' "“”«»')


def _same_subject(document: Document, claim: Claim) -> Iterator[Claim]:
    for other in document.claims:
        same = other.speaker.key == claim.speaker.key and other.election.id == claim.election.id
        if other.id != claim.id and same and claim.election.id is not None:
            yield other


def _opposite(document: Document, claim: Claim, other: Claim, small: bool) -> bool:
    """Whether `other` says that the share was larger (`small`) or smaller than expected, or calls it so."""
    words = other.said
    if other.figures and other.type != "forecast":
        return bool((_LARGE if small else _SMALL).search(words))
    for figure in other.figures:
        told = [f for c in _same_subject(document, claim) if c.type == "result" for f in c.figures]
        said = [f.value for f in told if f.value is not None and _one_choice(f, figure)]
        low, high = _ends(figure)
        if any(v > high if small else v < low for v in said):
            return True
    return False


def _one_choice(a: Figure, b: Figure) -> bool:
    return a.choice == b.choice or None in (a.choice, b.choice)


def _ends(figure: Figure) -> tuple[float, float]:
    if figure.value is not None:
        return figure.value, figure.value
    return figure.minimum or 0.0, figure.maximum or 100.0


def _sums(document: Document) -> Iterator[Contradiction]:
    for claim in document.claims:
        shares = _shares(claim)
        total = sum((p.value for p in shares.values()), Fraction(0))
        slack = sum((p.half for p in shares.values()), Fraction(0))
        if len(shares) > 1 and claim.type == "result" and total - slack > 100:
            text = f"The shares of {len(shares)} choices are {float(total):g} % together: more than everybody."
            yield Contradiction("sum", claim.id, (), text)


def _shares(claim: Claim) -> Mapping[str, Printed]:
    """Shares of different choices of one count, as printed."""
    return {
        f.choice or f.candidate or "": Printed.of(f.printed)
        for f in claim.figures
        if f.metric == "vote_share" and f.unit == "percent" and f.comparator == "=" and f.value is not None
    }


def _figures(document: Document) -> Iterator[Contradiction]:
    counts: dict[tuple[object, ...], list[Claim]] = {}
    for claim in document.claims:
        if claim.type == "result" and claim.progress is not None and claim.election.id is not None:
            key = (claim.speaker.key, claim.election.id, claim.progress.printed)
            counts.setdefault(key, []).append(claim)
    for claims in counts.values():
        yield from _differing(claims)


def _differing(claims: Sequence[Claim]) -> Iterator[Contradiction]:
    for first, second in combinations(claims, 2):
        one, two = _shares(first), _shares(second)
        for choice in one.keys() & two.keys():
            a, b = one[choice], two[choice]
            if a.high < b.low or b.high < a.low:
                text = f"{choice} has {a} % here and {b} % elsewhere, of one count, by one speaker."
                yield Contradiction("figures", second.id, (first.id,), text)
