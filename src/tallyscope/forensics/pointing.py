"""Which stations methods point at, and how strongly: each method's own list, with false discoveries held over all.

Works on the table of stations that a report keeps (`stations.parquet`), in which a method's figures are the columns
`<method>.<its name>` and `<method>.strength` is -log10 of the chance of a station at least as unusual where nothing
was done (for a Bayesian method, of the posterior probability of that).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["STRENGTH", "discovery_rates", "methods_with_strength", "posterior_rates", "station_rates"]

Floats = npt.NDArray[np.float64]

STRENGTH = ".strength"
#: Chances above this are no discovery at any rate that is asked for; they count, but need not be sorted.
_LOOK = 0.05


def methods_with_strength(stations: pl.DataFrame) -> tuple[str, ...]:
    """The methods that say how unusual single stations are."""
    return tuple(c.removesuffix(STRENGTH) for c in stations.columns if c.endswith(STRENGTH))


def discovery_rates(chance: Floats) -> Floats:
    """(stations,) q-values (Benjamini & Hochberg 1995) of p-values; 1 for p above .05, NaN where p is.

    q_(i) = min over j >= i of m p_(j) / j over the m stations that have a p-value.
    """
    tests = int((~np.isnan(chance)).sum())
    rates = np.where(np.isnan(chance), np.nan, 1.0)
    near = np.flatnonzero(chance <= _LOOK)
    order = near[np.argsort(chance[near], kind="stable")]
    scaled = chance[order] * tests / np.arange(1, order.size + 1)
    rates[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return rates


def posterior_rates(nothing: Floats) -> Floats:
    """(stations,) expected share of false discoveries among the stations at least as sure (Efron 2008, local fdr).

    `nothing`: posterior probability that nothing was done at a station. The rate of the i-th surest is the mean of
    the i smallest; 1 for those above .05.
    """
    rates = np.where(np.isnan(nothing), np.nan, 1.0)
    near = np.flatnonzero(nothing <= _LOOK)
    order = near[np.argsort(nothing[near], kind="stable")]
    rates[order] = np.cumsum(nothing[order]) / np.arange(1, order.size + 1)
    return rates


def station_rates(stations: pl.DataFrame, bayesian: Collection[str] = ()) -> pl.DataFrame:
    """A column a method: (stations,) false discovery rate over all methods; null where it says nothing.

    Each method's own rate times the number of methods: a union of lists has at most the sum of their rates.
    """
    methods = methods_with_strength(stations)
    columns = []
    for method in methods:
        strength = stations[method + STRENGTH].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        chance = np.power(10.0, -strength)
        rates = posterior_rates(chance) if method in bayesian else discovery_rates(chance)
        columns.append(pl.Series(method, np.minimum(rates * len(methods), 1.0)).fill_nan(None))
    return pl.DataFrame(columns)
