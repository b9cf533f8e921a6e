"""The fingerprint: published values, the density against draws, the mirrored country, edges, power and silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tallyscope
from made_returns import made_returns
from tallyscope.forensics.core.fingerprint_fit import fit
from tallyscope.forensics.core.fingerprint_mirror import (
    asymmetry,
    cluster_test,
    cube,
    deviations,
    group_mean,
    two_points,
    without_noise,
)
from tallyscope.forensics.core.fingerprint_model import components, histogram
from tallyscope.forensics.core.fingerprint_recipe import (
    PlugIns,
    component_shares,
    recipe,
    share_bin,
    solve_weights,
)
from tallyscope.forensics.fingerprint import fingerprint, mirrored_strength
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(clean_design("territories-correlated", stations=12_000, regions=30), seed=3)


def test_the_published_values_lie_in_the_recipes_intervals(shared_data: Path) -> None:
    """Klimek et al. (2012), table 1: f_i .64, f_e .033, alpha 2.3 in 2011; .39, .021, 1.5 in 2012."""
    for file, published in (("2011-duma/2011", (0.64, 0.033, 2.3)), ("2012-president/2012", (0.39, 0.021, 1.5))):
        found = fingerprint(tallyscope.read(shared_data / f"russia-{file}.csv.zip"))
        assert found.p_value is not None
        assert found.p_value < 1e-6
        assert found.estimate is not None
        assert 0.1 < found.estimate.low < found.estimate.high < 0.85
        for name, value in zip(("incremental", "extreme", "alpha"), published, strict=True):
            of = found.details["published_recipe"][name]
            assert of["low"] <= value <= of["high"], (file, name)


def test_elections_that_nobody_disputes_have_no_fingerprint(shared_data: Path) -> None:
    for file in ("spain-2019apr-congress/mesas.csv.gz", "georgia-2013-president/precincts.csv.gz"):
        found = fingerprint(tallyscope.read(shared_data / file))
        assert found.p_value is not None
        assert found.p_value > 0.2
        assert found.estimate is not None
        assert found.estimate.low == 0
        assert found.estimate.high < 0.05


def test_a_clean_country_has_none_and_a_stuffed_one_has(clean: Returns) -> None:
    silent = fingerprint(clean)
    assert silent.applicable
    assert silent.p_value is not None
    assert silent.p_value > 0.05
    assert silent.estimate is not None
    assert silent.estimate.low == 0
    stuffed, truth = stuffing.apply(clean, Site(share_of_stations=0.1), 0.10, 1)
    found = fingerprint(stuffed)
    assert found.p_value is not None
    assert found.p_value < 1e-6
    assert found.estimate is not None
    assert found.estimate.low > 0.01
    assert found.stations is not None
    strength = found.stations["strength"].fill_null(0).to_numpy()
    touched = np.zeros(len(clean), dtype=bool)
    touched[truth.stations] = True
    assert strength[touched].mean() > 3 * strength[~touched].mean()


def test_the_joint_model_finds_what_was_drawn_from_it() -> None:
    """A country drawn station by station from the paper's own formulas, with logit-normal honest rates."""
    rng = np.random.default_rng(4)
    n, voters = 40_000, 1500
    a, v = _logistic(0.5 + 0.35 * rng.standard_normal(n)), _logistic(-0.3 + 0.4 * rng.standard_normal(n))
    kind = rng.random(n)
    x = np.where(kind < 0.3, np.abs(0.4 * rng.standard_normal(n)), 0.0)
    x = np.clip(np.where(kind > 0.98, 1 - np.abs(0.075 * rng.standard_normal(n)), x), 0, 0.9999)
    turnout = 1 - (1 - x) * (1 - a)
    share = (a * v + x * (1 - a) + x**2 * (1 - v) * a) / turnout
    r = rng.binomial(voters, turnout)
    w = rng.binomial(r, share)
    t, s = np.log((r + 0.5) / (voters - r + 0.5)), np.log((w + 0.5) / (r - w + 0.5))
    found = fit(histogram(t, s, np.full(n, voters) + rng.integers(0, 3, n))).parameters
    assert found[7] == pytest.approx(0.3, abs=0.04)
    assert found[8] == pytest.approx(0.02, abs=0.01)
    assert np.exp(found[6]) == pytest.approx(2.0, abs=0.3)
    assert _logistic(0.5 + 0 * found[0]) == pytest.approx(_logistic(np.median(t) + found[0]), abs=0.02)


def _logistic(x: float | np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x))))


