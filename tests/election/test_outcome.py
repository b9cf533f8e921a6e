"""Outcomes: the law's boundaries, nights and results that happened, and every completion of small elections."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.election.load import election_ids, load_election
from tallyscope.election.outcome import (
    Counted,
    Majority,
    Out,
    Outcome,
    PartyList,
    Plurality,
    RuleError,
    outcome,
    rule_from_data,
    rule_to_data,
    share_bounds,
)
from tallyscope.election.outcome.lists import TiedSeats, passing, seats
from tallyscope.election.outcome.single import certain_winner, elected, in_run_off, possible_winners
from tallyscope.election.outcome.words import sentences

CAST, MOST = Majority("cast"), Plurality("valid")
BOLIVIA = Majority("valid", share=Fraction(40), lead=Fraction(10))
RULES = (CAST, MOST, BOLIVIA, Majority("cast", share=Fraction(45), lead=Fraction(5, 2)))
NAMES = {"a": "Anna A", "b": "Boris B", "c": "Clara C"}


def told(rule: Majority | Plurality | PartyList, found: Outcome) -> str:
    return " ".join(sentences(found, rule, NAMES))


@pytest.mark.parametrize(
    ("votes", "base", "winner"),
    [((51, 49), 100, "a"), ((50, 50), 100, None), ((50, 49), 100, None), ((50, 40), 99, "a"), ((0, 0), 0, None)],
)
def test_more_than_half_of_those_who_took_part_is_one_vote_more_than_half(
    votes: tuple[int, int], base: int, winner: str | None
) -> None:
    # 50 of 100 ballots, one of them invalid: more than half of the valid ones, and not of those who took part.
    assert elected(CAST, Counted(dict(zip("ab", votes, strict=True)), base)) == winner


@pytest.mark.parametrize(
    ("a", "b", "winner"),
    [(4_000, 3_000, "a"), (3_999, 2_000, None), (4_000, 3_001, None), (4_999, 4_000, None), (5_001, 4_999, "a")],
)
def test_forty_per_cent_and_ten_points_are_enough_where_the_law_says_at_least(
    a: int, b: int, winner: str | None
) -> None:
    assert elected(BOLIVIA, Counted({"a": a, "b": b, "c": 10_000 - a - b}, 10_000)) == winner


@pytest.mark.parametrize(("out", "status"), [(19, "cannot-be-overtaken"), (20, "undecided"), (21, "undecided")])
def test_a_majority_is_certain_until_the_ballots_that_are_out_could_make_it_half(out: int, status: str) -> None:
    found = outcome(CAST, Counted({"a": 60, "b": 30}, 100), Out(1, out))
    assert found.status == status
    assert found.elected == ("a" if out == 19 else None)


@pytest.mark.parametrize(("out", "status"), [(20, "run-off-certain"), (21, "undecided")])
def test_a_run_off_is_certain_until_the_ballots_that_are_out_could_make_more_than_half(
    out: int, status: str
) -> None:
    found = outcome(CAST, Counted({"a": 40, "b": 30, "c": 5}, 100), Out(1, out))
    assert found.status == status
    assert found.run_off == (("a", "b") if out == 20 else ())


def test_who_is_in_a_run_off_is_told_one_by_one() -> None:
    found = outcome(CAST, Counted({"a": 40, "b": 30, "c": 25}, 100), Out(1, 5))
    # Five ballots would bring c level with b: a is certain, b is not.
    assert (found.status, found.run_off) == ("run-off-certain", ("a",))
    assert "Certain to be in it: Anna A." in told(CAST, found)
    assert outcome(CAST, Counted({"a": 40, "b": 30, "c": 25}, 100), Out(1, 4)).run_off == ("a", "b")


@pytest.mark.parametrize(("out", "status"), [(9, "cannot-be-overtaken"), (10, "undecided")])
def test_a_lead_is_certain_until_it_could_be_a_tie(out: int, status: str) -> None:
    assert outcome(MOST, Counted({"a": 50, "b": 40}, 90), Out(3, out)).status == status


def test_primorye_2018_a_lead_at_95_per_cent_is_undecided_and_the_reason_is_a_number() -> None:
    # 1,484 of 1,550 stations; the lead is smaller than the lists of the 66 that are out.
    found = outcome(MOST, Counted({"a": 245_550, "b": 217_980}, 476_000), Out(66, 59_400))
    assert (found.status, found.leader, found.margin) == ("undecided", "a", 27_570)
    text = told(MOST, found)
    assert "27,570 more than Boris B" in text
    assert "Still out: 66 protocols. 59,400 voters are on the lists there" in text


def test_honduras_2017_five_points_at_57_per_cent_of_the_tally_sheets_are_undecided() -> None:
    # The first publication: Nasralla 855,847 (45.17 %), Hernandez 761,872 (40.21 %); 6,046,873 voters in all, of
    # whose stations 42.82 % were out.
    counted = Counted({"nasralla": 855_847, "hernandez": 761_872}, 1_894_723)
    found = outcome(MOST, counted, Out(7_752, 6_046_873 * 4_282 // 10_000))
    assert (found.status, found.leader, found.margin) == ("undecided", "nasralla", 93_975)


def test_a_station_without_a_number_of_voters_leaves_everything_open_and_is_told() -> None:
    found = outcome(CAST, Counted({"a": 99, "b": 1}, 100), Out(2, 10, unlisted=1))
    assert found.status == "undecided"
    assert "Still out: 2 protocols. For 1 of these stations no number of voters is known" in told(CAST, found)


def test_nothing_is_said_of_an_election_without_a_ballot() -> None:
    found = outcome(CAST, Counted({"a": 0, "b": 0}, 0), Out(10, 5_000))
    assert (found.status, found.leader) == ("undecided", None)
    assert told(CAST, found).startswith("Undecided: no ballot has been counted yet.")
    # Not even of a country that has no voters.
    assert outcome(CAST, Counted({"a": 0, "b": 0}, 0), Out(10, 0)).status == "undecided"


def test_a_tie_is_not_settled_by_the_order_of_the_form() -> None:
    found = outcome(MOST, Counted({"a": 5, "b": 5}, 10), Out(0))
    assert (found.status, found.elected, found.tied) == ("final", None, ("a", "b"))
    place = outcome(CAST, Counted({"a": 40, "b": 30, "c": 30}, 100), Out(0))
    assert (place.run_off, place.tied) == (("a",), ("b", "c"))
    assert "A tie, which no count settles: Boris B, Clara C." in told(CAST, place)


def test_a_question_without_a_majority_is_not_adopted_and_has_no_run_off() -> None:
    rule = Majority("valid", otherwise="none")
    assert outcome(rule, Counted({"yes": 50, "no": 50}, 100), Out(0)).elected is None
    assert outcome(rule, Counted({"yes": 50, "no": 50}, 100), Out(0)).run_off == ()
    assert outcome(rule, Counted({"yes": 50, "no": 49}, 99), Out(0)).elected == "yes"


def completions(counted: Counted, most: int) -> Iterator[Counted]:
    """Everything that so many ballots or fewer can be: votes of the choices, and ballots that are votes of none."""
    names = list(counted.votes)
    for added in product(range(most + 1), repeat=len(names) + 1):
        if sum(added) <= most:
            votes = {c: counted.votes[c] + n for c, n in zip(names, added, strict=False)}
            yield Counted(votes, counted.base + sum(added))


def first_two(counted: Counted) -> set[str]:
    """Those whom at most one other equals or exceeds."""
    votes = counted.votes
    return {c for c in votes if sum(v >= votes[c] for d, v in votes.items() if d != c) <= 1}


@st.composite
def small(draw: st.DrawFn) -> tuple[Counted, int]:
    votes = draw(st.lists(st.integers(0, 6), min_size=1, max_size=3))
    base = sum(votes) + draw(st.integers(0, 3))
    return Counted(dict(zip("abc", votes, strict=False)), base), draw(st.integers(0, 4))


@pytest.mark.parametrize("rule", RULES)
@given(state=small())
def test_certain_and_possible_are_so_in_every_completion_of_a_small_election(
    rule: Majority | Plurality, state: tuple[Counted, int]
) -> None:
    counted, most = state
    every = list(completions(counted, most))
    winners = {elected(rule, c) for c in every}
    assert certain_winner(rule, counted, most) == (next(iter(winners)) if len(winners) == 1 else None)
    assert set(possible_winners(rule, counted, most)) == winners - {None}
    assert set(in_run_off(counted, most)) == set.intersection(*(first_two(c) for c in every))


@pytest.mark.parametrize("rule", RULES)
@given(state=small())
def test_a_status_that_is_certain_stays_whatever_comes_in(
    rule: Majority | Plurality, state: tuple[Counted, int]
) -> None:
    counted, most = state
    before = outcome(rule, counted, Out(1, most))
    for later in completions(counted, most):
        final = outcome(rule, later, Out(0))
        if before.status == "cannot-be-overtaken":
            assert final.elected == before.elected
        if before.status == "run-off-certain":
            assert final.elected is None
            assert set(before.run_off) <= set(final.run_off)


@given(state=small(), threshold=st.integers(0, 60))
def test_lists_are_certainly_over_or_under_the_threshold_in_every_completion(
    state: tuple[Counted, int], threshold: int
) -> None:
    counted, most = state
    rule = PartyList("cast", 5, "dhondt", Fraction(threshold))
    found = passing(rule, counted, most)
    over = [set(passing(rule, c, 0).over) for c in completions(counted, most)]
    # A single list has no others that the ballots could go to but invalid ones, as `completions` has them too.
    assert set(found.over) == set.intersection(*over)
    assert set(found.under) == set(counted.votes) - set.union(*over)


#: d'Hondt and Sainte-Lague: the example of their encyclopedia pages; Hare: that of the largest remainder method.
EIGHT = {"a": 100_000, "b": 80_000, "c": 30_000, "d": 20_000}
TEN = {"yellow": 47_000, "white": 16_000, "red": 15_900, "green": 12_000, "blue": 6_000, "pink": 3_100}


def test_seats_of_published_worked_examples() -> None:
    assert list(seats(PartyList("valid", 8, "dhondt"), EIGHT).values()) == [4, 3, 1, 0]
    assert list(seats(PartyList("valid", 8, "sainte-lague"), EIGHT).values()) == [3, 3, 1, 1]
    assert list(seats(PartyList("valid", 10, "hare"), TEN).values()) == [5, 2, 1, 1, 1, 0]


def test_the_duma_of_2011_has_the_seats_that_were_given_out() -> None:
    election = load_election("RU-DUMA-2011")
    assert election.official is not None
    assert isinstance(election.outcome, PartyList)
    votes = dict(election.official.votes)
    # The four lists over 7 %; the base only has to keep the others (1,500,000 and fewer votes) under it.
    found = outcome(election.outcome, Counted(votes, 65_656_526), Out(0))
    assert found.seats == {"united_russia": 238, "kprf": 92, "just_russia": 64, "ldpr": 56}


def slow_seats(rule: PartyList, votes: dict[str, int]) -> dict[str, int] | None:
    """One seat after another, or quota and remainders, in fractions; None for a tie."""
    given = dict.fromkeys(votes, 0)
    if rule.method == "hare":
        quotas = {c: Fraction(v * rule.seats, sum(votes.values())) for c, v in votes.items()}
        given = {c: int(q) for c, q in quotas.items()}
        worth = {c: quotas[c] - given[c] for c in votes}
        left = rule.seats - sum(given.values())
        order = sorted(votes, key=lambda c: -worth[c])
        if left and worth[order[left - 1]] == worth[order[left]]:
            return None
        return {c: given[c] + (c in order[:left]) for c in votes}
    step = 1 if rule.method == "dhondt" else 2
    quotients = sorted((-Fraction(v, 1 + step * i), c) for c, v in votes.items() for i in range(rule.seats + 1))
    if quotients[rule.seats - 1][0] == quotients[rule.seats][0]:
        return None
    for _, choice in quotients[: rule.seats]:
        given[choice] += 1
    return given


@pytest.mark.parametrize("method", ["dhondt", "sainte-lague", "hare"])
@given(votes=st.lists(st.integers(0, 500), min_size=2, max_size=5), number=st.integers(1, 12))
def test_seats_are_those_of_the_slow_way_and_a_tie_is_told(method: str, votes: list[int], number: int) -> None:
    rule = PartyList("valid", number, method)  # type: ignore[arg-type]
    named = dict(zip("abcde", votes, strict=False))
    if not sum(votes):
        assert set(seats(rule, named).values()) == {0}
        return
    expected = slow_seats(rule, named)
    if expected is None:
        with pytest.raises(TiedSeats):
            seats(rule, named)
    else:
        assert seats(rule, named) == expected


def test_lists_are_open_while_the_threshold_can_be_reached_and_seats_are_no_forecast() -> None:
    rule = PartyList("cast", 10, "hare", Fraction(5))
    found = outcome(rule, Counted({"a": 70, "b": 25, "c": 4}, 100), Out(1, 10))
    assert found.passing is not None
    assert (found.passing.over, found.passing.open) == (("a", "b"), ("c",))
    assert found.status == "undecided"
    text = told(rule, found)
    assert "Certainly over 5 % of ballots cast: Anna A, Boris B." in text
    assert "which is no forecast" in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"rule": "first-past"}, "is not one of majority, plurality, list"),
        ({"rule": "majority"}, "of: is missing"),
        ({"rule": "majority", "of": "registered"}, "'registered' is not one of cast, valid"),
        ({"rule": "majority", "of": "cast", "share": 40}, "one goes with the other"),
        ({"rule": "majority", "of": "cast", "share": 40.5, "lead": 10}, "write a fraction as text"),
        ({"rule": "plurality", "of": "cast", "seats": 3}, "a rule 'plurality' has no such thing"),
        ({"rule": "list", "of": "cast", "seats": 0, "method": "hare"}, "from 1 on"),
        ({"rule": "list", "of": "cast", "seats": 5, "method": "droop"}, "'droop' is not one of"),
        ({"rule": "list", "of": "cast", "seats": 5, "method": "hare", "threshold": "101"}, "not a percentage"),
    ],
)
def test_a_rule_that_cannot_be_read_says_why(data: dict[str, object], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        rule_from_data(data)


@pytest.mark.parametrize("id", election_ids())
def test_rules_of_the_registry_are_read_back_as_they_are_written(id: str) -> None:
    rule = load_election(id).outcome
    assert rule is None or rule_from_data(rule_to_data(rule)) == rule


@pytest.mark.parametrize(
    ("id", "winner"),
    [("RU-PRES-2012", "putin"), ("RU-PRES-2018", "putin"), ("BO-PRES-2019", "mas_ipsp"), ("TR-REF-2017", "yes")],
)
def test_the_rule_elects_whom_the_commission_declared_elected(id: str, winner: str) -> None:
    election = load_election(id)
    assert election.official is not None
    assert election.outcome is not None
    votes = dict(election.official.votes)
    lines = election.official.lines
    base = lines.get("cast") if election.outcome.of == "cast" else sum(votes.values())
    found = outcome(election.outcome, Counted(votes, base or sum(votes.values())), Out(0))
    assert (found.status, found.elected) == ("final", winner)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=3),
    st.integers(0, 3),
    st.integers(0, 4),
)
def test_bounds_of_a_share_hold_every_completion_and_are_reached(votes: list[int], others: int, most: int) -> None:
    counted = Counted(dict(zip("abc", votes, strict=False)), sum(votes) + others)
    found = share_bounds(counted, Out(2, voters=most))
    if not counted.base + most:
        assert found is None
        return
    assert found is not None
    for choice, (low, high) in found.items():
        shares = [
            Fraction(10_000 * (counted.votes[choice] + ours), counted.base + ours + theirs)
            for ours, theirs in product(range(most + 1), repeat=2)
            if ours + theirs <= most and counted.base + ours + theirs
        ]
        assert low == min(shares) // 1
        assert high == -(-max(shares) // 1)


def test_there_are_no_bounds_where_nothing_is_out_or_nobody_knows_how_much() -> None:
    counted = Counted({"a": 3, "b": 2}, 6)
    assert share_bounds(counted, Out(0)) is None
    assert share_bounds(counted, Out(2, voters=100, unlisted=1)) is None
    # 3 of 6, and 2 voters out: 3 of 8 = 37.50 %, 5 of 8 = 62.50 %.
    assert share_bounds(counted, Out(1, voters=2)) == {"a": (3750, 6250), "b": (2500, 5000)}
