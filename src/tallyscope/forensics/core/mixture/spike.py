"""A distribution with a spike: nothing with some probability, else draws that are never negative."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["spiked_mean", "spiked_quantile"]

Floats = npt.NDArray[np.float64]


def spiked_mean(draws: Floats, nothing: float) -> float:
    """(1 - p) x the mean of the draws, (draws,)."""
    return float((1.0 - nothing) * draws.mean())


def spiked_quantile(draws: Floats, nothing: float, at: float) -> float:
    """0 up to the probability of nothing; above it the quantile (at - p) / (1 - p) of the draws."""
    if at <= nothing or nothing >= 1.0:
        return 0.0
    return float(np.quantile(draws, (at - nothing) / (1.0 - nothing)))
