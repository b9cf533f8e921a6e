"""The page and the JSON of checked articles: nothing of a text is lost or run, every claim has its card."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_from_gold import document_of
from claims_gold import TEXTS, gold_of
from tallyscope.claims.claim import (
    Claim,
    Dating,
    Document,
    ElectionLink,
    Figure,
    Mechanism,
    Progress,
    Rejected,
    Span,
    Speaker,
)
from tallyscope.report.claims.alleged import mechanisms_of, methods_for
from tallyscope.report.claims.cards import TONES, cards
from tallyscope.report.claims.checked import Checked, checked
from tallyscope.report.claims.claims_json import claims_text
from tallyscope.report.claims.marking import paragraphs
from tallyscope.report.claims.page import claims_page
from tallyscope.report.claims.pictures import drawn
from tallyscope.report.claims.saving import save_claims
from tallyscope.simulation import CleanSpec, clean_election


def _claim(id: str, *spans: tuple[int, int], **changes: object) -> Claim:
    content = tuple(Span(a, b) for a, b in spans)
    said: dict[str, object] = {"id": id, "content": content, "form": "direct", "type": "other"}
    return Claim(**(said | {"speaker": Speaker(None, "Somebody")} | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def wire() -> Document:
    return document_of(gold_of(TEXTS / "dev"), "101", TEXTS / "dev")


@pytest.fixture(scope="module")
def articles(wire: Document) -> tuple[Checked, ...]:
    return checked([wire])


_TEXTS = st.text(st.sampled_from("ab <&\n\u2028«»\U0001f5f3\u05d0\x00"), max_size=60)


@settings(deadline=None)
@given(_TEXTS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_marked_paragraphs_hold_every_character_once_with_the_claims_that_cover_it(
    text: str, ends: list[tuple[int, int]]
) -> None:
    spans = [(min(e), min(max(e), len(text))) for e in ends if min(e) < min(max(e), len(text))]
    claims = tuple(_claim(f"c{i}", span) for i, span in enumerate(spans))
    found = paragraphs(Document("x", text, "en", claims))
    shown = [s for p in found for s in p.segments]
    lines = [line for line in re.split("[\n\r\u2028\u2029]", text) if line.strip()]
    assert "".join(s.text for s in shown) == "".join(lines).replace("\x00", "\ufffd")
    at = 0
    for line in (line for line in found):
        start = next(i for i in range(at, len(text) + 1) if _same(text[i:], line.segments))
        for segment in line.segments:
            covering = {c.id for c in claims if c.start < start + len(segment.text) and start < c.end}
            assert set(segment.claims) == covering
            start += len(segment.text)
        at = start


def _same(text: str, segments: tuple[object, ...]) -> bool:
    line = "".join(s.text for s in segments)  # type: ignore[attr-defined]
    return text.replace("\x00", "\ufffd").startswith(line)


def test_nested_claims_are_marked_by_the_innermost_and_numbered_where_they_end() -> None:
    document = Document("x", "one two three four", "en", (_claim("a", (0, 18)), _claim("b", (4, 7))))
    (line,) = paragraphs(document)
    assert [(s.text, s.innermost, s.ends) for s in line.segments] == [
        ("one ", "a", ()),
        ("two", "b", ("b",)),
        (" three four", "a", ("a",)),
    ]
    assert line.begins == ("a", "b")


def test_of_html_a_reader_sees_what_a_browser_shows() -> None:
    text = (
        "<!DOCTYPE html><html><head><title>T</title></head><body><script>alert(1)</script>"
        "<p>He won &amp; <b>she</b> lost.</p><!-- gone --><div>Next</div></body></html>"
    )
    document = Document("x.html", text, "en", (_claim("a", (text.index("<b>") + 3, text.index("</b>"))),))
    shown = ["".join(s.text for s in p.segments).strip() for p in paragraphs(document)]
    assert shown == ["He won & she lost.", "Next"]
    assert any(s.innermost == "a" and s.text == "she" for p in paragraphs(document) for s in p.segments)


def test_every_claim_has_a_card_and_a_number_in_the_text(articles: tuple[Checked, ...], wire: Document) -> None:
    page = claims_page(articles)
    for number in range(1, len(wire.claims) + 1):
        assert f'id="a1-{number}"' in page
        assert f'href="#a1-{number}" aria-label="claim {number}"' in page
    assert "forecast missed (low, by 3.69 points)" in page
    assert "69 to 73 %" in page


def test_the_page_loads_nothing_and_runs_nothing(articles: tuple[Checked, ...]) -> None:
    page = claims_page(articles)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_html_in_an_article_its_name_and_its_claims_is_shown_as_text() -> None:
    text = 'She said: "<script>alert(1)</script> & <img src=x onerror=alert(2)>"'
    evil = Speaker(None, "<b onclick=x>")
    rejected = Rejected("</style><script>", "<i>why</i>")
    dating = Dating(date(2012, 3, 5), rejected=(rejected,))
    claim = _claim("a", (10, len(text)), speaker=evil, statement_date=dating)
    article = checked([Document("</title><script>x</script>.txt", text, "en", (claim,), outlet="<u>")])
    page = claims_page(article)
    assert "<script" not in page
    assert "<img" not in page
    assert "<b onclick" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_text_without_claims_and_one_from_right_to_left_have_their_page() -> None:
    page = claims_page(checked([Document("a", "", "en", ()), Document("b", "قال «شيئا» أمس", "ar", ())]))
    assert page.count("No claims were read") == 2
    assert 'dir="auto" lang="ar"' in page


def test_what_repeats_a_verdict_points_to_it_and_is_drawn_once(wire: Document) -> None:
    forecast = wire.claim("101-C09")
    twice = Document(wire.name, wire.text, "en", (forecast, _again(forecast)))
    (article,) = checked([twice])
    found = cards(article, drawn(article))
    assert [c.like for c in found.values()] == [None, 1]
    assert [len(c.pictures) for c in found.values()] == [1, 0]


def _again(claim: Claim) -> Claim:
    from dataclasses import replace

    return replace(claim, id="again")


def test_every_verdict_has_its_look() -> None:
    from tallyscope.claims.checks.verdict import WORDS

    assert set(TONES) == set(WORDS)


def test_mechanisms_meet_the_methods_that_look_for_their_traces() -> None:
    assert mechanisms_of("Ballot stuffing") == ("ballot stuffing", "extreme stuffing")
    assert mechanisms_of("vote buying") == ()
    assert "absentee-balance" in {m.id for m in methods_for(["absentee-ballot abuse"])}
    assert "integer-percentages" in {
        m.id for m in methods_for(["fabricated protocols / result written in advance"])
    }
    assert methods_for(["vote buying"]) == ()


@pytest.fixture(scope="module")
def made() -> tuple[Checked, ...]:
    """A made election, of which a count, a mechanism and another country's mechanism are told."""
    returns = clean_election(CleanSpec(stations=400, regions=4), seed=2)
    first = returns.choices[0]
    late = returns.table.sort("cast")[-20:]
    kept = returns.table.sort("cast")[:-20]
    assert late.height == 20
    share = 100 * kept[f"votes_{first.id}"].sum() / kept["cast"].sum()
    text = f"At 95.0 % {first.name} has {share:.2f} %. There was ballot stuffing. Abroad too."
    figure = Figure(Span(0, 2), "vote_share", round(share, 2), decimals=2, choice=first.id, candidate=first.name)
    link = ElectionLink(returns.election.id)
    stuffing = Mechanism("ballot stuffing", Span(0, 5))
    progress = Progress(Span(3, 9), 95.0, 1, "protocols", "protocols", "")
    cut = text.index("There")
    claims = (
        _claim("a", (0, cut - 1), type="result", figures=(figure,), progress=progress, election=link),
        _claim("b", (cut, cut + 28), type="fraud_mechanism", mechanisms=(stuffing,), election=link),
        _claim("c", (cut + 29, len(text)), type="fraud_mechanism", mechanisms=(stuffing,)),
    )
    return checked([Document("made_x.txt", text, "en", claims)], [returns])


