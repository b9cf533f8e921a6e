"""What is typed on the lines is read as what it is, and the rules say of it what the clerk has to see."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entry.papers import CLEAN, COLUMNS, ELECTION, with_error, with_warning
from tallyscope.election.load import load_election
from tallyscope.ledger.entry.examine import Surroundings, examine
from tallyscope.ledger.entry.typed import read_typed, written
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import GAPS


def test_zero_missing_illegible_untyped_and_no_count_are_five_different_things() -> None:
    texts = CLEAN | {"issued_early": "0", "portable": "-", "invalid": "?", "cancelled": " ", "valid": "-5"}
    typed = read_typed(ELECTION, texts)
    assert typed.figures["issued_early"] == 0
    assert typed.gaps == {"portable": "missing", "invalid": "illegible"}
    assert {state: lines for state, lines in typed.states.items() if lines} == {
        "missing": ("portable",),
        "illegible": ("invalid",),
        "unfilled": ("cancelled",),
        "not_counts": ("valid",),
    }
    said = {r.rule.code: r.lines for r in examine(ELECTION, texts).remarks}
    wanted = {"E101": ("cancelled",), "E102": ("valid",), "E103": ("portable",), "E104": ("invalid",)}
    assert said == wanted, "and no relation is blamed for a figure that is not there"


@pytest.mark.parametrize("text", ["12.5", "1e3", "abc", "-1", "99999999999999", "12 ballots"])
def test_what_is_not_a_count_is_never_made_one(text: str) -> None:
    typed = read_typed(ELECTION, CLEAN | {"valid": text})
    assert "valid" not in typed.figures
    assert typed.states["not_counts"] == ("valid",)


def test_a_line_that_is_not_on_the_form_is_a_stranger() -> None:
    assert examine(ELECTION, CLEAN | {"votes_navalny": "1"}).codes("E") == ("E105",)


def test_a_line_the_form_does_not_require_may_stay_empty_and_is_missing_not_zero() -> None:
    simulated = replace(load_election("RU-PRES-2018"), form=load_election("RU-DUMA-2021-SPB").form)
    optional = [line.role for line in simulated.form.lines if not line.required]
    assert optional
    texts = {c: "0" for c in figure_columns(simulated) if c not in optional}
    typed = read_typed(simulated, texts)
    assert set(typed.gaps) == set(optional) == set(typed.states["unasked"])
    assert not typed.states["unfilled"]


@given(st.dictionaries(st.sampled_from(COLUMNS), st.one_of(st.integers(0, 10**9), st.sampled_from(GAPS))))
def test_what_is_written_is_read_back(lines: dict[str, object]) -> None:
    figures = {c: n for c, n in lines.items() if isinstance(n, int)}
    gaps = {c: g for c, g in lines.items() if not isinstance(g, int)}
    typed = read_typed(ELECTION, written(figures, gaps))  # type: ignore[arg-type]
    assert (typed.figures, typed.gaps) == (figures, gaps)


def test_a_clean_protocol_has_no_remark() -> None:
    assert examine(ELECTION, CLEAN).remarks == ()


def test_a_swapped_digit_is_an_error_with_its_lines_and_the_slip_that_would_mend_it() -> None:
    (remark,) = examine(ELECTION, with_error()).remarks
    assert remark.rule.code == "E4"
    assert remark.lines == ("valid", *(c for c in COLUMNS if c.startswith("votes_")))
    assert [(r.column, r.value, r.instead) for r in remark.repairs] == [("votes_putin", 421, 412)]


def test_a_zero_too_many_is_suggested_too() -> None:
    (remark,) = examine(ELECTION, CLEAN | {"votes_grudinin": "1000"}).remarks
    assert [(r.column, r.instead) for r in remark.repairs] == [("votes_grudinin", 100)]


def test_a_lost_ballot_is_a_warning() -> None:
    examined = examine(ELECTION, with_warning())
    assert (examined.codes("E"), examined.codes("W")) == ((), ("W109",))


def test_the_commissions_median_tells_what_is_far_from_it() -> None:
    many = CLEAN | {"invalid": "15", "valid": "502", "votes_putin": "402"}
    assert examine(ELECTION, many).codes("W") == ()
    assert examine(ELECTION, many, Surroundings(invalid_share=Fraction(1, 104))).codes("W") == ("W105",)
    assert examine(ELECTION, many, Surroundings(invalid_share=Fraction(2, 104))).codes("W") == ()
    assert examine(ELECTION, CLEAN, Surroundings(invalid_share=Fraction(4, 100))).codes("W") == ("W106",)


def test_a_twin_and_a_grown_list_are_told() -> None:
    examined = examine(ELECTION, CLEAN, Surroundings(twins=1, listed=700))
    assert (examined.codes("W"), examined.codes("I")) == (("W113",), ("I102",))


def test_a_form_that_was_not_in_force_is_an_error() -> None:
    old = replace(ELECTION, form=load_election("RU-PRES-2012").form)
    assert "E106" in examine(old, {}).codes("E")
