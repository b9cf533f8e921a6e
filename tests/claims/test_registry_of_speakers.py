"""Persons, bodies, outlets and countries are found in any script, case and spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.claims.reading import read_claims
from tallyscope.claims.reading.words import words_of
from tallyscope.claims.registry.entities import entities
from tallyscope.claims.registry.index import named_in
from tallyscope.claims.registry.names import name_key
from tallyscope.election.contests import contests
from tallyscope.election.load import election_ids


def found(text: str) -> list[tuple[str, str]]:
    words = words_of(text)
    return [
        (text[words[n.first].start : words[n.last - 1].end], n.alias.ids[0])
        for n in named_in(words)
        if not n.alias.adjective
    ]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Зюганова", "ru-zyuganov"),
        ("Геннадием Зюгановым", "ru-zyuganov"),
        ("Gennady Zyuganov's", "ru-zyuganov"),
        ("Ziuganov", "ru-zyuganov"),
        ("Zhirinovskiy", "ru-zhirinovsky"),
        ("Жириновскому", "ru-zhirinovsky"),
        ("Kilicdaroglu", "tr-kilicdaroglu"),
        ("Эрдогана", "tr-erdogan"),
        ("ЦИКа России", "ru-cec"),
        ("БДИПЧ ОБСЕ", "odihr"),
        ("«Единую Россию»", "ru-united_russia"),
        ("Tsikhanouskaya", "by-tikhanovskaya"),
        ("Эллой Памфиловой", "ru-pamfilova"),
        ("White House National Security Council", "us-nsc"),
    ],
)
def test_a_name_is_found_whatever_its_script_case_and_spelling(text: str, id: str) -> None:
    assert [who for _, who in found(f"so {text} said")] == [id]


def test_names_are_names_only_with_their_capitals() -> None:
    assert found("they put in a citizen of no labour") == []
    assert found("de facto a golos") == []


def test_a_commission_may_be_of_any_country_until_the_text_tells() -> None:
    named = named_in(words_of("the CEC"))[0]
    assert {"ru-cec", "by-cec", "ge-cec"} <= set(named.alias.ids)


def test_every_election_of_the_registry_is_a_contest_with_office_and_day() -> None:
    known = {contest.id: contest for contest in contests()}
    assert set(election_ids()) - {"SIMULATED"} <= set(known)
    assert all(c.office in ("president", "parliament", "referendum") and c.voting_days for c in known.values())
    assert not known["BY-PRES-2010"].held
    assert known["RU-DUMA-2021-SPB"].regional
    assert not known["ES-CONG-2019-04"].regional


def test_offices_are_held_from_their_day_to_their_last() -> None:
    term = entities()["ru-churov"].terms[0]
    assert term.until is not None
    assert term.holds(term.start)
    assert term.holds(term.until)
    assert not term.holds(term.start.replace(year=2006))
    for entity in entities().values():
        assert all(t.body in entities() for t in entity.terms), entity.id
        assert all(body in entities() for body in entity.speaks_for), entity.id


@given(st.text(max_size=200))
def test_any_text_has_keys_and_names_without_an_error(text: str) -> None:
    words = words_of(text)
    assert [w.text for w in words] == [text[w.start : w.end] for w in words]
    assert all(name_key(w.text) == name_key(w.text.upper().lower()) or not w.text.isascii() for w in words)
    assert all(0 <= n.first < n.last <= len(words) for n in named_in(words))


MINSK = "МИНСК, 10 августа 2020 года. На выборах президента Беларуси баллотировались Лукашенко и Тихановская.\n\n"


@pytest.mark.parametrize(
    ("before", "sentence", "speaker"),
    [
        (MINSK, "Штаб Тихановской утверждает, что она победила.", "Штаб Тихановской"),
        (MINSK, "Глава МИД Владимир Орлов сказал, что выборы прошли спокойно.", "Vladimir Orlov"),
        (MINSK, "По данным экзит-полла телеканала «Мир-1», Лукашенко победил.", "Mir-1"),
        (
            "TIRANA, June 26, 2017 - Albania voted for a parliament. The OSCE was in the country.\n\n",
            "The OSCE said the vote was calm. Its long-term observers warned that voters were pressured.",
            "osce",
        ),
    ],
)
def test_peoples_teams_and_bodies_observers_are_resolved(before: str, sentence: str, speaker: str) -> None:
    assert read_claims(before + sentence).claims[-1].speaker.key == speaker


def test_a_namesake_of_a_candidate_is_somebody_else_and_a_companys_election_is_none_of_the_registrys() -> None:
    text = (
        "LONDON, March 6, 2012 - Shareholders elected a chairman of Meridian Shipping on Monday, a day after the "
        "election in Russia. Her rival in the vote of the shareholders, Giles Mironov, said that proxies had been "
        "stuffed. The board of directors, he added, knew it."
    )
    first = read_claims(text).claims[0]
    assert (first.speaker.key, first.election.id) == ("Giles Mironov", None)
    own = "MOSCOW, March 5, 2012 - Sergei Mironov said the vote for president of Russia was fair. Mironov said so."
    assert read_claims(own).claims[0].speaker.id == "ru-mironov"


def test_members_of_a_party_are_the_party_in_the_genitive_too() -> None:
    for words in ("социалисты", "у социалистов", "У социалистов Педро Санчеса"):
        assert {id for n in named_in(words_of(words)) for id in n.alias.ids} >= {"es-psoe"}
    # A surname in -ов is nobody's party.
    assert not named_in(words_of("Иван Петров"))
