"""A control relation between the lines of a protocol, read from its text.

Grammar: `side operator side`; a side is a sum of terms; a term is `L12` (line 12), a role (`registered`),
`choices` (the votes of all choices together) or a number, with an optional whole or decimal factor: `1.02 * L1`.
Operators: `=`, `>=`, `<=`, `>`, `<`. One text, so what is printed, documented and computed cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["CHOICES", "Level", "Linear", "Relation", "RelationError", "parse_linear", "parse_relation"]

#: The name that stands for the sum of all choices in an expression.
CHOICES = "choices"

Level = Literal["hard", "soft"]
Operator = Literal["=", ">=", "<=", ">", "<"]

_TERM = re.compile(r"\s*([+-])?\s*(?:(\d+(?:\.\d+)?)\s*\*\s*)?(?:L(\d+)|([A-Za-z_]\w*)|(\d+(?:\.\d+)?))\s*")
_OPERATOR = re.compile(r"(>=|<=|=|>|<)")


class RelationError(ValueError):
    """An expression that cannot be read, or that names a line its form does not have."""


@dataclass(frozen=True)
class Linear:
    """A weighted sum of roles, plus a constant: `terms[role]` is the factor; `choices` may be a role here."""

    terms: Mapping[str, float]
    constant: float = 0.0

    def __sub__(self, other: Linear) -> Linear:
        terms = dict(self.terms)
        for role, factor in other.terms.items():
            terms[role] = terms.get(role, 0.0) - factor
        return Linear({r: f for r, f in terms.items() if f}, self.constant - other.constant)


@dataclass(frozen=True)
class Relation:
    """One control relation of a form: hard (the law's, blocks acceptance) or soft (needs an explanation)."""

    code: str
    level: Level
    expression: str
    #: left side minus right side, over roles; its sign against `operator` decides.
    residual: Linear
    operator: Operator
    clerk: str = ""
    public: str = ""
    #: Other language -> the two texts in it, under "clerk" and "public".
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def parse_linear(text: str, roles: Mapping[int, str]) -> Linear:
    """Reads a sum of terms; `roles` gives the role of each line number. Raises RelationError."""
    if not text.strip():
        raise RelationError("an expression has an empty side")
    terms: dict[str, float] = {}
    constant, position = 0.0, 0
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None or match.end() == position or (position > 0 and match[1] is None):
            raise RelationError(f"cannot read {text[position:].strip()!r} in the expression {text.strip()!r}")
        sign = -1.0 if match[1] == "-" else 1.0
        factor = sign * float(match[2] or 1)
        if match[5]:
            constant += factor * float(match[5])
        else:
            role = match[4] if match[4] else _role_of(int(match[3]), roles, text)
            terms[role] = terms.get(role, 0.0) + factor
        position = match.end()
    return Linear(terms, constant)


def _role_of(line: int, roles: Mapping[int, str], text: str) -> str:
    if line not in roles:
        raise RelationError(f"the expression {text.strip()!r} names line {line}, which the form does not have")
    return roles[line]


def parse_relation(
    code: str,
    level: Level,
    expression: str,
    roles: Mapping[int, str],
    *,
    clerk: str = "",
    public: str = "",
    translations: Mapping[str, Mapping[str, str]] | None = None,
) -> Relation:
    """Reads `expression` into a Relation. Raises RelationError when it is not one comparison of two sums."""
    parts = _OPERATOR.split(expression)
    if len(parts) != 3:
        raise RelationError(f"{code}: {expression!r} is not one comparison of two sums")
    left, operator, right = parts
    residual = parse_linear(left, roles) - parse_linear(right, roles)
    op: Operator = operator  # type: ignore[assignment]
    return Relation(code, level, expression, residual, op, clerk, public, translations or {})
