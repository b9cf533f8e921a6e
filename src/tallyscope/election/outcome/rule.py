"""Rules of outcome as data: the `[outcome]` table of an election's TOML file.

rule = "majority"     more than half of `of`; nobody has it: `otherwise` = "run-off" of the first two, or "none"
                      (a question that is then not adopted). `share` and `lead`: also elected with at least so
                      many per cent and so many points more than the second
rule = "plurality"    the most votes
rule = "list"         `seats` by `method` among the lists with at least `threshold` per cent
of                    what a share is of: ballots "cast" (invalid ones count) or "valid" votes
source                the article of the law
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

from tallyscope.election.form import Denominator

__all__ = [
    "Majority",
    "Method",
    "Otherwise",
    "OutcomeRule",
    "PartyList",
    "Plurality",
    "RuleError",
    "rule_from_data",
    "rule_to_data",
]

#: What follows where nobody has a majority.
Otherwise = Literal["run-off", "none"]
#: How seats are given out: divisors 1, 2, 3 ...; divisors 1, 3, 5 ...; quota and largest remainders.
Method = Literal["dhondt", "sainte-lague", "hare"]


class RuleError(ValueError):
    """An `[outcome]` table that cannot be read."""


@dataclass(frozen=True)
class Majority:
    """More than half of `of`; or, where the law says so, `share` per cent and `lead` points before the second."""

    of: Denominator
    otherwise: Otherwise = "run-off"
    share: Fraction | None = None
    lead: Fraction | None = None
    source: str = ""


@dataclass(frozen=True)
class Plurality:
    """More votes than any other; `of` is what shares are shown of."""

    of: Denominator
    source: str = ""


@dataclass(frozen=True)
class PartyList:
    """`threshold`: per cent of `of`, reached with exactly so many."""

    of: Denominator
    seats: int
    method: Method
    threshold: Fraction = Fraction(0)
    source: str = ""


OutcomeRule = Majority | Plurality | PartyList
_RULES: dict[str, type[OutcomeRule]] = {"majority": Majority, "plurality": Plurality, "list": PartyList}
_NUMBERS = ("share", "lead", "threshold")
_WORDS: dict[str, tuple[str, ...]] = {
    "of": get_args(Denominator),
    "otherwise": get_args(Otherwise),
    "method": get_args(Method),
}


def rule_from_data(data: Mapping[str, Any]) -> OutcomeRule:
    """Reads an `[outcome]` table. Raises RuleError with everything that is wrong with it."""
    kind = _RULES.get(str(data.get("rule")))
    if kind is None:
        raise RuleError(f"rule: {data.get('rule')!r} is not one of {', '.join(_RULES)}")
    values = {name: value for name, value in data.items() if name != "rule"}
    problems = [f"{n}: a rule {data['rule']!r} has no such thing" for n in values if n not in kind.__annotations__]
    problems += [f"{n}: is missing" for n in _needed(kind) if n not in values]
    for name, known in _WORDS.items():
        if name in values and values[name] not in known:
            problems.append(f"{name}: {values[name]!r} is not one of {', '.join(known)}")
    for name in _NUMBERS:
        if name in values:
            values[name], problem = _percent(name, values[name])
            problems += problem
    if "seats" in values and (not isinstance(values["seats"], int) or values["seats"] < 1):
        problems.append("seats: is a number from 1 on")
    if ("share" in values) != ("lead" in values):
        problems.append("share, lead: one goes with the other")
    if problems:
        raise RuleError("; ".join(problems))
    return kind(**values)


def _needed(kind: type[OutcomeRule]) -> tuple[str, ...]:
    return ("of", "seats", "method") if kind is PartyList else ("of",)


def _percent(name: str, value: Any) -> tuple[Fraction | None, list[str]]:
    """Written as text or as a whole number, so that no binary fraction comes between the law and the count."""
    try:
        number = Fraction(value) if isinstance(value, (int, str)) else None
    except (ValueError, ZeroDivisionError):
        number = None
    if number is None or not 0 <= number <= 100:
        return None, [f'{name}: {value!r} is not a percentage; write a fraction as text, "2.5"']
    return number, []


def rule_to_data(rule: OutcomeRule) -> dict[str, Any]:
    """What `rule_from_data` reads: texts and whole numbers, nothing that is not set."""
    data: dict[str, Any] = {"rule": next(name for name, kind in _RULES.items() if isinstance(rule, kind))}
    for name in type(rule).__annotations__:
        value = getattr(rule, name)
        if value is None or value == "":
            continue
        data[name] = str(value) if isinstance(value, Fraction) else value
    return data
