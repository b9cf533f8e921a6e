"""Choices that nothing adds up to: told by their names, or by standing together below the list of voters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tallyscope.returns.inference.figures import Counts
from tallyscope.returns.inference.found import NAMED, Tally
from tallyscope.returns.inference.names import NameScores

__all__ = ["by_names", "choice_like"]


def choice_like(name: NameScores) -> float:
    """How much a header is that of a choice (0..1); below zero if it is that of a line."""
    role, likeness = name.best_role
    if role and likeness >= NAMED and likeness > name.choice + 0.1:
        return -likeness
    return name.choice


def by_names(counts: Counts, names: Sequence[NameScores], ids: frozenset[int]) -> Tally | None:
    """Columns with a choice's name, or else the biggest block of columns that have no name of a line."""
    named = [c for c in range(counts.width) if c not in ids and choice_like(names[c]) >= NAMED]
    if len(named) >= 2:
        return Tally(tuple(named), score=1.0, why=f"named as choices are{_within(counts, names, named)}")
    blocks: list[list[int]] = [[]]
    for column in range(counts.width):
        if column not in ids and names[column].best_role[1] < NAMED and names[column].ignore < NAMED:
            blocks[-1].append(column)
        else:
            blocks.append([])
    blocks = [
        b for b in (_below_list(counts, names, b) for b in blocks) if len(b) >= 2 and _weighty(counts, names, b)
    ]
    best = max(blocks, key=lambda b: (sum(counts.totals[b]), len(b)), default=None)
    if best is None:
        return None
    within = _within(counts, names, best)
    why = f"counts without the name of a line, side by side{within}"
    return Tally(tuple(best), score=0.6 if within else 0.3, why=why)


def _named(counts: Counts, names: Sequence[NameScores], role: str) -> int | None:
    best = max(range(counts.width), key=lambda c: names[c].roles.get(role, 0.0), default=None)
    return best if best is not None and names[best].roles.get(role, 0.0) >= NAMED else None


def _within(counts: Counts, names: Sequence[NameScores], block: Sequence[int]) -> str:
    """What can be said of votes, blank and invalid ballots against the list of voters; empty without a list."""
    listed = _named(counts, names, "registered")
    if listed is None:
        return ""
    beside = [c for r in ("blank", "invalid") if (c := _named(counts, names, r)) is not None]
    rows = counts.testable([listed])
    held = int(np.count_nonzero((counts.sum_of([*block, *beside]) <= counts.x[:, listed]) & rows))
    total = int(np.count_nonzero(rows))
    whole = " with " + " and ".join(counts.names[c] for c in beside) if beside else ""
    if held < 0.95 * total:
        return ""
    return f"; their sum{whole} is at most {counts.names[listed]} in {held:,} of {total:,} rows"


def _weighty(counts: Counts, names: Sequence[NameScores], block: Sequence[int]) -> bool:
    """The votes of all choices are most of the valid ones, if those are there, and a good part of the voters."""
    x = counts.sample
    if not counts.totals[list(block)].any():
        return False
    for role, least in (("valid", 0.5), ("cast", 0.4), ("voted", 0.4), ("registered", 0.1)):
        of = _named(counts, names, role)
        told = x[x[:, of] > 0] if of is not None else x[:0]
        if of is not None and len(told) and np.median(told[:, block].sum(axis=1) / told[:, of]) < least:
            return False
    return True


def _below_list(counts: Counts, names: Sequence[NameScores], block: list[int]) -> list[int]:
    """Without names a list of voters may open the block: the votes of all choices never exceed it."""
    x = counts.sample
    listed = _named(counts, names, "registered")
    if listed is not None:
        return block if len(x) and np.mean(x[:, block].sum(axis=1) <= x[:, listed]) >= 0.95 else []
    while len(block) > 2 and len(x) and np.mean(x[:, block[0]] >= x[:, block[1:]].sum(axis=1)) >= 0.95:
        block = block[1:]
    return block
