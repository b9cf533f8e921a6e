"""Columns that place a row: which value follows from which, which codes repeat which names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tallyscope.returns.inference.columns import Column
from tallyscope.returns.inference.figures import Ints
from tallyscope.returns.inference.found import NAMED
from tallyscope.returns.inference.names import NameScores

__all__ = ["Candidate", "candidate_of", "distinct", "follows", "in_blocks", "ordered", "twins", "without_twins"]

_SAMPLE = 20_000


@dataclass(frozen=True, eq=False)
class Candidate:
    """A column that may place rows. codes: (rows,) a number for every value, 0 for none."""

    position: int
    header: str
    name: NameScores
    codes: Ints
    values: int
    #: The share of the rows that its most frequent value has.
    dominant: float
    #: True if its values are words rather than codes.
    words: bool

    @property
    def level(self) -> float:
        """How much its name is that of a level."""
        return self.name.best_level[1]

    @property
    def said_station(self) -> bool:
        """Whether its name is that of a station, more than that of a level."""
        return self.name.station >= NAMED and self.name.station >= self.level


def candidate_of(column: Column, name: NameScores) -> Candidate:
    """The column with its values as numbers."""
    series = column.series.cast(pl.String)
    raw = (series.cast(pl.Categorical).to_physical().cast(pl.Int64) + 1).fill_null(0).to_numpy()
    n = np.bincount(raw)
    used = n > 0
    # Numbers without gaps; 0 stays what is not filled.
    used[0] = True
    codes = (np.cumsum(used) - 1)[raw].astype(np.int64)
    words = bool(series.drop_nulls().head(50).str.contains(r"\p{L}{3,}.*\s").mean() or 0.0)
    values = int(np.count_nonzero(n[1:]))
    return Candidate(column.position, column.name, name, codes, values, float(n.max() / max(1, len(codes))), words)


def _key(chain: Sequence[Candidate]) -> Ints:
    """(rows,) a number for every combination of values."""
    key = np.zeros(len(chain[0].codes) if chain else 0, dtype=np.int64)
    for candidate in chain:
        key = key * (int(candidate.codes.max()) + 1) + candidate.codes
        if len(key) and key.max() > 2**31:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
    return key


def _count(key: Ints) -> int:
    top = int(key.max()) if len(key) else 0
    return int(np.count_nonzero(np.bincount(key))) if top < 8 * len(key) + 1_000 else len(np.unique(key))


def distinct(chain: Sequence[Candidate]) -> int:
    """How many combinations of values there are."""
    return _count(_key(chain))


def follows(upper: Candidate, lower: Candidate) -> float:
    """The share of the lower column's values that lie in one value of the upper one; of every n-th row."""
    step = max(1, len(lower.codes) // _SAMPLE)
    low, high = lower.codes[::step], upper.codes[::step]
    n = _count(low)
    return max(0.0, 1 - (_count(low * (int(upper.codes.max()) + 1) + high) - n) / max(1, n))


def in_blocks(chain: Sequence[Candidate]) -> bool:
    """Every combination of values stands in one block of rows, of one and a half rows at least."""
    key = _key(chain)
    n = _count(key)
    blocks = int(np.count_nonzero(key[1:] != key[:-1])) + 1
    return blocks <= 1.2 * n and len(key) >= 1.5 * n


def ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The order of the file, but a column moves up past its neighbour if its value follows from the neighbour's."""
    ranked = sorted(candidates, key=lambda c: c.position)
    for end in range(1, len(ranked)):
        for i in range(end, 0, -1):
            left, right = ranked[i - 1], ranked[i]
            if right.values >= left.values or follows(right, left) < 0.9:
                break
            ranked[i - 1], ranked[i] = right, left
    return ranked


def twins(candidate: Candidate, chain: Sequence[Candidate]) -> bool:
    """True if the column has one value for every combination of the chain's values: it is a code of them."""
    n = distinct(chain)
    if not 0.97 <= candidate.values / max(1, n) <= 1.03:
        return False
    return distinct([*chain, candidate]) <= 1.03 * max(candidate.values, n)


def without_twins(candidates: Sequence[Candidate], levels: Sequence[Candidate]) -> list[Candidate]:
    """Leaves out codes of what a level, or all levels down to one, name already."""
    kept: list[Candidate] = []
    for candidate in candidates:
        chains = [[c] for c in (*levels, *kept)] + [list(levels[: i + 1]) for i in range(1, len(levels))]
        if not any(twins(candidate, chain) for chain in chains):
            kept.append(candidate)
    return kept
