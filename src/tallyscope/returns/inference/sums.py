"""Which columns add up to which. Guessed on a sample of rows, proved on all of them.

Choices stand together in nearly every file, so the first guess is a run of neighbouring columns: with prefix sums
P, the run i..j-1 adds up to P[j] - P[i], and all runs are compared with all totals at once. Columns in no order are
left to `subset_sum`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tallyscope.returns.inference.figures import Counts, Floats, Held, Ints

__all__ = ["matches", "pair_sums", "parts_matter", "subset_sum", "sums_of_runs"]

#: A relation has to hold in this share of the rows to be one: figures of real protocols are dirty.
FLOOR = 0.6
#: The first look is at this many rows, and forgives so many more wrong ones.
_FIRST_ROWS, _SLACK = 40, 0.2
#: What survives the first look is looked at in full; more survivors than this are noise.
_SURVIVORS = 4_000


def matches(totals: Ints, sums: Ints, floor: float = FLOOR) -> list[tuple[int, int, float]]:
    """Pairs (column of totals, column of sums), with the share of rows in which they are equal, at least `floor`.

    totals: (rows, m), sums: (rows, r). Rows in which both are zero do not count, and pairs that are zero in most
    rows are left out: they prove nothing.
    """
    likely = _likely(totals[:_FIRST_ROWS], sums[:_FIRST_ROWS], floor)
    shares = [(m, r, _share(totals[:, m], sums[:, r])) for m, r in likely]
    return [found for found in shares if found[2] >= floor]


def _likely(totals: Ints, sums: Ints, floor: float) -> list[tuple[int, int]]:
    """The pairs that a first look at some rows does not rule out."""
    if not len(totals) or not totals.shape[1] or not sums.shape[1]:
        return []
    equal, either = _equal(totals, sums), _either(totals, sums)
    good = (equal >= (floor - _SLACK) * either) & (either >= 0.4 * len(totals))
    found = np.argwhere(good)
    if len(found) > _SURVIVORS:
        best = np.argsort(-(equal[good] / either[good]), kind="stable")
        found = found[best[:_SURVIVORS]]
    pairs: list[list[int]] = found.tolist()
    return [(m, r) for m, r in pairs]


def _share(total: Ints, other: Ints) -> float:
    told = (total != 0) | (other != 0)
    return int(np.count_nonzero((total == other) & told)) / max(1, int(np.count_nonzero(told)))


def _equal(totals: Ints, sums: Ints) -> npt.NDArray[np.int32]:
    """(m, r): rows in which both are equal and not zero."""
    count = np.zeros((totals.shape[1], sums.shape[1]), dtype=np.int32)
    for total, other in zip(totals, sums, strict=True):
        count += (total[:, None] == other[None, :]) & (total != 0)[:, None]
    return count


def _either(totals: Ints, sums: Ints) -> npt.NDArray[np.float32]:
    """(m, r): rows in which either is not zero."""
    a, b = (totals != 0).astype(np.float32), (sums != 0).astype(np.float32)
    return np.asarray(a.sum(axis=0)[:, None] + b.sum(axis=0)[None, :] - a.T @ b, dtype=np.float32)


def sums_of_runs(counts: Counts, differences: Sequence[tuple[int, int]] = ()) -> list[Held]:
    """Runs of neighbouring columns that add up to another column, or to a difference of two.

    Of several runs for one total the best stands, then the best of those that share no column with it. A difference
    a - b = run is told as a = run + b, the total on the left.
    """
    x, columns = counts.sample, [*((c,) for c in range(counts.width)), *differences]
    prefix = np.zeros((len(x), counts.width + 1), dtype=np.int64)
    np.cumsum(x, axis=1, out=prefix[:, 1:])
    start, stop = np.triu_indices(counts.width, k=1)
    # Runs of two columns and more: from column `start` to before column `stop`.
    stop = stop + 1
    first = x[:_FIRST_ROWS]
    totals = np.stack([_total(first, c) for c in columns], axis=1) if columns else first
    sums = prefix[:_FIRST_ROWS, stop] - prefix[:_FIRST_ROWS, start]
    found: dict[tuple[int, ...], list[tuple[float, int, int]]] = {}
    for m, r in _likely(totals, sums, FLOOR):
        i, j = int(start[r]), int(stop[r])
        share = _share(_total(x, columns[m]), prefix[:, j] - prefix[:, i])
        if share >= FLOOR and not any(i <= c < j for c in columns[m]) and parts_matter(x[:, i:j]):
            found.setdefault(columns[m], []).append((share, i, j))
    return [held for total, runs in found.items() for held in _best_runs(counts, total, runs)]


def _total(x: Ints, columns: tuple[int, ...]) -> Ints:
    """A column, or the difference of two."""
    return np.asarray(x[:, columns[0]] - x[:, columns[1]] if len(columns) == 2 else x[:, columns[0]])


def parts_matter(parts: Ints) -> bool:
    """True if at least two of the parts are above zero in a tenth of the rows: else a sum says nothing."""
    return bool(len(parts)) and float(np.mean(np.count_nonzero(parts, axis=1) >= 2)) >= 0.1


def _best_runs(counts: Counts, total: tuple[int, ...], found: list[tuple[float, int, int]]) -> list[Held]:
    found.sort(key=lambda f: (-f[0], f[2] - f[1]))
    proved = [
        (counts.held((total[0],), (*range(start, stop), *total[1:])), start, stop) for _, start, stop in found[:60]
    ]
    # The sample cannot tell a column that is nearly always zero from none; all rows can. Equal: the shortest.
    proved.sort(key=lambda p: (-p[0].holds, p[2] - p[1]))
    best: list[tuple[Held, int, int]] = []
    for held, start, stop in proved:
        if held.share >= FLOOR and all(stop <= a or start >= b for _, a, b in best):
            best.append((held, start, stop))
    return [held for held, _, _ in best]


def pair_sums(counts: Counts, columns: Sequence[int], floor: float = 0.9) -> list[Held]:
    """Pairs of these columns that add up to a third one of them, both parts being above zero often enough."""
    x = counts.sample
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :] if parts_matter(x[:, [a, b]])]
    if not pairs:
        return []
    sums = x[:, [a for a, _ in pairs]] + x[:, [b for _, b in pairs]]
    found = matches(x[:, list(columns)], sums, floor)
    held = [counts.held((columns[m],), pairs[r]) for m, r, _ in found if columns[m] not in pairs[r]]
    return [h for h in held if h.share >= floor]


def subset_sum(counts: Counts, total: int, candidates: Sequence[int]) -> Held | None:
    """The columns, in any order, that add up to `total` in most rows; None if there are none.

    Least absolute deviations by iteratively reweighted least squares: dirty rows, a minority, lose their weight. A
    weight near 1 is a part, near 0 is none. Other weights mean that the total is a sum in two ways (valid = choices
    = portable + stationary - invalid): a column of the other way is taken out, and it starts again.
    """
    rows = counts.sample[:, total] > 0
    x, y = counts.sample[rows][:600], counts.sample[rows][:600, total]
    left = _plausible_parts(x, y, candidates)
    for _ in range(12):
        if len(left) < 2:
            return None
        weights = _least_absolute(x[:, left].astype(np.float64), y.astype(np.float64))
        wrong = _of_another_sum(weights, counts.totals[left])
        if wrong is None:
            parts = [c for c, w in zip(left, weights, strict=True) if w > 0.5]
            matter = len(parts) >= 2 and parts_matter(x[:, parts])
            return _polished(counts, total, parts, left) if matter else None
        left.pop(wrong)
    return None


def _of_another_sum(weights: Floats, sizes: Ints) -> int | None:
    """The column to take out: with the most negative weight, or the biggest of those neither in nor out."""
    if weights.min() < -0.1:
        return int(np.argmin(weights))
    between = (weights > 0.2) & (weights < 0.8)
    return int(np.argmax(np.where(between, sizes, -1))) if between.any() else None


def _plausible_parts(x: Ints, y: Ints, candidates: Sequence[int]) -> list[int]:
    """Parts are no bigger than their sum, not the sum itself, and not always zero."""
    kept: list[int] = []
    if not len(y):
        return kept
    for column in candidates:
        part = x[:, column]
        small = np.mean(part <= y) >= 0.97
        if small and np.mean(part == y) < 0.9 and np.mean(part > 0) >= 0.01:
            kept.append(column)
    return kept


def _least_absolute(x: Floats, y: Floats) -> Floats:
    ridge = 1e-9 * float(np.mean(x * x)) * np.eye(x.shape[1])
    weight: Floats = np.ones(len(y))
    solution: Floats = np.zeros(x.shape[1])
    for _ in range(30):
        weighted = x * weight[:, None]
        solution[:] = np.linalg.solve(weighted.T @ x + ridge, weighted.T @ y)
        weight = 1.0 / np.maximum(np.abs(y - x @ solution), 0.05)
    return np.asarray(solution, dtype=np.float64)


def _polished(counts: Counts, total: int, parts: list[int], left: Sequence[int]) -> Held | None:
    """Takes in or out single columns as long as that makes the relation hold in more rows."""
    best = counts.held((total,), sorted(parts))
    for column in left:
        chosen = set(best.right) ^ {column}
        if len(chosen) >= 2:
            other = counts.held((total,), sorted(chosen))
            best = other if other.holds > best.holds else best
    return best if best.share >= FLOOR else None
