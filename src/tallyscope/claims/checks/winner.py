""" "According to preliminary data, has been elected": could the protocols that were out have changed it?"""

from __future__ import annotations

from tallyscope.claims.checks.count import Base, Count
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.verdict import Check, Verdict
from tallyscope.claims.core.single import share_bounds
from tallyscope.claims.core.size import missing_range
from tallyscope.election.form import DENOMINATORS
from tallyscope.election.outcome.state import more_than_half

__all__ = ["check_majority"]


def check_majority(count: Count, choice: str, processed: Printed | None = None) -> Check:
    """More than half of the law's denominator: in the end, and without any set of protocols that may have been out.

    `processed`: per cent of protocols when it was said; None: asked of the final count only. Raises KeyError, and
    ValueError for a per cent that no number of protocols gives.
    """
    base: Base = count.returns.election.form.denominator
    column = count.choices.index(choice) if choice in count.choices else None
    if column is None:
        raise KeyError(choice)
    final = count.declared.share(choice, base)
    name, of = count.returns.election.choice(choice).name, DENOMINATORS[base]
    details = {"choice": choice, "final": final, "denominator": base, "out": None, "lowest": None}
    ended = f"{name} has {final:.2f} % of {of} in the end"
    whole = (count.declared.votes[choice], count.declared.base(base))
    if processed is None:
        has = more_than_half(*whole)
        verdict: Verdict = "true" if has else "infeasible"
        return Check(verdict, f"{ended}: {'more' if has else 'not more'} than half.", details)
    most = min(missing_range(count.protocols, processed.value, processed.half)[1], count.cast.size - 1)
    votes, ballots = count.votes[:, column], count.base(base)
    low, high = share_bounds(votes, ballots, most, whole)
    details |= {"out": most, "lowest": 100 * low.share, "highest": 100 * high.share}
    if not more_than_half(*whole):
        return Check("infeasible", f"{ended}: not more than half.", details)
    if more_than_half(whole[0] - int(votes[low.missing].sum()), whole[1] - int(ballots[low.missing].sum())):
        least = f"at least {100 * low.share:.2f} % whichever {most:,} protocols were out"
        return Check("true", f"{ended}, and had {least}: none could have changed it.", details)
    part = f"without some {most:,} protocols it was not more than half ({100 * low.share:.2f} % at the least)"
    return Check("consistent", f"{ended}; {part}.", details)
