"""Many tests at once: the false discovery rate (Benjamini & Hochberg 1995)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["q_values"]


def q_values(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(tests,) the smallest false discovery rate at which each test would be rejected; NaN where p is NaN.

    q_(i) = min over j >= i of m p_(j) / j, at most 1, over the m tests that have a p-value.
    """
    q = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * order.size / np.arange(1, order.size + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
