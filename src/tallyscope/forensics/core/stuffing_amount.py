"""How many ballots were stuffed, with an interval, from the evidence of the groups of an election.

For each concentration f the amounts of the groups are taken as drawn from one distribution G over the grid, found
by expectation-maximisation (Laird 1978, few steps, so that G stays smooth); a group's amount is its posterior
mean under G (empirical Bayes, Robbins 1956). Which f is right can hardly be seen where little was stuffed: little
in every station looks like nothing. The interval therefore holds every amount that explains the stations about as
well as the best:

    for each f: the estimate and 1.645 standard errors (groups drawn anew, and the posterior variance), and every
    amount common to all groups whose log likelihood is at most D below the best one; D = 1.353 + `MISFIT` sqrt(G),
    G what the best gains over no stuffing: the log likelihoods of two shapes that are both somewhat wrong differ by
    chance by about the square root of what there is to explain (Vuong 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.stuffing_evidence import Evidence
from tallyscope.forensics.core.stuffing_family import CONCENTRATIONS

__all__ = ["Amount", "estimated_amount"]

Floats = npt.NDArray[np.float64]

#: Half of the 90 % point of chi-squared with one degree of freedom, and the 95 % point of the normal distribution.
_HALF_CHI2, _NORMAL = 1.3528, 1.6449
#: An estimate whose likelihood is so much lower than allowed still counts: it averages over better amounts.
_SLACK = 1.0
#: Set on simulated countries with known doses: see studies/anomalous_votes_coverage.py.
MISFIT, _WIDER = 0.7, 1.15
_STEPS, _DRAWS = 30, 60


@dataclass(frozen=True, eq=False)
class Amount:
    """Votes: `by_group`, `sd`: (groups,) estimate and its standard deviation; `value` their sum; its 90 % interval.

    `concentration`: the share of stations that explains best; `gain`: log likelihood over no stuffing.
    """

    by_group: Floats
    sd: Floats
    value: float
    low: float
    high: float
    concentration: float
    gain: float


@dataclass(frozen=True, eq=False)
class _One:
    """One concentration: log likelihood, votes (groups,), their variances, standard error of the sum."""

    log: float
    votes: Floats
    variance: Floats
    error: float


def estimated_amount(evidence: Evidence, at_home: Floats, *, seed: int) -> Amount:
    """The amount; at_home: (groups,) voters who are left at home. One group is taken by itself, without a G."""
    times = _draws(at_home.size, seed)
    each = [
        _concentration(log, amount, at_home, times)
        for log, amount in zip(np.moveaxis(evidence.log, 1, 0), evidence.amount, strict=True)
    ]
    common = evidence.log.sum(axis=0)
    best = max(common.max(), *(one.log for one in each))
    misfit = MISFIT * float(np.sqrt(max(best, 0.0)))
    allowed = _HALF_CHI2 + misfit
    log = np.array([one.log for one in each])
    weight = _weights(log, 1 + misfit)
    by_group = np.asarray(sum(w * one.votes for w, one in zip(weight, each, strict=True)))
    value = float(by_group.sum())
    ends = [
        float(one.votes.sum()) + side * _NORMAL * one.error
        for one in _good(each, best - allowed)
        for side in (-1, 1)
    ]
    ends += (at_home.sum() * evidence.amount[common >= best - allowed]).tolist()
    return Amount(
        by_group,
        np.sqrt(sum(w * one.variance for w, one in zip(weight, each, strict=True))),
        value,
        float(value - _WIDER * (value - min(*ends, value))),
        float(value + _WIDER * (max(*ends, value) - value)),
        CONCENTRATIONS[int(np.argmax(log))],
        float(best),
    )


def _weights(log: Floats, temperature: float) -> Floats:
    """(concentrations,) of the estimate: all on the one or two in the middle of what the likelihoods leave open.

    The median, not the mean: from many stations to few the amount falls by a factor of ten.
    """
    likelihood = np.exp((log - log.max()) / temperature)
    reached = (np.cumsum(likelihood) - likelihood / 2) / likelihood.sum()
    place = float(np.interp(0.5, reached, np.arange(log.size)))
    below = min(int(place), log.size - 2)
    weight = np.zeros(log.size)
    weight[below], weight[below + 1] = 1 - (place - below), place - below
    return weight


def _good(each: list[_One], least: float) -> list[_One]:
    """Concentrations that explain about as well as the best; always that with the highest likelihood."""
    highest = max(one.log for one in each)
    return [one for one in each if one.log >= min(least - _SLACK, highest)]


def _draws(groups: int, seed: int) -> Floats:
    """(1 + draws, groups): once each as they are, then how often each is drawn."""
    ones = np.ones((1, groups))
    if groups == 1:
        return ones
    drawn = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=_DRAWS)
    return np.concatenate([ones, drawn])


def _concentration(log: Floats, amount: Floats, at_home: Floats, times: Floats) -> _One:
    """log: (groups, amounts); amount: (amounts,)."""
    highest = log.max(axis=1, keepdims=True)
    likelihood = np.exp(log - highest)
    mixing = np.full((times.shape[0], amount.size), 1 / amount.size)
    if log.shape[0] > 1:
        drawn = times.sum(axis=1, keepdims=True)
        for _ in range(_STEPS):
            mixing *= ((times / (mixing @ likelihood.T)) @ likelihood) / drawn
    marginal = mixing @ likelihood.T
    mean = (mixing @ (likelihood * amount).T) / marginal
    sums = mean @ at_home
    variance = (likelihood * mixing[0]) @ amount**2 / marginal[0] - mean[0] ** 2
    variance = np.maximum(variance, 0) * at_home**2
    resampled = float(np.var(sums[1:])) if sums.size > 1 else 0.0
    total = float(np.log(marginal[0]).sum() + highest.sum())
    if log.shape[0] == 1:
        total = float(highest[0, 0])
    return _One(total, mean[0] * at_home, variance, float(np.sqrt(resampled + variance.sum())))
