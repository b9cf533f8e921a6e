from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.forensics.core.integer import integer_probability, is_integer_percentage
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.habits import Habits, Rate
from tallyscope.simulation.names import region_names
from tallyscope.simulation.spec import Behaviour, CleanSpec, Effect

Broken = Callable[[Returns], dict[str, int]]


@pytest.fixture(scope="module")
def country() -> Returns:
    return clean_election(CleanSpec(), seed=5)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    stations=st.integers(8, 120),
    turnout=st.floats(0.02, 0.98),
    share=st.floats(0.02, 0.98),
    spread=st.floats(0, 2),
    rare=st.floats(0, 1),
)
def test_every_relation_holds_in_every_clean_election(
    broken_relations: Broken, seed: int, stations: int, turnout: float, share: float, spread: float, rare: float
) -> None:
    behaviour = Behaviour(turnout, share, station=Effect(spread, spread, 0.3))
    habits = Habits(invalid=0.3, home=Rate(0.4), early_stations=rare, taken=rare, lost=rare, unaccounted=rare)
    returns = clean_election(CleanSpec(stations=stations, regions=4, behaviour=behaviour, habits=habits), seed)
    assert len(returns) == stations
    assert set(broken_relations(returns).values()) == {0}
    assert min(returns.table[c].min() for c in returns.figures) >= 0


def test_the_form_has_hard_and_soft_relations_and_all_hold(country: Returns, broken_relations: Broken) -> None:
    broken = broken_relations(country)
    assert set(broken.values()) == {0}
    assert {"E1", "E2", "E3", "E4", "E5", "W1", "W2", "W3", "W4", "W5"} <= set(broken)


def test_the_same_seed_gives_the_same_table_and_another_another(country: Returns) -> None:
    assert clean_election(CleanSpec(), seed=5).table.equals(country.table)
    assert not clean_election(CleanSpec(), seed=6).table.equals(country.table)


def test_behaviour_changes_votes_and_leaves_the_country_as_it_is(country: Returns) -> None:
    other = clean_election(CleanSpec(behaviour=Behaviour(turnout=0.4)), seed=5)
    same = ["region", "territory", "station", "registered"]
    assert other.table.select(same).equals(country.table.select(same))
    assert other.table["issued"].sum() < country.table["issued"].sum()


@pytest.mark.parametrize("level", ["nation", "region", "territory"])
def test_sums_of_every_level_equal_the_sums_of_its_stations(country: Returns, level: str) -> None:
    tally = country.tally(level)
    for column in country.figures:
        assert tally[column].sum() == country.table[column].sum()


def test_stations_are_unique_within_their_territory_and_territories_lie_in_one_region(country: Returns) -> None:
    assert not country.table.select("region", "territory", "station").is_duplicated().any()
    assert country.table["region"].n_unique() == 40
    assert 500 < country.table.select("region", "territory").n_unique() < 640  # 20,000 / 35 = 571


def test_sizes_are_near_those_of_a_real_country(country: Returns) -> None:
    # Russia 2018, all stations with a ballot: quartiles 346, 1,012, 1,789; 5 % and 95 % at 109 and 2,507 voters.
    sizes = np.percentile(country.counts("registered"), [5, 25, 50, 75, 95])
    np.testing.assert_allclose(sizes, [109, 346, 1012, 1789, 2507], rtol=0.25)


def test_more_vote_at_home_in_villages(country: Returns) -> None:
    registered = country.counts("registered")
    rate = country.counts("issued_outside") / country.counts("issued").clip(1)
    assert rate[registered < 300].mean() > 2 * rate[registered > 1500].mean()


@pytest.mark.parametrize("what", ["turnout", "share", "union"])
def test_clean_countries_have_as_many_integer_percentages_as_the_exact_null_expects(what: str) -> None:
    # Kobak, Shpilkin & Pshenichnikov 2016: stations with N >= 100 and no quotient above .99; four seeds at once,
    # so the standardised sum is within 4.
    observed, expected, variance = 0, 0.0, 0.0
    for seed in range(4):
        r = clean_election(CleanSpec(stations=8000), seed)
        n, g, c, v = (r.counts(x) for x in ("registered", "issued", "cast", "votes_cedar"))
        keep = (c > 0) & (n >= 100) & (g <= 0.99 * n) & (v <= 0.99 * c)
        n, g, c, v = n[keep], g[keep], c[keep], v[keep]
        turnout, share = integer_probability(g, n), integer_probability(v, c)
        is_turnout, is_share = is_integer_percentage(g, n), is_integer_percentage(v, c)
        q = {"turnout": turnout, "share": share, "union": 1 - (1 - turnout) * (1 - share)}[what]
        observed += int({"turnout": is_turnout, "share": is_share, "union": is_turnout | is_share}[what].sum())
        expected += float(q.sum())
        variance += float((q * (1 - q)).sum())
    assert abs(observed - expected) < 4 * np.sqrt(variance)


def test_more_votes_than_binomial_differ_between_stations(country: Returns) -> None:
    # Over-dispersion: Pearson's chi-square per station of a binomial with one share is 1; here it is far above.
    cast, votes = country.counts("cast"), country.counts("votes_cedar")
    p = votes.sum() / cast.sum()
    assert np.mean((votes - p * cast) ** 2 / (p * (1 - p) * cast)) > 10


def test_a_country_without_any_spread_is_binomial() -> None:
    still = Effect(0.0, 0.0)
    behaviour = Behaviour(0.6, 0.5, still, still, still, 0.0, 0.0)
    r = clean_election(CleanSpec(behaviour=behaviour), seed=1)
    n, g = r.counts("registered"), r.counts("issued")
    chi = np.mean((g - 0.6 * n) ** 2 / (0.6 * 0.4 * n))
    assert abs(chi - 1) < 4 * np.sqrt(2 / len(r))


def test_everything_wrong_with_a_spec_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"10 stations cannot fill 40 regions; .*leader.*; .*`others`"):
        CleanSpec(stations=10, leader=5, others=(1.0,))
    with pytest.raises(ValueError, match="between 0 and 1"):
        replace(CleanSpec(), behaviour=Behaviour(turnout=1.0))


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        clean_election(CleanSpec(stations=40), seed=-1)


def test_names_of_regions_never_repeat() -> None:
    assert len(set(region_names(1000))) == 1000
