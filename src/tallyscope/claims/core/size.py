"""How many protocols were still out when "99.3 % of protocols" had been processed."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

__all__ = ["missing_range"]


def missing_range(total: int, processed: Fraction, half: Fraction) -> tuple[int, int]:
    """Fewest and most of `total` protocols that were out: k in [N (100 - p - h)/100, N (100 - p + h)/100].

    `processed`: p, per cent as printed; `half`: h, half a unit of its last printed decimal. Exact arithmetic.
    Raises ValueError where no whole number of protocols is in the range.
    """
    low = ceil(total * (100 - processed - half) / 100)
    high = floor(total * (100 - processed + half) / 100)
    low, high = max(low, 0), min(high, total)
    if low > high:
        raise ValueError(f"no number of {total:,} protocols is printed as {float(processed):g} %")
    return low, high