def test_the_density_of_a_component_is_the_histogram_of_draws() -> None:
    """Two million draws from the formulas, 20,000 voters a station, in the cells of a coarse copy of the grid."""
    rng = np.random.default_rng(5)
    n, voters = 2_000_000, 20_000
    t, s = (m + d * rng.standard_normal(n) for m, d in ((0.4, 0.4), (0.1, 0.5)))
    grid = histogram(t, s, np.full(n, voters))
    parameters = np.array(
        [0.4 - grid.centre[0], 0.1 - grid.centre[1], np.log(0.4), np.log(0.5), 0, -8, np.log(2.0), 0, 0]
    )
    wanted = components(grid, parameters)
    x = np.abs(0.4 * rng.standard_normal(n))
    for kind, added in ((1, x), (2, 1 - np.abs(0.075 * rng.standard_normal(n)))):
        keep = (added < 1) & (added > 0)
        a, v, k = _logistic(t)[keep], _logistic(s)[keep], added[keep]
        turnout = 1 - (1 - a) * (1 - k)
        share = 1 - (1 - v) * a * (1 - k**2) / turnout
        places = [
            np.abs(np.log(rate / (1 - rate))[:, None] - middles[None, ::3]).argmin(axis=1)
            for rate, middles in ((turnout[::10], grid.turnout), (share[::10], grid.share))
        ]
        drawn = np.bincount(places[0] * 12 + places[1], minlength=144) / places[0].size
        nearest = [np.abs(m[:, None] - m[None, ::3]).argmin(axis=1) for m in (grid.turnout, grid.share)]
        coarse = np.zeros((12, 12))
        np.add.at(coarse, (nearest[0][:, None], nearest[1][None, :]), wanted[kind, 0])
        assert np.abs(drawn - coarse.ravel()).sum() / 2 < (0.08 if kind == 1 else 0.2)


def test_component_shares_are_those_of_the_simulation_the_paper_runs() -> None:
    rng = np.random.default_rng(6)
    of, n = PlugIns(0.6, 0.5, 0.07, 0.08, 0.42), 200_000
    a = np.clip(of.turnout + of.turnout_spread * rng.standard_normal(n), 0, 1)
    v = np.clip(of.share + of.share_spread * rng.standard_normal(n), 0, 1)
    x = np.abs(of.theta * rng.standard_normal(n))
    a, v, x = a[x < 1], v[x < 1], x[x < 1]
    for row, added in ((0, 0 * x), (1, x)):
        share = (a * v + added * (1 - a) + added**1.5 * (1 - v) * a) / (1 - (1 - added) * (1 - a))
        drawn = np.bincount(np.floor(100 * share + 0.5).astype(int), minlength=101) / share.size
        assert np.abs(np.cumsum(drawn) - np.cumsum(component_shares(of, 1.5)[row])).max() < 0.02


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_weights_are_the_best_of_a_fine_grid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = rng.dirichlet(np.ones(12), size=3)
    observed = rng.dirichlet(np.ones(12), size=2)
    weights, error = solve_weights(observed, parts)
    assert (weights >= -1e-12).all()
    assert (weights.sum(axis=1) <= 1 + 1e-9).all()
    f = np.linspace(0, 1, 51)
    for row in range(2):
        i, e = (m.ravel() for m in np.meshgrid(f, f))
        i, e = i[i + e <= 1], e[i + e <= 1]
        mixed = (1 - i - e)[:, None] * parts[0] + i[:, None] * parts[1] + e[:, None] * parts[2]
        slow = ((mixed - observed[row]) ** 2).sum(axis=1).min()
        assert error[row] <= slow + 1e-12


def test_shares_fall_into_the_nearest_whole_point() -> None:
    assert share_bin(np.array([0, 1, 5, 199, 200]), np.array([200] * 5)).tolist() == [0, 1, 3, 100, 100]


@given(st.floats(-50, 50), st.floats(0.001, 2.0), st.floats(-2.0, 2.0))
@settings(max_examples=60, deadline=None)
def test_two_points_have_the_moments_they_are_given(q: float, variance: float, third: float) -> None:
    up, low, w = two_points(np.array([variance]), np.array([third]))
    assert w * up + (1 - w) * low == pytest.approx(0, abs=1e-6)
    assert w * up**2 + (1 - w) * low**2 == pytest.approx(variance, rel=1e-5)
    assert w * up**3 + (1 - w) * low**3 == pytest.approx(third, abs=1e-4)
    assert cube(np.array([-q])) == pytest.approx(-cube(np.array([q])))


