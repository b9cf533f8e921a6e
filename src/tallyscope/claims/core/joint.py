"""Whether printed shares can all have stood at once: a set of missing stations that makes them, or a proof of none.

S counted, R the remainder. With printed shares s_c, half a printed unit h and k_low <= |R| <= k_high, these are
linear in the 0/1 indicator x of R:

    A_c - a_c(R) - (s_c - h) (B - b(R)) >= 0,    (s_c + h) (B - b(R)) - (A_c - a_c(R)) >= 0.

Let margin_m(x) be their left sides, in ballots. The largest smallest margin over x in [0, 1] equals the smallest
over weights y >= 0, sum y = 1, of

    D(y) = max_x sum_m y_m margin_m(x),

and D needs no solver: take the stations with the largest reduced value until there are k. D is convex in as many
variables as there are conditions (ten for five choices), so cutting planes (Kelley 1960) find its minimum in a few
dozen evaluations. D(y) < 0 proves that there is no R, and y is the certificate: sorting evaluates D(y). If the
minimum is positive, all but a few hundred stations are decided by the sign of their reduced value; a small
linear programme settles those, its few fractions are rounded, and the set is checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.claims.core.witness import witness

__all__ = ["Conditions", "Feasibility", "best_case", "conditions", "feasibility", "margins"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDS = 500


@dataclass(frozen=True, eq=False)
class Conditions:
    """margin(x) = constant + rate' x. rate: (stations, conditions), constant: (conditions,), in ballots.

    `fewest`, `most`: how many stations may be missing.
    """

    rate: Floats
    constant: Floats
    fewest: int
    most: int


@dataclass(frozen=True, eq=False)
class Feasibility:
    """`missing`: rows of a set of stations that makes every printed share, None if there is none or none was found.

    `margin`: the largest smallest margin that fractional stations reach, in ballots: below 0 nothing can be found.
    `weights`: (conditions,) y of the certificate; `bound`: D(y).
    """

    missing: Ints | None
    margin: float
    bound: float
    weights: Floats

    @property
    def possible(self) -> bool | None:
        """True with a witness, False with a certificate, None where rounding did not find a set."""
        if self.missing is not None:
            return True
        return False if self.bound < 0 else None


def conditions(
    votes: Ints,
    ballots: Ints,
    shares: Floats,
    half: Floats,
    fewest: int,
    most: int,
    totals: tuple[Ints, int] | None = None,
) -> Conditions:
    """The conditions of printed shares. votes: (stations, choices), shares, half: (choices,), as fractions.

    `totals`: A, (choices,), and B, if more was counted than these stations, else their sums.
    """
    whole, total = totals or (votes.sum(axis=0), int(ballots.sum()))
    low, high = shares - half, shares + half
    rate = np.concatenate([low * ballots[:, None] - votes, votes - high * ballots[:, None]], axis=1)
    constant = np.concatenate([whole - low * total, high * total - whole])
    return Conditions(rate.astype(np.float64), constant.astype(np.float64), fewest, most)


def margins(of: Conditions, missing: Ints) -> Floats:
    """(conditions,) by how many ballots each condition holds if these stations were out."""
    return np.asarray(of.constant + of.rate[missing].sum(axis=0))


def best_case(of: Conditions, weights: Floats) -> tuple[float, Ints]:
    """D(y) and the stations that attain it: no set of stations has a larger y-weighted margin."""
    value = of.rate @ weights
    rows = np.argpartition(-value, of.most - 1)[: of.most] if of.most else np.zeros(0, dtype=np.int64)
    rows = rows[np.argsort(-value[rows], kind="stable")]
    rows = rows[: max(of.fewest, int((value[rows] > 0).sum()))]
    return float(weights @ of.constant + value[rows].sum()), rows


def feasibility(of: Conditions, precision: float = 1e-3) -> Feasibility:
    """A witness or a certificate; `precision`: how exactly the margin is found, relative to itself."""
    weights, bound, lower, mixture = _minimise(of, precision)
    if bound < 0:
        return Feasibility(None, bound, bound, weights)
    return Feasibility(witness(of, weights, mixture), lower, bound, weights)


def _minimise(of: Conditions, precision: float) -> tuple[Floats, float, float, Floats]:
    """y that minimises D, D(y), a lower bound of the minimum, and fractional stations that attain it.

    The bound is that of a mixture of the sets that the planes came from; its weights are the planes' prices.
    """
    from scipy.optimize import linprog

    m = of.constant.size
    y = best = np.full(m, 1.0 / m)
    bound, cuts, sets = np.inf, [], []
    prices = np.zeros(0)
    lower = -np.inf
    for _ in range(_ROUNDS):
        value, rows = best_case(of, y)
        if value < bound:
            bound, best = value, y
        if bound < 0 or bound - lower <= precision * max(1.0, abs(bound)):
            break
        cuts.append(margins(of, rows))
        sets.append(rows)
        table = np.hstack([np.stack(cuts), -np.ones((len(cuts), 1))])
        answer = linprog(
            np.append(np.zeros(m), 1.0),
            A_ub=table,
            b_ub=np.zeros(len(cuts)),
            A_eq=np.append(np.ones(m), 0.0)[None],
            b_eq=[1.0],
            bounds=[(0, None)] * m + [(None, None)],
        )
        solution = np.asarray(answer.x)
        y, lower, prices = solution[:m], float(solution[m]), -np.asarray(answer.ineqlin.marginals)
    mixture = np.zeros(of.rate.shape[0])
    for price, rows in zip(prices, sets, strict=True):
        mixture[rows] += price
    return best, float(bound), lower, mixture