def test_findings_stand_beside_what_is_alleged_of_this_election_and_of_no_other(made: tuple[Checked, ...]) -> None:
    (article,) = made
    found = cards(article, {})
    assert {m.method for m in found["b"].methods} == {m.id for m in methods_for(["ballot stuffing"])}
    assert found["c"].methods == ()
    assert "neither confirms nor refutes" in claims_page(made)


def test_json_carries_verdict_witness_and_selectors_and_says_which_stations(made: tuple[Checked, ...]) -> None:
    (document,) = json.loads(claims_text(made))["documents"]
    check = document["claims"][0]["check"]
    assert check["progress"].startswith("95.0 ± 0.05 % of 400 protocols")
    reading = check["details"]["readings"][check["details"]["denominator"]]
    assert len(reading["witness"]) == len(reading["witness_stations"])
    assert len(document["annotations"]) == len(document["quotations"]) == 3
    assert document["findings"][made[0].document.claims[0].election.id]
    assert document["returns"][0]["protocols"] == 400


def test_files_appear_whole(made: tuple[Checked, ...], tmp_path: Path) -> None:
    out = save_claims(made, tmp_path / "out")
    assert sorted(p.name for p in out.iterdir()) == ["claims.html", "claims.json"]
    assert (out / "claims.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_card_says_which_figures_its_pictures_show(made: tuple[Checked, ...]) -> None:
    (article,) = made
    (picture,) = drawn(article)["a"]
    assert picture.title == "What was printed, and what was possible"
    assert "printed" in picture.description
