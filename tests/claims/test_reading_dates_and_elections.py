"""When it was said, and about which election: stamps, weekdays, offices, candidates and voting days weighed."""

from __future__ import annotations

from datetime import date

import pytest

from tallyscope.claims.reading import read_claims
from tallyscope.claims.reading.dates import written_dates

WHO = "Vladimir Putin, Pavel Grudinin and Ksenia Sobchak ran for president of Russia."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-03-18", (2024, 3, 18)),
        ("Updated at 14:54,16-10-2020", (2020, 10, 16)),
        ("05.03.2012 10:00", (2012, 3, 5)),
        ("03/17/2024", (2024, 3, 17)),
        ("March 19, 2018", (2018, 3, 19)),
        ("19 Mar 2018, 09:12", (2018, 3, 19)),
        ("5 декабря 2011 года", (2011, 12, 5)),
        ("18 мар. 2018", (2018, 3, 18)),
        ("MOSCOW, March 19", (None, 3, 19)),
        ("the ninth of October 2016", (2016, 10, 9)),
    ],
)
def test_dates_are_read_as_they_are_written(text: str, found: tuple[int | None, int, int]) -> None:
    assert [(w.year, w.month, w.day) for w in written_dates(text)] == [found]


@pytest.mark.parametrize("text", ["23-16", "1.5 million", "12:30", "99.72%", "may win", "63.75, 17.19", "2012"])
def test_other_numbers_are_no_dates(text: str) -> None:
    assert list(written_dates(text)) == []


@pytest.mark.parametrize(
    ("dateline", "said", "day"),
    [
        ("MOSCOW, March 19, 2018 - ", "Ella Pamfilova said on Monday that it was fair.", date(2018, 3, 19)),
        ("MOSCOW, March 19 (Reuters) - ", "Pamfilova said late on Sunday that it was fair.", date(2018, 3, 18)),
        ("MOSCOW, March 19, 2018 - ", "Pamfilova said yesterday that it was fair.", date(2018, 3, 18)),
        ("MOSCOW, March 19, 2018 - ", "Three weeks ago Pamfilova said that it was fair.", date(2018, 2, 26)),
        ("MOSCOW, March 19, 2018 - ", "Two days before the vote Pamfilova said it was fair.", date(2018, 3, 16)),
        ("MOSCOW, March 19, 2018 - ", "Pamfilova said that it was fair on Sunday.", date(2018, 3, 19)),
    ],
)
def test_a_statement_is_dated_from_the_words_of_saying(dateline: str, said: str, day: date) -> None:
    claim = read_claims(f"{dateline}{WHO} {said}").claims[-1]
    assert claim.statement_date.value == day
    assert claim.statement_date.evidence


def test_a_stamp_of_the_page_is_rejected_for_a_dateline_that_fits_the_voting() -> None:
    stamps = "Published 19 Mar 2018, 09:12 | Modified 07 Aug 2023, 17:40"
    document = read_claims(f"{stamps}\n\nMOSCOW, March 19 - {WHO} Peskov said it was fair.")
    assert document.date.value == date(2018, 3, 19)
    assert [r.value for r in document.date.rejected] == ["2023-08-07"]


def test_without_a_stamp_the_date_follows_from_the_voting_and_the_weekday() -> None:
    text = f"{WHO} With 99 percent of protocols processed, Putin has 76.7 percent, the CEC said on Tuesday."
    document = read_claims(text)
    assert document.date.value == date(2018, 3, 20)
    assert any("voting ended on 2018-03-18" in e.text for e in document.date.evidence)


def test_what_nothing_dates_has_no_date() -> None:
    assert read_claims("Dmitry Peskov said that the weather was fine.").date.value is None


