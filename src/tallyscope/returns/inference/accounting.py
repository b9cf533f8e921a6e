"""Where the ballots went: received = issued (early, in the station, outside) + cancelled + lost - unaccounted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tallyscope.returns.inference.figures import Counts, Held, Ints
from tallyscope.returns.inference.found import Claim, Tally, sum_strength
from tallyscope.returns.inference.names import NameScores
from tallyscope.returns.inference.sums import subset_sum

__all__ = ["of_received", "received_sum"]


def received_sum(
    counts: Counts, names: Sequence[NameScores], tally: Tally | None, free: Sequence[int], base: Ints
) -> Held | None:
    """The column that is the sum of ballots issued and not issued: at least the ballots cast, its parts `free`."""
    apart = set(free)
    known = [] if tally is None else [h for h in tally.sums if h.left[0] in apart and set(h.right) <= apart]
    totals = [c for c in free if np.mean(counts.sample[:, c] >= base) >= 0.9]
    fits = [h for h in known if h.left[0] in totals and _is_received(names, h)]
    if not fits and len(free) <= 25:
        found = [subset_sum(counts, c, [f for f in free if f != c and f not in totals]) for c in totals[:4]]
        fits = [h for h in found if h is not None and _is_received(names, h)]
    return max(fits, key=lambda h: h.share, default=None)


def _is_received(names: Sequence[NameScores], held: Held) -> bool:
    """Men and women add up to the voters on the list: a sum of two has to be named."""
    said = max(names[c].roles.get(r, 0.0) for c in held.right for r in ("issued", "unused", "cancelled"))
    named = said >= 0.75 and names[held.left[0]].roles.get("ballots_received", 0.0) >= 0.75
    return len(held.right) >= 3 or named


def of_received(
    counts: Counts, tally: Tally | None, received: Held | None, free: Sequence[int], base: Ints
) -> list[Claim]:
    if received is None:
        return []
    why, strength = counts.describe(received), 0.9 * sum_strength(received)
    claims = [Claim(received.left[0], "ballots_received", strength, why)]
    x, parts = counts.sample, list(received.right)
    whole = x[:, parts].sum(axis=1)
    # Without the ballots not given out the rest equals the ballots found, nearly always.
    left = {c: float(np.mean(whole - x[:, c] == base)) for c in parts}
    cancelled = max(parts, key=lambda c: left[c])
    if left[cancelled] >= 0.4:
        told = f"without it, the ballots received are the ballots cast in {left[cancelled]:.0%} of the rows"
        role = "unused" if len(parts) == 2 else "cancelled"
        claims.append(Claim(cancelled, role, 0.5 + 0.4 * left[cancelled], told))
        parts.remove(cancelled)
    claims += _of_issued(counts, tally, parts)
    return claims + _of_residual(counts, received, [c for c in free if c not in (*received.left, *received.right)])


def _of_issued(counts: Counts, tally: Tally | None, parts: Sequence[int]) -> list[Claim]:
    if len(parts) == 1:
        return [Claim(parts[0], "issued", 0.6, "ballots received that were not cancelled")]
    boxes = tally.around.boxes if tally is not None and tally.around is not None else None
    if boxes is None:
        return []
    x, claims, left = counts.sample, [], list(parts)
    pairs = ((boxes[1], "issued_outside", "portable"), (boxes[0], "issued_in_station", "stationary"))
    for box, role, name in pairs:
        told = x[:, box] > 0
        equal = {c: float(np.mean(x[told, c] == x[told, box])) for c in left} if told.any() else {}
        best = max(equal, key=lambda c: equal[c], default=None)
        if best is not None and equal[best] >= 0.3:
            why = f"equals the ballots in {name} boxes in {equal[best]:.0%} of the rows"
            claims.append(Claim(best, role, 0.4 + 0.5 * equal[best], why))
            left.remove(best)
    if len(left) == 1 and len(claims) == 2:
        claims.append(Claim(left[0], "issued_early", 0.55, "what remains of the ballots issued"))
    return claims


def _of_residual(counts: Counts, received: Held, free: Sequence[int]) -> list[Claim]:
    """Where received != issued + cancelled, the rest is ballots lost less ballots unaccounted for on receipt."""
    rows = counts.testable((*received.left, *received.right))
    rest = np.where(rows, counts.sum_of(received.left) - counts.sum_of(received.right), 0)
    lost = _best_match(counts, np.maximum(rest, 0), free, "ballots_lost")
    if lost is None:
        return []
    missing = counts.x[:, lost.column] - rest
    found = [c for c in free if c != lost.column]
    unaccounted = _best_match(counts, np.maximum(missing, 0), found, "ballots_unaccounted")
    return [lost] if unaccounted is None else [lost, unaccounted]


def _best_match(counts: Counts, rest: Ints, free: Sequence[int], role: str) -> Claim | None:
    """The column that equals a rest in most of the rows where there is a rest."""
    told = rest > 0
    n = int(np.count_nonzero(told))
    equal = {c: float(np.mean(counts.x[told, c] == rest[told])) for c in free} if n >= 2 else {}
    best = max(equal, key=lambda c: equal[c], default=None)
    if best is None or equal[best] < (0.6 if n >= 5 else 1.0):
        return None
    why = f"explains the difference of ballots received in {equal[best]:.0%} of {n:,} rows"
    return Claim(best, role, 0.3 + 0.55 * equal[best], why)
