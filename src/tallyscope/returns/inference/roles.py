"""Names and arithmetic together: one target for every column, one column for every role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallyscope.election.roles import is_role
from tallyscope.returns.inference.claims import arithmetic_claims
from tallyscope.returns.inference.figures import Counts
from tallyscope.returns.inference.found import NAMED, Claim, Tally, sum_strength
from tallyscope.returns.inference.names import NameScores

__all__ = ["Role", "assign_roles", "combined"]

#: How far a name alone is believed, and a claim that another name or another sum contradicts.
_NAME = 0.92
_AGAINST_NAME, _AGAINST_SUM = 0.65, 0.4
#: Claims above this come of sums; weaker ones, of sizes, leave other readings open.
_PROVED = 0.86
#: Below this a column is left alone.
_FLOOR = 0.3


@dataclass(frozen=True)
class Role:
    """A column's role or "choice", how surely, and why."""

    target: str
    confidence: float
    evidence: tuple[str, ...]


def combined(arithmetic: float, name: float) -> float:
    """Independent evidence: 1 - (1 - a)(1 - 0.92 n)."""
    return 1 - (1 - arithmetic) * (1 - _NAME * name)


def assign_roles(
    counts: Counts, names: Sequence[NameScores], ids: frozenset[int], tally: Tally | None
) -> Mapping[int, Role]:
    """Role of every column of the matrix that has one; "choice" for the choices."""
    chosen = {} if tally is None else _choices(counts, names, tally)
    claims = arithmetic_claims(counts, names, ids, tally)
    options = sorted(_options(counts, names, ids, claims, chosen), key=lambda o: -o[2].confidence)
    taken: set[str] = set()
    for column, target, role in options:
        if column not in chosen and target not in taken and role.confidence >= _FLOOR:
            chosen[column] = role
            taken.add(target)
    return chosen


def _choices(counts: Counts, names: Sequence[NameScores], tally: Tally) -> dict[int, Role]:
    arithmetic = sum_strength(tally.held) if tally.held is not None else tally.score
    why = counts.describe(tally.held) if tally.held is not None else tally.why
    out = {}
    for column in tally.choices:
        name, evidence, strength = names[column], [f"choices: {why}"], arithmetic
        if not counts.totals[column]:
            strength, evidence = 0.4, ["beside the choices, and without a single vote"]
        if name.choice >= 0.5:
            evidence.append("named as choices are")
        confidence = combined(strength, 0.7 * name.choice)
        role, likeness = name.best_role
        if likeness >= NAMED and likeness > name.choice + 0.1:
            confidence *= _AGAINST_NAME
            evidence.append(f"but its name is that of {role!r}")
        out[column] = Role("choice", confidence, tuple(evidence))
    return out


def _options(
    counts: Counts,
    names: Sequence[NameScores],
    ids: frozenset[int],
    claims: Sequence[Claim],
    chosen: Mapping[int, Role],
) -> list[tuple[int, str, Role]]:
    out = []
    for column in range(counts.width):
        if column in chosen:
            continue
        mine = [c for c in claims if c.column == column]
        targets = {c.target for c in mine if c.strength > 0} | {r for r in names[column].roles if is_role(r)}
        if column in ids:
            targets = {t for t in targets if names[column].roles.get(t, 0.0) >= 0.9}
        out += [(column, t, _weighed(names[column], t, mine)) for t in targets]
    return out


def _weighed(name: NameScores, target: str, claims: Sequence[Claim]) -> Role:
    said = name.roles.get(target, 0.0)
    for_it = max([c.strength for c in claims if c.target == target and c.strength > 0], default=0.0)
    evidence = [c.why for c in claims if c.target == target]
    if said:
        evidence.insert(0, f"its name is that of {target!r} ({said:.0%})")
    confidence = combined(for_it, said) * (1.0 if for_it or said >= NAMED else 0.3)
    other, likeness = name.best_role
    if for_it and said < 0.5 and likeness >= 0.8:
        confidence *= _AGAINST_NAME
        evidence.append(f"but its name is that of {other!r}")
    elsewhere = max([c.strength for c in claims if c.target != target], default=0.0)
    if not for_it and elsewhere > _PROVED:
        confidence *= _AGAINST_SUM
        evidence.append("but its figures say otherwise")
    if any(c.target == target and c.strength < 0 for c in claims):
        confidence *= _AGAINST_SUM
    return Role(target, confidence, tuple(evidence))
