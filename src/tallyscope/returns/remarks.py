"""What the rules say of each protocol: which speak, which lines they point at, which slip would explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tallyscope.election.relation import CHOICES, Relation
from tallyscope.election.roles import ROLES, VOTES
from tallyscope.election.rule import CONTEXT, Rule
from tallyscope.returns.build import DEFAULTS, linear_expr
from tallyscope.returns.checks import violated
from tallyscope.returns.repair import Repair, repairs
from tallyscope.returns.table import Returns

__all__ = ["Remark", "remarks"]


@dataclass(frozen=True)
class Remark:
    """A rule that speaks of a protocol. `lines`: columns to look at; `repairs`: slips that would explain it."""

    rule: Rule
    lines: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()


def remarks(
    returns: Returns,
    rules: Sequence[Rule],
    *,
    context: pl.DataFrame | None = None,
    states: Mapping[str, Sequence[str]] | None = None,
) -> list[tuple[Remark, ...]]:
    """For each row the rules that speak of it, in the order of `rules`.

    `context`: one row a protocol, columns of `election.rule.CONTEXT`; a rule on one that is not there says nothing.
    `states`: state ("illegible" ...) -> the columns in it, where the table is one protocol. A rule with an unknown
    figure says nothing unless one of its alternatives holds or all of them are known to fail.
    """
    table = returns.table if context is None else pl.concat([returns.table, context], how="horizontal")
    usable = [r for r in rules if all(_known(a, table, returns) for a in r.alternatives)]
    if not usable:
        return [()] * table.height
    spoken = table.select(_speaks(rule, returns).alias(str(i)) for i, rule in enumerate(usable))
    slips = _slips(returns, usable, spoken)
    return [
        tuple(
            Remark(rule, _lines(rule, returns, states or {}), slips.get(index, ()) if rule.relation else ())
            for rule, speaks in zip(usable, row, strict=True)
            if speaks
        )
        for index, row in enumerate(spoken.iter_rows())
    ]


def _known(relation: Relation, table: pl.DataFrame, returns: Returns) -> bool:
    terms = relation.residual.terms
    return all(bool(returns.votes_columns) if t == CHOICES else t in table.columns for t in terms)


def _speaks(rule: Rule, returns: Returns) -> pl.Expr:
    fails = [violated(linear_expr(a.residual, returns.votes_columns), a.operator) for a in rule.alternatives]
    return pl.all_horizontal(fails).fill_null(False)


def _slips(returns: Returns, rules: Sequence[Rule], spoken: pl.DataFrame) -> dict[int, tuple[Repair, ...]]:
    """Row -> the slips that would mend its relations, where one of them is broken."""
    of_form = {str(i): rule.relation for i, rule in enumerate(rules) if rule.relation is not None}
    rows = spoken.select(pl.any_horizontal(*of_form).arg_true()).to_series().to_list() if of_form else []
    return {row: tuple(found) for row, found in repairs(returns, list(of_form.values()), rows).items()}


def _lines(rule: Rule, returns: Returns, states: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    columns = (column for name in rule.lines for column in _columns(name, returns, states))
    return tuple(dict.fromkeys(columns))


def _columns(name: str, returns: Returns, states: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """What a rule points at by this name: the lines of the form that carry it."""
    form = returns.election.form
    if name in CONTEXT:
        return states.get(name, ())
    if name == "all":
        return [c for c in returns.figures if c.startswith(VOTES) or form.line_of(c)]
    if name == CHOICES:
        return returns.votes_columns
    if form.line_of(name) is not None or name.startswith(VOTES) or name not in ROLES:
        return (name,)
    own = form.derived.get(name)
    ways = [tuple(own.terms)] if own else DEFAULTS.get(name, ())
    there = [way for way in ways if all(part == CHOICES or form.line_of(part) for part in way)]
    return [c for part in (there[0] if there else ()) for c in _columns(part, returns, states)]
