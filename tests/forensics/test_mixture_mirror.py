"""The mixture's test by reflected stations: against the sum over all signs, one density at a time, and its law."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import binomtest, halfnorm, kstest, multivariate_normal, skew

from tallyscope.forensics.core import sign_flips
from tallyscope.forensics.core.mixture import mirror
from tallyscope.forensics.core.mixture.mirror import DIRECTIONS, Mirror, mirror_test
from tallyscope.forensics.core.mixture.nodes import Station, grid, logits, pseudo_data
from tallyscope.forensics.core.sign_flips import flipped

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def every_sign(each: Floats) -> float:
    """The chance of a largest standardised sum as large as that counted, over all signs, one by one."""
    spread = np.sqrt((each**2).sum(axis=1))
    top = (each.sum(axis=1) / spread).max()
    signs = [np.array(s) for s in product((-1, 1), repeat=each.shape[1])]
    return float(np.mean([((each * s).sum(axis=1) / spread).max() >= top - 1e-9 for s in signs]))


@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 3))
def test_flips_tell_what_the_sum_over_all_signs_tells(seed: int, members: int, directions: int) -> None:
    rng = np.random.default_rng(seed)
    each = rng.standard_normal((directions, members)) ** 3 + 0.3
    exact, count = every_sign(each), 4000
    as_large = round(flipped(each, rng, count).p_value * (count + 1)) - 1
    # One such comparison in a hundred thousand fails by chance.
    assert binomtest(max(as_large, 0), count, exact).pvalue > 1e-5


def test_those_that_weigh_little_may_be_normal_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    each = rng.exponential(size=(2, 400)) * rng.choice([-1, 1], (2, 400))
    each[:, :3] *= 6.0
    whole = flipped(each, np.random.default_rng(2), 9999).p_value
    monkeypatch.setattr(sign_flips, "_ONE_BY_ONE", 40)
    assert flipped(each, np.random.default_rng(3), 9999).p_value == pytest.approx(whole, abs=0.02)
    assert 0.02 < whole < 0.98


def test_beyond_what_flips_can_tell_stands_a_bound() -> None:
    found = flipped(np.ones((2, 400)), np.random.default_rng(1), 100)
    np.testing.assert_allclose(found.z, 20.0)
    assert found.p_value == pytest.approx(2 * np.exp(-200.0))
    # Where the bound says less, the flips' own limit stands.
    short = flipped(np.ones((1, 9)), np.random.default_rng(1), 100)
    assert short.p_value == pytest.approx(1 / 101, abs=0.03)
    assert short.p_value >= 2.0**-9


def test_directions_that_tell_nothing_say_nothing() -> None:
    nothing = flipped(np.zeros((3, 5)), np.random.default_rng(1), 50)
    assert nothing.p_value == 1.0
    assert not nothing.z.any()
    half = np.array([[1.0, -2.0, 3.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    alone = flipped(half[:1], np.random.default_rng(1), 500).p_value
    assert flipped(half, np.random.default_rng(1), 500).p_value == alone


def country(
    rng: np.random.Generator, stations: int, places: int, *, voters: int = 900, tails: float = 5.0
) -> tuple[Station, Ints]:
    """Honest stations whose places differ, with tails of Student's law and turnout and share correlated."""
    unit = rng.integers(0, places, stations)
    unit[:places] = np.arange(places)
    registered = np.maximum(100, rng.lognormal(np.log(voters), 0.6, stations)).astype(np.int64)
    common = 1.0 / np.sqrt(rng.chisquare(tails, stations) / tails)
    deviation = rng.multivariate_normal([0, 0], [[0.05, 0.03], [0.03, 0.08]], stations) * common[:, None]
    size = np.log(registered) - np.log(voters)
    logits = rng.multivariate_normal([0.5, -0.1], 0.06 * np.eye(2), places)[unit] + deviation
    cast = np.maximum(rng.binomial(registered, expit(logits[:, 0] - 0.1 * size)), 1)
    leader = rng.binomial(cast, expit(logits[:, 1] + 0.1 * size))
    return Station(registered - cast, cast - leader, leader), unit


def stuffed(station: Station, x: float, part: float, rng: np.random.Generator) -> Station:
    """A part x of the abstainers becomes votes of the leader in some of the stations."""
    added = np.where(rng.random(station.abstain.size) < part, x * station.abstain, 0.0).astype(np.int64)
    return Station(station.abstain - added, station.other, station.leader + added)


