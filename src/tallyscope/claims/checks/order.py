"""Printed shares against an order of counting that knows nothing of results: single stations, whole territories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.claims.checks.count import Base, Count
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.core.order import block_order, random_order
from tallyscope.claims.core.same_print import SamePrint, same_print

__all__ = ["Order", "order_of"]

Floats = npt.NDArray[np.float64]

_DRAWS, _ORDERS, _SEED = 1000, 3000, 20120304


@dataclass(frozen=True)
class Order:
    """`z`: choice -> standard deviations from the final share under a random order, with the fewest and with the
    most protocols out; `z_blocks`: the same when whole territories are out. What rounding may hide is granted: a
    share that is printed like the final one has p = 1.

    `p_random`: of the furthest share, Bonferroni over choices; `p_blocks`: of draws as far as that, over choices.
    `prints_same`: how often a random order, with the most protocols out, prints every share as it was printed.
    """

    z: Mapping[str, tuple[float, float]]
    z_blocks: Mapping[str, float]
    p_random: float
    p_blocks: float
    prints_same: SamePrint
    draws: int


def order_of(count: Count, printed: Mapping[str, Printed], out: tuple[int, int], base: Base) -> Order:
    """Both orders, for shares of `base`; `out`: fewest and most protocols that were out."""
    columns = [count.choices.index(c) for c in printed]
    votes, ballots = count.votes[:, columns], count.base(base)
    shares = np.array([float(p.value) / 100 for p in printed.values()])
    half = np.array([float(p.half) / 100 for p in printed.values()])
    final = np.array([count.declared.share(c, base) / 100 for c in printed])
    most = min(out[1], ballots.size - 1)
    few, many = (_spread(votes, ballots, k) for k in (min(out[0], most), most))
    blocks = block_order(votes, ballots, _blocks(count), most, draws=_DRAWS, seed=_SEED)
    # Territories that are out move the shares of what is published as they move those of the whole.
    moved = blocks.shares - votes.sum(axis=0) / ballots.sum()
    wide = np.sqrt((moved**2).mean(axis=0))
    away = _beyond(shares - final, half)
    furthest = float(np.max(_ratio(away, wide)))
    as_far = int(np.count_nonzero(np.max(_ratio(np.abs(moved), wide), axis=1) >= furthest))
    return Order(
        z={
            c: (float(a), float(b))
            for c, a, b in zip(printed, *(_signed(shares - final, s) for s in (few, many)), strict=True)
        },
        z_blocks={c: float(z) for c, z in zip(printed, _signed(shares - final, wide), strict=True)},
        p_random=_bonferroni(_ratio(away, many)),
        p_blocks=(1 + as_far) / (1 + _DRAWS),
        prints_same=same_print(
            votes,
            ballots,
            (shares - half, shares + half),
            _declared(count, printed, base),
            most,
            draws=_ORDERS,
            seed=_SEED,
        ),
        draws=_DRAWS,
    )


def _spread(votes: npt.NDArray[np.int64], ballots: npt.NDArray[np.int64], out: int) -> Floats:
    """(choices,) standard deviation of the shares with `out` random protocols missing."""
    final = votes.sum(axis=0) / ballots.sum()
    unit = random_order(votes, ballots, final + 1.0, out)
    return np.asarray(1.0 / np.where(np.isnan(unit), np.inf, unit))


def _beyond(distance: Floats, half: Floats) -> Floats:
    """How far the final share is from the nearest one that would be printed so; rounding leaves 1e-9 of a share."""
    return np.maximum(np.abs(distance) - half - 1e-12, 0.0)


def _ratio(distance: Floats, spread: Floats) -> Floats:
    safe = np.where(spread > 0, spread, 1.0)
    return np.where(spread > 0, distance / safe, np.where(distance > 0, np.inf, 0.0))


def _signed(distance: Floats, spread: Floats) -> Floats:
    return np.sign(distance) * _ratio(np.abs(distance), spread)


def _bonferroni(z: Floats) -> float:
    from scipy.special import ndtr

    return float(min(1.0, z.size * 2 * ndtr(-np.max(z))))


def _declared(count: Count, printed: Mapping[str, Printed], base: Base) -> tuple[npt.NDArray[np.int64], int]:
    votes = np.array([count.declared.votes[c] for c in printed], dtype=np.int64)
    return votes, count.declared.base(base)


def _blocks(count: Count) -> npt.NDArray[np.int64]:
    """(protocols,) the lowest level above the station, from 0; without levels every protocol is its own."""
    levels = count.returns.levels
    if not levels:
        return np.arange(count.rows.size, dtype=np.int64)
    codes, _ = count.returns.codes(levels)
    return np.unique(codes[count.rows], return_inverse=True)[1].astype(np.int64)
