"""The written texts and their gold standards: spans that say what they are, and a grader like grade.py."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from claims_gold import TEXTS, gold_of
from claims_grading import FIELDS, graded
from tallyscope.election.load import election_ids

FOLDERS = [f for f in sorted(TEXTS.iterdir()) if (f / "speakers.toml").exists()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_every_span_holds_the_words_it_says_and_every_figure_is_in_its_claim(folder: Path) -> None:
    gold = gold_of(folder)
    for document in gold["documents"]:
        text = (folder / document["file"]).read_text(encoding="utf-8")
        for claim in document["claims"]:
            spans = [*claim["content"], *claim["cue"], claim["speaker_mention"]]
            spans += [f["span"] for f in claim["figures"]]
            for span in filter(None, spans):
                assert text[span["start"] : span["end"]] == span["text"] != ""
            assert claim["election"] in (None, *election_ids())
            assert claim["speaker"] in gold["speakers"]
        assert len({c["id"] for c in document["claims"]}) == len(document["claims"])


def test_a_snippet_that_is_not_in_the_text_once_is_refused(tmp_path: Path) -> None:
    (tmp_path / "speakers.toml").write_text('[x]\nname = "X"\n')
    (tmp_path / "900_a.txt").write_text("He said so. He said so.")
    told = 'file="900_a.txt"\nlanguage="en"\ndate="2012-03-05"\ntraps=[]\n[[claims]]\ntype="other"\nform="direct"\n'
    (tmp_path / "900.toml").write_text(told + 'content="said so"\nspeaker="x"\ndate="2012-03-05"\n')
    with pytest.raises(ValueError, match="stands in the text 2 times"):
        gold_of(tmp_path)


def test_the_gold_standard_grades_itself_as_perfect_and_nothing_as_nothing() -> None:
    gold = gold_of(TEXTS / "dev")
    best = graded(gold, gold)
    assert (best.f1, best.precision) == (1.0, 1.0)
    assert all(best.field(name)[0] == best.field(name)[1] > 0 for name in FIELDS)
    nothing = graded(gold, {"documents": []})
    assert (nothing.recall, len(nothing.missed)) == (0.0, nothing.gold)


def _damaged(gold: dict[str, Any], seed: int) -> dict[str, Any]:
    """The gold standard with claims lost, moved and altered."""
    rng = random.Random(seed)
    documents = []
    for document in gold["documents"]:
        claims = []
        for claim in document["claims"]:
            if rng.random() < 0.2:
                continue
            claim = json.loads(json.dumps(claim))
            move = rng.choice([0, 0, 0, 3, 60])
            claim["content"] = [{"start": s["start"] + move, "end": s["end"] + move} for s in claim["content"]]
            for key in rng.sample(["speaker", "type", "form", "election", "figures", "progress"], 2):
                if rng.random() < 0.4:
                    claim.pop(key)
            claims += [claim] * rng.choice([1, 1, 2])
        documents.append({"doc_id": document["doc_id"], "claims": claims})
    return {"documents": documents}


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_that_the_shared_grader_prints(seed: int, shared_data: Path, tmp_path: Path) -> None:
    articles = shared_data.parent / "articles"
    gold = json.loads((articles / "gold.json").read_text(encoding="utf-8"))
    prediction = tmp_path / "prediction.json"
    prediction.write_text(json.dumps(_damaged(gold, seed)))
    found = graded(gold, json.loads(prediction.read_text()))
    command = [sys.executable, articles / "grade.py", articles / "gold.json", prediction]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"gold {found.gold} predicted {found.predicted} matched {len(found.matched)} " in printed
    assert f"P={found.precision:.3f} R={found.recall:.3f} F1={found.f1:.3f}" in printed
    for name in FIELDS:
        right, asked = found.field(name)
        assert f"'{name}': '{right}/{asked}'" in printed
