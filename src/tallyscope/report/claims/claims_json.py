"""claims.json: what was read, how it was checked, and the same as linked data; for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tallyscope.claims.document_json import document_to_json
from tallyscope.claims.export.linked import annotation, quotation, review
from tallyscope.report.claims.checked import Checked
from tallyscope.report.findings_json import plain
from tallyscope.version import __version__

if TYPE_CHECKING:
    from tallyscope.claims.checks.verdict import Check
    from tallyscope.returns.table import Returns

__all__ = ["claims_document", "claims_text"]


def claims_text(articles: Sequence[Checked]) -> str:
    """The document as JSON text: UTF-8, without NaN or Infinity."""
    return json.dumps(claims_document(articles), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def claims_document(articles: Sequence[Checked]) -> dict[str, Any]:
    """The document as plain values."""
    return {"version": __version__, "documents": [_article(of) for of in articles]}


def _article(of: Checked) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(document_to_json(of.document))
    for claim in read["claims"]:
        claim["check"] = _check(of.checks[claim["id"]], of.returns.get(claim["election"]["id"] or ""))
        remainder = of.remainders.get(claim["id"])
        if remainder is not None:
            claim["check"]["outstanding"] = {
                "ballots": list(remainder.ballots),
                "shares": {c: list(ends) for c, ends in remainder.shares.items()},
                "places": remainder.places.to_dicts() if remainder.places is not None else None,
            }
    claims = of.document.claims
    reviews = [review(c, of.document, of.checks[c.id]) for c in claims]
    linked = {
        "quotations": [quotation(c, of.document) for c in claims],
        "reviews": [r for r in reviews if r is not None],
        "annotations": [annotation(c, of.document) for c in claims],
    }
    findings = {
        id: [{"method": f.method, "summary": f.summary, "applicable": f.applicable} for f in found]
        for id, found in of.findings.items()
    }
    return {**read, "returns": [_returns(r) for r in of.returns.values()], "findings": findings, **linked}


def _check(check: Check, returns: Returns | None) -> dict[str, Any]:
    details = plain(check.details)
    for reading in details.get("readings", ()):
        # Readings of a preliminary count; a witness is told by the names of its stations too.
        found = details["readings"][reading] if isinstance(details["readings"], dict) else None
        if found and found.get("witness") and returns is not None:
            found["witness_stations"] = returns.station_names().gather(found["witness"]).to_list()
    return {
        "verdict": check.words,
        "text": check.text,
        "denominator": check.denominator or None,
        "progress": check.progress or None,
        "arithmetic": list(check.arithmetic),
        "details": details,
    }


def _returns(returns: Returns) -> dict[str, Any]:
    sources = [{"name": s.name, "sha256": s.sha256} for s in returns.sources]
    return {"election": returns.election.id, "protocols": len(returns), "sources": sources}
