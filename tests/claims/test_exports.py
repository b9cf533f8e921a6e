"""Claims for others: the short form grades as the gold standard it came from; selectors find their passages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claims_from_gold import document_of
from claims_gold import TEXTS, gold_of
from claims_grading import FIELDS, graded
from tallyscope.claims.check import check_document
from tallyscope.claims.claim import Document
from tallyscope.claims.export.linked import annotation, quotation, review
from tallyscope.claims.export.simple import doc_id, simple


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    gold = gold_of(TEXTS / "dev")
    return [document_of(gold, d["doc_id"], TEXTS / "dev") for d in gold["documents"]]


def test_the_short_form_of_a_perfect_reading_is_graded_as_perfect(documents: list[Document]) -> None:
    found = graded(gold_of(TEXTS / "dev"), json.loads(json.dumps(simple(documents))))
    assert found.f1 == 1.0
    assert all(found.field(name)[0] == found.field(name)[1] > 0 for name in FIELDS)


@pytest.mark.parametrize(
    ("name", "id"), [("000_b31cd15c.txt", "000"), ("article.html", "article"), ("a/b/7_x_y.pdf", "7"), ("x", "x")]
)
def test_a_document_is_called_by_its_name_up_to_the_first_underscore(name: str, id: str) -> None:
    assert doc_id(name) == id


def test_selectors_find_the_passage_by_position_and_by_words(documents: list[Document]) -> None:
    for document in documents:
        for claim in document.claims:
            for target, span in zip(annotation(claim, document)["target"], claim.content, strict=True):
                position, quote = target["selector"]
                assert (
                    document.text[position["start"] : position["end"]] == quote["exact"] == span.of(document.text)
                )
                around = quote["prefix"] + quote["exact"] + quote["suffix"]
                assert document.text.count(around) == 1


def test_a_review_has_a_verdict_in_words_and_no_score_and_opinions_have_none(documents: list[Document]) -> None:
    wire = documents[0]
    checks = check_document(wire)
    reviews = {c.id: review(c, wire, checks[c.id]) for c in wire.claims}
    forecast = reviews["101-C09"]
    assert forecast is not None
    assert forecast["reviewRating"]["alternateName"] == checks["101-C09"].words
    assert "ratingValue" not in forecast["reviewRating"]
    assert forecast["itemReviewed"]["author"] == {"@type": "Thing", "name": "Sreda", "identifier": "ru-sreda"}
    assert reviews["101-C07"] is None
    said = quotation(wire.claims[6], wire)
    assert said["text"] == '"This was not an election, it was a procedure,"'
    assert said["dateCreated"] == "2018-03-19"


def test_exports_are_json(documents: list[Document], tmp_path: Path) -> None:
    for document in documents:
        checks = check_document(document)
        for claim in document.claims:
            whole = [
                quotation(claim, document),
                annotation(claim, document),
                review(claim, document, checks[claim.id]),
            ]
            assert json.loads(json.dumps(whole, allow_nan=False)) == whole
