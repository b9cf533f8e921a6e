"""Every rule of entry, tested at the boundary that its own text draws; and its texts, dates and page."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from types import CodeType

import polars as pl
import pytest

from tallyscope.election.election import Choice, Election
from tallyscope.election.form import Form
from tallyscope.election.load import form_from_toml, form_ids, load_form
from tallyscope.election.roles import ROLES
from tallyscope.election.rule import AUDIENCES, CONTEXT, Rule, advice, general_rules, rules_of
from tallyscope.returns.build import build_returns
from tallyscope.returns.checks import check
from tallyscope.returns.remarks import remarks
from tallyscope.returns.table import Returns

DOCS = Path(__file__).parents[2] / "docs"
FORMS = [load_form(id) for id in form_ids()]
EVERY_RULE = pytest.mark.parametrize("rule", general_rules(), ids=lambda rule: rule.code)
EVERY_FORM = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
ELECTION = Election("T", "Test", load_form("ru-president-2012"), (Choice("first", "First", line=19),))
#: What the figures beside the varied one are: nobody, a ship, an ordinary station, a large one.
AROUND = (0, 1, 12, 50, 640, 1000)


def slow(expression: str) -> tuple[tuple[str, ...], CodeType]:
    """The names of an expression, and Python's own reading of it, decimals being exact."""
    names = tuple(dict.fromkeys(re.findall(r"[a-z_]+", re.sub(r"\bor\b", "", expression))))
    text = re.sub(r"(?<![<>])=", "==", expression)
    text = re.sub(r"\d+\.\d+", lambda m: f"Fraction('{m[0]}')", text)
    return names, compile(text, expression, "eval")


def spoken(rule: Rule, rows: list[dict[str, int]]) -> list[bool]:
    """Whether the rule speaks of each row of figures."""
    table = pl.DataFrame(rows)
    figures = table.with_columns(votes_first=pl.lit(0), station=pl.lit("1")).drop(*CONTEXT, strict=False)
    context = [c for c in table.columns if c in CONTEXT]
    returns = build_returns(figures, ELECTION, levels=())
    return [bool(r) for r in remarks(returns, [rule], context=table.select(context) if context else None)]


@EVERY_RULE
def test_a_rule_speaks_exactly_where_its_text_says_so_on_both_sides_of_its_boundary(rule: Rule) -> None:
    names, reading = slow(rule.expression)
    assert set(names) <= {*ROLES, *CONTEXT}
    crossed = 0
    for varied in names:
        for around in AROUND:
            rows = [{**dict.fromkeys(names, around), varied: value} for value in range(1300)]
            kept = [bool(eval(reading, {"Fraction": Fraction}, row)) for row in rows]
            speaks = spoken(rule, rows)
            assert speaks == [not k for k in kept]
            crossed += sum(a != b for a, b in pairwise(speaks))
    assert crossed, "the rule never changes its mind: it has no boundary"


