"""How well claims were read: content by overlap of characters, then each field of what matched.

The rules of the shared grade.py, to whose print the test of this file holds it; besides, which claims each score is
of, so that a test can ask for results and forecasts alone, and native names of speakers. Missing fields are wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["FIELDS", "Graded", "Match", "graded"]

FIELDS = ("speaker", "form", "type", "election", "date", "figures", "progress")
_OVERLAP = 0.5


@dataclass(frozen=True)
class Match:
    """A gold claim and the predicted one that matched it; `right`: field -> right or wrong, where it was asked."""

    gold: Mapping[str, Any]
    predicted: Mapping[str, Any]
    right: Mapping[str, bool]


@dataclass(frozen=True)
class Graded:
    """Of `gold` claims, `matched` ones were found among `predicted`; `missed` and `extra` are the others."""

    gold: int
    predicted: int
    matched: tuple[Match, ...]
    missed: tuple[Mapping[str, Any], ...]
    extra: tuple[Mapping[str, Any], ...]

    @property
    def precision(self) -> float:
        """Matched of predicted."""
        return len(self.matched) / max(1, self.predicted)

    @property
    def recall(self) -> float:
        """Matched of gold."""
        return len(self.matched) / max(1, self.gold)

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    def field(self, name: str, types: Iterable[str] = ()) -> tuple[int, int]:
        """How often a field was right, of how often it was asked; `types`: of these types of gold claims only."""
        wanted = set(types)
        asked = [
            m.right[name] for m in self.matched if name in m.right and (not wanted or m.gold["type"] in wanted)
        ]
        return sum(asked), len(asked)

    def wrong(self, name: str) -> list[tuple[str, Any]]:
        """Where a field was wrong: the gold claim's id, and what was predicted instead."""
        key = {"date": "statement_date"}.get(name, name)
        return [(m.gold["id"], m.predicted.get(key)) for m in self.matched if not m.right.get(name, True)]


def graded(gold: Mapping[str, Any], prediction: Mapping[str, Any]) -> Graded:
    """Grades a prediction of the shape that `tallyscope claims --format simple` writes."""
    found = {d["doc_id"]: d["claims"] for d in prediction["documents"]}
    names = {
        id: {str(n).lower() for n in (id, s["name"], s.get("name_native", id))}
        for id, s in gold["speakers"].items()
    }
    matched: list[Match] = []
    missed: list[Mapping[str, Any]] = []
    extra: list[Mapping[str, Any]] = []
    for document in gold["documents"]:
        told, said = document["claims"], found.get(document["doc_id"], [])
        pairs = _pairs(told, said)
        matched += [Match(told[i], said[j], _right(told[i], said[j], names)) for i, j in pairs]
        missed += [c for i, c in enumerate(told) if i not in {i for i, _ in pairs}]
        extra += [c for j, c in enumerate(said) if j not in {j for _, j in pairs}]
    return Graded(
        len(matched) + len(missed), len(matched) + len(extra), tuple(matched), tuple(missed), tuple(extra)
    )


def _pairs(told: list[Mapping[str, Any]], said: list[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """One to one, the largest intersection over union first."""
    gold, predicted = ([_characters(c["content"]) for c in claims] for claims in (told, said))
    overlaps = sorted(
        ((len(a & b) / max(1, len(a | b)), i, j) for i, a in enumerate(gold) for j, b in enumerate(predicted)),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    for overlap, i, j in overlaps:
        if overlap >= _OVERLAP and all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def _characters(spans: Iterable[Mapping[str, int]] | None) -> set[int]:
    return {n for s in spans or () for n in range(s["start"], s["end"])}


def _right(gold: Mapping[str, Any], said: Mapping[str, Any], names: Mapping[str, set[str]]) -> dict[str, bool]:
    right = {
        "speaker": str(said.get("speaker")).lower() in names[gold["speaker"]],
        "form": said.get("form") == gold["form"],
        "type": said.get("type") == gold["type"],
        "election": "election" in said and said["election"] == gold["election"],
        "date": (said.get("statement_date") or {}).get("value") == gold["statement_date"]["value"],
    }
    if gold["figures"] or said.get("figures"):
        right["figures"] = _values(gold) == _values(said)
    if gold["progress"] or said.get("progress"):
        right["progress"] = _progress(gold) == _progress(said)
    return right


def _values(claim: Mapping[str, Any]) -> list[tuple[float, ...]]:
    keys = ("value", "value_min", "value_max")
    return sorted(tuple(f[k] for k in keys if f.get(k) is not None) for f in claim.get("figures") or ())


def _progress(claim: Mapping[str, Any]) -> tuple[Any, str]:
    progress = claim.get("progress") or {}
    return progress.get("value"), str(progress.get("of_resolved", "")).split(" ")[0]
