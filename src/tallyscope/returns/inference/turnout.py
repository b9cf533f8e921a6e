"""Figures beside the ballots cast: the voters on the list above them, turnout during the day below them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tallyscope.returns.inference.figures import Counts, Held, Ints
from tallyscope.returns.inference.found import Claim
from tallyscope.returns.inference.names import NameScores

__all__ = ["above_ballots", "below_ballots", "remarks"]

#: A column equal to the ballots cast in this share of the rows counts those who came once more.
_SAME = 0.6


def above_ballots(counts: Counts, free: Sequence[int], base: Ints, received: Held | None) -> list[Claim]:
    """Voters on the list: never below the ballots, rising with them. Ballots received: the same, in round lots."""
    x, claims = counts.sample, []
    for column in free:
        figure = x[:, column]
        told = (figure > 0) & (base > 0)
        if np.count_nonzero(told) < 3 or (received is not None and column == received.left[0]):
            continue
        above, equal = float(np.mean(figure[told] >= base[told])), float(np.mean(figure[told] == base[told]))
        if equal >= _SAME:
            why = f"the ballots cast themselves in {equal:.1%} of the rows"
            claims.append(Claim(column, "registered", -0.6, why))
            continue
        if above < 0.9 or not 0.05 <= float(np.median(base[told] / figure[told])) <= 1.0:
            why = f"below the ballots cast in {1 - above:.0%} of the rows, or far above them"
            claims.append(Claim(column, "registered", -0.6, why))
            continue
        alike = _rises_with(figure[told], base[told])
        round_lots = float(np.mean(figure[told] % 50 == 0))
        why = f"at least the ballots cast in {above:.1%} of the rows looked at"
        if round_lots >= 0.7:
            lots = f"{why}, and in lots of 50 in {round_lots:.0%}"
            claims.append(Claim(column, "ballots_received", 0.3 + 0.4 * alike, lots))
        elif alike >= 0.3:
            claims.append(Claim(column, "registered", 0.35 + 0.5 * above * alike, f"{why}, and rises with them"))
    return claims


def _rises_with(a: Ints, b: Ints) -> float:
    """Correlation of logarithms: 0 where a figure has nothing to do with the ballots."""
    log_a, log_b = np.log1p(a), np.log1p(b)
    if log_a.std() == 0 or log_b.std() == 0:
        return 0.0
    return float(np.corrcoef(log_a, log_b)[0, 1])


def below_ballots(counts: Counts, names: Sequence[NameScores], free: Sequence[int], base: Ints) -> list[Claim]:
    """Turnout during the day is a part of the final one; a second count of those who came is nearly the same."""
    x, claims = counts.sample, []
    for column in free:
        hour = names[column].best_role[0]
        told = (x[:, column] > 0) & (base > 0)
        if not told.any():
            continue
        figure, ballots = x[told, column], base[told]
        within, equal = float(np.mean(figure <= ballots)), float(np.mean(figure == ballots))
        if hour.startswith("voted_by_"):
            why = f"at most the ballots cast in {within:.1%} of the rows looked at"
            claims.append(Claim(column, hour, 0.7 if within >= 0.9 else -0.5, why))
        elif equal >= _SAME:
            why = f"equals the ballots cast in {equal:.1%} of the rows"
            claims.append(Claim(column, "voted", 0.35 + 0.4 * equal, why))
    return claims


def remarks(counts: Counts, sums: Sequence[Held], column: int, base: Ints | None) -> tuple[str, ...]:
    """What can be said of a column that has no role: the sums it is in, and whether it is a part of the turnout."""
    said = [counts.describe(h) for h in sums if column in (*h.left, *h.right)]
    if base is not None:
        figure = counts.sample[:, column]
        told = (figure > 0) & (base > 0)
        if np.count_nonzero(told) >= 3 and np.mean(told) >= 0.5:
            within, alike = float(np.mean(figure[told] <= base[told])), _rises_with(figure[told], base[told])
            if within >= 0.95 and alike >= 0.5:
                said.append(f"a part of those who voted: at most the ballots cast in {within:.1%} of the rows")
    return tuple(said[:3])
