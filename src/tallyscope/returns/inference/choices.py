"""Which columns are the choices: every candidate for a total and its parts, scored by arithmetic and by names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tallyscope.returns.inference.ballots import around
from tallyscope.returns.inference.figures import Counts, Held
from tallyscope.returns.inference.found import CLEAN, NAMED, Tally
from tallyscope.returns.inference.names import NameScores
from tallyscope.returns.inference.sources import BESIDE, FoundSum, by_differences, by_runs, by_subsets
from tallyscope.returns.inference.unsummed import by_names, choice_like

__all__ = ["find_tally"]

#: A reading with this score needs no further search.
_SURE = 2.0
#: Below this it is no reading: two or three columns agree by chance more easily than four and more.
_DOUBTFUL, _LONG = 1.2, 0.8


def find_tally(counts: Counts, names: Sequence[NameScores], ids: frozenset[int]) -> Tally | None:
    """The likeliest reading; None where neither arithmetic nor names show any choices.

    counts: the matrix; names: of its columns; ids: columns that number or name things and count nothing.
    """
    best: Tally | None = None
    heard: list[FoundSum] = []
    for source in (by_runs, by_subsets, by_differences):
        heard += source(counts, names, ids)
        sums = [s.held for s in heard]
        readings = [r for s in heard if (r := _read(counts, names, ids, s, sums)) is not None]
        plausible = [r for r in readings if r.score >= (_DOUBTFUL if len(r.choices) < 4 else _LONG)]
        best = max(plausible, key=lambda t: t.score, default=None)
        # Neighbours may add up by the accident of their order: only if invalid and cast fit too, is that enough.
        if best is not None and best.score >= _SURE and len(best.choices) >= 3 and best.around is not None:
            break
    named = by_names(counts, names, ids)
    if named is not None and (best is None or named.score > best.score):
        best = named
    return None if best is None else replace(best, sums=tuple(s.held for s in heard))


def _read(
    counts: Counts, names: Sequence[NameScores], ids: frozenset[int], found: FoundSum, heard: Sequence[Held]
) -> Tally | None:
    held = found.held
    total, parts = held.left[0], _with_silent(counts, names, held)
    inside = _inside(names, parts)
    if not inside and found.apart is not None:
        inside = (("invalid", found.apart),)
    named = [*parts, total]
    if not inside and held.share < CLEAN and all(names[c].best_role[1] < NAMED for c in named):
        free = [c for c in range(counts.width) if c not in ids and c not in parts]
        if around(counts, total, free, names) is None:
            inside = _silent_invalid(counts, names, total, parts)
    choices = tuple(p for p in parts if p not in dict(inside).values())
    if len(choices) < 2:
        return None
    free = [c for c in range(counts.width) if c not in ids and c not in parts]
    near = around(counts, total, free, names) if not inside else None
    tally = Tally(choices, total, held, inside, near)
    return replace(tally, score=_score(counts, names, tally, heard))


def _with_silent(counts: Counts, names: Sequence[NameScores], held: Held) -> tuple[int, ...]:
    """Adds nameless columns without a single vote that stand among the choices or right behind them."""
    parts = sorted(held.right)
    inner = [c for c in range(parts[0], parts[-1]) if c not in parts and not counts.totals[c]]
    column = parts[-1] + 1
    while column < counts.width and not counts.totals[column]:
        inner.append(column)
        column += 1
    silent = [c for c in inner if names[c].best_role[1] < NAMED and names[c].ignore < NAMED]
    if (len(parts) >= 3 and column == counts.width) or any(names[c].choice >= NAMED for c in silent):
        return tuple(sorted({*parts, *silent}))
    return tuple(parts)


def _inside(names: Sequence[NameScores], parts: Sequence[int]) -> tuple[tuple[str, int], ...]:
    out: dict[str, int] = {}
    for column in parts:
        role, likeness = names[column].best_role
        if role in BESIDE and likeness >= NAMED and role not in out:
            out[role] = column
    return tuple(out.items()) if len(out) < len(parts) else ()


def _silent_invalid(
    counts: Counts, names: Sequence[NameScores], total: int, parts: Sequence[int]
) -> tuple[tuple[str, int], ...]:
    """A dirty total without a name is one of signatures; then an end of the run, few but everywhere, is invalid.

    Clerks add up valid votes from the piles, so that total is clean; signatures are counted on their own.
    """
    x = counts.sample
    for column in (parts[0], parts[-1]):
        everywhere = np.mean(x[:, column] > 0) >= 0.6
        few = counts.totals[column] <= 0.1 * counts.totals[total]
        if len(parts) >= 4 and everywhere and few and names[column].choice < 0.5:
            return (("invalid", column),)
    return ()


def _score(counts: Counts, names: Sequence[NameScores], tally: Tally, heard: Sequence[Held]) -> float:
    assert tally.held is not None
    assert tally.total is not None
    score = 4 * (tally.held.share - 0.5) + 0.03 * min(len(tally.choices), 20)
    score += min(1.2, max(0.0, tally.around.score)) if tally.around is not None else 0.0
    score += 0.5 * any(names[c].best_role[1] >= NAMED for _, c in tally.inside)
    # A sum within a sum is the inner one; several within one are joint lists of the choices outside.
    outer = [h for h in heard if tally.total in h.right and h.left[0] != tally.total]
    score += 0.5 * any(_sums_within(h.right, heard) < 2 for h in outer)
    within = _sums_within(tally.choices, heard)
    score += {0: 0.0, 1: -1.0}.get(within, 1.0)
    # Some of these choices make a total of their own: the others are no choices.
    inner = [h for h in heard if set(h.right) < set(tally.choices) and h.left[0] not in tally.parts]
    score -= 0.6 * any(h.share >= tally.held.share for h in inner)
    score += 1.5 * float(np.mean([choice_like(names[c]) for c in tally.choices]))
    score += _total_like(names[tally.total], bool(tally.inside))
    return score - _too_small(counts, tally) - _bigger(counts, tally, heard)


def _sums_within(parts: Sequence[int], heard: Sequence[Held]) -> int:
    """How many of the columns are sums of others themselves."""
    return len({h.left[0] for h in heard if h.left[0] in parts and h.share > 0.9 and not set(h.right) & set(parts)})


def _total_like(name: NameScores, all_ballots: bool) -> float:
    fitting = ("cast", "voted") if all_ballots else ("valid", "for_choices")
    likeness = max(name.roles.get(r, 0.0) for r in fitting)
    near = max(name.roles.get(r, 0.0) for r in ("valid", "for_choices", "cast", "voted"))
    other = name.best_role[1]
    return likeness + 0.3 * (near - likeness) - (1.0 if other >= NAMED and near < 0.5 else 0.0)


def _too_small(counts: Counts, tally: Tally) -> float:
    """A total of choices is not dwarfed by what ballots add up to elsewhere in the file."""
    assert tally.total is not None
    biggest = np.sort(counts.totals)[-4:-1]
    return 1.0 if len(biggest) and counts.totals[tally.total] < 0.02 * np.median(biggest) else 0.0


def _bigger(counts: Counts, tally: Tally, heard: Sequence[Held]) -> float:
    """Ballots issued and cancelled add up too, but to more than the votes do."""
    mine = counts.totals[tally.total]
    for other in heard:
        apart = not set(other.right) & set(tally.choices) and other.left[0] not in tally.choices
        if apart and other.share > 0.9 and 0.1 * mine < counts.totals[other.left[0]] < mine:
            return 0.4
    return 0.0
