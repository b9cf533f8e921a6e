"""Whatever a text holds, it is read: an answer that points into it, in time that grows with its length."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallyscope.claims.claim import Document, Span
from tallyscope.claims.document_json import document_from_json, document_to_json
from tallyscope.claims.reading import read_claims

PIECES = [
    *("Putin", "Путин", "the CEC", "ЦИК", "he", "он", "said", "сказал", "that", "что", "according to", "по данным"),
    *("63.75%", "57-59 %", "140 percent", "99.3% of protocols", "два процента", "over", "не менее", "−5%", "0%"),
    *('"', "«", "»", "“", "”", "'", "‘", "„", ".", ",", ":", ";", "—", "-", "\n", "\n\n", "(", "[", "]", "!", "?"),
    *("on Monday", "в понедельник", "2012-03-04", "16-10-2020", "Updated at", "election", "выборы", "stuffing"),
    *(
        "<p>",
        "</p>",
        "&nbsp;",
        "@user · 18 мар. 2018",
        "RT @a:",
        "HOST:",
        "قال",
        "הוא אמר",
        "🗳️",
        "\u202e",
        "\x00",
        "é",
    ),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join) | st.text(max_size=300)


def spans_of(document: Document) -> list[Span]:
    found = []
    for c in document.claims:
        found += [*c.content, *c.cue, *(f.span for f in c.figures), *(m.span for m in c.mechanisms)]
        found += [s for s in (c.quotation, c.direct_part, c.speaker.mention) if s]
        found += [c.progress.span] if c.progress else []
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text_gives_a_document_whose_spans_lie_in_it(text: str) -> None:
    document = read_claims(text)
    assert document.text == text
    assert all(0 <= s.start <= s.end <= len(text) for s in spans_of(document))
    assert len({c.id for c in document.claims}) == len(document.claims)
    assert all(c.speaker.key and c.content for c in document.claims)
    assert document.claims or document.problems
    ids = {c.id for c in document.claims}
    assert all(c.nested_in in ids | {None} and c.same_as in ids | {None} for c in document.claims)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_document_comes_back_from_json(text: str) -> None:
    document = read_claims(text.replace("\x00", ""))
    assert document_from_json(document_to_json(document)) == document


@pytest.mark.parametrize("text", ["", " \n\t ", "\ufeff", "<html></html>", "1234567890"])
def test_an_empty_page_makes_no_claim_and_says_so(text: str) -> None:
    document = read_claims(text)
    assert document.claims == ()
    assert "makes no claim" in str(document.problems[0])


def test_right_to_left_text_is_read_without_an_error() -> None:
    text = 'قال بوتين: "لقد فزنا بنسبة 63.6٪" يوم الاثنين.\nהוא אמר: "ניצחנו".'
    document = read_claims(text)
    assert all(s.end <= len(text) for s in spans_of(document))
    assert all(c.election.id is None for c in document.claims)


def test_more_than_a_hundred_per_cent_is_kept_and_flagged() -> None:
    text = "МОСКВА, 5 декабря 2011 года. На выборах в Госдуму «Единая Россия» набрала 146% голосов, сообщил ЦИК."
    (claim,) = read_claims(text).claims
    assert [f.printed for f in claim.figures] == ["146"]
    assert [f.kind for f in claim.flags] == ["over-100"]
    text = (
        "Putin has 80%, Grudinin 15%, Sobchak 10% of the vote in Russia's election of 18 March 2018, the CEC said."
    )
    assert [f.kind for f in read_claims(text).claims[0].flags] == ["over-100"]


def test_an_unknown_election_is_not_linked_and_says_why() -> None:
    text = "The ruling party won 51.2 percent in Wakanda's election of 3 May 2011, the electoral commission said."
    document = read_claims(text)
    assert document.elections == ()
    assert {c.election.id for c in document.claims} == {None}
    assert all(c.election.evidence for c in document.claims)


def test_candidates_that_do_not_match_an_election_speak_against_it() -> None:
    text = (
        "MOSCOW - Putin, Prokhorov, Zyuganov, Mironov and Zhirinovsky ran for president of Russia. "
        "The vote was fair, Churov said."
    )
    (link,) = read_claims(text).elections
    assert link.id == "RU-PRES-2012"
    against = {r.value: r.why for r in link.rejected}
    assert "Mikhail Prokhorov" in against["RU-PRES-2018"]


@pytest.mark.parametrize(
    "piece",
    [
        "Putin said that he won 63.6% of the vote. ",
        '"We won," he said.\n\n',
        "99% ",
        "Putin said, ",
        '"a ',
        "«",
        "according to the CEC, ",
        "1,234.5 ",
        "between twenty and ",
        "Aaa Bbb ",
        "a\n",
        "@user · 18 мар. 2018\n",
        "<div>",
    ],
)
def test_ten_times_the_text_takes_no_hundred_times_the_time(piece: str) -> None:
    def took(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        read_claims(text)
        return time.process_time() - start

    took(500)
    assert took(20_000) < 40 * took(2_000) + 1.0
