"""Persons, bodies, outlets and countries are found in any script, case and spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
