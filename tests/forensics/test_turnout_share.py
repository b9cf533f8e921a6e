"""Turnout against share: slopes against slow ones, what honest correlation does not do, edges, power."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import tallyscope
from made_returns import made_returns
from tallyscope.forensics.core.fingerprint_mirror import cluster_test, deviations, logistic
from tallyscope.forensics.core.turnout_share import national, per_group, relation
from tallyscope.forensics.turnout_share import turnout_share
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site


@pytest.fixture(scope="module")
def correlated() -> Returns:
    return clean_election(clean_design("correlated", stations=12_000, regions=30), seed=2)


def _country(rho: float, voters: int, seed: int = 1) -> tuple[np.ndarray, ...]:
    """Voters, ballots, leader, territory of 4,000 stations with this correlation of logits."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((2, 4000))
    t, s = 0.4 + 0.3 * z[0], -0.1 + 0.4 * (rho * z[0] + np.sqrt(1 - rho**2) * z[1])
    n = np.full(4000, voters)
    cast = rng.binomial(n, logistic(t))
    return n, cast, rng.binomial(cast, logistic(s)), np.repeat(np.arange(80), 50)


def test_noise_takes_nothing_from_the_correlation() -> None:
    """Stations of 150 voters are mostly noise: the plain correlation is .15 where the honest one is .47."""
    n, cast, leader, territory = _country(0.47, 150)
    d = deviations(n, cast, leader, territory)
    assert np.corrcoef(d.turnout, d.share)[0, 1] < 0.4
    assert relation(d)[1] == pytest.approx(0.47, abs=0.06)


def test_the_slope_is_the_plain_one_where_there_is_no_noise() -> None:
    n, cast, leader, territory = _country(0.3, 5_000_000)
    found = national(deviations(n, cast, leader, territory), territory)
    a, won = cast / n, leader / n
    x, y = (v - np.array([v[territory == k].mean() for k in range(80)])[territory] for v in (a, won))
    assert found.slope == pytest.approx(float(x @ y / (x @ x)), abs=0.02)


def test_the_slope_less_its_mirror_image_is_the_sum_of_the_parts() -> None:
    n, cast, leader, territory = _country(0.3, 800)
    found = national(deviations(n, cast, leader, territory), territory)
    assert found.slope_parts.sum() / found.size == pytest.approx(found.slope - found.mirrored, abs=1e-9)


def test_any_straight_relation_is_honest() -> None:
    """Sums of parts over territories stay within chance for correlations that differ as much as they can."""
    for rho in (-0.6, 0.0, 0.47, 0.8):
        n, cast, leader, territory = _country(rho, 1500, seed=3)
        found = national(deviations(n, cast, leader, territory), territory)
        for parts in (found.slope_parts, found.curve_parts):
            assert abs(cluster_test(parts, territory).t) < 3


def test_slopes_by_group_are_those_of_a_loop() -> None:
    n, cast, leader, territory = _country(0.47, 600)
    region = territory // 8
    found = per_group(n, cast, leader, territory, region, territory)
    for r in (0, 4):
        x, y, noise = [], [], 0.0
        for k in range(80):
            if k // 8 == r:
                a, v = (cast / n)[territory == k], (leader / cast)[territory == k]
                x += list(a - a.mean())
                y += list(v - v.mean())
                noise += float((a * (1 - a) / 600).sum())
        slow = np.dot(x, y) / (np.dot(x, x) - noise)
        assert found.slope[r] == pytest.approx(slow)
    assert np.isfinite(found.p_value).all()


def test_a_territory_of_few_stations_has_no_slope() -> None:
    n, cast, leader, territory = (v[:100] for v in _country(0.47, 600))
    found = per_group(n, cast, leader, territory, np.arange(100) // 5, np.arange(100))
    assert np.isnan(found.slope).all()
    assert np.isnan(found.p_value).all()


def test_an_honest_correlation_is_no_finding_and_stuffing_is(correlated: Returns) -> None:
    silent = turnout_share(correlated)
    assert silent.applicable
    assert silent.details["relation"]["correlation"] == pytest.approx(0.47, abs=0.05)
    assert silent.p_value is not None
    assert silent.p_value > 0.05
    stuffed, _ = stuffing.apply(correlated, Site(share_of_stations=0.5), 0.20, 1)
    found = turnout_share(stuffed)
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert found.estimate is not None
    assert found.estimate.low > 0
    assert found.stations is not None
    assert found.stations.height == len(correlated)
    assert {"turnout_deviation", "share_deviation", "strength"} <= set(found.stations.columns)


def test_where_share_does_not_rise_with_turnout_it_does_not_apply(shared_data: Path) -> None:
    """Spain 2019: the leader does worse where more people vote."""
    found = turnout_share(tallyscope.read(shared_data / "spain-2019apr-congress" / "mesas.csv.gz"))
    assert not found.applicable
    assert found.p_value is None
    assert found.conditions[-1].met is False
    assert found.details["relation"]["correlation"] < -0.3


def test_russia_2011_steepens(shared_data: Path) -> None:
    found = turnout_share(tallyscope.read(shared_data / "russia-2011-duma" / "2011.csv.zip"))
    assert found.p_value is not None
    assert found.p_value < 1e-5
    slopes = found.details["sobyanin_sukhovolsky"]
    assert slopes["slope"] > slopes["mirrored"] > slopes["share"]


@pytest.mark.parametrize("levels", [(), ("region",)])
def test_it_says_so_where_it_does_not_apply(levels: tuple[str, ...]) -> None:
    made = made_returns()
    found = turnout_share(Returns(made.table.drop([x for x in made.levels if x not in levels]), made.election))
    assert not found.applicable
    assert found.summary.startswith("Does not apply")


def test_edges(correlated: Returns) -> None:
    assert not turnout_share(Returns(correlated.table.head(1), correlated.election)).applicable
    alike = correlated.table.with_columns(
        registered=pl.lit(1000), cast=pl.lit(600), **{c: pl.lit(120) for c in correlated.votes_columns}
    )
    assert not turnout_share(Returns(alike, correlated.election)).applicable
    none = {c: pl.col(c) * 0 for c in correlated.votes_columns}
    assert not turnout_share(Returns(correlated.table.with_columns(**none), correlated.election)).applicable
