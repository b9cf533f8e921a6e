"""Whether printed shares look like stations that came in at random: singly, or as whole territories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["BlockOrder", "block_order", "random_order"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BlockOrder:
    """Shares when whole blocks are out: (draws, choices), and how many stations were out in each draw, (draws,)."""

    shares: Floats
    missing: Ints


def random_order(votes: Ints, ballots: Ints, shares: Floats, missing: int) -> Floats:
    """(choices,) standard deviations between printed shares and what `missing` random stations would leave.

    A ratio estimate from N - k of N stations without replacement (Cochran, Sampling Techniques, 1977, 6.4): with
    residuals e = a - (A/B) b its variance is (N/(N-k))^2 k (1 - k/N) s_e^2 / B^2. NaN where nothing varies.
    votes: (stations, choices); shares: (choices,) fractions.
    """
    n, total = ballots.size, int(ballots.sum())
    final = votes.sum(axis=0) / total
    residual = votes - final * ballots[:, None]
    variance = missing * (1 - missing / n) * residual.var(axis=0, ddof=1) * (n / (n - missing) / total) ** 2
    sd = np.sqrt(variance)
    return np.asarray(np.where(sd > 0, (shares - final) / np.where(sd > 0, sd, 1.0), np.nan))


def block_order(votes: Ints, ballots: Ints, block: Ints, missing: int, *, draws: int, seed: int) -> BlockOrder:
    """Shares of the counted stations when whole blocks are out, in a random order, until `missing` stations are.

    The last block is out in whole, so that a little more than `missing` stations may be, but never all blocks: a
    count that says something has one in. block: (stations,) numbers 0, 1, ... of the stations' blocks.
    """
    blocks = int(block.max(initial=-1)) + 1
    size = np.bincount(block, minlength=blocks)
    whole = np.bincount(block, weights=ballots, minlength=blocks)
    part = np.stack([np.bincount(block, weights=v, minlength=blocks) for v in votes.T], axis=1)
    rng = np.random.default_rng(seed)
    all_votes, all_ballots = votes.sum(axis=0), int(ballots.sum())
    shares, out = np.empty((draws, votes.shape[1])), np.empty(draws, dtype=np.int64)
    for i in range(draws):
        order = rng.permutation(blocks)
        reached = np.cumsum(size[order])
        gone = order[: int(np.searchsorted(reached, missing)) + 1] if missing else order[:0]
        gone = gone[: blocks - 1]
        out[i] = size[gone].sum()
        left = all_ballots - whole[gone].sum()
        # Blocks without a ballot say nothing: as if no share had moved.
        shares[i] = (all_votes - part[gone].sum(axis=0)) / left if left else all_votes / all_ballots
    return BlockOrder(shares, out)
