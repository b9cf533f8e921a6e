"""The interval of a rate that was counted: Clopper & Pearson, Biometrika 26 (1934) 404-413."""

from __future__ import annotations

__all__ = ["clopper_pearson"]


def clopper_pearson(count: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of the chance behind `count` of `of`; (0, 1) for none of none.

    Beta quantiles: low = B(a/2; k, n - k + 1), high = B(1 - a/2; k + 1, n - k) with a = 1 - level. It covers at
    least `level`, whatever the chance.
    """
    from scipy.special import betaincinv

    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is not a count")
    tail = (1 - level) / 2
    low = float(betaincinv(count, of - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 1 - tail)) if count < of else 1.0
    return low, high
