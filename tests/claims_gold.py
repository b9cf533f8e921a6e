"""Gold standards of written texts, from quoted snippets: `texts/*/NNN.toml` -> the format of the shared gold.json.

A snippet must stand in its text once; where the words alone stand there more often, ⟦ and ⟧ mark them inside of a
longer snippet that does not. So spans cannot be off by one, and nobody counts characters.

    python tests/claims_gold.py tests/claims/texts/dev > gold.json
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tallyscope.election.load import load_election

__all__ = ["TEXTS", "gold_of"]

TEXTS = Path(__file__).parent / "claims" / "texts"

_FORMS = ("direct", "indirect", "mixed", "headline")
_TYPES = ("result", "forecast", "legitimacy_assessment", "fraud_mechanism", "country_comparison", "other")
_FIGURE = {"comparator": "=", "metric": "vote_share", "unit": "percent", "candidate": None, "area": None}


@cache
def gold_of(folder: Path) -> dict[str, Any]:
    """Every text of a folder with its claims. Raises ValueError for a snippet that is not in its text once."""
    documents = [_document(path) for path in sorted(folder.glob("[0-9]*.toml"))]
    told = tomllib.loads((folder / "speakers.toml").read_text(encoding="utf-8"))
    speakers = {id: {"name": s["name"], "name_native": s.get("native", s["name"])} for id, s in told.items()}
    claims = [c for d in documents for c in d["claims"]]
    named = {c["speaker"] for c in claims} | {a["speaker"] for c in claims for a in c["attribution_chain"]}
    for id in sorted(named - set(speakers)):
        if not id.startswith("@"):
            raise ValueError(f"{folder.name}: {id} is nobody of speakers.toml")
        speakers[id] = {"name": id, "name_native": id}
    elections = {d["election"] for d in documents} - {None}
    return {
        "schema_version": "1.0",
        "offsets": "Python str indices into the UTF-8-decoded file, end exclusive",
        "types": list(_TYPES),
        "elections": {id: _election(id) for id in sorted(elections)},
        "speakers": speakers,
        "documents": documents,
    }


def _election(id: str) -> dict[str, Any]:
    election = load_election(id)
    return {
        "country": election.country,
        "voting_days": [d.isoformat() for d in election.voting_days],
        "candidates": [c.name for c in election.choices],
    }


def _document(path: Path) -> dict[str, Any]:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    data = (path.parent / told["file"]).read_bytes()
    text, id = data.decode(), told["file"].split("_")[0]
    return {
        "doc_id": id,
        "file": told["file"],
        "sha256": hashlib.sha256(data).hexdigest(),
        "language": told["language"],
        "document_date": {"value": told["date"]},
        "election": told.get("election"),
        "traps": told["traps"],
        "claims": [_claim(text, f"{id}-C{n:02}", c) for n, c in enumerate(told["claims"], 1)],
    }


def _claim(text: str, id: str, told: dict[str, Any]) -> dict[str, Any]:
    if told["form"] not in _FORMS or told["type"] not in _TYPES:
        raise ValueError(f"{id}: {told['form']} or {told['type']} is no form or type")
    snippets = [told["content"]] if isinstance(told["content"], str) else told["content"]
    content = [_span(text, s) for s in snippets]
    return {
        "id": id,
        "type": told["type"],
        "form": told["form"],
        "content": content,
        "speaker": told["speaker"],
        "speaker_mention": _span(text, told["mention"]) if told.get("mention") else None,
        "cue": [_span(text, c) for c in told.get("cue", ())],
        "attribution_chain": [{"speaker": s} for s in told.get("chain", ())],
        "statement_date": {"value": told["date"], "precision": "day"},
        "election": told.get("election"),
        "figures": [_figure(text, content, f) for f in told.get("figures", ())],
        "progress": _progress(text, content, told["progress"]) if told.get("progress") else None,
        "check": {"verdict": told["verdict"]} if told.get("verdict") else None,
    }


def _figure(text: str, content: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
    value = {"value": told["value"]} if "value" in told else {"value_min": told["low"], "value_max": told["high"]}
    span = _within(text, content, told["text"])
    comparator = {} if "value" in told else {"comparator": "range"}
    rest = {k: told.get(k, default) for k, default in _FIGURE.items()}
    return {"span": span, **value, **rest, **comparator, "of_as_written": told.get("of")}


def _progress(text: str, content: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
    span = _within(text, content, told["text"])
    return {"span": span, "value": told["value"], "of_as_written": told["written"], "of_resolved": told["of"]}


def _within(text: str, content: list[dict[str, Any]], words: str) -> dict[str, Any]:
    """The first time that the words stand in the claim."""
    for part in content:
        start = text.find(words, part["start"], part["end"])
        if start >= 0:
            return _spanned(text, start, start + len(words))
    raise ValueError(f"{words!r} is not in the claim {content[0]['text']!r}")


def _span(text: str, snippet: str) -> dict[str, Any]:
    whole = snippet.replace("⟦", "").replace("⟧", "")
    if text.count(whole) != 1:
        raise ValueError(f"{whole!r} stands in the text {text.count(whole)} times")
    start = text.index(whole)
    if "⟦" in snippet:
        before, marked, _ = (len(p) for p in snippet.replace("⟧", "⟦").split("⟦"))
        return _spanned(text, start + before, start + before + marked)
    return _spanned(text, start, start + len(whole.rstrip("\n")))


def _spanned(text: str, start: int, end: int) -> dict[str, Any]:
    return {"start": start, "end": end, "text": text[start:end]}


if __name__ == "__main__":
    json.dump(gold_of(Path(sys.argv[1])), sys.stdout, ensure_ascii=False, indent=1)
