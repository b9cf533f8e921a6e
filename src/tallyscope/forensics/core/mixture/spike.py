"""A distribution with a spike: nothing with some probability, else draws that are never negative."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["spiked_interval", "spiked_mean", "spiked_quantile"]

Floats = npt.NDArray[np.float64]


def spiked_mean(draws: Floats, nothing: float) -> float:
    """(1 - p) x the mean of the draws, (draws,)."""
    return float((1.0 - nothing) * draws.mean())


def spiked_quantile(draws: Floats, nothing: float, at: float) -> float:
    """0 up to the probability of nothing; above it the quantile (at - p) / (1 - p) of the draws."""
    if at <= nothing or nothing >= 1.0:
        return 0.0
    return float(np.quantile(draws, (at - nothing) / (1.0 - nothing)))


def spiked_interval(draws: Floats, nothing: float, level: float) -> tuple[float, float]:
    """Ends of an interval of this level that says no less than it knows: the upper one is that of the draws alone.

    With the spike in it too, whatever is improbable beforehand would be said to be nothing at all, however much of
    it the data leave room for; the lower end is that with the spike.
    """
    outside = (1.0 - level) / 2.0
    return spiked_quantile(draws, nothing, outside), float(np.quantile(draws, 1.0 - outside))
