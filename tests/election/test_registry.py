"""The registry's forms and elections are data: what they say has to hold together."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

import tallyscope
from tallyscope.election.election import Election
from tallyscope.election.form import Form
from tallyscope.election.load import UnknownElection, election_ids, form_ids, load_election, load_form
from tallyscope.election.relation import CHOICES
from tallyscope.election.roles import DERIVED, ROLES, is_role, votes_column
from tallyscope.returns.reading.recognise import normalised

FORMS = form_ids()
ELECTIONS = election_ids()


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    return load_form(request.param)


@pytest.fixture(params=ELECTIONS)
def election(request: pytest.FixtureRequest) -> Election:
    return load_election(request.param)


def names_of_form(form: Form) -> list[tuple[str, str]]:
    """Every header a file of this form may carry, normalised, with what it stands for; a header once a target."""
    pairs = [(name, "ignored") for name in form.ignored]
    pairs += [(name, f"level {level.name}") for level in form.levels for name in level.names]
    pairs += [(name, f"station {i}") for i, names in enumerate(form.station) for name in names]
    pairs += [(name, f"line {line.role}") for line in form.lines for name in line.names]
    pairs += [(line.role, f"line {line.role}") for line in form.lines if line.role not in form.ignored]
    return sorted({(normalised(name), target) for name, target in pairs})


def test_there_is_a_form_for_every_election_of_the_issue() -> None:
    wanted = {"RU-PRES-2004", "RU-DUMA-2011", "RU-PRES-2012", "RU-PRES-2018", "RU-PRES-2024", "GE-PRES-2013"}
    wanted |= {"GE-PARL-2016", "TR-REF-2017", "ES-CONG-2019-04", "AL-PARL-2017", "BO-PRES-2019", "BY-PRES-2020"}
    assert wanted <= set(ELECTIONS)
    assert {load_election(id).form.id for id in ELECTIONS} <= set(FORMS)


def test_an_unknown_id_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownElection, match="RU-PRES-2012"):
        load_election("RU-PRES-1812")
    with pytest.raises(UnknownElection, match="ru-president-2012"):
        load_form("../elections/RU-PRES-2012")


def test_a_form_has_the_id_of_its_file_and_says_whose_law_it_is(form: Form) -> None:
    assert form.id in FORMS
    assert load_form(form.id).id == form.id
    assert form.source
    assert form.denominator in ("cast", "valid")
    assert form.valid_from is None or form.valid_until is None or form.valid_from < form.valid_until


def test_lines_have_known_roles_each_once(form: Form) -> None:
    roles = [line.role for line in form.lines]
    assert all(is_role(role) for role in roles)
    assert not [role for role, n in Counter(roles).items() if n > 1]


def test_numbered_lines_are_numbered_without_a_gap_up_to_the_first_choice(form: Form) -> None:
    numbers = [line.number for line in form.lines if line.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(line.number is not None for line in form.lines[: len(numbers)]), "others follow them"
    if numbers:
        assert form.first_choice_line == len(numbers) + 1


def test_no_two_columns_of_a_form_share_a_header(form: Form) -> None:
    taken = Counter(name for name, _ in names_of_form(form))
    pseudo = {normalised(name) for name in form.pseudo.names} if form.pseudo else set()
    assert not [name for name, n in taken.items() if n > 1 and name not in pseudo]
    assert "" not in taken


def test_relations_have_codes_texts_and_only_lines_of_the_form(form: Form) -> None:
    codes = [relation.code for relation in form.relations]
    assert len(codes) == len(set(codes))
    of_form = {line.role for line in form.lines} | set(form.derived) | {CHOICES}
    for relation in form.relations:
        assert re.fullmatch(r"[EW]\d+", relation.code)
        assert relation.code.startswith("E") == (relation.level == "hard")
        assert relation.clerk.endswith(".")
        assert relation.public.endswith(".")
        assert set(relation.residual.terms) <= of_form, relation.code
        assert relation.residual.terms


def test_the_clerks_text_names_the_lines_of_the_expression(form: Form) -> None:
    """Text and code come from one file so that they agree (Abacus: a rule that said "and" here and "or" there)."""
    for relation in form.relations:
        lines = {int(n) for n in re.findall(r"\bL(\d+)", relation.expression)}
        if lines and CHOICES not in relation.expression:
            sentence = re.split(r"[:?]", relation.clerk)[0]
            said = {int(n) for n in re.findall(r"\b\d+\b", sentence)}
            assert said == lines, relation.code


def test_the_clerks_text_on_the_sum_of_choices_names_the_first_choice_line(form: Form) -> None:
    for relation in form.relations:
        if form.first_choice_line and relation.expression.endswith("= choices"):
            assert f"lines {form.first_choice_line} and following" in relation.clerk


def test_derived_figures_are_standing_ones_made_of_lines(form: Form) -> None:
    lines = {line.role for line in form.lines}
    for role, linear in form.derived.items():
        assert role in DERIVED
        assert role not in lines
        assert set(linear.terms) <= lines | {CHOICES}


def test_what_a_vote_share_is_a_share_of_can_be_computed(form: Form) -> None:
    lines = {line.role for line in form.lines}
    if form.denominator in lines or form.denominator in form.derived:
        return
    assert form.denominator == "valid", "valid votes are the sum of the choices where no line has them"


def test_choices_have_ids_of_their_own(election: Election) -> None:
    ids = [choice.id for choice in election.choices]
    assert len(ids) == len(set(ids)) >= 2
    assert all(re.fullmatch(r"[a-z0-9_]+", id) for id in ids)
    assert not {votes_column(id) for id in ids} & set(ROLES)


def test_no_header_of_an_election_stands_for_two_things(election: Election) -> None:
    known = dict(names_of_form(election.form))
    for choice in election.choices:
        for name in {normalised(n) for n in (choice.name, votes_column(choice.id), *choice.names)}:
            assert name, f"a blank name of {choice.id}"
            assert name not in known, f"{name!r} is {choice.id} and {known.get(name)}"
            known[name] = f"choice {choice.id}"


def test_choices_follow_the_lines_of_their_form(election: Election) -> None:
    first = election.form.first_choice_line
    if first is not None:
        assert [choice.line for choice in election.choices] == list(range(first, first + len(election.choices)))


def test_voting_is_on_days_on_which_the_form_was_the_laws(election: Election) -> None:
    form = election.form
    assert election.voting_days or election.country == ""
    assert list(election.voting_days) == sorted(election.voting_days)
    for day in election.voting_days:
        assert form.valid_from is None or form.valid_from <= day
        assert form.valid_until is None or day < form.valid_until
        assert str(day.year) in election.title
    assert election.country == form.country


def test_official_totals_are_of_lines_and_choices_there_are(election: Election) -> None:
    official = election.official
    if official is None:
        return
    assert official.source
    assert set(official.votes) <= {choice.id for choice in election.choices}
    assert all(is_role(role) for role in official.lines)
    assert all(isinstance(n, int) and n >= 0 for n in (*official.votes.values(), *official.lines.values()))
    assert set(official.shares) <= {choice.id for choice in election.choices}
    for choice, printed in official.shares.items():
        # Every printed share and its count imply a number of ballots, within half a unit of the last decimal.
        value, half = Fraction(printed), Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))
        low, high = (100 * official.votes[choice] / (value + sign * half) for sign in (1, -1))
        assert max(official.lines.get("valid", 0), sum(official.votes.values())) <= high
        leader = max(official.votes, key=official.votes.__getitem__)
        lead, near = Fraction(official.shares[leader]), Fraction(1, 200)
        assert low <= 100 * official.votes[leader] / (lead - near)
        assert high >= 100 * official.votes[leader] / (lead + near)
    cast = official.lines.get("cast")
    if cast is not None:
        assert sum(official.votes.values()) + official.lines.get("invalid", 0) <= cast


def test_the_official_figures_of_2012_add_up_to_the_ballots_cast() -> None:
    """Protocol of the Central Election Commission of 7 March 2012: 71,701,665 = 836,691 invalid and the votes."""
    official = load_election("RU-PRES-2012").official
    assert official is not None
    assert sum(official.votes.values()) + official.lines["invalid"] == official.lines["cast"] == 71_701_665


def test_a_choice_is_found_by_its_id_only() -> None:
    election = load_election("RU-PRES-2024")
    assert election.choice("putin").line == 14
    with pytest.raises(KeyError):
        election.choice("Путин")


def test_the_misprint_of_the_law_is_not_in_the_forms() -> None:
    """One printed copy has "17-19" in the second relation; the law itself has 17 - 18 (PROTOCOLS)."""
    for id in ("ru-president-2012", "ru-duma-2011"):
        terms = load_form(id).relation("E2").residual.terms
        assert terms == {
            "ballots_received": 1.0,
            "issued_early": -1.0,
            "issued_in_station": -1.0,
            "issued_outside": -1.0,
            "cancelled": -1.0,
            "ballots_lost": -1.0,
            "ballots_unaccounted": 1.0,
        }


TALLIED = {
    "GE-PRES-2013": "georgia-2013-president/precincts.csv.gz",
    "ES-CONG-2019-04": "spain-2019apr-congress/mesas.csv.gz",
    "AL-PARL-2017": "albania-2017-parliament/stations.csv.gz",
}


@pytest.mark.parametrize(("id", "file"), TALLIED.items())
def test_what_is_tallied_in_the_registry_is_the_sum_of_the_stations_and_near_what_is_official(
    id: str, file: str, shared_data: Path
) -> None:
    election = load_election(id)
    tallied = election.tallied
    assert tallied is not None
    returns = tallyscope.read(shared_data / file)
    for choice in election.choices:
        assert tallied.votes[choice.id] == int(returns.table[f"votes_{choice.id}"].sum())
    for role in ("registered", "cast", "valid", "invalid"):
        assert tallied.lines[role] == int(returns.table[role].sum())
    assert f"{len(returns):,}" in tallied.source
    assert election.official is not None
    for id_, votes in election.official.votes.items():
        assert abs(tallied.votes[id_] - votes) <= 0.0001 * votes


def test_only_elections_without_complete_official_totals_are_tallied() -> None:
    for election in map(load_election, election_ids()):
        complete = election.official is not None and set(election.official.votes) == {
            c.id for c in election.choices
        }
        assert (election.tallied is None) or not complete
        if election.tallied is not None:
            assert election.tallied.source
            assert set(election.tallied.votes) == {c.id for c in election.choices}
