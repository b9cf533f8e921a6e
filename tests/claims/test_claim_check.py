"""Claims of a document held against the count: the two articles as a careful reader reads them, and made claims."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tallyscope
from claims_from_gold import document_of
from tallyscope.claims.check import check_claim, check_document
from tallyscope.claims.checks.count import count_of, declared_of
from tallyscope.claims.checks.place import unit_named
from tallyscope.claims.checks.verdict import WORDS, Check
from tallyscope.claims.claim import Claim, Dating, Document, ElectionLink, Figure, Progress, Span, Speaker
from tallyscope.claims.core.joint import conditions, margins
from tallyscope.election.load import load_election
from tallyscope.returns.table import Returns


@pytest.fixture(scope="module")
def returns_2012(shared_data: Path) -> Returns:
    return tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip")


@pytest.fixture(scope="module")
def article(shared_data: Path) -> Document:
    return _article(shared_data, "003")


def _article(shared_data: Path, id: str) -> Document:
    folder = shared_data.parent / "articles"
    return document_of(json.loads((folder / "gold.json").read_text(encoding="utf-8")), id, folder)


@pytest.fixture(scope="module")
def checks_2012(article: Document, returns_2012: Returns) -> Mapping[str, Check]:
    return check_document(article, [returns_2012])


@pytest.fixture(scope="module")
def checks_2024(shared_data: Path) -> Mapping[str, Check]:
    folder = shared_data / "russia-2024-president"
    files = (folder / "2024.csv.zip", folder / "2024-electronic-voting.csv")
    returns = tallyscope.read(*files, election="RU-PRES-2024")
    return check_document(_article(shared_data, "000"), [returns])


#: Expected by the gold standard of the articles.
@pytest.mark.parametrize(
    ("id", "verdict"),
    [
        ("003-C03", "internally inconsistent"),
        ("003-C04", "forecast missed (low, by 4.60 points)"),
        ("003-C05", "consistent"),
        ("003-C09e", "not checkable"),
        ("003-C09f", "not checkable"),
        ("003-C10", "feasible but not in random order"),
        ("003-C11", "true"),
    ],
)
def test_verdicts_of_2012_are_those_of_the_gold_standard(
    id: str, verdict: str, checks_2012: Mapping[str, Check]
) -> None:
    assert checks_2012[id].words == verdict


def test_verdicts_of_2024_are_those_of_the_gold_standard(checks_2024: Mapping[str, Check]) -> None:
    assert checks_2024["000-C03"].words == "feasible and uninformative"
    assert checks_2024["000-C05"].words == "true on official totals only"
    assert {checks_2024[f"000-C{n:02}"].words for n in (6, 7, 8, 9, *range(10, 22))} == {"not checkable"}


def test_every_verdict_has_a_name() -> None:
    assert WORDS["feasible-not-random"] == "feasible but not in random order"
    assert len(set(WORDS.values())) == len(WORDS)


def test_the_count_of_2012_is_told_with_denominator_progress_arithmetic_and_witness(
    checks_2012: Mapping[str, Check], returns_2012: Returns
) -> None:
    found = checks_2012["003-C10"]
    assert found.denominator == "ballots cast"
    assert found.progress == "99.3 ± 0.05 % of 95,415 protocols: 621 to 715 out"
    possible = {
        "putin": (62.87, 63.97),
        "zyuganov": (16.96, 17.53),
        "prokhorov": (7.65, 8.16),
        "zhirinovsky": (6.12, 6.35),
        "mironov": (3.78, 3.94),
    }
    shares = found.details["shares"]
    assert {c: (round(s["lowest"], 2), round(s["highest"], 2)) for c, s in shares.items()} == possible
    assert "63.75 % printed; 62.87 to 63.97 % possible" in found.arithmetic[1]
    # The witness, tallied independently of everything that found it: the votes of all stations but those.
    out = found.details["readings"]["cast"]["witness"]
    assert 621 <= len(set(out)) == len(out) <= 715
    kept = returns_2012.table[np.setdiff1d(np.arange(len(returns_2012)), out)]
    tally = {c: f"{100 * kept[f'votes_{c}'].sum() / kept['cast'].sum():.2f}" for c in possible}
    assert tally == {c: s["printed"] for c, s in shares.items()}


def test_as_shares_of_valid_votes_the_count_is_refuted_twice(
    checks_2012: Mapping[str, Check], returns_2012: Returns
) -> None:
    found = checks_2012["003-C10"].details["readings"]["valid"]
    assert found["possible"] is False
    # Of valid votes all shares together are 100, to five halves of a hundredth; 98.84 were printed.
    assert found["certificate"] == {"left": pytest.approx(1.16)}
    # And without the sum: weights under which not even the best 715 stations meet the conditions.
    from tallyscope.claims.core.joint import feasibility

    count = count_of(returns_2012)
    printed = [checks_2012["003-C10"].details["shares"][c]["printed"] for c in count.choices]
    shares = np.array([float(p) / 100 for p in printed])
    of = conditions(count.votes, count.valid, shares, np.full(5, 5e-5), 621, 715)
    proof = feasibility(of)
    assert proof.possible is False
    value = np.sort(of.rate @ proof.weights)[::-1]
    assert proof.weights @ of.constant + max(value[:k].sum() for k in range(621, 716)) < 0
    assert margins(of, np.arange(650)).min() < 0


def test_64_is_told_to_fit_the_final_shares_of_both_denominators_and_the_preliminary_one(
    checks_2012: Mapping[str, Check],
) -> None:
    found = checks_2012["003-C05"]
    assert "cannot be told" in found.text
    holding = [line for line in found.arithmetic if line.endswith("holds")]
    assert [line.split(" %")[0] for line in holding] == ["63.60", "64.35", "63.75"]


def test_over_87_per_cent_is_told_of_every_denominator_on_all_totals(checks_2024: Mapping[str, Check]) -> None:
    text = checks_2024["000-C05"].text
    for share in ("87.28", "88.48", "67.50", "86.94", "88.19"):
        assert share in text


def test_superlatives_stand_beside_the_registry_and_are_not_judged(checks_2024: Mapping[str, Check]) -> None:
    found = checks_2024["000-C02"]
    assert found.verdict == "not-checkable"
    assert "largest share of the winner among 4 elections" in found.text
    assert [line.split(" ")[0] for line in found.arithmetic] == ["87.28", "76.69", "71.31", "63.60"]


def test_a_contradiction_is_flagged_with_both_passages_and_not_repaired(
    checks_2012: Mapping[str, Check], article: Document
) -> None:
    found = checks_2012["003-C03"]
    assert set(found.details["contradicts"]) == {"003-C04", "003-C05"}
    assert "57-59%" in found.text
    assert "quite a lot" in found.text
    # Without the other passages nothing contradicts it.
    alone = replace(article, claims=(article.claim("003-C03"),))
    assert check_document(alone)["003-C03"].verdict == "not-checkable"


def test_the_registry_alone_tells_final_shares_and_not_whether_a_part_was_possible(article: Document) -> None:
    found = check_document(article)
    assert found["003-C10"].verdict == "not-checkable"
    assert "--returns" in found["003-C10"].text
    assert "63.60 % in the end" in found["003-C10"].arithmetic[0]
    assert found["003-C04"].words == "forecast missed (low, by 4.60 points)"
    assert found["003-C11"].words == "true"


TEXT = "The commission said that Putin has 63.6 percent."


def _claim(**changes: Any) -> Claim:
    figure = Figure(Span(35, 39), "vote_share", 63.6, decimals=1, candidate="Putin", choice="putin")
    whole: dict[str, Any] = {
        "id": "x",
        "content": (Span(0, len(TEXT)),),
        "form": "indirect",
        "type": "result",
        "speaker": Speaker("ru-cec", "CEC"),
        "statement_date": Dating(date(2012, 6, 1)),
        "election": ElectionLink("RU-PRES-2012"),
        "figures": (figure,),
    }
    return Claim(**(whole | changes))


def _figure(**changes: Any) -> Figure:
    return replace(_claim().figures[0], **changes)


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (_figure(), "consistent"),
        (_figure(value=163.6), "infeasible"),
        (_figure(value=66.6), "infeasible"),
        (_figure(choice=None, candidate="Nobody"), "not-checkable"),
        (_figure(choice=None, candidate=None), "not-checkable"),
        (_figure(value=None, minimum=63.0, maximum=64.0, comparator="range"), "consistent"),
        (_figure(value=None, minimum=70.0, maximum=74.0, comparator="range"), "infeasible"),
        (_figure(value=60.0, comparator=">"), "consistent"),
        (_figure(value=64.0, decimals=0, comparator="~"), "consistent"),
        (_figure(metric="turnout", value=65.3, choice=None), "consistent"),
        (_figure(metric="turnout", value=75.0, choice=None), "infeasible"),
        (_figure(metric="turnout", value=175.0, choice=None), "infeasible"),
        (_figure(metric="invalid_share", value=1.2, choice=None), "consistent"),
        (_figure(metric="margin", value=46.4, unit="points", choice=None), "consistent"),
        (_figure(metric="margin", value=32_000_000.0, unit="votes", decimals=0, choice=None), "infeasible"),
        (_figure(metric="margin", value=33_300_000.0, unit="votes", decimals=0, choice=None), "consistent"),
        (_figure(metric="votes", value=45_600_000.0, unit="votes", decimals=0), "consistent"),
        (_figure(metric="votes", value=45_602_075.0, unit="votes", decimals=0), "consistent"),
        (_figure(metric="votes", value=45_602_076.0, unit="votes", decimals=0), "infeasible"),
    ],
)
def test_figures_of_the_whole_count(figure: Figure, verdict: str) -> None:
    assert check_claim(_claim(figures=(figure,))).verdict == verdict


def test_a_figure_of_another_election_is_asked_of_that_election() -> None:
    earlier = replace(_figure(value=71.31, decimals=2), of_year=2004, election="RU-PRES-2004")
    both = check_claim(_claim(figures=(_figure(), earlier)))
    assert both.verdict == "consistent"
    assert "71.31 % of ballots cast" in both.text
    assert check_claim(_claim(figures=(replace(earlier, of_year=None, election=None),))).verdict == "infeasible"
    # Of an election that the registry does not have, nothing is asked.
    unknown = replace(_figure(value=12.0), of_year=1996)
    assert check_claim(_claim(figures=(_figure(), unknown))).verdict == "consistent"


def test_figures_of_an_alleged_mechanism_are_shown_and_not_judged() -> None:
    found = check_claim(_claim(type="fraud_mechanism", figures=(_figure(value=40.0),)))
    assert found.verdict == "not-checkable"
    assert any("63.60 %" in line for line in found.arithmetic)


def test_a_fraction_in_words_holds_for_what_is_nearest_to_it() -> None:
    text = "MOSCOW, March 30, 2018 - Dmitry Peskov said three quarters voted for Putin in the election of {}."
    held = tallyscope.read_claims(text.format("March 18")).check()
    assert {c.verdict for c in held.values()} == {"consistent"}
    # 63.6 % of ballots, 64.35 % of valid votes: two thirds, and not a half.
    figure = _figure(value=66.667, decimals=1, comparator="~")
    assert check_claim(_claim(figures=(figure,))).verdict == "consistent"
    assert check_claim(_claim(figures=(replace(figure, value=50.0, decimals=0),))).verdict == "infeasible"


def test_an_expected_lead_or_turnout_is_missed_and_never_infeasible() -> None:
    lead = _figure(metric="margin", value=40.0, decimals=0, unit="points", choice=None)
    assert check_claim(_claim(type="forecast", figures=(lead,))).verdict == "missed-low"
    turnout = _figure(metric="turnout", value=70.0, decimals=0, choice=None)
    assert check_claim(_claim(type="forecast", figures=(turnout,))).verdict == "missed-high"
    hit = _figure(metric="turnout", value=65.3, choice=None)
    assert check_claim(_claim(type="forecast", figures=(hit,))).verdict == "hit"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        (
            "TBILISI, November 20, 2013 - The Central Election Commission of Georgia said Giorgi Margvelashvili "
            "won the presidential election of October 27 with 62.12 percent, and Davit Bakradze had 21.72.",
            {"consistent"},
        ),
        (
            "MADRID, 20 May 2019 - The interior ministry of Spain said the Socialists had 28.7 percent, the "
            "People's Party 16.7 percent and Vox 10.3 percent in the parliamentary election of 28 April.",
            {"consistent"},
        ),
        (
            "TIRANA, July 20, 2017 - The Central Election Commission of Albania said the Socialist Party had "
            "764,750 votes, or 48.3 percent, in the parliamentary election of June 25.",
            {"consistent"},
        ),
        (
            "TIRANA, July 20, 2017 - The Central Election Commission of Albania said the Socialist Party had 58.3 "
            "percent in the parliamentary election of June 25.",
            {"infeasible"},
        ),
    ],
)
def test_of_georgia_spain_and_albania_the_registry_knows_the_totals(text: str, verdicts: set[str]) -> None:
    found = tallyscope.read_claims(text).check()
    assert {c.verdict for c in found.values()} == verdicts
    assert all("sums of published protocols" in c.text for c in found.values())


@pytest.mark.parametrize("folder", ["dev", "heldout", "heldout2", "heldout3", "heldout4"])
def test_every_claim_of_every_written_text_has_a_verdict(folder: str) -> None:
    for path in sorted((Path(__file__).parent / "texts" / folder).glob("*.txt")):
        document = tallyscope.read_claims(path)
        assert set(document.check()) == {c.id for c in document.claims}


def test_a_share_told_while_votes_are_counted_is_not_refuted_by_the_final_one() -> None:
    early = _claim(figures=(_figure(value=58.3),), statement_date=Dating(date(2012, 3, 4)))
    assert check_claim(early).verdict == "not-checkable"
    assert "while votes were being counted" in check_claim(early).text
    late = replace(early, statement_date=Dating(date(2012, 6, 1)))
    assert check_claim(late).verdict == "infeasible"


def test_claims_about_nothing_in_the_registry_and_about_another_election(returns_2012: Returns) -> None:
    assert check_claim(_claim(election=ElectionLink(None, country="BY"))).verdict == "not-checkable"
    unknown = check_claim(_claim(election=ElectionLink("XX-PRES-1900")))
    assert "not in the registry" in unknown.text
    other = check_claim(_claim(election=ElectionLink("GE-PARL-2016")), returns_2012)
    assert "returns given are of RU-PRES-2012" in other.text
    # Of another election with official totals, those are asked.
    assert check_claim(_claim(election=ElectionLink("RU-PRES-2018")), returns_2012).verdict == "infeasible"


def test_a_claim_checks_itself(returns_2012: Returns) -> None:
    assert _claim().check(returns_2012).verdict == "consistent"
    found = _claim().check(returns_2012)
    assert "official totals, which the protocols add up to" in found.text


def test_claims_are_read_and_check_themselves_in_a_notebook(returns_2012: Returns) -> None:
    text = "MOSCOW, 5 March 2012 - The CEC of Russia said on Monday that Vladimir Putin had been elected president."
    document = tallyscope.read_claims(text, name="x.txt")
    assert [claim.check(returns_2012).words for claim in document.claims] == ["true"]
    assert {check.words for check in document.check(returns_2012).values()} == {"true"}


def test_shares_of_146_per_cent_contradict_themselves() -> None:
    shares = {"united_russia": 58.99, "kprf": 32.96, "ldpr": 23.74, "just_russia": 19.41, "yabloko": 9.32}
    figures = tuple(_figure(value=v, decimals=2, choice=c, candidate=c) for c, v in shares.items())
    claim = _claim(figures=figures, election=ElectionLink("RU-DUMA-2011"))
    found = check_document(Document("x", TEXT, "en", (claim,)))["x"]
    assert found.verdict == "internally-inconsistent"
    assert "144.42 %" in found.text


def test_one_speaker_who_gives_one_count_two_shares_contradicts_himself() -> None:
    progress = Progress(Span(0, 3), 99.3, 1, "protocols", "protocols", "")
    first = _claim(progress=progress)
    second = _claim(id="y", progress=progress, figures=(_figure(value=61.2),))
    document = Document("x", TEXT, "en", (first, second))
    assert check_document(document)["y"].verdict == "internally-inconsistent"
    rounded = replace(second, figures=(_figure(value=64.0, decimals=0),))
    assert check_document(replace(document, claims=(first, rounded)))["y"].verdict != "internally-inconsistent"


@pytest.mark.parametrize(
    ("words", "id", "verdict"),
    [
        ("Putin was elected president", "RU-PRES-2018", "true"),
        ("Путин избран президентом", "RU-PRES-2012", "true"),
        ("Zyuganov has won", "RU-PRES-2012", "infeasible"),
        ("Putin will be elected", "RU-PRES-2012", "not-checkable"),
        ("Prokhorov has not won", "RU-PRES-2012", "not-checkable"),
        ('"Movement for Socialism" won outright', "BO-PRES-2019", "true"),
    ],
)
def test_who_was_elected_is_asked_of_the_elections_own_rule(words: str, id: str, verdict: str) -> None:
    claim = _claim(content=(Span(0, len(words)),), figures=(), election=ElectionLink(id))
    assert check_document(Document("x", words, "en", (claim,)))["x"].verdict == verdict


def test_the_registry_knows_what_shares_of_2024_are_of_though_its_ballots_were_never_printed() -> None:
    known = declared_of(load_election("RU-PRES-2024"))
    assert known is not None
    low, high = known.official.cast
    assert low < high
    for ballots in (low, high):
        assert f"{100 * known.official.votes['putin'] / ballots:.2f}" == "87.28"
    assert round(100 * known.official.votes["putin"] / (known.official.registered or 1), 1) == 67.5


def test_bolivias_rule_of_forty_and_ten_is_asked_with_the_tables_that_were_out(shared_data: Path) -> None:
    returns = tallyscope.read(shared_data / "bolivia-2019-president" / "final_2019-10-25.csv.gz")
    words = "MAS has won in the first round: Movement for Socialism"
    progress = Progress(Span(0, 3), 99.99, 2, "tables", "protocols", "")
    claim = _claim(
        content=(Span(0, len(words)),), figures=(), election=ElectionLink("BO-PRES-2019"), progress=progress
    )
    found = check_document(Document("x", words, "en", (claim,)), [returns])["x"]
    assert found.verdict == "true"
    assert "10 points more than the second" in found.details["rule"]
    half = replace(claim, progress=replace(progress, value=83.85))
    assert check_document(Document("x", words, "en", (half,)), [returns])["x"].verdict == "consistent"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        # 58.99 % in Rostov region was shown by a broadcaster on the night; the protocols have 50.2 %.
        ("По Ростовской области «Единая Россия» – 50,22%", "consistent"),
        ("По Ростовской области «Единая Россия» – 58,99%", "infeasible"),
        # No unit is called so, and the country has 49.3 %.
        ("В Урюпинске за «Единую Россию» 99,48%", "not-checkable"),
        ("На нашем участке за «Единую Россию» 99,48%", "not-checkable"),
        ("«Единая Россия» набрала 99,48% в России", "infeasible"),
    ],
)
def test_a_share_of_a_region_is_asked_of_its_own_protocols(words: str, verdict: str, returns_2011: Returns) -> None:
    said = float(words.split("%")[0].split()[-1].replace(",", "."))
    figure = _figure(value=said, decimals=2, choice="united_russia", candidate="Единая Россия")
    claim = _claim(figures=(figure,), election=ElectionLink("RU-DUMA-2011"), content=(Span(0, len(words)),))
    found = check_document(Document("x", words, "ru", (claim,)), [returns_2011])["x"]
    assert found.verdict == verdict
    assert ("Ростовская область alone" in found.text) == ("Ростовской" in words)


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("In Moscow the party had 46.6 percent", "Город Москва"),
        ("in Moscow region the party had 32.8 percent", "Московская область"),
        ("в Москве 46,6%", "Город Москва"),
        ("в Подмосковье 32,8%", "Московская область"),
        ("В Петербурге 35,4%", "Город Санкт-Петербург"),
        ("turnout in St. Petersburg", "Город Санкт-Петербург"),
        ("В Чечне 99,48%", "Чеченская Республика"),
        ("in Chechnya it was 99.48 percent", "Чеченская Республика"),
        ("в Башкирии 70,5%", "Республика Башкортостан"),
        ("В Северной Осетии 67,9%", "Республика Северная Осетия - Алания"),
        ("в Якутии 49,2%", "Республика Саха (Якутия)"),
        ("Ростовской области", "Ростовская область"),
        # Moscow is also the government.
        ("Moscow disagrees with 49 percent", None),
        ("in Moscow and in Chechnya", None),
        ("in Russia 49.3 percent", None),
    ],
)
def test_a_region_is_found_under_its_other_names(words: str, unit: str | None, returns_2011: Returns) -> None:
    assert unit_named(words, returns_2011) == unit


@pytest.fixture(scope="module")
def returns_2011(shared_data: Path) -> Returns:
    return tallyscope.read(shared_data / "russia-2011-duma" / "2011.csv.zip")
