"""How unusual it is that x of n voters of a station moved, where stations honestly differ: exact tails.

The null is a binomial count whose rate is logit-normal between stations: x | theta ~ Bin(n, theta) and
logit theta ~ N(mu, sigma^2), which is the over-dispersion of a random-intercept logistic model (Williams 1982,
Applied Statistics 31, model III). Its upper tail is heavier than that of a beta-binomial of the same spread.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["EXACT_FROM", "log_upper_tails", "upper_tails"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Nodes of the sum, evenly spaced in t where logit theta = mode + width sinh(t).
_NODES = np.arange(-6.0, 3.31, 0.25)
#: Below this many standard deviations of the latent scale the tail is of no interest and is taken from the normal.
EXACT_FROM = 1.0


def log_upper_tails(count: Ints, total: Ints, mean: Floats, spread: Floats) -> Floats:
    """(stations,) ln P(X >= count); `mean`, `spread`: mu and sigma > 0 on the logit scale, (stations,).

    P(Bin(n, theta) >= x) is the distribution function of Beta(x, n - x + 1) in theta, so that integrating by parts
    P(X >= x) = E[Phi((mu - logit theta) / sigma)] over theta ~ Beta(x, n - x + 1): smooth and positive terms only,
    which keeps tails relatively accurate down to e^-700 and beyond. 0 where count is 0. Below the usual count,
    where nothing is said of a station, it is good to a few hundredths.
    """
    from scipy.special import betaln, log_ndtr

    answer = np.zeros(count.size)
    some = np.flatnonzero(count > 0)
    a = count[some].astype(np.float64)
    b = total[some] - a + 1
    mu, sigma = mean[some], spread[some]
    mode, width = _peak(a, b, mu, sigma)
    terms = np.empty((_NODES.size, a.size))
    for i, t in enumerate(_NODES):
        at = mode + width * np.sinh(t)
        terms[i] = a * at - (a + b) * np.logaddexp(0, at) + log_ndtr((mu - at) / sigma) + np.log(np.cosh(t))
    top = terms.max(axis=0)
    summed = np.exp(terms - top).sum(axis=0) * (_NODES[1] - _NODES[0])
    answer[some] = np.minimum(top + np.log(summed * width) - betaln(a, b), 0.0)
    return answer


def upper_tails(
    count: Ints, total: Ints, mean: Floats, spread: Floats, *, exact_from: float = EXACT_FROM
) -> Floats:
    """(stations,) log10 P(X >= count): exact where the count is above the usual, normal on the logit scale below.

    The approximation serves the five stations in six of which nothing is said, and saves most of the time.
    """
    from scipy.special import log_ndtr

    x = count.astype(np.float64)
    below = np.maximum(x - 0.5, 0.25)
    score = (np.log(below / (total - x + 0.75)) - mean) / np.sqrt(spread**2 + 1 / below + 1 / (total - x + 0.75))
    answer: Floats = np.where(count > 0, log_ndtr(-score), 0.0)
    high = np.flatnonzero((score > exact_from) & (count > 0))
    answer[high] = log_upper_tails(count[high], total[high], mean[high], spread[high])
    return np.asarray(answer / np.log(10))


def _peak(a: Floats, b: Floats, mu: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """About where the integrand is largest on the logit scale, and how wide it is there, by Newton's method."""
    at = np.log(a / b)
    for _ in range(8):
        theta = 1 / (1 + np.exp(-at))
        beyond = at > mu
        slope = a - (a + b) * theta - np.where(beyond, (at - mu) / sigma**2, 0.0)
        curve = (a + b) * theta * (1 - theta) + np.where(beyond, 1 / sigma**2, 0.0)
        at = at + np.clip(slope / curve, -2.0, 2.0)
    theta = 1 / (1 + np.exp(-at))
    curve = (a + b) * theta * (1 - theta) + np.where(at > mu, 1 / sigma**2, 0.0)
    return at, 1 / np.sqrt(curve)
