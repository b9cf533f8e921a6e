"""What a share could have been before the last k stations came in (Dinkelbach, Management Science 13, 1967)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["ShareBound", "share_bounds"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ShareBound:
    """An extreme share (a fraction) and the stations, by row, that were out when it stood."""

    share: float
    missing: Ints


def share_bounds(
    votes: Ints, ballots: Ints, missing: int, totals: tuple[int, int] | None = None
) -> tuple[ShareBound, ShareBound]:
    """Lowest and highest (A - a(R)) / (B - b(R)) over all sets R of `missing` stations; exact.

    votes, ballots: (stations,); `totals`: A and B, if more was counted than these stations (they alone can have
    been out), else their sums. Raises ValueError when nothing would have been counted.
    """
    if not 0 <= missing <= ballots.size:
        raise ValueError(f"{missing:,} of {ballots.size:,} stations cannot have been out")
    whole = totals or (int(votes.sum()), int(ballots.sum()))
    return _extreme(votes, ballots, missing, 1, whole), _extreme(votes, ballots, missing, -1, whole)


def _extreme(votes: Ints, ballots: Ints, missing: int, sign: int, totals: tuple[int, int]) -> ShareBound:
    """Dinkelbach: with the share so far as lambda, leave out the k of largest sign (a - lambda b), until equal.

    Every round improves the share strictly or ends, so that it ends; sums are exact integers.
    """
    whole, total = totals
    out = np.zeros(0, dtype=np.int64)
    share = whole / total if total else float("nan")
    while True:
        gain = sign * (votes - share * ballots)
        candidate = np.argpartition(-gain, missing - 1)[:missing] if missing else out
        counted = total - int(ballots[candidate].sum())
        if counted <= 0:
            raise ValueError("no ballot would have been counted")
        found = (whole - int(votes[candidate].sum())) / counted
        if out.size == missing and sign * (share - found) <= 0:
            return ShareBound(share, np.sort(out))
        share, out = found, candidate
