"""Signs flipped: the law of the largest of several sums when every member's sign is a fair coin.

Fisher (1935), Romano (1990); the largest of several: Westfall & Young (1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Flipped", "flipped"]

Floats = npt.NDArray[np.float64]

#: So many of the heaviest flip one by one; the rest, each of which weighs little, are normal together.
_ONE_BY_ONE = 4096
_FLIPS_AT_ONCE = 2000


@dataclass(frozen=True, eq=False)
class Flipped:
    """`p_value` of the largest of `z`, (directions,)."""

    p_value: float
    z: Floats


def flipped(each: Floats, rng: np.random.Generator, flips: int) -> Flipped:
    """The law of the largest standardised row sum of (directions, members) when every member's sign is a fair coin.

    Beyond what so many flips can tell, p is the bound of Hoeffding (1963): directions x exp(-z^2 / 2).
    """
    spread = np.sqrt((each**2).sum(axis=1))
    # What is left of nothing by rounding is nothing.
    seen = spread > 1e-9
    z = np.divide(each.sum(axis=1), spread, out=np.zeros(spread.size), where=seen)
    if not seen.any():
        return Flipped(1.0, z)
    scaled = each[seen] / spread[seen, None]
    order = np.argsort(-np.abs(scaled).max(axis=0))
    heavy, light = scaled[:, order[:_ONE_BY_ONE]], scaled[:, order[_ONE_BY_ONE:]]
    values, vectors = np.linalg.eigh(light @ light.T)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    top, as_large = float(z[seen].max()), 0
    for begin in range(0, flips, _FLIPS_AT_ONCE):
        count = min(_FLIPS_AT_ONCE, flips - begin)
        bits = np.unpackbits(rng.integers(0, 256, (count, -(-heavy.shape[1] // 8)), dtype=np.uint8), axis=1)
        signs = 2.0 * bits[:, : heavy.shape[1]].astype(np.float32) - 1.0
        sums = signs @ heavy.T.astype(np.float32) + rng.standard_normal((count, root.shape[1])) @ root.T
        as_large += int((sums.max(axis=1) >= top - 1e-6).sum())
    if as_large == 0:
        return Flipped(float(min(1.0 / (flips + 1), seen.sum() * np.exp(-0.5 * top**2))), z)
    return Flipped((1 + as_large) / (flips + 1), z)
