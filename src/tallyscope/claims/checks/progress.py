"""How much was counted: "99.3 % of protocols" as a range of protocols that were out."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tallyscope.claims.checks.count import Count
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.core.size import missing_range

__all__ = ["ProgressOf", "out_range", "progress_text"]

#: What a per cent of the count is told of.
ProgressOf = Literal["protocols", "ballots"]


def out_range(count: Count, processed: Printed, of: ProgressOf = "protocols") -> tuple[int, int]:
    """Fewest and most protocols that were out.

    Of ballots: the largest protocols that hold the rest are the fewest, the smallest ones the most; whatever was
    out is between, so that what is impossible within the range was impossible. Raises ValueError where no number of
    protocols is printed so.
    """
    if of == "protocols":
        return missing_range(count.protocols, processed.value, processed.half)
    ballots = int(count.cast.sum())
    low, high = missing_range(ballots, processed.value, processed.half)
    size = np.sort(count.cast)
    fewest = int(np.searchsorted(np.cumsum(size[::-1]), low)) + 1 if low else 0
    return min(fewest, size.size), int(np.searchsorted(np.cumsum(size), high, side="right"))


def progress_text(count: Count, processed: Printed, of: ProgressOf, out: tuple[int, int]) -> str:
    """One line: the arithmetic of the range."""
    few, many = (f"{n:,}" for n in out)
    between = few if few == many else f"{few} to {many}"
    if of == "ballots":
        return f"{processed} % of ballots: {between} of {count.protocols:,} protocols out, by their sizes"
    half = f"{float(processed.half):g}"
    return f"{processed} ± {half} % of {count.protocols:,} protocols: {between} out"
