"""Gold standards as Documents: what a perfect reader would hand to the checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tallyscope.claims.checks.subject import choice_named
from tallyscope.claims.claim import (
    Attribution,
    Claim,
    Dating,
    Document,
    ElectionLink,
    Figure,
    Mechanism,
    Progress,
    Span,
    Speaker,
)
from tallyscope.election.load import load_election

__all__ = ["document_of"]


def document_of(gold: Mapping[str, Any], doc_id: str, folder: Path) -> Document:
    """The document of this id; `folder`: where its text is."""
    told = next(d for d in gold["documents"] if d["doc_id"] == doc_id)
    return Document(
        name=told["file"],
        text=(folder / told["file"]).read_text(encoding="utf-8"),
        language=told["language"],
        claims=tuple(_claim(c, gold["speakers"]) for c in told["claims"]),
        date=_dating(told["document_date"]),
    )


def _claim(told: Mapping[str, Any], speakers: Mapping[str, Any]) -> Claim:
    def speaker(id: str, mention: Any = None) -> Speaker:
        return Speaker(id, speakers[id]["name"], _span(mention))

    election = told["election"]
    link = ElectionLink(election, context=told.get("context_election"), country=told.get("country"))
    return Claim(
        id=told["id"],
        content=tuple(Span(s["start"], s["end"]) for s in told["content"]),
        form=told["form"],
        type=told["type"],
        speaker=speaker(told["speaker"], told["speaker_mention"]),
        cue=tuple(Span(s["start"], s["end"]) for s in told["cue"]),
        chain=tuple(Attribution(speaker(a["speaker"]), a.get("form", "direct")) for a in told["attribution_chain"]),
        statement_date=_dating(told["statement_date"]),
        election=link,
        figures=tuple(_figure(f, election) for f in told["figures"]),
        progress=_progress(told["progress"]),
        mechanisms=tuple(Mechanism(m["name"], _known(m["span"])) for m in told.get("mechanisms", ())),
        same_as=told.get("same_as"),
    )


def _dating(told: Mapping[str, Any]) -> Dating:
    return Dating(date.fromisoformat(told["value"]))


def _span(told: Mapping[str, Any] | None) -> Span | None:
    return Span(told["start"], told["end"]) if told else None


def _known(told: Mapping[str, Any]) -> Span:
    return Span(told["start"], told["end"])


def _figure(told: Mapping[str, Any], election: str | None) -> Figure:
    candidate = told.get("candidate")
    choice = None
    if candidate and election:
        choices = load_election(election).choices
        same = next((c for c in choices if c.name == candidate), None)
        choice = same or choice_named(candidate, load_election(election))
    value = told.get("value", told.get("value_max"))
    digits = re.search(r"[.,](\d+)", told["span"]["text"])
    return Figure(
        span=_known(told["span"]),
        metric=told["metric"],
        value=told.get("value"),
        minimum=told.get("value_min"),
        maximum=told.get("value_max"),
        comparator=told["comparator"],
        decimals=told.get("decimals", len(digits[1]) if digits and value is not None else 0),
        candidate=candidate,
        choice=choice.id if choice is not None else None,
        of_as_written=told.get("of_as_written"),
    )


def _progress(told: Mapping[str, Any] | None) -> Progress | None:
    if told is None:
        return None
    digits = re.search(r"[.,](\d+)", told["span"]["text"])
    decimals = told.get("decimals", len(digits[1]) if digits else 0)
    of = "ballots" if told["of_resolved"].startswith("ballots") else "protocols"
    return Progress(_known(told["span"]), told["value"], decimals, told["of_as_written"], of, "")
