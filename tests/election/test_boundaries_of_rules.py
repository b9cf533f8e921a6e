"""Boundary tests made from each rule itself: the expression of a relation gives the protocol that just keeps it and
the one that just breaks it, and `check` has to tell them apart.

The verdict that `check` is held to is computed from the text of the expression by a slow reading of its own.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.election.election import Choice, Election
from tallyscope.election.form import Form
from tallyscope.election.load import form_ids, load_form
from tallyscope.election.relation import Relation
from tallyscope.returns.build import build_returns
from tallyscope.returns.checks import check
from tallyscope.returns.table import Returns

CHOICES = ("first", "second", "third")
FORMS = [load_form(id) for id in form_ids()]
EVERY_FORM = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
#: Operator -> left minus right side of a protocol that just keeps it, and of those that just break it.
BOUNDARY: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "=": (0, (-1, 1)),
    ">=": (0, (-1,)),
    "<=": (0, (1,)),
    ">": (1, (0,)),
    "<": (-1, (0,)),
}
Protocol = dict[str, int]
Gapped = Mapping[str, int | None]


def slow_sides(form: Form, expression: str, protocol: Protocol) -> tuple[str, float, float]:
    """Operator, left and right side of an expression, by putting figures into its text and letting Python add."""
    roles = {f"L{line.number}": line.role for line in form.lines if line.number is not None}
    figures = {**protocol, "choices": sum(protocol[f"votes_{c}"] for c in CHOICES)}
    text = re.sub(r"[A-Za-z_]\w*", lambda m: str(figures[roles.get(m[0], m[0])]), expression)
    left, sign, right = re.split(r"(>=|<=|=|>|<)", text)
    return sign, eval(left), eval(right)


def returns_of(form: Form, protocols: Sequence[Gapped]) -> Returns:
    """One station a protocol."""
    choices = tuple(Choice(c, c.capitalize()) for c in CHOICES)
    table = pl.DataFrame(protocols, schema=dict.fromkeys(columns_of(form), pl.Int64))
    table = table.with_columns(station=pl.int_range(pl.len()).cast(pl.String))
    return build_returns(table, Election("T", "Test", form, choices), levels=())


def columns_of(form: Form) -> list[str]:
    return [*(line.role for line in form.lines), *(f"votes_{c}" for c in CHOICES)]


def brought_to(form: Form, relation: Relation, wanted: int) -> Protocol:
    """A protocol in which the left side of the relation exceeds its right side by `wanted`."""
    protocol = {column: 1000 + 7 * i for i, column in enumerate(columns_of(form))}
    _, left, right = slow_sides(form, relation.expression, protocol)
    missing = round(wanted - (left - right))
    terms = relation.residual.terms.items()
    role, factor = next((r, f) for r, f in terms if abs(f) == 1 and missing * f >= 0)
    protocol["votes_first" if role == "choices" else role] += round(missing * factor)
    return protocol


@EVERY_FORM
def test_a_protocol_on_the_boundary_keeps_the_rule(form: Form) -> None:
    protocols = [brought_to(form, r, BOUNDARY[r.operator][0]) for r in form.relations]
    for relation, protocol in zip(form.relations, protocols, strict=True):
        sign, left, right = slow_sides(form, relation.expression, protocol)
        assert HOLDS[sign](left, right)
    broken = set(check(returns_of(form, protocols)).violations.select("index", "code").iter_rows())
    assert not broken & {(i, r.code) for i, r in enumerate(form.relations)}


@EVERY_FORM
def test_a_protocol_one_beyond_the_boundary_breaks_the_rule_by_one(form: Form) -> None:
    cases = [(r, beyond) for r in form.relations for beyond in BOUNDARY[r.operator][1]]
    protocols = [brought_to(form, r, beyond) for r, beyond in cases]
    for (relation, _), protocol in zip(cases, protocols, strict=True):
        sign, left, right = slow_sides(form, relation.expression, protocol)
        assert not HOLDS[sign](left, right)
    found = set(
        check(returns_of(form, protocols)).violations.select("index", "code", "level", "residual").iter_rows()
    )
    assert {(i, r.code, r.level, beyond) for i, (r, beyond) in enumerate(cases)} <= found


@EVERY_FORM
def test_a_protocol_that_lacks_a_line_of_the_rule_is_incomplete_and_no_violation(form: Form) -> None:
    """Missing is not zero."""
    for relation in form.relations:
        broken = brought_to(form, relation, BOUNDARY[relation.operator][1][0])
        lines = ["votes_first" if role == "choices" else role for role in relation.residual.terms]
        protocols: list[Gapped] = [broken, *({**broken, line: None} for line in lines)]
        result = check(returns_of(form, protocols), relations=[relation]).of(relation.code)
        assert (result.checked, result.violations, result.incomplete) == (1, 1, len(lines)), relation.code


@EVERY_FORM
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_check_agrees_with_a_slow_reading_of_the_rules(form: Form, data: st.DataObject) -> None:
    # Small figures, so that equalities and ties do occur.
    figures = st.fixed_dictionaries({column: st.integers(0, 3) for column in columns_of(form)})
    protocols = data.draw(st.lists(figures, min_size=1, max_size=15))
    expected = []
    for index, protocol in enumerate(protocols):
        for relation in form.relations:
            sign, left, right = slow_sides(form, relation.expression, protocol)
            if not HOLDS[sign](left, right):
                expected.append((index, relation.code, round(left - right)))
    found = check(returns_of(form, protocols)).violations.select("index", "code", "residual").rows()
    assert sorted(found) == sorted(expected)


@EVERY_FORM
def test_a_protocol_without_a_single_voter_keeps_every_rule(form: Form) -> None:
    """No rule may be impossible for a station where nobody came: all its lines are zero."""
    result = check(returns_of(form, [dict.fromkeys(columns_of(form), 0)]))
    assert {r.relation.code: r.violations for r in result.relations} == {r.code: 0 for r in form.relations}
    assert all(r.checked == 1 for r in result.relations)


def test_a_station_without_any_figure_is_not_checked_at_all() -> None:
    form = load_form("ru-president-2018")
    returns = returns_of(form, [dict.fromkeys(columns_of(form), 0), dict.fromkeys(columns_of(form))])
    assert returns.table["status"].to_list() == ["zero", "empty"]
    result = check(returns)
    assert all((r.checked, r.incomplete) == (1, 0) for r in result.relations)


def test_a_rule_on_a_line_that_no_station_has_is_left_out() -> None:
    """Georgia 2013: not every file carries the ballots received; then nothing is said of them."""
    form = load_form("ge-president-2013")
    table = returns_of(form, [dict.fromkeys(columns_of(form), 5)]).table
    kept = [c for c in columns_of(form) if c != "ballots_received"]
    returns = build_returns(table.select("station", *kept), returns_of(form, []).election, levels=())
    assert [r.relation.code for r in check(returns).relations] == ["E1", "E3", "E4", "E5"]
