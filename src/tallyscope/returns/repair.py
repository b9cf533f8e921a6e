"""Would one slip of the pen explain a failing relation? Two digits swapped, or a power of ten lost or added.

A repair is suggested only if, with this one figure changed, every relation of the protocol that failed holds and
none that held fails. It is a suggestion to look at the paper, never a correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.relation import CHOICES, Relation
from tallyscope.election.roles import VOTES
from tallyscope.returns.table import Returns

__all__ = ["Repair", "repairs", "slips", "suggest_repairs"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_DIGITS = 7
SWAPPED = "two digits swapped"


@dataclass(frozen=True)
class Repair:
    """One figure that one slip of the pen would explain: its column, what it is, what it might be, what slipped."""

    column: str
    value: int
    instead: int
    slip: str


def slips(values: Ints) -> Iterator[tuple[str, Ints]]:
    """Every value one slip of the pen makes of these: (what slipped, (n,) int64); unchanged where it cannot."""
    for place in range(_DIGITS - 1):
        low, high = values // 10**place % 10, values // 10 ** (place + 1) % 10
        swapped = values + (low - high) * (10 ** (place + 1) - 10**place)
        # A swap that would bring a zero to the front loses a digit: that is another slip.
        whole = (values >= 10 ** (place + 1)) & ((low > 0) | (values >= 10 ** (place + 2)))
        yield SWAPPED, np.where(whole, swapped, values)
    for power in (1, 2, 3):
        yield f"{power} zero{'s' if power > 1 else ''} missing", values * 10**power
        divisible = values % 10**power == 0
        yield f"{power} zero{'s' if power > 1 else ''} too many", np.where(divisible, values // 10**power, values)


def repairs(returns: Returns, relations: Sequence[Relation], rows: Sequence[int]) -> dict[int, list[Repair]]:
    """Row of the table -> every single slip that would repair it, where there is one. `rows`: those to look at."""
    found: dict[int, list[Repair]] = {}
    if not rows or not relations:
        return found
    lines = _lines(relations, returns.votes_columns)
    values = returns.table[list(rows)].select(pl.col(lines).fill_null(-1)).to_numpy().astype(np.int64)
    factors = _factors(relations, lines, returns.votes_columns)
    constants = np.array([r.residual.constant for r in relations])
    hard = np.array([r.level == "hard" for r in relations])
    for i, repair in _repairs(values, factors, constants, [r.operator for r in relations], hard, lines):
        found.setdefault(int(rows[i]), []).append(repair)
    return found


def suggest_repairs(returns: Returns, relations: Sequence[Relation], violations: pl.DataFrame) -> pl.DataFrame:
    """Adds the column `suggestion` to violations (see CheckResult): the figure, what it is, what it might be.

    Several slips may explain the same failure; all are told, because any of them may be the one.
    """
    found = repairs(returns, relations, violations["index"].unique().sort().to_list())
    texts = {i: " or ".join(_text(repair, returns) for repair in several) for i, several in found.items()}
    suggestion = [texts.get(i) for i in violations["index"]]
    return violations.with_columns(pl.Series("suggestion", suggestion, dtype=pl.String))


def _text(repair: Repair, returns: Returns) -> str:
    title = _title(repair.column, returns)
    return f"{title}: {repair.value:,} may be {repair.instead:,} ({repair.slip})"


def _lines(relations: Sequence[Relation], votes: Sequence[str]) -> list[str]:
    """Every column that a relation names, in order of first mention."""
    named = [t for r in relations for t in r.residual.terms]
    columns = [c for t in named for c in (votes if t == CHOICES else [t])]
    return list(dict.fromkeys(columns))


def _factors(relations: Sequence[Relation], lines: Sequence[str], votes: Sequence[str]) -> npt.NDArray[np.float64]:
    """(relations, lines): how much one unit of a line moves a relation's residual."""
    out = np.zeros((len(relations), len(lines)))
    for i, relation in enumerate(relations):
        for term, factor in relation.residual.terms.items():
            for column in votes if term == CHOICES else [term]:
                out[i, lines.index(column)] += factor
    return out


def _holds(residuals: npt.NDArray[np.float64], operators: Sequence[str]) -> Bools:
    tests = {"=": np.equal, ">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}
    return np.column_stack([tests[op](residuals[:, j], 0) for j, op in enumerate(operators)])


def _repairs(
    values: Ints,
    factors: npt.NDArray[np.float64],
    constants: npt.NDArray[np.float64],
    operators: Sequence[str],
    hard: Bools,
    lines: Sequence[str],
) -> Iterator[tuple[int, Repair]]:
    # A relation with an unknown figure can neither fail nor be repaired: it counts as holding throughout.
    unknown = (values < 0).astype(float) @ np.abs(factors).T > 0
    residuals = values @ factors.T + constants
    # Only an equality pins the figure down: any figure that is large enough satisfies an inequality, so there only
    # swapped digits are worth a look, and only where the law's own relation fails.
    failing = ~_holds(residuals, operators) & ~unknown
    pinned = (failing & (np.array(operators) == "=")).any(axis=1)
    lawful = (failing & hard).any(axis=1)
    if not (pinned | lawful).any():
        return
    for j, line in enumerate(lines):
        for what, slipped in slips(values[:, j]):
            changed = (slipped != values[:, j]) & (values[:, j] >= 0) & (pinned | (lawful & (what == SWAPPED)))
            moved = residuals + np.outer(slipped - values[:, j], factors[:, j])
            repaired = changed & (_holds(moved, operators) | unknown).all(axis=1)
            for i in np.flatnonzero(repaired):
                yield int(i), Repair(line, int(values[i, j]), int(slipped[i]), what)


def _title(column: str, returns: Returns) -> str:
    """How the suggestion names the line: its number on the form and what it is."""
    form = returns.election.form
    if column.startswith(VOTES):
        choice = returns.election.choice(column.removeprefix(VOTES))
        return f"line {choice.line}, {choice.name}" if choice.line else choice.name
    line = form.line_of(column)
    name = column.replace("_", " ")
    return f"line {line.number}, {name}" if line and line.number else name
