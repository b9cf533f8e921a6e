"""Whatever a reader hands to the checks, however absurd, is answered with a verdict and a sentence."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.claims.check import check_claim, check_document
from tallyscope.claims.checks.verdict import VERDICTS
from tallyscope.claims.claim import (
    FORMS,
    TYPES,
    Claim,
    Comparator,
    Dating,
    Document,
    ElectionLink,
    Figure,
    Metric,
    Of,
    Progress,
    Span,
    Speaker,
)
from tallyscope.report.claims.checked import checked
from tallyscope.report.claims.claims_json import claims_text
from tallyscope.report.claims.page import claims_page
from tallyscope.returns.table import Returns
from tallyscope.simulation import CleanSpec, clean_election

TEXT = "Putin was elected in a landslide, a small percentage, Alder won; Путин победил: рекорд. " * 2

_ODD = [0.0, -3.0, 63.75, 100.0, 146.0, 1e16, 1e300, math.inf, math.nan]
_NUMBERS = st.none() | st.sampled_from(_ODD) | st.floats()
_SPANS = st.tuples(st.integers(0, 80), st.integers(1, 60)).map(lambda s: Span(s[0], s[0] + s[1]))
_CHOICES = st.sampled_from([None, "putin", "alder", "nobody", "united_russia"])
_FIGURES = st.builds(
    Figure,
    span=_SPANS,
    metric=st.sampled_from(get_args(Metric)),
    value=_NUMBERS,
    minimum=_NUMBERS,
    maximum=_NUMBERS,
    comparator=st.sampled_from(get_args(Comparator)),
    decimals=st.integers(0, 20),
    candidate=_CHOICES,
    choice=_CHOICES,
)
_PROGRESS = st.none() | st.builds(
    Progress,
    span=_SPANS,
    value=_NUMBERS.filter(lambda v: v is not None),
    decimals=st.integers(0, 14),
    of_as_written=st.none(),
    of_resolved=st.sampled_from(get_args(Of)),
    reason=st.just(""),
)
_IDS = [None, "RU-PRES-2012", "RU-PRES-2024", "RU-DUMA-2011", "ES-CONG-2019-04", "XX", "clean"]
_ELECTIONS = st.sampled_from(_IDS)


def _claims(made: str) -> st.SearchStrategy[Claim]:
    return st.builds(
        Claim,
        id=st.sampled_from("abcd"),
        content=st.lists(_SPANS, min_size=1, max_size=2).map(tuple),
        form=st.sampled_from(FORMS),
        type=st.sampled_from(TYPES),
        speaker=st.sampled_from([Speaker("ru-cec", "CEC"), Speaker(None, "Somebody")]),
        statement_date=st.sampled_from([Dating(None), Dating(date(2012, 3, 4)), Dating(date(2030, 1, 1))]),
        election=_ELECTIONS.map(lambda id: ElectionLink(made if id == "clean" else id)),
        figures=st.lists(_FIGURES, max_size=3).map(tuple),
        progress=_PROGRESS,
        same_as=st.sampled_from([None, "a"]),
    )


@pytest.fixture(scope="module")
def small() -> Returns:
    return clean_election(CleanSpec(stations=40, regions=2), seed=2)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_every_claim_has_a_verdict_and_a_sentence(small: Returns, data: st.DataObject) -> None:
    claims = data.draw(st.lists(_claims(small.election.id), max_size=2, unique_by=lambda c: c.id))
    document = Document("x", TEXT, "en", tuple(claims))
    found = check_document(document, [small])
    assert set(found) == {c.id for c in claims}
    for check in found.values():
        assert check.verdict in VERDICTS
        assert check.text.strip()
        assert "nan" not in check.text
    for claim in document.claims:
        assert check_claim(claim).verdict in VERDICTS


@settings(deadline=None, max_examples=4)
@given(st.data())
def test_every_document_has_a_page_and_json(small: Returns, data: st.DataObject) -> None:
    claims = data.draw(st.lists(_claims(small.election.id), max_size=2, unique_by=lambda c: c.id))
    articles = checked([Document("x", TEXT, "en", tuple(claims))], [small])
    assert json.loads(claims_text(articles))["documents"][0]["name"] == "x"
    assert claims_page(articles).startswith("<!DOCTYPE html>")


def _claim(**changes: Any) -> Claim:
    figure = Figure(Span(0, 4), "vote_share", 163.75, decimals=2, candidate="Putin", choice="putin")
    whole: dict[str, Any] = {"id": "a", "content": (Span(0, 20),), "form": "direct", "type": "result"}
    whole |= {"speaker": Speaker(None, "X"), "election": ElectionLink("RU-PRES-2012"), "figures": (figure,)}
    return Claim(**(whole | changes))


def test_percentages_over_100_are_no_shares() -> None:
    found = check_claim(_claim())
    assert found.verdict == "infeasible"
    assert "no share" in found.text


def test_candidates_that_do_not_match_are_told_with_those_there_are() -> None:
    claim = _claim(figures=(replace(_claim().figures[0], value=50.0, choice=None, candidate="Merkel"),))
    found = check_claim(claim)
    assert found.verdict == "not-checkable"
    assert "Merkel is not among the choices" in found.text
    assert "Gennady Zyuganov" in found.text


def test_a_progress_over_100_is_none(small: Returns) -> None:
    first = small.choices[0]
    figure = Figure(Span(0, 4), "vote_share", 20.0, decimals=1, choice=first.id)
    progress = Progress(Span(0, 4), 120.0, 0, None, "protocols", "")
    claim = _claim(election=ElectionLink(small.election.id), figures=(figure,), progress=progress)
    assert check_claim(claim, small).verdict == "infeasible"


def test_the_share_of_somebody_who_did_not_stand_is_answered_beside_those_who_did(small: Returns) -> None:
    span = Span(0, 10)
    figures = tuple(
        Figure(span, "vote_share", value=30.0, decimals=1, choice=c) for c in ("alder", "putin", "nobody")
    )
    for election in ("RU-PRES-2012", small.election.id):
        claim = Claim(
            id="a",
            content=(span,),
            form="direct",
            type="result",
            speaker=Speaker("ru-cec", "CEC"),
            statement_date=Dating(None),
            election=ElectionLink(election),
            figures=figures,
            progress=Progress(span, 50.0, 0, None, "protocols", ""),
        )
        verdict = check_claim(claim, small)
        assert verdict.verdict in VERDICTS
        assert verdict.text
