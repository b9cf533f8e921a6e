"""The two shared articles: every claim found, every trap of them seen, and the grader's own scores."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tallyscope.claims.claim import Claim, Document
from tallyscope.claims.reading import read_claims

FIELDS = ("speaker", "type", "election", "date", "figures", "progress")


@pytest.fixture(scope="module")
def articles(shared_data: Path) -> Path:
    return shared_data.parent / "articles"


@pytest.fixture(scope="module")
def kremlin(articles: Path) -> Document:
    return read_claims(articles / "000_b31cd15c92d683e7.txt")


@pytest.fixture(scope="module")
def kalyakin(articles: Path) -> Document:
    return read_claims(articles / "003_8055eb4caeeb32be.txt")


def simple(document: Document) -> dict[str, Any]:
    claims = []
    for c in document.claims:
        told = {
            "content": [{"start": s.start, "end": s.end} for s in c.content],
            "speaker": c.speaker.key,
            "form": c.form,
            "type": c.type,
            "election": c.election.id,
            "statement_date": {"value": c.statement_date.value and c.statement_date.value.isoformat()},
            "figures": [
                {"value": f.value} if f.value is not None else {"value_min": f.minimum, "value_max": f.maximum}
                for f in c.figures
            ],
        }
        if c.progress:
            told["progress"] = {"value": c.progress.value, "of_resolved": c.progress.of_resolved}
        claims.append(told)
    return {"doc_id": document.name.partition("_")[0], "claims": claims}


def test_the_grader_finds_what_the_issue_asks(
    articles: Path, kremlin: Document, kalyakin: Document, tmp_path: Path
) -> None:
    prediction = tmp_path / "prediction.json"
    prediction.write_text(json.dumps({"documents": [simple(kremlin), simple(kalyakin)]}))
    graded = subprocess.run(
        [sys.executable, str(articles / "grade.py"), str(articles / "gold.json"), str(prediction)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    scores = {name: float(value) for name, value in re.findall(r"(P|R|F1)=([\d.]+)", graded)}
    assert scores["F1"] >= 0.85, graded
    assert scores["R"] >= 0.9, graded
    matched = {name: (int(a), int(b)) for name, a, b in re.findall(r"'(\w+)': '(\d+)/(\d+)'", graded)}
    for name in FIELDS:
        right, of = matched[name]
        assert right >= 0.9 * of, graded


def nearest(claims: list[dict[str, Any]], start: int, end: int) -> dict[str, Any]:
    """The claim whose ends are nearest."""
    return min(claims, key=lambda c: abs(c["content"][0]["start"] - start) + abs(c["content"][-1]["end"] - end))


def claim_with(document: Document, words: str) -> Claim:
    (found,) = [
        c for c in document.claims if words in c.words(document.text) and not c.nested_in and c.form != "headline"
    ]
    return found


def test_results_and_forecasts_are_right_in_every_field(
    articles: Path, kremlin: Document, kalyakin: Document
) -> None:
    gold = json.loads((articles / "gold.json").read_text(encoding="utf-8"))
    documents = {"000": simple(kremlin), "003": simple(kalyakin)}
    checked = 0
    for document in gold["documents"]:
        for claim in document["claims"]:
            if claim["type"] not in ("result", "forecast"):
                continue
            start, end = claim["content"][0]["start"], claim["content"][-1]["end"]
            found = nearest(documents[document["doc_id"]]["claims"], start, end)
            checked += 1
            assert (found["speaker"], found["type"], found["election"]) == (
                claim["speaker"],
                claim["type"],
                claim["election"],
            )
            assert found["statement_date"]["value"] == claim["statement_date"]["value"]
            values = [{k: f[k] for k in ("value", "value_min", "value_max") if k in f} for f in claim["figures"]]
            assert found["figures"] == values
            assert found.get("progress", {}).get("value") == (claim["progress"] or {}).get("value")
    assert checked == 8


def test_the_pages_clock_is_rejected_and_the_date_follows_from_the_voting(kalyakin: Document) -> None:
    assert kalyakin.date.value == date(2012, 3, 5)
    (rejected,) = kalyakin.date.rejected
    assert rejected.value == "2020-10-16"
    assert "Friday" in rejected.why
    assert "Monday" in rejected.why
    assert "Churov" in rejected.why
    assert rejected.span is not None
    assert rejected.span.of(kalyakin.text) == "16-10-2020"
    assert any("2012-03-04" in e.text for e in kalyakin.date.evidence)


def test_the_paraphrase_that_contradicts_the_quotation_is_flagged_and_kept(kalyakin: Document) -> None:
    small, large = claim_with(kalyakin, "small percentage"), claim_with(kalyakin, "quite a lot")
    assert [f.claims for f in small.flags if f.kind == "contradiction"] == [(large.id,)]
    assert [f.claims for f in large.flags if f.kind == "contradiction"] == [(small.id,)]
    assert small.figures == ()


def test_the_name_of_a_party_in_marks_is_no_quotation(kalyakin: Document) -> None:
    assert not [c for c in kalyakin.claims if c.words(kalyakin.text).strip('"') == "A Just World"]
    assert claim_with(kalyakin, "will continue the policy").direct_part is not None


def test_a_long_quotation_is_cut_by_subject_and_its_speaker_stands_on_the_line_after(kalyakin: Document) -> None:
    parts = [c for c in kalyakin.claims if c.quotation and len(c.quotation) > 800]
    assert len(parts) == 7
    assert {c.speaker.id for c in parts} == {"by-kalyakin"}
    assert kalyakin.text[parts[0].quotation.end :][:2] == "\n," if parts[0].quotation else False


def test_we_is_the_speakers_country_and_not_linked_to_the_other_ones_election(kalyakin: Document) -> None:
    easier = claim_with(kalyakin, "We have all the easier")
    assert (easier.election.id, easier.election.country, easier.type) == (None, "BY", "fraud_mechanism")
    assert easier.election.context == "RU-PRES-2012"
    assert [m.name for m in easier.mechanisms] == ["fabricated protocols"]
    carousel = claim_with(kalyakin, "a carousel")
    assert carousel.election.id == "RU-PRES-2012", '"as in Belarus" only compares'
    assert {m.name for m in carousel.mechanisms} >= {"carousel voting", "ballot stuffing", "absentee-ballot abuse"}


def test_the_commission_is_that_of_the_election_not_of_the_outlet(kalyakin: Document) -> None:
    assert kalyakin.outlet == "outlet-udf"
    assert claim_with(kalyakin, "99.3%").speaker.id == "ru-cec"


def test_per_cent_of_ballots_is_of_protocols_with_the_reason(kremlin: Document) -> None:
    progress = claim_with(kremlin, "99.72%").progress
    assert progress is not None
    assert (progress.of_as_written, progress.of_resolved, progress.printed) == ("ballots", "protocols", "99.72")
    assert "ballots" in progress.reason


def test_a_range_has_no_minus_and_a_comparator_is_read(kremlin: Document, kalyakin: Document) -> None:
    (expected,) = claim_with(kalyakin, "57-59%").figures
    assert (expected.minimum, expected.maximum, expected.comparator) == (57.0, 59.0, "range")
    assert (expected.metric, expected.choice) == ("expected_vote_share", "putin")
    (over,) = claim_with(kremlin, "over 87%").figures
    assert (over.value, over.comparator, over.decimals, over.of_as_written) == (87.0, ">", 0, "Russian votes")


def test_roles_pronouns_and_a_capital_are_one_speaker(kremlin: Document) -> None:
    mentions = {
        c.speaker.mention.of(kremlin.text)
        for c in kremlin.claims
        if c.speaker.id == "ru-peskov" and c.speaker.mention
    }
    assert {"the official", "the spokesman", "he", "Moscow", "Kremlin"} <= mentions


def test_one_quotes_another(kremlin: Document) -> None:
    nested = [c for c in kremlin.claims if c.nested_in]
    assert [(c.speaker.id, c.chain[0].speaker.id) for c in nested] == [("ru-putin", "ru-peskov")] * 2
    assert nested[0].statement_date.value == date(2024, 3, 17), '"late yesterday evening"'
    assert kremlin.claim(nested[0].nested_in or "").start < nested[0].start


def test_half_of_the_article_is_not_about_the_election(kremlin: Document) -> None:
    unlinked = [c for c in kremlin.claims if c.election.id is None]
    assert len(unlinked) == 12
    assert all(c.election.evidence for c in unlinked)


def test_editorial_insertions_are_flagged(kremlin: Document) -> None:
    kinds = {f.kind for f in claim_with(kremlin, "completely unique").flags}
    assert kinds == {"insertion", "ellipsis"}
