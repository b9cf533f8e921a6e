"""Claims as linked data: schema.org ClaimReview and Quotation, W3C Web Annotation selectors for their places.

A review carries the verdict in words and no number: there is no scale on which "possible, but not in random order"
lies between true and false. What is not checkable is quoted, and not reviewed.

https://schema.org/ClaimReview, https://schema.org/Quotation, https://www.w3.org/TR/annotation-model/#selectors
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallyscope.claims.checks.verdict import Check
from tallyscope.claims.claim import Claim, Document, Span, Speaker

__all__ = ["annotation", "quotation", "review"]

#: Characters before and after a passage by which it is found again in an edited text.
_AROUND = 32


def quotation(claim: Claim, document: Document) -> dict[str, Any]:
    """schema.org Quotation: who is said to have said it, when, where."""
    said = claim.statement_date.value
    return {
        "@context": "https://schema.org",
        "@type": "Quotation",
        "@id": f"#{claim.id}",
        "text": claim.said,
        "creator": _who(claim.speaker),
        **({"dateCreated": said.isoformat()} if said is not None else {}),
        "isPartOf": _article(document),
    }


def review(claim: Claim, document: Document, check: Check) -> dict[str, Any] | None:
    """schema.org ClaimReview; None for a claim that no count can confirm or refute."""
    if check.verdict == "not-checkable":
        return None
    said = claim.statement_date.value
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "@id": f"#{claim.id}-review",
        "claimReviewed": claim.said,
        "itemReviewed": {
            "@type": "Claim",
            "author": _who(claim.speaker),
            **({"datePublished": said.isoformat()} if said is not None else {}),
            "appearance": _article(document),
            "firstAppearance": {"@id": f"#{claim.id}"},
        },
        "author": {"@type": "SoftwareApplication", "name": "Tallyscope"},
        "reviewRating": {"@type": "Rating", "alternateName": check.words, "ratingExplanation": check.text},
    }


def annotation(claim: Claim, document: Document) -> dict[str, Any]:
    """A W3C Web Annotation: each passage by its position and by its words, either of which finds it."""
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"#{claim.id}-annotation",
        "type": "Annotation",
        "motivation": "identifying",
        "body": f"#{claim.id}",
        "target": [_target(span, document) for span in claim.content],
    }


def _target(span: Span, document: Document) -> dict[str, Any]:
    text = document.text
    position: Mapping[str, Any] = {"type": "TextPositionSelector", "start": span.start, "end": span.end}
    words: Mapping[str, Any] = {
        "type": "TextQuoteSelector",
        "exact": span.of(text),
        "prefix": text[max(0, span.start - _AROUND) : span.start],
        "suffix": text[span.end : span.end + _AROUND],
    }
    return {"source": document.name, "selector": [position, words]}


def _who(speaker: Speaker) -> dict[str, Any]:
    return {"@type": "Thing", "name": speaker.name, **({"identifier": speaker.id} if speaker.id else {})}


def _article(document: Document) -> dict[str, Any]:
    published = document.date.value
    return {
        "@type": "Article",
        "name": document.name,
        "inLanguage": document.language,
        **({"publisher": {"@type": "Organization", "name": document.outlet}} if document.outlet else {}),
        **({"datePublished": published.isoformat()} if published is not None else {}),
    }
