"""What arithmetic claims for a column: it is the voters on the list, for it is never below the ballots cast."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from tallyscope.returns.inference.accounting import of_received, received_sum
from tallyscope.returns.inference.figures import Counts, Ints
from tallyscope.returns.inference.found import CLEAN, Claim, Tally, sum_strength
from tallyscope.returns.inference.names import NameScores
from tallyscope.returns.inference.sums import matches
from tallyscope.returns.inference.turnout import above_ballots, below_ballots

__all__ = ["arithmetic_claims", "ballots_in"]


def arithmetic_claims(
    counts: Counts, names: Sequence[NameScores], ids: frozenset[int], tally: Tally | None
) -> list[Claim]:
    """All claims of arithmetic for the columns that are no choices."""
    claims = [] if tally is None else [*_of_total(names, tally), *_of_around(counts, names, tally)]
    taken = {c.column for c in claims if c.strength > 0.5} | set(tally.parts if tally is not None else ())
    free = [c for c in range(counts.width) if c not in ids and c not in taken]
    base = ballots_in(counts, names, tally)
    if base is None or not len(base):
        return claims
    received = received_sum(counts, names, tally, free, base)
    claims += of_received(counts, tally, received, free, base)
    unspoken = [c for c in free if received is None or c not in received.right]
    claims += above_ballots(counts, unspoken, base, received)
    claims += below_ballots(counts, names, unspoken, base)
    if tally is not None and tally.total is not None and tally.around is None and not tally.inside:
        claims += _beside_total(counts, names, tally, set(unspoken))
    return claims + _of_sexes(counts, names, claims, free)


def ballots_in(counts: Counts, names: Sequence[NameScores], tally: Tally | None) -> Ints | None:
    """(sampled rows,) ballots cast, or the nearest thing the file has; None if it has nothing of the kind."""
    x = counts.sample
    if tally is None:
        for role in ("cast", "voted", "valid"):
            named = [c for c in range(counts.width) if names[c].roles.get(role, 0.0) >= 0.9]
            if named:
                return np.asarray(x[:, named[0]])
        return None
    if tally.around is not None and tally.around.cast is not None:
        return np.asarray(x[:, tally.around.cast])
    more = [] if tally.around is None else [tally.around.invalid]
    if tally.total is not None:
        return np.asarray(x[:, [tally.total, *more]].sum(axis=1))
    return np.asarray(x[:, list(tally.choices)].sum(axis=1))


def _of_total(names: Sequence[NameScores], tally: Tally) -> list[Claim]:
    if tally.total is None or tally.held is None:
        return []
    held, name = tally.held, names[tally.total]
    why = f"the sum of {len(tally.parts)} columns in {held.holds:,} of {held.rows:,} rows"
    strength = sum_strength(held)
    claims = [
        Claim(c, role, 0.6 * strength, f"within that sum, beside {len(tally.choices)} choices")
        for role, c in tally.inside
    ]
    if tally.inside:
        said = {r: name.roles.get(r, 0.0) for r in ("voted", "cast")}
        signed = said["voted"] > said["cast"] or (not said["cast"] and held.share < CLEAN)
        return [*claims, Claim(tally.total, "voted" if signed else "cast", strength, why)]
    parties = name.roles.get("for_choices", 0.0) > max(0.7, name.roles.get("valid", 0.0))
    claims.append(Claim(tally.total, "for_choices" if parties else "valid", strength, why))
    return claims


def _of_around(counts: Counts, names: Sequence[NameScores], tally: Tally) -> list[Claim]:
    if tally.around is None:
        return []
    held, why = tally.around.held, counts.describe(tally.around.held)
    strength = 0.97 * held.share
    claims = [Claim(tally.around.invalid, "invalid", strength, why)]
    if tally.around.blank is not None:
        claims.append(Claim(tally.around.blank, "blank", 0.8 * strength, why))
    if tally.around.cast is not None:
        name = names[tally.around.cast].roles
        signed = name.get("voted", 0.0) > name.get("cast", 0.0)
        claims.append(Claim(tally.around.cast, "voted" if signed else "cast", strength, why))
    if tally.around.boxes is not None:
        big, small = tally.around.boxes
        claims += [Claim(big, "stationary", strength, why), Claim(small, "portable", strength, why)]
    return claims


def _beside_total(counts: Counts, names: Sequence[NameScores], tally: Tally, free: set[int]) -> list[Claim]:
    """No relation shows the invalid ballots: small counts just before the total may be them. A weak guess."""
    assert tally.total is not None
    if any(n.roles.get("invalid", 0.0) >= 0.75 for n in names):
        return []
    claims, column = [], tally.total - 1
    for role in ("invalid", "blank"):
        small = column in free and 0 < counts.totals[column] < 0.1 * counts.totals[tally.total]
        if small and np.mean(counts.sample[:, column] > 0) >= 0.05:
            why = f"a small count just before {counts.names[tally.total]}, in no relation that would prove it"
            claims.append(Claim(column, role, 0.35, why))
            column -= 1
    return claims


def _of_sexes(
    counts: Counts, names: Sequence[NameScores], claims: Sequence[Claim], free: Sequence[int]
) -> list[Claim]:
    """Men and women of the voters on the list, or of those who came: two columns named so that add up to it."""
    found: list[Claim] = []
    sexed = [c for c in free if names[c].sex is not None]
    pairs = [(a, b) for a, b in combinations(sexed, 2) if names[a].sex != names[b].sex]
    if not pairs:
        return found
    x = counts.sample
    sums = x[:, [a for a, _ in pairs]] + x[:, [b for _, b in pairs]]
    kinds = {c.column: c.target for c in sorted(claims, key=lambda c: c.strength)}
    for total, pair, _ in matches(x, sums, 0.8):
        kind = {"registered": "registered", "voted": "voted", "cast": "voted"}.get(kinds.get(total, ""))
        if kind is not None and total not in pairs[pair]:
            held = counts.held((total,), pairs[pair])
            why, strength = counts.describe(held), 0.9 * held.share
            found += [Claim(c, f"{kind}_{names[c].sex}", strength, why) for c in pairs[pair]]
    return found