def test_what_noise_adds_to_the_cube_is_taken_away() -> None:
    """For small deviations psi is a plain cube, whose mean under noise is q^3 + 3 q var + third."""
    q, var, third = np.array([0.1]), np.array([0.01]), np.array([0.0005])
    assert without_noise(q, var, third)[0] == pytest.approx(0.1**3 - 3 * 0.1 * 0.01 - 0.0005, abs=2e-5)


def test_the_mirrored_country_has_the_opposite_test() -> None:
    rng = np.random.default_rng(8)
    n = 6000
    territory = np.repeat(np.arange(200), 30)
    voters = rng.integers(5000, 9000, n)
    z = 0.3 * rng.gamma(2.0, size=(2, n))
    cast, leader = {}, {}
    for sign in (1, -1):
        cast[sign] = np.round(voters * _logistic(sign * (z[0] - 0.6))).astype(np.int64)
        leader[sign] = np.round(cast[sign] * _logistic(sign * (z[0] + z[1] - 1.2))).astype(np.int64)
    t = {
        s: cluster_test(asymmetry(deviations(voters, cast[s], leader[s], territory)), territory).t for s in (1, -1)
    }
    assert t[1] > 5
    assert t[-1] == pytest.approx(-t[1], rel=0.02)


def test_deviations_sum_to_zero_in_every_territory() -> None:
    rng = np.random.default_rng(9)
    territory = rng.integers(0, 40, 2000)
    voters = rng.integers(100, 3000, 2000)
    cast = rng.binomial(voters, 0.6)
    d = deviations(voters, cast, rng.binomial(cast, 0.5), territory)
    assert np.abs(group_mean(d.turnout, territory)).max() < 1e-9
    assert np.abs(group_mean(d.share, territory)).max() < 1e-9


def test_a_stations_strength_is_the_part_that_lies_as_far_below() -> None:
    q = np.array([-3.0, -1.0, 0.0, 1.0, 2.0])
    # As far below as 2.0 lies only -3.0: (1 + 1) of 6; nothing is excluded with fewer stations.
    assert mirrored_strength(q)[4] == pytest.approx(-np.log10(2 / 6))
    assert mirrored_strength(q)[3] == pytest.approx(-np.log10(3 / 6))


def test_where_names_regions_and_stuffed_ones_come_first() -> None:
    country = clean_election(clean_design("territories", stations=9000, regions=20), seed=5)
    region = country.table["region"].mode().sort()[0]
    stuffed, _ = stuffing.apply(country, Site.regions(region, share_of_stations=0.25), 0.015, 1)
    places = fingerprint(stuffed).where
    assert places[0].unit == (region,)
    assert places[0].q_value is not None
    assert places[0].q_value < 0.05
    assert {p.level for p in places} >= {"region"}


@pytest.mark.parametrize("level", [(), ("region",)])
def test_it_says_so_where_it_does_not_apply(level: tuple[str, ...]) -> None:
    made = made_returns()
    small = Returns(made.table.drop([x for x in made.levels if x not in level]), made.election)
    found = fingerprint(small)
    assert not found.applicable
    assert found.p_value is None
    assert found.estimate is None
    assert found.summary.startswith("Does not apply")
    assert any(c.met is False for c in found.conditions)


@pytest.mark.parametrize(
    "change",
    [
        pl.col("registered") * 0 + 60,
        pl.col("votes_a") * 0,
        pl.col("registered") * 0,
        pl.lit(None, dtype=pl.Int64).alias("registered"),
    ],
    ids=["everybody small", "no votes", "nobody on the list", "no list at all"],
)
def test_odd_tables_are_refused_and_not_a_crash(clean: Returns, change: pl.Expr) -> None:
    name = change.meta.output_name()
    columns = {name: change} if name != "votes_a" else {c: pl.col(c) * 0 for c in clean.votes_columns}
    found = fingerprint(Returns(clean.table.head(500).with_columns(**columns), clean.election))
    assert not found.applicable
    assert found.p_value is None


def test_one_station_and_stations_all_alike(clean: Returns) -> None:
    assert not fingerprint(Returns(clean.table.head(1), clean.election)).applicable
    alike = clean.table.with_columns(
        registered=pl.lit(1000), cast=pl.lit(600), **{c: pl.lit(120) for c in clean.votes_columns}
    )
    found = fingerprint(Returns(alike, clean.election))
    assert not found.applicable
    assert any("chance of counting" in c.text and c.met is False for c in found.conditions)


def test_a_recipe_without_a_mode_has_no_answer() -> None:
    ones = np.full(400, 500)
    assert recipe(ones, ones, ones, np.arange(400) % 12) is None