@pytest.mark.parametrize(
    ("stations", "places", "voters", "tails"),
    [(300, 6, 150, 5.0), (300, 1, 900, 50.0), (2500, 120, 400, 5.0)],
)
def test_p_values_of_honest_countries_are_uniform_or_above(
    monkeypatch: pytest.MonkeyPatch, stations: int, places: int, voters: int, tails: float
) -> None:
    monkeypatch.setattr(mirror, "_FLIPS", 999)
    p = []
    for seed in range(120):
        rng = np.random.default_rng([seed, stations, voters])
        p.append(mirror_test(*country(rng, stations, places, voters=voters, tails=tails), seed).p_value)
    # Too many small ones would be an error, too few not so much.
    assert kstest(p, "uniform", alternative="greater").pvalue > 0.001
    assert kstest(p, "uniform", alternative="less").pvalue > 1e-5
    assert binomtest(sum(one <= 0.05 for one in p), 120, 0.05, alternative="greater").pvalue > 0.001


def test_added_ballots_are_seen_and_taken_away_ones_are_not() -> None:
    rng = np.random.default_rng(5)
    station, unit = country(rng, 2500, 50, tails=30.0)
    assert mirror_test(station, unit, 1).p_value > 0.05
    added = mirror_test(stuffed(station, 0.5, 0.1, rng), unit, 1)
    assert added.p_value < 1e-4
    assert max(added.z) > 4
    # Seen from the others' side the same ballots are taken away.
    there = stuffed(station, 0.5, 0.1, rng)
    other_way = mirror_test(Station(there.abstain, there.leader, there.other), unit, 1)
    assert other_way.p_value > 0.01
    assert added.flipped == "stations"


