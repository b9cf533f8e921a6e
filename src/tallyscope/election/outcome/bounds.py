"""Between what and what a share will be, whatever the protocols that are out say: arithmetic, no forecast.

    low  = votes / (base + most)             every ballot that can still come is for somebody else
    high = (votes + most) / (base + most)    every one of them is for this choice

Both grow apart with the number of ballots, so fewer of them stay between: these are the bounds of all completions.
"""

from __future__ import annotations

from collections.abc import Mapping

from tallyscope.election.outcome.state import Counted, Out

__all__ = ["share_bounds"]


def share_bounds(counted: Counted, out: Out) -> Mapping[str, tuple[int, int]] | None:
    """Choice id -> hundredths of a per cent of the law's denominator, the low bound rounded down, the high one up.

    None if nothing is out, or nobody knows how many ballots are. Like all that is told from `Out`, it leaves voters
    who were added to a list on the day, and corrections, out of account.
    """
    if not out.stations or out.most is None or not counted.base + out.most:
        return None
    whole = counted.base + out.most
    return {c: (10_000 * n // whole, -(-10_000 * (n + out.most) // whole)) for c, n in counted.votes.items()}
