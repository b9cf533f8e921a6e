"""How often a random order of counting prints the very shares that were printed.

With k of n protocols out at random, a share is normal only where no protocol is heavy. Electronic voting of a
whole region is one protocol of millions of ballots: whether *it* is out decides what is printed, and how often
that happens is known exactly (hypergeometric). So the draws are stratified by how many of the protocols that
alone change what is printed are out (Cochran, Sampling Techniques, 1977, ch. 5): the chance of a stratum is
exact, the rest drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SamePrint", "deciding", "same_print"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_STRATA = 3


@dataclass(frozen=True)
class SamePrint:
    """`chance`: of printing every share so; `error`: its standard error from the draws.

    `deciding`: how many protocols change what is printed if they alone are out; 0 where they were not told apart.
    """

    chance: float
    error: float
    deciding: int


def deciding(votes: Ints, ballots: Ints, printed: tuple[Floats, Floats], whole: tuple[Ints, int]) -> Bools:
    """(protocols,) true where the count without that protocol alone prints other shares.

    votes: (protocols, choices); printed: least and greatest fraction that is printed so, (choices,) each; whole: A,
    (choices,), and B, of all protocols, published or not.
    """
    return ~_prints(whole[0] - votes, whole[1] - ballots, printed)


def same_print(
    votes: Ints,
    ballots: Ints,
    printed: tuple[Floats, Floats],
    whole: tuple[Ints, int],
    missing: int,
    *,
    draws: int,
    seed: int,
) -> SamePrint:
    """The chance that the count without `missing` random protocols prints every share so. Arguments: `deciding`.

    A third of the draws in each stratum: none, one, more of the deciding protocols out. Where so many decide that
    one is out as a rule, there is one stratum.
    """
    alone = deciding(votes, ballots, printed, whole)
    apart = 0 < int(alone.sum()) * missing <= ballots.size
    heavy = np.flatnonzero(alone) if apart else np.empty(0, dtype=np.int64)
    light = np.setdiff1d(np.arange(ballots.size), heavy)
    rng = np.random.default_rng(seed)
    chance = variance = 0.0
    for weight, numbers in _strata(ballots.size, heavy.size, missing, draws, rng):
        same = 0
        for h in numbers:
            gone = np.concatenate(
                [
                    rng.choice(heavy, h, replace=False, shuffle=False),
                    rng.choice(light, missing - h, replace=False, shuffle=False),
                ]
            )
            left = whole[0] - votes[gone].sum(axis=0), whole[1] - int(ballots[gone].sum())
            same += bool(_prints(left[0][None], np.array([left[1]]), printed)[0])
        chance += weight * same / numbers.size
        # Draws that all say the same still leave a doubt: half a draw more of each kind (Jeffreys).
        part = (same + 0.5) / (numbers.size + 1)
        variance += weight**2 * part * (1 - part) / numbers.size
    return SamePrint(float(min(chance, 1.0)), float(np.sqrt(variance)), heavy.size)


def _strata(n: int, heavy: int, missing: int, draws: int, rng: np.random.Generator) -> Iterator[tuple[float, Ints]]:
    """The exact chance of each stratum, and how many of the `heavy` are out in each of its draws."""
    from scipy.stats import hypergeom

    # In the last stratum at least two are out, how many is drawn; the others have one number each.
    numbers = np.arange(min(heavy, missing) + 1)
    weights = hypergeom.pmf(numbers, n, heavy, missing)
    each = -(-draws // min(numbers.size, _STRATA))
    for h in numbers[: _STRATA - 1]:
        if weights[h] > 0:
            yield float(weights[h]), np.full(each, h)
    rest = weights[_STRATA - 1 :]
    if rest.sum() > 0:
        yield float(rest.sum()), rng.choice(numbers[_STRATA - 1 :], each, p=rest / rest.sum())


def _prints(votes: Ints, ballots: Ints, printed: tuple[Floats, Floats]) -> Bools:
    """(rows,) whether every share is printed so; without a ballot nothing is. votes: (rows, choices)."""
    share = votes / np.maximum(ballots, 1)[:, None]
    return np.asarray((ballots > 0) & np.all((share >= printed[0]) & (share <= printed[1]), axis=1))