def test_places_flip_together_where_there_are_many() -> None:
    rng = np.random.default_rng(7)
    station, unit = country(rng, 1500, 120)
    assert mirror_test(station, unit, 1).flipped == "places"
    assert mirror_test(station, unit // 2, 1).flipped == "stations"
    assert mirror_test(station, unit, 3) == mirror_test(station, unit, 3)


def edge(abstain: list[int], other: list[int], leader: list[int]) -> Mirror:
    station = Station(np.array(abstain), np.array(other), np.array(leader))
    return mirror_test(station, np.zeros(len(abstain), dtype=np.int64), 1)


def test_one_station_and_equal_ones_say_nothing() -> None:
    assert edge([300], [200], [500]).p_value == 1.0
    assert edge([300] * 40, [200] * 40, [500] * 40).p_value > 0.5


def test_no_votes_nobody_at_home_and_all_for_one_are_no_trouble() -> None:
    odd = edge([300, 0, 120, 999], [200, 400, 0, 1], [500, 600, 880, 0])
    assert 0.0 < odd.p_value <= 1.0
    assert np.isfinite(odd.z).all()


def test_a_ratio_is_that_of_densities_written_out_one_by_one() -> None:
    rng = np.random.default_rng(3)
    station, unit = country(rng, 8, 2)
    honest = mirror._honest(station, unit)
    found = mirror._ratios(station, honest)
    nodes = grid()
    data = pseudo_data(station, nodes, honest.reference)

    def density(node: int, i: int, wider: float = 1.0) -> float:
        noise = np.array([[data.uu[node, i], data.uv[node, i]], [data.uv[node, i], data.vv[node, i]]])
        law = multivariate_normal(honest.mean[i], wider * honest.covariance + noise)
        return float(np.exp(data.log_constant[node, i]) * law.pdf([data.u[node, i], data.v[node, i]]))

    for (d, direction), i in product(enumerate(DIRECTIONS), range(8)):
        clean, changed, total = 0.95 * density(0, i) + 0.05 * density(0, i, 4.0), 0.0, 0.0
        for k in range(1, nodes.s.size):
            wanted = nodes.extreme[k] == (direction.theta is None) and (nodes.r[k] > 0) == direction.switching
            if direction.theta is None:
                weight = (nodes.high[k] - nodes.low[k]) / 0.3
            else:
                law = halfnorm(scale=direction.theta)
                weight = (law.cdf(nodes.high[k]) - law.cdf(nodes.low[k])) / law.cdf(0.7)
            if wanted:
                total += weight
                changed += weight * density(k, i)
        assert total == pytest.approx(1.0)
        assert found[i, d] == pytest.approx(np.log(0.98 + 0.02 * changed / clean), rel=1e-9, abs=1e-12)


def test_reflected_stations_lie_as_far_on_the_other_side() -> None:
    rng = np.random.default_rng(11)
    # So many voters that counting adds next to nothing.
    registered, turnout, share = (
        np.full(200, 50_000),
        expit(rng.normal(0.4, 0.3, 200)),
        expit(rng.normal(0, 0.3, 200)),
    )
    cast = rng.binomial(registered, turnout)
    leader = rng.binomial(cast, share)
    station = Station(registered - cast, cast - leader, leader)
    honest = mirror._honest(station, np.zeros(200, dtype=np.int64))
    other = mirror._reflected(station, honest, rng)
    np.testing.assert_array_equal(other.registered, registered)
    mean = logit(turnout).mean()
    got = logit((other.other + other.leader) / registered)
    assert np.abs(got - (2 * mean - logit(turnout))).max() < 0.08


def test_logits_given_the_counts_are_where_their_density_is_highest() -> None:
    rng = np.random.default_rng(13)
    station, unit = country(rng, 12, 1, voters=150)
    honest = mirror._honest(station, unit)
    wide = rng.choice([0.5, 1.0, 4.0], 12)
    at, covariance = mirror._given_counts(station, honest, wide)
    for i in range(12):
        prior = np.linalg.inv(wide[i] * honest.covariance)

        def minus(x: Floats, i: int = i, prior: Floats = prior) -> float:
            tau, nu = expit(x)
            away = x - honest.mean[i]
            counts = station.abstain[i] * np.log1p(-tau) + station.other[i] * np.log(tau * (1 - nu))
            return float(-(counts + station.leader[i] * np.log(tau * nu)) + 0.5 * away @ prior @ away)

        found = minimize(minus, honest.mean[i], method="BFGS", options={"gtol": 1e-8})
        np.testing.assert_allclose(at[i], found.x, atol=1e-4)
        h = 1e-3 * np.eye(2)
        second = [
            [(minus(at[i] + p + q) - minus(at[i] + p - q) - minus(at[i] - p + q) + minus(at[i] - p - q)) for q in h]
            for p in h
        ]
        np.testing.assert_allclose(np.linalg.inv(covariance[i]), np.array(second) / 4e-6, rtol=0.01, atol=0.5)


@pytest.mark.parametrize("tails", [3.0, 200.0])
def test_stations_vary_as_widely_as_tails_are_heavy(tails: float) -> None:
    rng = np.random.default_rng(17)
    station, unit = country(rng, 4000, 20, tails=tails)
    honest = mirror._honest(station, unit)
    wide = mirror._widths(station, honest, rng)
    assert wide.mean() == pytest.approx(1.0, abs=0.15)
    # The kurtosis that a mixture of these widths has beyond that of a normal law, 3.
    beyond = 3.0 * (wide**2).mean() / wide.mean() ** 2 - 3.0
    assert beyond > 1.0 if tails < 10 else beyond < 0.5


def test_logits_are_drawn_from_their_density_given_the_counts() -> None:
    rng = np.random.default_rng(19)
    # Few at home: the logit of turnout is skewed, which its normal approximation is not.
    one = Station(np.full(20_000, 4), np.full(20_000, 60), np.full(20_000, 66))
    mean, covariance = np.array([2.0, 0.3]), np.array([[0.5, 0.1], [0.1, 0.2]])
    honest = mirror._Honest(np.tile(mean, (20_000, 1)), logits(one) - mean, covariance, np.zeros((20_000, 2)), 1.0)
    drawn = mirror._drawn(one, honest, np.full(20_000, 1.5), rng)
    u, v = (x.ravel() for x in np.meshgrid(np.linspace(0, 7, 400), np.linspace(-2, 3, 300), indexing="ij"))
    log = 126 * u - 130 * np.logaddexp(0, u) + 66 * v - 126 * np.logaddexp(0, v)
    log += multivariate_normal(mean, 1.5 * covariance).logpdf(np.column_stack([u, v]))
    share = np.exp(log - log.max())
    share /= share.sum()
    for x, values in ((drawn[:, 0], u), (drawn[:, 1], v)):
        middle = share @ values
        spread = np.sqrt(share @ (values - middle) ** 2)
        third = share @ (values - middle) ** 3 / spread**3
        assert x.mean() == pytest.approx(middle, abs=0.03 * spread)
        assert x.std() == pytest.approx(spread, rel=0.03)
        assert skew(x) == pytest.approx(third, abs=0.1)
    assert third < 0.1 < skew(drawn[:, 0])