@EVERY_FORM
def test_relations_speak_as_rules_exactly_where_check_finds_them_violated(form: Form) -> None:
    columns = [*(line.role for line in form.lines), "votes_first", "votes_second"]
    # Figures that come and go with different periods: relations hold in some rows and fail in others.
    rows = [{c: (i * (j + 3) // 2) % (4 + j % 3) for j, c in enumerate(columns)} for i in range(60)]
    table = pl.DataFrame([dict.fromkeys(columns, 0), *rows]).with_columns(
        station=pl.int_range(pl.len()).cast(pl.String)
    )
    choices = (Choice("first", "First"), Choice("second", "Second"))
    returns = build_returns(table, Election("T", "Test", form, choices), levels=())
    relations = [rule for rule in rules_of(form) if rule.relation]
    found = [(i, r.rule.code) for i, row in enumerate(remarks(returns, relations)) for r in row]
    expected = check(returns).violations.select("index", "code").rows()
    assert sorted(found) == sorted(expected)
    assert expected


def test_a_decimal_factor_is_exact_at_its_boundary() -> None:
    """0.995 x 200 is 199 and 1.1 x 10 is 11; as floats the second is more than 11."""
    rules = {rule.code: rule for rule in general_rules()}
    assert spoken(rules["W102"], [{"cast": 199, "registered": 200}, {"cast": 198, "registered": 200}]) == [
        True,
        False,
    ]
    grown = [{"registered": 1100, "listed": 1000}, {"registered": 1101, "listed": 1000}]
    assert spoken(rules["I102"], grown) == [False, True]


@EVERY_RULE
def test_a_rule_on_a_figure_that_is_not_known_says_nothing(rule: Rule) -> None:
    """Unknown is not zero: with every figure null no rule may speak."""
    names, _ = slow(rule.expression)
    figures = {c: [None] for c in names if c in ROLES}
    figures |= {"votes_first": [None]}
    table = pl.DataFrame(figures, schema=dict.fromkeys(figures, pl.Int64)).with_columns(station=pl.lit("1"))
    context = [c for c in names if c in CONTEXT]
    unknown = pl.DataFrame({c: [None] for c in context}, schema=dict.fromkeys(context, pl.Int64))
    returns = build_returns(table, ELECTION, levels=())
    assert remarks(returns, [rule], context=unknown if context else None) == [()]
    assert remarks(returns, [rule]) == [()], "nor where nothing is known around it"


@EVERY_FORM
def test_every_rule_of_a_form_has_a_code_of_its_own_and_texts_for_everybody(form: Form) -> None:
    rules = rules_of(form)
    codes = [rule.code for rule in rules]
    assert len(set(codes)) == len(codes)
    for rule in rules:
        assert rule.code[0] == rule.level
        for language in ("en", "ru"):
            texts = [rule.texts[language][audience] for audience in AUDIENCES]
            assert all(texts), rule.code
            assert any("а" <= letter <= "я" for letter in texts[0].lower()) == (language == "ru")
            assert all(advice(rule.level, audience, language) for audience in AUDIENCES)


@EVERY_FORM
def test_a_rule_points_at_lines_that_are_on_the_form(form: Form) -> None:
    columns = [*(line.role for line in form.lines), "votes_first"]
    table = pl.DataFrame({c: [i + 7] for i, c in enumerate(columns)}).with_columns(station=pl.lit("1"))
    returns = build_returns(table, Election("T", "Test", form, (Choice("first", "First"),)), levels=())
    context = pl.DataFrame([dict.fromkeys(CONTEXT, 5)])
    states = dict.fromkeys(CONTEXT[:5], ("registered",))
    found = remarks(returns, rules_of(form), context=context, states=states)[0]
    assert found
    for remark in found:
        assert set(remark.lines) <= set(columns), remark.rule.code
        assert remark.lines or remark.rule.code in ("E105", "E106")


def test_a_rule_holds_within_its_dates_only() -> None:
    form = load_form("ru-president-2012")
    assert {r.code for r in rules_of(form, date(2012, 3, 4))} == {r.code for r in rules_of(form)}
    after = {r.code for r in rules_of(form, date(2030, 3, 4))}
    assert after == {r.code for r in general_rules()}
    assert not rules_of(form, date(1999, 12, 31))


def test_abacus_an_expression_and_what_is_computed_are_one_thing() -> None:
    """Abacus 2021 ff.: a warning said "and" in its specification and "or" in its code."""
    text = """
    id = "x"
    title = "X"
    denominator = "cast"
    lines = [{number = 1, role = "registered", names = ["a"]}, {number = 2, role = "cast", names = ["b"]}]
    relations = [{code = "E1", level = "hard", expression = "L2 <= L1", clerk = "c", public = "p"}]
    """
    for expression, kept in (("L2 <= L1", True), ("L2 > L1", False)):
        form = form_from_toml(text.replace("L2 <= L1", expression))
        table = pl.DataFrame({"station": ["1"], "registered": [5], "cast": [4], "votes_first": [4]})
        returns: Returns = build_returns(table, Election("T", "T", form, (Choice("first", "F"),)), levels=())
        rule = rules_of(form)[0]
        assert (rule.expression, remarks(returns, [rule]) == [()]) == (expression, kept)


def test_the_page_of_rules_is_made_from_the_rules() -> None:
    spec = spec_from_file_location("rule_tables", DOCS / "rules" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "rules.md").read_text(encoding="utf-8") == module.text(), "run `python docs/rules/tables.py`"
