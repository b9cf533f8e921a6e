"""A document that was read survives JSON, to the last field."""

from __future__ import annotations

from datetime import date

import pytest

from tallyscope.claims.claim import (
    Attribution,
    Claim,
    Dating,
    Document,
    ElectionLink,
    Evidence,
    Figure,
    Flag,
    Mechanism,
    Progress,
    Rejected,
    Span,
    Speaker,
)
from tallyscope.claims.document_json import document_from_json, document_to_json
from tallyscope.returns.problems import Problem

TEXT = 'Путин said: "57-59 %", after 99.30 % of protocols.'


def a_document() -> Document:
    speaker = Speaker("ru-putin", "Vladimir Putin", Span(0, 5), (Evidence("named", Span(0, 5)),))
    return Document(
        name="a.txt",
        text=TEXT,
        language="en",
        outlet="outlet-udf",
        headline=Span(0, 5),
        date=Dating(date(2012, 3, 5), (Evidence("on Monday"),), (Rejected("2020-10-16", "a Friday", Span(1, 2)),)),
        elections=(ElectionLink("RU-PRES-2012", context=None, country="RU"),),
        problems=(Problem("a.txt", "is short.", "Is it all?"),),
        claims=(
            Claim(
                id="C01",
                content=(Span(12, 21),),
                form="direct",
                type="forecast",
                speaker=speaker,
                cue=(Span(6, 10),),
                chain=(Attribution(speaker, "indirect", "C00"),),
                figures=(Figure(Span(13, 20), "expected_vote_share", None, 57.0, 59.0, "range", choice="putin"),),
                progress=Progress(Span(29, 36), 99.3, 2, "protocols", "protocols", "as written"),
                election=ElectionLink(None, rejected=(Rejected("RU-PRES-2018", "no such candidate"),)),
                mechanisms=(Mechanism("stuffing", Span(0, 1)),),
                flags=(Flag("contradiction", "small, and quite a lot", ("C02",)),),
                quotation=Span(12, 21),
                nested_in="C00",
            ),
        ),
    )


def test_a_document_comes_back_from_json_as_it_was() -> None:
    document = a_document()
    assert document_from_json(document_to_json(document)) == document


def test_json_that_does_not_fit_is_refused_with_the_place() -> None:
    text = document_to_json(a_document()).replace('"forecast"', '"prophecy"')
    with pytest.raises(ValueError, match=r"claims\.0\.type"):
        document_from_json(text)


def test_figures_and_progress_are_printed_with_their_decimals() -> None:
    claim = a_document().claim("C01")
    assert claim.progress is not None
    assert claim.progress.printed == "99.30"
    assert claim.figures[0].printed == "57"
    assert claim.words(TEXT) == '"57-59 %"'
    with pytest.raises(KeyError):
        a_document().claim("C99")
