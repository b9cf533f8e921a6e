"""Where totals of choices are looked for: runs of neighbours, columns in any order, a total less the invalid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallyscope.returns.inference.figures import Counts, Held
from tallyscope.returns.inference.found import NAMED
from tallyscope.returns.inference.names import NameScores
from tallyscope.returns.inference.sums import subset_sum, sums_of_runs

__all__ = ["BESIDE", "FoundSum", "by_differences", "by_runs", "by_subsets"]

#: Roles that may stand inside a total beside the choices, when the total is of all ballots.
BESIDE = ("invalid", "blank", "damaged")


@dataclass(frozen=True)
class FoundSum:
    """A sum that was found; `apart`: a part that stands apart from the others, in "cast - invalid = choices"."""

    held: Held
    apart: int | None = None


def by_runs(counts: Counts, _: Sequence[NameScores], ids: frozenset[int]) -> list[FoundSum]:
    """Runs of neighbouring columns."""
    return [FoundSum(h) for h in sums_of_runs(counts) if not ids & {*h.left, *h.right}]


def by_subsets(counts: Counts, _: Sequence[NameScores], ids: frozenset[int]) -> list[FoundSum]:
    """Columns in any order. Totals are among the columns with the biggest sums."""
    columns = [c for c in range(counts.width) if c not in ids and counts.totals[c] > 0]
    biggest = sorted(columns, key=lambda c: -counts.totals[c])[:12]
    found: list[Held] = []
    # The smaller totals first: what is a part of one is no part of a bigger one beside it.
    for total in reversed(biggest):
        spent = {p for h in found if h.share > 0.9 and len(h.right) > 2 for p in h.right}
        held = subset_sum(counts, total, [c for c in columns if c != total and c not in spent])
        found += [held] if held is not None else []
    return [FoundSum(h) for h in found]


def by_differences(counts: Counts, names: Sequence[NameScores], ids: frozenset[int]) -> list[FoundSum]:
    """Cast - invalid = run of choices, the invalid standing apart from them; named ones only, if there are any."""
    x = counts.sample
    columns = [c for c in range(counts.width) if c not in ids]
    few = [c for c in columns if any(names[c].roles.get(r, 0.0) >= NAMED for r in BESIDE)]
    small = few or (columns if len(columns) <= 32 else [])
    pairs = [(a, b) for b in small for a in columns if a != b and len(x) and np.mean(x[:, a] >= x[:, b]) > 0.97]
    found = [h for h in sums_of_runs(counts, pairs) if len(h.right) >= 3 and not ids & {*h.left, *h.right}]
    apart = set(pairs)
    return [FoundSum(h, h.right[-1] if (h.left[0], h.right[-1]) in apart else None) for h in found]
