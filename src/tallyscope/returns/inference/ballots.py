"""Valid, invalid, cast: which columns stand around a total of choices, by arithmetic.

With T the votes of all choices (or valid votes), a protocol prints one of

    U = T + v                 cast = valid + invalid
    U = T + v + w             cast = valid + blank + invalid
    p + s = T + v             portable + stationary = valid + invalid

A relation counts only if its smaller terms are above zero often enough to test it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tallyscope.returns.inference.figures import Bools, Counts, Floats, Held, Ints
from tallyscope.returns.inference.names import NameScores
from tallyscope.returns.inference.sums import FLOOR

__all__ = ["Around", "around"]

#: A term that is zero in more than 1 - this of the rows tests nothing.
_ALIVE = 0.05
#: Four columns can agree by chance where figures are small: their relation has to hold in more rows than others.
_BOXES = 0.75
_FIRST_ROWS, _ROWS, _WIDEST = 100, 800, 60
#: Below this names and sizes speak against a relation more than its rows speak for it.
_LIKELY = 0.55


@dataclass(frozen=True)
class Around:
    """One way in which columns stand around a total; `score`: the share of rows, more or less what names say."""

    held: Held
    score: float
    invalid: int
    cast: int | None = None
    blank: int | None = None
    #: Two columns whose sum is the ballots cast, the bigger one first.
    boxes: tuple[int, int] | None = None


def around(counts: Counts, total: int, free: Sequence[int], names: Sequence[NameScores]) -> Around | None:
    """The best of the three relations for this total, among the columns `free`; None if none holds.

    A simpler relation wins over a longer one that holds equally often.
    """
    x = counts.sample
    x = x[x[:, total] > 0][:_ROWS]
    alive = [c for c in free if c != total and len(x) and np.mean(x[:, c] > 0) >= _ALIVE]
    found: list[Around] = []
    found += _one_cast(counts, x, total, alive, names)
    if not any(f.held.share > 0.999 for f in found):
        # All pairs of columns are tried: of very wide files only those with the biggest sums.
        alive = sorted(sorted(alive, key=lambda c: -counts.totals[c])[:_WIDEST])
        found += _two_boxes(counts, x, total, alive, names)
        found += _with_blank(counts, x, total, alive, names)
    best = max(found, key=lambda f: f.score, default=None)
    return best if best is not None and best.score >= _LIKELY else None


def _tested(equal: Bools, small: Ints) -> Floats:
    """(columns,): the share of rows in which it holds, or of those with a small term above zero; the lesser."""
    told = small > 0
    tested = np.count_nonzero(equal & told, axis=0) / np.maximum(1, np.count_nonzero(told, axis=0))
    return np.asarray(np.minimum(np.mean(equal, axis=0), tested), dtype=np.float64)


def _one_cast(
    counts: Counts, x: Ints, total: int, alive: Sequence[int], names: Sequence[NameScores]
) -> list[Around]:
    found, small = [], x[:, list(alive)]
    for cast in alive:
        shares = _tested((x[:, cast] - x[:, total])[:, None] == small, small)
        for invalid in [alive[i] for i in np.flatnonzero(shares >= FLOOR).tolist() if alive[i] != cast]:
            held = counts.held((cast,), (total, invalid))
            score = held.share + _likely(counts, names, total, invalid, cast)
            found.append(Around(held, score, invalid, cast))
    return found


def _two_boxes(
    counts: Counts, x: Ints, total: int, alive: Sequence[int], names: Sequence[NameScores]
) -> list[Around]:
    pairs, sums = _pairs(x, alive)
    found = []
    for invalid in alive:
        target = x[:, total] + x[:, invalid]
        for a, b in _equal_pairs(target, sums, pairs, _BOXES):
            if invalid not in (a, b) and _tested(x[:, a] + x[:, b] == target, x[:, invalid]) >= _BOXES:
                big, small = (a, b) if counts.totals[a] >= counts.totals[b] else (b, a)
                held = counts.held((total, invalid), (small, big))
                score = held.share - 0.02 + _likely(counts, names, total, invalid, None)
                found.append(Around(held, score, invalid, boxes=(big, small)))
    return found


def _with_blank(
    counts: Counts, x: Ints, total: int, alive: Sequence[int], names: Sequence[NameScores]
) -> list[Around]:
    pairs, sums = _pairs(x, alive)
    found = []
    for cast in alive:
        target = x[:, cast] - x[:, total]
        for a, b in _equal_pairs(target, sums, pairs, 0.8):
            if cast not in (a, b) and _tested(x[:, a] + x[:, b] == target, np.minimum(x[:, a], x[:, b])) >= 0.8:
                blank, invalid = _blank_first(a, b, names)
                held = counts.held((cast,), (total, blank, invalid))
                score = held.share - 0.02 + _likely(counts, names, total, invalid, cast)
                score -= 0.3 if counts.totals[blank] > counts.totals[total] else 0.0
                found.append(Around(held, score, invalid, cast, blank))
    return found


def _pairs(x: Ints, alive: Sequence[int]) -> tuple[list[tuple[int, int]], Ints]:
    pairs = list(combinations(alive, 2))
    return pairs, x[:, [a for a, _ in pairs]] + x[:, [b for _, b in pairs]]


def _equal_pairs(target: Ints, sums: Ints, pairs: Sequence[tuple[int, int]], floor: float) -> list[tuple[int, int]]:
    if not pairs or not len(target):
        return []
    first = slice(0, _FIRST_ROWS)
    share = np.mean(sums[first] == target[first, None], axis=0)
    return [pairs[i] for i in np.flatnonzero(share >= floor - 0.05).tolist()]


def _blank_first(a: int, b: int, names: Sequence[NameScores]) -> tuple[int, int]:
    """Which of two is the blank ballots: by name, else the first one in the file."""
    of_a = names[a].roles.get("blank", 0.0) + names[b].roles.get("invalid", 0.0)
    of_b = names[b].roles.get("blank", 0.0) + names[a].roles.get("invalid", 0.0)
    return (b, a) if of_b > of_a else (a, b)


def _likely(counts: Counts, names: Sequence[NameScores], total: int, invalid: int, cast: int | None) -> float:
    """What names and sizes add: invalid ballots are few, and have names of their own."""
    score = 0.3 * names[invalid].roles.get("invalid", 0.0)
    if names[invalid].best_role[1] > 0.75 and names[invalid].roles.get("invalid", 0.0) < 0.5:
        score -= 0.2
    score -= 0.5 if counts.totals[invalid] > 0.5 * counts.totals[total] else 0.0
    if cast is not None:
        of_cast = max(names[cast].roles.get("cast", 0.0), names[cast].roles.get("voted", 0.0))
        score += 0.15 * of_cast + 0.05 * names[cast].roles.get("cast", 0.0)
        score -= 0.2 if names[cast].best_role[1] > 0.75 and of_cast < 0.5 else 0.0
    return score
