"""What is asked of a protocol before it may stand: the relations of its form, and rules that hold for every form.

One source each: a form's TOML for its relations, `rules.toml` for the rest. Code, expression, dates, texts, the
page docs/rules.md and the boundary tests are all read from there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import lcm
from typing import Any, Literal, get_args

from tallyscope.election.form import Form
from tallyscope.election.relation import Linear, Relation, parse_relation

__all__ = ["AUDIENCES", "CONTEXT", "Audience", "Rule", "RuleLevel", "advice", "general_rules", "rules_of"]

#: E blocks acceptance, W is accepted with a reason, I is said for information.
RuleLevel = Literal["E", "W", "I"]
Audience = Literal["clerk", "coordinator", "public"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
#: What an expression may name besides lines and choices; see the head of rules.toml.
CONTEXT = (
    *("unfilled", "not_counts", "missing", "illegible", "unasked", "strangers"),
    *("other_date", "usual_invalid", "twins", "listed"),
)
_LEVELS: Mapping[str, RuleLevel] = {"hard": "E", "soft": "W"}


@dataclass(frozen=True)
class Rule:
    """Kept where one of `alternatives` holds; speaks where none does; says nothing where a figure is not known.

    `lines`: what to highlight, roles, `choices`, `all`, or a state of CONTEXT (then the lines in that state).
    `texts`: language -> audience -> what it says.
    """

    code: str
    level: RuleLevel
    expression: str
    alternatives: tuple[Relation, ...]
    lines: tuple[str, ...]
    texts: Mapping[str, Mapping[Audience, str]]
    valid_from: date | None = None
    valid_until: date | None = None
    #: The form's relation that this rule is, for one that is.
    relation: Relation | None = None

    def text(self, audience: Audience, language: str = "en") -> str:
        """What it says, in this language or, where it has none, in English."""
        return self.texts.get(language, self.texts["en"])[audience]

    def in_force(self, on: date | None) -> bool:
        """Whether it holds on a day; every rule holds on a day that is not known."""
        early = on is not None and self.valid_from is not None and on < self.valid_from
        late = on is not None and self.valid_until is not None and on > self.valid_until
        return not early and not late


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("tallyscope.election").joinpath("rules.toml").read_text(encoding="utf-8"))


def advice(level: RuleLevel, audience: Audience, language: str = "en") -> str:
    """What the audience does about a rule of this level that speaks."""
    texts: Mapping[str, Mapping[str, str]] = _data()["levels"][level]
    return texts.get(language, texts["en"])[audience]


@cache
def general_rules() -> tuple[Rule, ...]:
    """The rules for every form, in the order of their file."""
    return tuple(_rule(entry) for entry in _data()["rules"])


def rules_of(form: Form, on: date | None = None) -> tuple[Rule, ...]:
    """The rules of a form, its relations first, that are in force on a day (all, where it is not known)."""
    relations = (_of_relation(relation, form) for relation in form.relations)
    return tuple(rule for rule in (*relations, *general_rules()) if rule.in_force(on))


def _rule(entry: Mapping[str, Any]) -> Rule:
    parts = re.split(r"\s+or\s+", entry["expression"])
    relations = (parse_relation(entry["code"], "soft", part, {}) for part in parts)
    return Rule(
        code=entry["code"],
        level=entry["level"],
        expression=entry["expression"],
        alternatives=tuple(replace(r, residual=_whole(r.residual)) for r in relations),
        lines=tuple(entry["lines"]),
        texts={language: entry[language] for language in ("en", "ru")},
        valid_from=entry.get("valid_from"),
        valid_until=entry.get("valid_until"),
    )


def _of_relation(relation: Relation, form: Form) -> Rule:
    own: dict[str, Mapping[str, str]] = {"en": {"clerk": relation.clerk, "public": relation.public}}
    own |= relation.translations
    texts: dict[str, Mapping[Audience, str]] = {
        language: {"clerk": t["clerk"], "coordinator": t["clerk"], "public": t["public"]}
        for language, t in own.items()
    }
    return Rule(
        code=relation.code,
        level=_LEVELS[relation.level],
        expression=relation.expression,
        alternatives=(relation,),
        lines=tuple(relation.residual.terms),
        texts=texts,
        valid_from=form.valid_from,
        valid_until=form.valid_until,
        relation=relation,
    )


def _whole(linear: Linear) -> Linear:
    """The same side of zero with whole factors: 1.02 x 50 is exactly 51, which floats do not promise."""
    exact = {role: Fraction(repr(factor)) for role, factor in linear.terms.items()}
    constant = Fraction(repr(linear.constant))
    scale = lcm(constant.denominator, *(f.denominator for f in exact.values()))
    return Linear({role: float(f * scale) for role, f in exact.items()}, float(constant * scale))
