"""What a protocol counts besides turnout and votes: balances, shapes, and the spreads that were asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.habits import Arrivals, Certificates, Habits, Hours, Rate, Scanners, Tied
from tallyscope.simulation.latent import Latent, latent, logit
from tallyscope.simulation.rates import deviations, rates
from tallyscope.simulation.spec import Behaviour, CleanSpec, Effect

HOURS = [f"voted_by_{h}" for h in (10, 12, 15, 18, 20)]


@pytest.fixture(scope="module")
def country() -> Returns:
    return clean_election(CleanSpec(), seed=5)


def land_of(stations: int, behaviour: Behaviour | None = None) -> Latent:
    """Every station its own region and territory, so that all of them are independent."""
    rng, own = np.random.Generator(np.random.PCG64(7)), np.arange(stations)
    return latent(behaviour or Behaviour(), rng.standard_normal(stations), (own, own), rng)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    stations=st.integers(8, 60),
    turnout=st.floats(0.02, 0.98),
    rate=st.floats(0.001, 0.6),
    presented=st.floats(0, 1),
    spread=st.floats(0, 2),
)
def test_certificates_balance_and_hours_never_fall(
    broken_relations: Any, seed: int, stations: int, turnout: float, rate: float, presented: float, spread: float
) -> None:
    wide = Rate(rate, Tied(spread), Tied(spread), Tied(spread), tail=4.0)
    habits = Habits(
        home=wide,
        added=wide,
        certificates=Certificates(issued=wide, issued_above=wide, drawn=wide, presented=presented),
        hours=Hours(early=wide, hourly=spread),
    )
    spec = CleanSpec(stations=stations, regions=4, behaviour=Behaviour(turnout), habits=habits)
    returns = clean_election(spec, seed)
    assert set(broken_relations(returns).values()) == {0}
    sums = {c: int(returns.table[c].sum()) for c in returns.figures}
    assert sums["certificates_used"] <= sums["certificates_issued"] + sums["certificates_issued_above"]
    assert min(returns.table[c].min() for c in returns.figures) >= 0


def test_rates_are_near_those_of_the_russian_forms(country: Returns) -> None:
    # Russia 2004 and 2012: 15 and 30 certificates issued, 12 and 22 used per 1,000 ballots; 78 and 74 % of them.
    s = {c: int(country.table[c].sum()) for c in country.figures}
    out = s["certificates_issued"] + s["certificates_issued_above"]
    assert 0.015 < out / s["issued"] < 0.030
    assert 0.70 < s["certificates_used"] / out < 0.80
    # Stations above .07: 1.0 to 5.1 %; above .19: .6 to 1.0 %.
    rate = country.counts("certificates_used") / country.counts("issued")
    assert 0.005 < (rate > 0.07).mean() < 0.06
    assert 0.002 < (rate > 0.19).mean() < 0.02
    # Russia 2018, ballots issued outside the station: median .058, 5 % of stations above .29, 1 % above .46.
    home = np.quantile(country.counts("issued_outside") / country.counts("issued"), [0.5, 0.95, 0.99])
    np.testing.assert_allclose(home, [0.058, 0.286, 0.465], rtol=0.25)


def test_certificates_come_in_packs_or_are_all_issued(country: Returns) -> None:
    received, left = country.counts("certificates_received"), country.counts("certificates_unused")
    assert (received[left > 0] % 10 == 0).all()
    assert 0.4 < (left > 0).mean() < 0.6


def test_certificates_move_between_regions_but_mostly_stay(country: Returns) -> None:
    sums = country.tally("region")
    out = (sums["certificates_issued"] + sums["certificates_issued_above"]).to_numpy()
    assert np.corrcoef(np.log(sums["certificates_used"].to_numpy()), np.log(out))[0, 1] > 0.7
    assert np.std(sums["certificates_used"].to_numpy() / out) > 0.02


def test_turnout_by_hour_has_the_shape_that_was_asked_for(country: Returns) -> None:
    issued = country.counts("issued")
    by = [country.counts(c).sum() / issued.sum() for c in HOURS]
    np.testing.assert_allclose(by, [p for _, p in Hours().by], atol=0.03)


def test_arrival_is_heavy_tailed_and_goes_with_size(country: Returns) -> None:
    minutes = (country.table["arrived"] - Arrivals().closes).dt.total_seconds().to_numpy() / 60
    assert minutes.min() > 0
    assert minutes.max() <= 14 * 24 * 60
    # Turkey 2017: half of the boxes by 137 minutes, .1 % after more than 60 times that.
    assert 120 < np.median(minutes) < 160
    assert np.quantile(minutes, 0.999) > 5 * np.median(minutes)
    assert np.corrcoef(np.log(minutes), np.log(country.counts("registered")))[0, 1] > 0.15


def test_machines_are_in_some_territories_wholly_or_partly_and_in_cities(country: Returns) -> None:
    by = country.table.group_by("region", "territory").agg(
        part=pl.col("scanner").mean(), size=pl.col("registered").mean(), stations=pl.len()
    )
    part, size = by["part"].to_numpy(), by["size"].to_numpy()
    assert 0.05 < (part == 1).mean() < 0.4
    assert (part == 0).mean() > 0.5
    assert ((part > 0) & (part < 1)).mean() > 0.05
    assert np.median(size[part > 0]) > np.median(size[part == 0])


def test_the_place_being_equal_a_machine_changes_nothing() -> None:
    # Where places are all alike, stations with machines and without have the same share: t below 4.
    still = Effect(0.0, 0.0)
    behaviour = Behaviour(0.6, 0.5, still, still, Effect(0.2, 0.3), 0.0, 0.0)
    returns = clean_election(CleanSpec(behaviour=behaviour), seed=2)
    share = returns.counts("votes_cedar") / returns.counts("cast")
    machine = returns.table["scanner"].to_numpy()
    one, other = share[machine], share[~machine]
    error = np.hypot(one.std() / np.sqrt(one.size), other.std() / np.sqrt(other.size))
    assert abs(one.mean() - other.mean()) < 4 * error


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_a_rate_has_the_spread_and_the_correlations_asked_for(rho: float) -> None:
    # Standard errors: of a standard deviation about sd sqrt(k - 1) / sqrt(4 n) with kurtosis k (normal k = 3, four
    # of them), of a correlation at most 1 / sqrt(n).
    n = 40_000
    land = land_of(n, Behaviour(station=Effect(0.3, 0.4, rho)))
    rate = Rate(0.1, station=Tied(0.8, turnout=-0.3, share=0.4))
    drawn = deviations(rate, land, np.random.Generator(np.random.PCG64(1)))
    assert drawn.std() == pytest.approx(0.8, abs=4 * 0.8 / np.sqrt(2 * n))
    found = np.corrcoef(np.column_stack([drawn, land.standard[-1]]).T)[0, 1:]
    np.testing.assert_allclose(found, [-0.3, 0.4], atol=4 / np.sqrt(n))


def test_a_heavy_tail_has_the_same_spread_and_more_outliers() -> None:
    land = land_of(40_000)
    rng = np.random.Generator(np.random.PCG64(3))
    heavy = deviations(Rate(0.1, station=Tied(0.5), tail=5.0), land, rng) / 0.5
    # P(|t5| > 4 sqrt(5/3)) = .0036 against P(|z| > 4) = .00006.
    assert heavy.std() == pytest.approx(1.0, abs=0.03)
    assert 0.002 < (np.abs(heavy) > 4).mean() < 0.006


def test_correlations_out_of_reach_are_shortened() -> None:
    land = land_of(5_000)
    drawn = deviations(Rate(0.1, station=Tied(1.0, turnout=0.9, share=-0.9)), land, np.random.default_rng(1))
    assert np.isfinite(drawn).all()
    assert drawn.std() == pytest.approx(1.0, abs=0.05)


def test_a_rate_without_spread_is_the_same_everywhere_and_none_stays_none() -> None:
    land, rng = land_of(50), np.random.default_rng(1)
    np.testing.assert_allclose(rates(Rate(0.2), land, rng), 0.2)
    assert not rates(Rate(0.0, station=Tied(1.0)), land, rng).any()
    assert logit(0.5) == 0


def test_a_leader_of_the_old_has_more_votes_where_more_vote_at_home() -> None:
    # The honest association that methods have to face: with a correlation of .5 at every level, the share rises
    # with home voting; turnout, share and votes themselves are those of a country without it.
    tied = [Tied(s, share=0.5) for s in (0.4, 0.5, 0.8)]
    spec = CleanSpec(habits=Habits(home=Rate(0.06, *tied)))
    free = CleanSpec(habits=Habits(home=Rate(0.06, *[replace(t, share=0.0) for t in tied])))
    with_it, without = clean_election(spec, 1), clean_election(free, 1)

    def association(r: Returns) -> float:
        home = np.log((r.counts("issued_outside") + 0.5) / (r.counts("issued") + 1))
        return float(np.corrcoef(home, r.counts("votes_cedar") / r.counts("cast"))[0, 1])

    assert association(with_it) > association(without) + 0.3
    assert with_it.table["issued"].equals(without.table["issued"])


def test_parts_that_are_none_leave_their_lines_out(broken_relations: Any) -> None:
    habits = Habits(added=None, certificates=None, hours=None, arrivals=None, scanners=None)
    bare = clean_election(CleanSpec(stations=200, regions=4, habits=habits), 1)
    full = clean_election(CleanSpec(stations=200, regions=4), 1)
    assert not {"added", "certificates_used", "voted_by_10", "arrived", "scanner"} & set(bare.table.columns)
    assert bare.table.equals(full.table.select(bare.table.columns))
    assert set(broken_relations(bare).values()) == {0}


@pytest.mark.parametrize("share", [0.02, 0.9])
def test_the_share_of_territories_with_machines_is_a_setting(share: float) -> None:
    r = clean_election(CleanSpec(habits=Habits(scanners=Scanners(territories=share))), 1)
    some = r.table.group_by("region", "territory").agg(pl.col("scanner").any())["scanner"].mean()
    assert isinstance(some, float)
    assert abs(some - share) < 0.2
