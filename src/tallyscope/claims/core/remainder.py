"""What the stations that were still out must hold, if the printed shares and the final result are both so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.claims.core.joint import Conditions, margins

__all__ = ["Remainder", "remainder"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDS, _PRECISION = 1000, 1e-6


@dataclass(frozen=True)
class Remainder:
    """Fewest and most ballots still out, and each choice's lowest and highest share of them (fractions)."""

    ballots: tuple[float, float]
    shares: tuple[tuple[float, float], ...]


def remainder(of: Conditions, votes: Ints, ballots: Ints) -> Remainder:
    """Extremes over all (fractional) sets of missing stations that make every printed share.

    votes: (stations, choices). Ballots are extremes of a linear programme. Shares a_c(R) / b(R) are extremes of a
    linear-fractional one: for a share lambda the largest a_c(R) - lambda b(R) has its sign, and the next lambda is
    the share at its solution (Dinkelbach 1967). Raises ValueError where no set makes the shares.
    """
    space = _Space(of)
    most, fewest = space.largest(ballots), space.largest(-ballots)
    shares = []
    for column in votes.T:
        high = _ratio(space, column, ballots, 1)
        low = _ratio(space, column, ballots, -1)
        shares.append((low, high))
    return Remainder((float(fewest @ ballots), float(most @ ballots)), tuple(shares))


def _ratio(space: _Space, part: Ints, whole: Ints, sign: int) -> float:
    """The largest (sign 1) or smallest (-1) part(x) / whole(x) over the space."""
    x = space.largest(sign * part)
    while True:
        share = float(x @ part) / max(float(x @ whole), 1e-300)
        x = space.largest(sign * (part - share * whole))
        gain = sign * (float(x @ part) - share * float(x @ whole))
        if gain <= 1e-9 * float(x @ whole):
            return share


class _Space:
    """Fractional sets of missing stations that meet all conditions; maximises linear functions over them.

    The dual of a maximum over the space has one variable a condition (Lagrange): for weights y >= 0 the best set
    takes the stations of largest value + rate y. Cutting planes in y find it; the solution is a mixture of the sets
    that the planes came from.
    """

    def __init__(self, of: Conditions) -> None:
        self._of = of
        # Sets found for one value serve the next: only what they are worth changes.
        self._sets: list[Ints] = []
        self._margins = np.zeros((of.constant.size, 0))

    def largest(self, value: Floats | Ints) -> Floats:
        """x in [0, 1], (stations,), of largest value' x. Raises ValueError where the space is empty."""
        of = self._of
        goal = np.asarray(value / (float(np.abs(value).max(initial=0.0)) or 1.0), dtype=np.float64)
        if not self._sets:
            self._take(self._best(goal))
        for _ in range(_ROUNDS):
            weight, y, attained = self._mixture(goal)
            rows = self._best(goal + of.rate @ y)
            bound = float(goal[rows].sum() + (of.rate[rows] @ y).sum() + of.constant @ y)
            if bound - attained <= _PRECISION * max(1.0, abs(attained)):
                break
            self._take(rows)
        if weight[-1] > 1e-9:
            raise ValueError("no set of missing stations makes the printed shares")
        x = np.zeros(goal.size)
        for share, rows in zip(weight[:-1], self._sets, strict=True):
            x[rows] += share
        return x

    def _take(self, rows: Ints) -> None:
        self._sets.append(rows)
        self._margins = np.column_stack([self._margins, margins(self._of, rows)])

    def _mixture(self, goal: Floats) -> tuple[Floats, Floats, float]:
        """Weights of the sets so far in the best mixture that meets every condition, its prices y, what it attains.

        The last weight is of a set that meets everything at a price nothing is worth: 0 where any mixture does.
        """
        from scipy.optimize import linprog

        worth = np.array([goal[rows].sum() for rows in self._sets])
        scale = np.abs(self._margins).max(axis=1, keepdims=True) + 1.0
        answer = linprog(
            -np.append(worth, -10.0 * (np.abs(worth).max() + self._of.most + 1.0)),
            A_ub=np.column_stack([-self._margins / scale, -np.ones(scale.size)]),
            b_ub=np.zeros(scale.size),
            A_eq=np.ones((1, worth.size + 1)),
            b_eq=[1.0],
            bounds=[(0, None)] * (worth.size + 1),
        )
        prices = -answer.ineqlin.marginals / scale[:, 0]
        return np.asarray(answer.x), prices, -float(answer.fun or 0.0)

    def _best(self, value: Floats) -> Ints:
        of = self._of
        rows = np.argpartition(-value, of.most - 1)[: of.most] if of.most else np.zeros(0, dtype=np.int64)
        rows = rows[np.argsort(-value[rows], kind="stable")]
        return rows[: max(of.fewest, int((value[rows] > 0).sum()))]
