"""Protocols of one unit that agree in every line, and how many such pairs chance explains at most.

Two stations with equally many voters on the list agree in the ballots issued with a chance of about
1 / (2 sqrt(pi) s), s the standard deviation of that count in their unit: the chance that two draws of one normal
distribution round to the same whole number. The same holds for the leader's votes. What is left, the other choices
and the invalid ballots, is given no spread but that of counting, s^2 = x (1 - x / rest), which makes agreement more
likely than it is; the largest of these lines follows from the others. The product, summed over all pairs of one
unit with equally many voters, is the expected number of pairs; the tail of a number of pairs so rare is Poisson.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.repeated_windows import logit_density

__all__ = ["Identical", "Protocols", "identical_protocols"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: 1 / (2 sqrt(pi)): the height of the density of the difference of two standard normal variables, at zero.
_MEETING = 0.28209479177387814


@dataclass(frozen=True, eq=False)
class Identical:
    """groups: stations whose protocols agree, largest groups first; pairs, expected: pairs of such stations,
    observed and at most by chance; p_value: P(at least so many)."""

    groups: tuple[Ints, ...]
    pairs: int
    expected: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Protocols:
    """registered, issued, cast, leader: (stations,) with 0 <= leader <= cast, 0 <= issued <= registered, neither
    size 0; others: (stations, lines) the other choices and the invalid ballots."""

    registered: Ints
    issued: Ints
    cast: Ints
    leader: Ints
    others: Ints


def identical_protocols(of: Protocols, unit: Ints) -> Identical:
    """Pairs of stations of one unit that agree in all of these lines; unit: (stations,) from 0."""
    from scipy.special import pdtrc

    code = unit * (int(of.registered.max(initial=0)) + 1) + of.registered
    alike = np.bincount(code)
    chance = _meeting(of, unit)
    expected = float((0.5 * (alike[code] - 1) * chance).sum())
    groups = _groups(np.column_stack([of.cast, of.leader, of.others]), _also_issued(code, of.issued))
    pairs = sum(g.size * (g.size - 1) // 2 for g in groups)
    return Identical(groups, pairs, expected, float(pdtrc(pairs - 1, expected)) if pairs else 1.0)


def _also_issued(code: Ints, issued: Ints) -> Ints:
    """(stations,) which stations agree in unit, voters on the list and ballots issued."""
    return code * (int(issued.max(initial=0)) + 1) + issued


def _groups(lines: Ints, code: Ints) -> tuple[Ints, ...]:
    """Stations that agree in code and lines, (stations, lines); the largest groups first. Most codes are unique."""
    order = np.argsort(code, kind="stable")
    same = np.diff(code[order]) == 0
    rows = order[np.append(same, False) | np.append(False, same)]
    table = np.column_stack([code, lines])[rows]
    _, inverse, number = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    groups = [rows[inverse.ravel() == g] for g in np.flatnonzero(number > 1)]
    return tuple(sorted(groups, key=lambda g: -g.size))


def _meeting(of: Protocols, unit: Ints) -> Floats:
    """(stations,) chance that another protocol with as many voters on the list agrees with this one."""
    chance = _likely(_spread(of.issued, of.registered, unit)) * _likely(_spread(of.leader, of.cast, unit))
    rest = np.maximum(of.cast - of.leader, 1)
    largest = of.others.argmax(axis=1) if of.others.shape[1] else None
    for line in range(of.others.shape[1]):
        x = of.others[:, line]
        free = _likely(np.sqrt(np.maximum(x * (1 - x / rest), 0.0)))
        chance = np.where(largest == line, chance, chance * free)
    return chance


def _likely(spread: Floats) -> Floats:
    return np.minimum(_MEETING / np.maximum(spread, _MEETING), 1.0)


def _spread(count: Ints, size: Ints, unit: Ints) -> Floats:
    """(stations,) standard deviation of a count in its unit: that of its logit times d count / d logit."""
    _, variance = logit_density(count, size, unit)
    share = count / size
    return np.asarray(size * share * (1 - share) * np.sqrt(variance))
