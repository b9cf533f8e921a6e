"""What was still out behind a preliminary count: how many ballots, for whom, and where most likely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.claims.checks.count import Base, Count
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.core.joint import conditions
from tallyscope.claims.core.remainder import remainder
from tallyscope.claims.core.tilt import tilted_chances

__all__ = ["Outstanding", "outstanding"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outstanding:
    """`ballots`: fewest and most that were out; `shares`: choice -> lowest and highest per cent of them.

    `places`: units of the top level, most protocols first: `unit`, `protocols` and `ballots` expected to have been
    out there, `of` protocols; None where no chances explain the shares. `chance`: (protocols,) that each was out.
    """

    ballots: tuple[int, int]
    shares: Mapping[str, tuple[float, float]]
    places: pl.DataFrame | None
    chance: Floats | None


def outstanding(
    count: Count, printed: Mapping[str, Printed], out: tuple[int, int], base: Base = "cast"
) -> Outstanding:
    """Extremes over every set of missing protocols that makes the shares, and the least surprising such set.

    The latter is the distribution of largest entropy: of all chances of being out that give the printed shares on
    average, those that assume nothing else. Raises ValueError where no set makes the shares.
    """
    columns = [count.choices.index(c) for c in printed]
    votes, ballots = count.votes[:, columns], count.base(base)
    shares = np.array([float(p.value) / 100 for p in printed.values()])
    half = np.array([float(p.half) / 100 for p in printed.values()])
    declared = np.array([count.declared.votes[c] for c in printed], dtype=np.int64)
    most = min(out[1], ballots.size - 1)
    of = conditions(votes, ballots, shares, half, min(out[0], most), most, (declared, count.declared.base(base)))
    found = remainder(of, votes, ballots)
    chance, places = None, None
    if declared.tolist() == votes.sum(axis=0).tolist():
        chance = _chances(votes, ballots, shares, (out[0] + out[1]) // 2)
    if chance is not None:
        places = _places(count, chance, ballots)
    between = {c: (100 * low, 100 * high) for c, (low, high) in zip(printed, found.shares, strict=True)}
    return Outstanding((round(found.ballots[0]), round(found.ballots[1])), between, places, chance)


def _chances(votes: npt.NDArray[np.int64], ballots: npt.NDArray[np.int64], shares: Floats, k: int) -> Floats | None:
    try:
        return tilted_chances(votes, ballots, shares, k)
    except ValueError:
        return None


def _places(count: Count, chance: Floats, ballots: npt.NDArray[np.int64]) -> pl.DataFrame:
    levels = count.returns.levels
    names = count.returns.table[levels[0]].gather(count.rows) if levels else pl.repeat("", ballots.size, eager=True)
    frame = pl.DataFrame({"unit": names, "protocols": chance, "ballots": chance * ballots})
    summed = frame.group_by("unit", maintain_order=True).agg(
        pl.col("protocols", "ballots").sum(), pl.len().alias("of")
    )
    return summed.sort("protocols", descending=True, maintain_order=True)
