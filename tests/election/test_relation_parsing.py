"""Expressions of control relations: what is written is what is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.election.relation import Linear, RelationError, parse_linear, parse_relation

ROLES = {1: "registered", 2: "issued", 3: "cast", 4: "valid", 17: "ballots_lost"}
VALUES = {
    "registered": 1009,
    "issued": 811,
    "cast": 797,
    "valid": 701,
    "ballots_lost": 3,
    "choices": 601,
    "added": 53,
}


@dataclass(frozen=True)
class Term:
    """A term as it is written, and what it is worth at VALUES, computed without the parser."""

    minus: bool
    text: str
    worth: float


@st.composite
def terms(draw: st.DrawFn) -> Term:
    kind = draw(st.sampled_from(["line", "role", "number"]))
    minus = draw(st.booleans())
    if kind == "number":
        number = draw(st.integers(0, 500))
        return Term(minus, str(number), float(number))
    if kind == "line":
        line = draw(st.sampled_from(sorted(ROLES)))
        name, value = f"L{line}", VALUES[ROLES[line]]
    else:
        name = draw(st.sampled_from(sorted(VALUES)))
        value = VALUES[name]
    factor = draw(st.sampled_from([None, "2", "3", "1.02", "0.5"]))
    blank = draw(st.sampled_from(["", " "]))
    text = name if factor is None else f"{factor}{blank}*{blank}{name}"
    return Term(minus, text, value * float(factor or 1))


def written(parts: list[Term], blank: str) -> str:
    """The sum as a person writes it: no plus before the first term."""
    first = ("-" if parts[0].minus else "") + parts[0].text
    return first + "".join(f"{blank}{'-' if p.minus else '+'}{blank}{p.text}" for p in parts[1:])


def worth(parts: list[Term]) -> float:
    return sum(-p.worth if p.minus else p.worth for p in parts)


def value(linear: Linear) -> float:
    """A parsed sum at VALUES."""
    return linear.constant + sum(f * VALUES[r] for r, f in linear.terms.items())


@given(st.lists(terms(), min_size=1, max_size=8), st.sampled_from(["", " ", "  "]))
def test_a_sum_is_worth_what_its_terms_are_worth(parts: list[Term], blank: str) -> None:
    assert value(parse_linear(written(parts, blank), ROLES)) == pytest.approx(worth(parts))


SUMS = st.lists(terms(), min_size=1, max_size=5)


@given(SUMS, st.sampled_from(["=", ">=", "<=", ">", "<"]), SUMS)
def test_a_relation_is_its_left_minus_its_right_side(left: list[Term], operator: str, right: list[Term]) -> None:
    relation = parse_relation("T1", "hard", f"{written(left, ' ')} {operator} {written(right, ' ')}", ROLES)
    assert relation.operator == operator
    assert value(relation.residual) == pytest.approx(worth(left) - worth(right))


def test_a_line_on_both_sides_leaves_no_term() -> None:
    relation = parse_relation("T1", "hard", "L1 + L2 = L1 + L3", ROLES)
    assert relation.residual.terms == {"issued": 1.0, "cast": -1.0}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("L1 + L99 = L2", "line 99"),
        ("L1 = ", "empty side"),
        (" >= L2", "empty side"),
        ("L1 + L2", "not one comparison"),
        ("L1 = L2 = L3", "not one comparison"),
        ("L1 L2 = L3", "cannot read"),
        ("L1 + = L3", "cannot read"),
        ("L1 * 2 = L3", "cannot read"),
        ("(L1 + L2) = L3", "cannot read"),
        ("L1 == L2", "not one comparison"),
        ("L1 != L2", "cannot read"),
        ("Л1 = L2", "cannot read"),
    ],
)
def test_an_expression_that_cannot_be_read_is_refused_with_its_text(expression: str, said: str) -> None:
    with pytest.raises(RelationError, match=said):
        parse_relation("T1", "hard", expression, ROLES)


@given(st.text(alphabet="L1234567890 +-*=<>.choices_registered()", max_size=30))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    try:
        relation = parse_relation("T1", "hard", text, ROLES)
    except RelationError:
        return
    assert relation.operator in text
    assert set(relation.residual.terms) <= {*ROLES.values(), *re.findall(r"[A-Za-z_]\w*", text)}
