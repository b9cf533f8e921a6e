"""findings.json: what the methods answered, as plain JSON for programs; its schema is `findings.schema.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from tallyscope.forensics.finding import Finding, Place
from tallyscope.returns.table import Returns

if TYPE_CHECKING:
    from tallyscope.report.examination import Examination

__all__ = ["findings_document", "findings_text", "plain"]


def findings_text(examination: Examination) -> str:
    """The document as JSON text: UTF-8, the same bytes for the same examination, without NaN or Infinity."""
    return json.dumps(findings_document(examination), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def findings_document(examination: Examination) -> dict[str, Any]:
    """The document as plain values."""
    return {
        "election": _election(examination.returns),
        "input": [{"name": s.name, "sha256": s.sha256} for s in examination.returns.sources],
        "version": examination.version,
        "findings": [_finding(f) for f in examination.findings],
    }


def _election(returns: Returns) -> dict[str, Any]:
    election = returns.election
    return {
        "id": election.id,
        "title": election.title,
        "country": election.country,
        "voting_days": [d.isoformat() for d in election.voting_days],
        "denominator": election.form.denominator,
    }


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "method": f.method,
        "mechanisms": list(f.mechanisms),
        "question": f.question,
        "summary": f.summary,
        "applicable": f.applicable,
        "conditions": [asdict(c) for c in f.conditions],
        "estimate": plain(asdict(f.estimate)) if f.estimate is not None else None,
        "p_value": plain(f.p_value),
        "q_value": plain(f.q_value),
        "posterior": plain(f.posterior),
        "error_rates": _error_rates(f),
        "details": plain(f.details),
        "where": [_place(p) for p in f.where],
        "alternatives": list(f.alternatives),
        "source": f.source,
    }


def _error_rates(f: Finding) -> dict[str, Any] | None:
    """As measured; the power over the mechanisms that the method speaks to (the others would fill the file)."""
    if f.error_rates is None:
        return None
    return {
        "alarms": [asdict(a) for a in f.error_rates.alarms],
        "power": [asdict(p) for p in f.error_rates.power if p.mechanism in f.mechanisms],
        "provenance": f.error_rates.provenance,
    }


def _place(p: Place) -> dict[str, Any]:
    return {
        "level": p.level,
        "unit": list(p.unit),
        "value": plain(p.value),
        "unit_of_value": p.unit_of_value,
        "p_value": plain(p.p_value),
        "q_value": plain(p.q_value),
        "details": plain(p.details),
    }


def plain(value: Any) -> Any:
    """Anything a finding may carry as plain JSON: NumPy numbers are numbers, what is not a number is null."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, (Sequence, set, frozenset)):
        return [plain(v) for v in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    raise TypeError(f"a finding carries a {type(value).__name__}, which JSON does not know")