@pytest.mark.parametrize(
    ("text", "election"),
    [
        (f"{WHO} The vote was fair, Peskov said.", "RU-PRES-2018"),
        ("In Russia's election of March 2024 Putin won 87.28%, the CEC said.", "RU-PRES-2024"),
        ("На выборах в Госдуму «Патриоты России» и «Правое дело» проиграли, сообщил Чуров.", "RU-DUMA-2011"),
        ("Margvelashvili and Bakradze ran for president of Georgia. It was fair, the CEC said.", "GE-PRES-2013"),
        ("In Belarus's election of December 2010 Lukashenko won, Sannikov said.", "BY-PRES-2010"),
        ("The Falcons won again in Georgia, the coach said. It rained all day.", None),
    ],
)
def test_an_article_is_linked_by_candidates_country_office_and_year(text: str, election: str | None) -> None:
    found = [link.id for link in read_claims(text).elections]
    assert found == ([election] if election else [])


def test_what_fits_several_elections_alike_is_not_linked() -> None:
    document = read_claims("Vladimir Putin won in Russia, Dmitry Peskov said.")
    assert document.elections == ()


def test_a_claim_about_an_earlier_election_is_linked_to_that_one() -> None:
    text = f"MOSCOW, March 19, 2018 - {WHO} In 2012 Putin was elected with 63.6 percent, Pamfilova said."
    assert read_claims(text).claims[-1].election.id == "RU-PRES-2012"


def test_a_year_that_is_only_compared_with_is_not_what_a_claim_is_about() -> None:
    text = f"MOSCOW, March 19, 2018 - {WHO} Turnout was 67 percent, higher than in 2012, Pamfilova said."
    assert read_claims(text).claims[-1].election.id == "RU-PRES-2018"


def test_other_news_of_the_same_article_is_linked_to_no_election() -> None:
    text = f'MOSCOW, March 19, 2018 - {WHO}\n\nIn other news, "the key rate is 7.5 percent," Anna Berg said.'
    claim = read_claims(text).claims[-1]
    assert (claim.election.id, claim.figures) == (None, ())


@pytest.mark.parametrize(
    "text",
    [
        "МОСКВА, 9 сентября 2018 года. На выборах мэра Москвы явка составила 30,9 процента, сообщил председатель "
        "Мосгоризбиркома Валентин Горбунов. Мэр Сергей Собянин набрал 70,2 процента голосов.",
        "MOSCOW, Sept 9, 2019 - Candidates of United Russia lost seats in the Moscow city council, the election "
        "commission said. Municipal elections were held across Russia.",
    ],
)
def test_a_citys_election_is_not_linked_to_the_countrys(text: str) -> None:
    assert {c.election.id for c in read_claims(text).claims} == {None}


def test_of_two_elections_of_a_day_each_passage_has_its_own() -> None:
    text = (
        "САНКТ-ПЕТЕРБУРГ, 20 сентября 2021 года. На выборах в Госдуму «Единая Россия» набирает в Петербурге 34,9%, "
        "сообщил горизбирком. На выборах в Законодательное собрание у партии 33,3%, отметил председатель комиссии "
        "Максим Мейксин. По стране партия имеет 49,6%, следует из сводки ЦИК."
    )
    claims = read_claims(text).claims
    assert [(c.speaker.key, c.election.id) for c in claims] == [
        ("ru-spb-commission", "RU-DUMA-2021-SPB"),
        ("Maksim Meyksin", None),
        ("ru-cec", None),
    ]


def test_a_comparison_with_an_earlier_election_keeps_each_figures_year() -> None:
    text = (
        "MOSCOW, March 19, 2018 - Vladimir Putin took 76.69% of the vote for president, against 63.6% in 2012, the "
        "commission said. Turnout was 67.5 percent, down from 69.8 percent ten years ago, it added."
    )
    first, second = read_claims(text).claims
    assert [(f.value, f.of_year, f.election) for f in first.figures] == [
        (76.69, None, None),
        (63.6, 2012, "RU-PRES-2012"),
    ]
    assert [(f.value, f.of_year, f.election) for f in second.figures] == [
        (67.5, None, None),
        (69.8, 2008, "RU-PRES-2008"),
    ]
