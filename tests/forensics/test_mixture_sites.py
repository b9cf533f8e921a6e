"""Sites of the mixture against sums written out on a fine grid; needs the extra `bayes`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit, gammaln, logsumexp
from scipy.stats import multivariate_normal

jax = pytest.importorskip("jax")

from tallyscope.forensics.core.mixture.nodes import Grid, PseudoData, Station, grid, pseudo_data  # noqa: E402
from tallyscope.forensics.core.mixture.sites import sites  # noqa: E402

SPREAD = np.array([[0.26**2, 0.3 * 0.26 * 0.3], [0.3 * 0.26 * 0.3, 0.3**2]])
#: Ordinary, no abstainer left, one, no other ballot, no leader's vote, everybody for the leader, a hundred voters,
#: a large one whose few abstainers say little.
STATION = Station(
    np.array([575, 0, 1, 60, 500, 0, 40, 9]),
    np.array([500, 175, 427, 0, 300, 0, 31, 900]),
    np.array([425, 785, 1675, 740, 0, 400, 29, 1400]),
)
HONEST, PART, EXTREME, SWITCHED = 0, 4, 11, 20


def fitted(mean: npt.NDArray[np.float64]) -> tuple[Grid, PseudoData]:
    nodes, at = grid(), np.broadcast_to(mean, (STATION.registered.size, 2)).copy()
    with jax.enable_x64(True):
        return nodes, sites(STATION, nodes, pseudo_data(STATION, nodes, at), at, SPREAD)


def slow(mean: npt.NDArray[np.float64], node: int, nodes: Grid, i: int) -> tuple[float, npt.NDArray[np.float64]]:
    """log of the integral over logits and x, times N^2, and the mean of the logits: sums on a grid of 221 x 221."""
    a, o, w = (int(c[i]) for c in (STATION.abstain, STATION.other, STATION.leader))
    n, root = a + o + w, np.linalg.cholesky(SPREAD)
    z = np.linspace(-14, 14, 221)
    first, second = np.meshgrid(z, z, indexing="ij")
    u, v = mean[0] + root[0, 0] * first, mean[1] + root[1, 0] * first + root[1, 1] * second
    low, high = nodes.low[node], nodes.high[node]
    # Within an extreme bin what is left is |N(0, .1)|; within others every x is as likely.
    left = 1 - low - (high - low) * (np.arange(40) + 0.5) / 40 if high > low else np.ones(1)
    density = np.exp(-0.5 * (left / 0.1) ** 2) if low >= 0.7 else np.ones(left.size)
    log = np.full(u.shape, -np.inf)
    for y, weight in zip(left, density / density.sum(), strict=True):
        abstain, other = expit(-u) * y, expit(u) * expit(-v) * y ** nodes.r[node]
        log = np.logaddexp(
            log, np.log(weight) + a * np.log(abstain) + o * np.log(other) + w * np.log(1 - abstain - other)
        )
    log += gammaln(n + 1) - gammaln([a + 1, o + 1, w + 1]).sum() + 2 * np.log(n)
    log += -0.5 * (first**2 + second**2) - np.log(2 * np.pi) + 2 * np.log(z[1] - z[0])
    share = np.exp(log - logsumexp(log))
    return float(logsumexp(log)), np.array([(share * u).sum(), (share * v).sum()])


@pytest.mark.parametrize("mean", [np.array([0.5, 0.0]), np.array([-1.0, -1.3])])
def test_integral_and_mean_are_those_of_sums_written_out(mean: npt.NDArray[np.float64]) -> None:
    nodes, found = fitted(mean)
    for i in range(STATION.registered.size):
        right = {node: slow(mean, node, nodes, i) for node in (HONEST, PART, EXTREME, SWITCHED)}
        best = max(log for log, _ in right.values())
        for node, (log, centre) in right.items():
            # A node that fits a station this badly weighs nothing beside the others; and where no node fits it the
            # cruder pseudo-data stand.
            if log < best - 12 or log < -30:
                continue
            own = np.array([[found.uu[node, i], found.uv[node, i]], [found.uv[node, i], found.vv[node, i]]])
            at = np.array([found.u[node, i], found.v[node, i]])
            integral = found.log_constant[node, i] + multivariate_normal(mean, SPREAD + own).logpdf(at)
            assert integral == pytest.approx(log, abs=0.05), (node, i)
            pulled = mean + SPREAD @ np.linalg.solve(SPREAD + own, at - mean)
            assert pulled == pytest.approx(centre, abs=0.02), (node, i)


def test_a_site_is_a_proper_normal_density_whatever_the_counts() -> None:
    _, found = fitted(np.array([2.5, -3.0]))
    assert np.all(found.uu > 0)
    assert np.all(found.uu * found.vv - found.uv**2 > 0)
    # A station is always possible as it is.
    assert np.all(np.isfinite(found.log_constant[HONEST]))
    assert not np.any(np.isnan(found.log_constant))
