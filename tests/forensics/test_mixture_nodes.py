"""The numerical core of the mixture that needs no JAX: pseudo-data, the spike, drawing, votes gained."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, gammaln, logit
from scipy.stats import multivariate_normal

from tallyscope.forensics.core.mixture.generate import generate
from tallyscope.forensics.core.mixture.nodes import PseudoData, Station, grid, pseudo_data
from tallyscope.forensics.core.mixture.spike import spiked_interval, spiked_mean, spiked_quantile

MEAN = np.array([0.5, -0.1])
SPREAD = np.array([[0.26**2, 0.3 * 0.26 * 0.3], [0.3 * 0.26 * 0.3, 0.3**2]])
Ints = npt.NDArray[np.int64]


def station(*counts: int) -> Station:
    a, o, w = (np.array([c]) for c in counts)
    return Station(a, o, w)


def exact(counts: tuple[int, int, int], low: float, high: float, r: float) -> float:
    """log of the multinomial probability of (a, o, w), averaged over honest logits and over x in (low, high)."""
    z, weight = np.polynomial.hermite_e.hermegauss(61)
    first, second = np.meshgrid(z, z)
    root = np.linalg.cholesky(SPREAD)
    u, v = MEAN[0] + root[0, 0] * first, MEAN[1] + root[1, 0] * first + root[1, 1] * second
    a, o, w = counts
    total = 0.0
    for x in low + (high - low) * (np.arange(20) + 0.5) / 20:
        p_abstain, p_other = expit(-u) * (1 - x), expit(u) * expit(-v) * (1 - x) ** r
        logs = a * np.log(p_abstain) + o * np.log(p_other) + w * np.log(1 - p_abstain - p_other)
        logs += gammaln(a + o + w + 1) - gammaln(a + 1) - gammaln(o + 1) - gammaln(w + 1)
        total += float((np.outer(weight, weight) / weight.sum() ** 2 * np.exp(logs)).sum()) / 20
    return float(np.log(total))


@pytest.mark.parametrize(
    ("counts", "node", "within"),
    [
        ((575, 500, 425), 0, 0.01),
        ((172, 113, 115), 0, 0.02),
        ((50, 38, 32), 0, 0.05),
        # A station that fits a quarter of the abstainers turned into votes (node 4), and one that fits no more.
        ((400, 500, 600), 4, 0.05),
        # Half of the abstainers, and half of the others' ballots with them.
        ((321, 215, 964), 20, 0.15),
    ],
)
def test_pseudo_data_give_the_exact_likelihood(counts: tuple[int, int, int], node: int, within: float) -> None:
    nodes = grid()
    log = _log(pseudo_data(station(*counts), nodes, MEAN[None]), node)[0] - 2 * np.log(sum(counts))
    assert log == pytest.approx(exact(counts, nodes.low[node], nodes.high[node], nodes.r[node]), abs=within)


def _log(data: PseudoData, node: int) -> npt.NDArray[np.float64]:
    """Log of the constant times the normal density, (stations,)."""
    c = SPREAD + np.array([[data.uu[node, 0], data.uv[node, 0]], [data.uv[node, 0], data.vv[node, 0]]])
    centre = np.column_stack([data.u[node], data.v[node]])
    return np.asarray(data.log_constant[node] + multivariate_normal(MEAN, c).logpdf(centre))


@pytest.mark.parametrize("node", [0, 1, 3, 5, 8, 14, 18, 21])
def test_the_densities_of_all_results_of_a_station_sum_to_one_under_every_node(node: int) -> None:
    # Else a node gains on the others whatever the data say: what one station gains, ten thousand multiply.
    voters = 300
    a, o = (x.ravel() for x in np.meshgrid(np.arange(voters + 1), np.arange(voters + 1)))
    a, o = a[a + o <= voters], o[a + o <= voters]
    data = pseudo_data(Station(a, o, voters - a - o), grid(), np.broadcast_to(MEAN, (a.size, 2)))
    assert np.exp(_log(data, node)).sum() / voters**2 == pytest.approx(1.0, abs=0.02)


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_any_station_is_possible_as_it_is_and_has_proper_covariances(a: int, o: int, w: int) -> None:
    data = pseudo_data(station(a + 1, o, w), grid())
    assert np.isfinite(data.log_constant[0, 0])
    assert np.all(data.uu * data.vv - data.uv**2 >= -1e-6 * data.uu * data.vv)
    possible = np.isfinite(data.log_constant)
    assert not possible[:, 0].all() or w > 0


def test_bins_cover_all_amounts_once_for_each_way() -> None:
    nodes = grid()
    for r in (0.0, 1.0):
        of = (nodes.r == r) & (nodes.high > 0)
        assert nodes.low[of][0] == 0
        np.testing.assert_array_equal(nodes.low[of][1:], nodes.high[of][:-1])
    assert nodes.high.max() == 1.0
    # -log(1 - x) over x uniform in (.98, 1) has mean 1 - log .02 and sd 1.
    assert nodes.s[-1] == pytest.approx(1 - np.log(0.02), rel=0.01)
    assert nodes.spread[-1] == pytest.approx(1.0, rel=0.05)


def test_the_spike_takes_its_share_of_the_interval() -> None:
    draws = np.linspace(100, 200, 101)
    assert spiked_mean(draws, 0.25) == pytest.approx(112.5)
    assert spiked_quantile(draws, 0.2, 0.05) == 0.0
    assert spiked_quantile(draws, 0.2, 0.6) == pytest.approx(150.0)
    assert spiked_quantile(draws, 0.0, 0.95) == pytest.approx(195.0)
    assert spiked_quantile(draws, 1.0, 0.95) == 0.0
    # The upper end is that of the draws, whatever nothing weighs; without a spike both ends are theirs.
    assert spiked_interval(draws, 0.99, 0.9) == (0.0, pytest.approx(195.0))
    assert spiked_interval(draws, 0.0, 0.9) == (pytest.approx(105.0), pytest.approx(195.0))


def test_drawn_counts_add_up_and_are_those_of_the_parameters() -> None:
    values = {
        "mu_turnout": 0.4, "mu_share": -0.2, "size_turnout": 0.0, "size_share": 0.0, "size2_turnout": 0.0,
        "size2_share": 0.0, "sd_turnout": 0.2, "sd_share": 0.3, "correlation": 0.5, "manipulated": 0.3,
        "extreme": 0.2, "switching": 0.5, "theta": 0.3, "atypical": 0.0, "atypical_scale": 2.0,
    }  # fmt: skip
    sizes = np.random.default_rng(1).integers(200, 2000, 20_000)
    drawn = generate(values, sizes, (), np.random.default_rng(2))
    np.testing.assert_array_equal(drawn.station.registered, sizes)
    assert drawn.changed.mean() == pytest.approx(0.3, abs=0.015)
    assert np.all(drawn.gained[~drawn.changed] == 0)
    clean = ~drawn.changed
    turnout = 1 - drawn.station.abstain[clean] / sizes[clean]
    assert np.median(turnout) == pytest.approx(expit(0.4), abs=0.005)


def test_only_a_station_that_nobody_changed_is_drawn_atypical() -> None:
    values = {
        "mu_turnout": 0.0, "mu_share": 0.0, "size_turnout": 0.0, "size_share": 0.0, "size2_turnout": 0.0,
        "size2_share": 0.0, "sd_turnout": 0.1, "sd_share": 0.1, "correlation": 0.0, "manipulated": 0.5,
        "extreme": 0.0, "switching": 0.0, "theta": 0.15, "atypical": 1.0, "atypical_scale": 10.0,
    }  # fmt: skip
    sizes = np.random.default_rng(4).integers(2_000, 5_000, 4_000)
    drawn = generate(values, sizes, (), np.random.default_rng(3))
    # Ballots of others are not touched where nothing is switched: their part tells turnout and share as they were.
    others = logit((drawn.station.other + 0.5) / (sizes + 1))
    as_it_is = logit(0.25)
    assert np.abs(others[drawn.changed] - as_it_is).mean() < 0.2
    assert np.abs(others[~drawn.changed] - as_it_is).mean() > 0.5
