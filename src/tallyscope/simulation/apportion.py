"""Dividing whole numbers of votes so that nothing is lost: largest remainders, with and without ceilings.

Core: pure functions on arrays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["split_rows", "spread", "until"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def spread(total: int, weights: Floats, ceilings: Ints) -> Ints:
    """Divides `total` in proportion to `weights`, nowhere above `ceilings`: (n,) whole numbers that sum to `total`.

    What a ceiling cuts off goes to the others in proportion. Raises ValueError when the ceilings do not hold it.
    """
    open_, result = (weights > 0) & (ceilings > 0), np.zeros(weights.size, dtype=np.int64)
    room = int(ceilings[open_].sum())
    if not 0 <= total <= room:
        raise ValueError(f"{total:,} cannot be divided among places with room for {room:,}")
    while total > 0:
        quota = np.zeros(weights.size)
        quota[open_] = total * (weights[open_] / weights[open_].sum())
        full = open_ & (quota >= ceilings)
        if not full.any():
            result += split_rows(np.array([total]), quota[None, :])[0]
            return result
        result[full] = ceilings[full]
        total -= int(ceilings[full].sum())
        open_ &= ~full
    return result


def split_rows(totals: Ints, weights: npt.NDArray[np.float64] | Ints) -> Ints:
    """Divides each of `totals` (n,) in proportion to its row of `weights` (n, k) by largest remainders, (n, k).

    Rows sum to `totals` exactly. Where a row of whole-number weights sums to at least its total, no entry exceeds
    its weight. A row of zeros is divided evenly.
    """
    sums = weights.sum(axis=1, keepdims=True)
    even = np.where(sums > 0, weights, 1.0)
    quota = totals[:, None] * even / even.sum(axis=1, keepdims=True)
    whole = np.floor(quota).astype(np.int64)
    left = totals - whole.sum(axis=1)
    # Ranks of the remainders, largest first; equal ones in order, so that the answer is always the same.
    rank = np.argsort(np.argsort(-(quota - whole), axis=1, kind="stable"), axis=1, kind="stable")
    whole += rank < left[:, None]
    return np.asarray(whole)


def until(total: int, taken: Ints, rng: np.random.Generator) -> Ints:
    """Keeps rows of `taken` (n, k) in random order until they come to `total` in all; the last one gives the rest.

    Raises ValueError when they do not come to that much.
    """
    rows = taken.sum(axis=1)
    if not 0 <= total <= int(rows.sum()):
        raise ValueError(f"{total:,} votes cannot be gained where there is room for {int(rows.sum()):,}")
    order = rng.permutation(len(taken))
    left = np.maximum(total - np.concatenate([[0], np.cumsum(rows[order])[:-1]]), 0) if len(taken) else rows
    kept = np.zeros_like(taken)
    kept[order] = split_rows(np.minimum(rows[order], left), taken[order])
    return kept
