"""The short form of claims: what a grader needs, a document one object.

`doc_id` is the file's name up to its first underscore (or its suffix); a speaker is the registry's id, or the name
where the registry has none; a denominator is its first word ("protocols").
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from tallyscope.claims.claim import Claim, Document, Figure, Span

__all__ = ["doc_id", "simple"]


def simple(documents: Iterable[Document]) -> dict[str, Any]:
    """`{"documents": [{"doc_id", "claims"}]}`, JSON-ready."""
    return {"documents": [{"doc_id": doc_id(d.name), "claims": [_claim(c) for c in d.claims]} for d in documents]}


def doc_id(name: str) -> str:
    """`000_b31cd.txt` -> 000."""
    return PurePath(name).name.split("_")[0].split(".")[0]


def _claim(claim: Claim) -> dict[str, Any]:
    said = claim.statement_date.value
    progress = claim.progress
    return {
        "id": claim.id,
        "content": [_span(s) for s in claim.content],
        "speaker": claim.speaker.key,
        "form": claim.form,
        "type": claim.type,
        "election": claim.election.id,
        "statement_date": {"value": said.isoformat() if said is not None else None},
        "cue": [_span(s) for s in claim.cue],
        "figures": [_figure(f) for f in claim.figures],
        "progress": None
        if progress is None
        else {"value": progress.value, "of_resolved": str(progress.of_resolved).split(" ")[0]},
    }


def _span(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}


def _figure(figure: Figure) -> dict[str, Any]:
    if figure.value is not None:
        ends = {"value": figure.value}
    else:
        ends = {k: v for k, v in (("value_min", figure.minimum), ("value_max", figure.maximum)) if v is not None}
    return {**ends, "metric": figure.metric, "candidate": figure.candidate, "comparator": figure.comparator}
