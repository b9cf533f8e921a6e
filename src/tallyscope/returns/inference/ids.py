"""Which whole numbers count nothing: serial numbers, codes of places, shares."""

from __future__ import annotations

import numpy as np

from tallyscope.returns.inference.figures import Counts, Ints
from tallyscope.returns.inference.names import NameScores

__all__ = ["looks_like_id"]

_BLOCK, _BLOCKS = 2_500, 8


def looks_like_id(counts: Counts, column: int, name: NameScores) -> str | None:
    """Why this column numbers or names things and counts nothing; None if it may be a count.

    A count changes from row to row without order. A serial number goes up by one; a place's code stays the same for
    many rows although it takes many values.
    """
    x = counts.x[:, column]
    if name.percentage:
        return "named as a share: a derived figure"
    if len(x) < 2:
        return None
    role = name.best_role[1]
    up, same = _neighbours(x)
    if up >= 0.5 and role < 0.9:
        return f"goes up by one from row to row in {up:.0%} of the rows: a serial number"
    chance = _repeated(x)
    if same - chance >= 0.3 and same >= 0.6 and role < 0.75:
        return f"stays the same from row to row in {same:.0%} of the rows: a code of places"
    said = max(name.station, name.ignore, name.best_level[1])
    if said >= 0.9 and said > role:
        return "named as what numbers, places or describes"
    return None


def _neighbours(x: Ints) -> tuple[float, float]:
    """In what share of the rows the next figure is one more, and the same; from blocks of rows over the file."""
    starts = np.linspace(0, max(0, len(x) - _BLOCK), _BLOCKS).astype(int) if len(x) > _BLOCK else np.array([0])
    steps = np.concatenate([np.diff(x[s : s + _BLOCK]) for s in starts])
    return float(np.mean(steps == 1)), float(np.mean(steps == 0))


def _repeated(x: Ints) -> float:
    """The chance that two rows picked at random carry the same figure."""
    sample = x if len(x) <= 4_000 else np.random.default_rng(0).choice(x, 4_000, replace=False)
    _, n = np.unique(sample, return_counts=True)
    return float(np.sum((n / len(sample)) ** 2))
