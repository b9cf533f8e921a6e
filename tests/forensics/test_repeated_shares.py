from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import combinations
from math import comb, factorial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tallyscope
from tallyscope.forensics.core.poisson_binomial import upper_tail as binomial_tail
from tallyscope.forensics.core.repeated_cells import cells
from tallyscope.forensics.core.repeated_low_counts import low_counts, too_few_zeros
from tallyscope.forensics.core.repeated_pairs import Pairs, both_pairs, pairs, summed, upper_tail
from tallyscope.forensics.core.repeated_protocols import Protocols, identical_protocols
from tallyscope.forensics.core.repeated_values import repeats, station_tails, unit_tails
from tallyscope.forensics.core.repeated_windows import WIDTH, Windows, logit_density, values, windows
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.repeated_shares import repeated_shares
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design

Ints = npt.NDArray[np.int64]


def stations(n: int, territories: int, seed: int) -> tuple[Ints, Ints, Ints]:
    """Counts, sizes and territories of made stations, small ones among them."""
    rng = np.random.default_rng(seed)
    size = rng.integers(3, 1500, n)
    territory = rng.integers(0, territories, n)
    share = 1 / (1 + np.exp(-(0.4 * rng.standard_normal(territories)[territory] + 0.1 * rng.standard_normal(n))))
    return rng.binomial(size, share), size, territory


# Windows


def slow_chance(count: int, size: int, mean: float, variance: float) -> npt.NDArray[np.float64]:
    """q of a window's ten values, count by count, as the formula in the module reads."""
    window = int(np.floor(1000 * count / size + 0.5)) // WIDTH
    weight = np.zeros(WIDTH)
    for k in range(size + 1):
        value = (2000 * k + size) // (2 * size)
        if value // WIDTH == window:
            middle = min(max(value / 1000, 0.0005), 0.9995)
            logit = np.log(middle / (1 - middle))
            density = np.exp(-((logit - mean) ** 2) / (2 * variance)) / (middle * (1 - middle))
            weight[value % WIDTH] += density
    return np.asarray(weight / weight.sum())


def test_chances_are_those_of_counting_every_count_of_the_window() -> None:
    count, size, territory = stations(60, 4, 1)
    found = windows(count, size, territory)
    mean, variance = logit_density(count, size, territory)
    for i in range(60):
        slow = slow_chance(int(count[i]), int(size[i]), float(mean[i]), float(variance[i]))
        assert found.chance[i] == pytest.approx(slow, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4000), st.data())
def test_a_station_has_its_own_value_with_some_chance_and_chances_sum_to_one(
    size: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, size))
    found = windows(np.array([count]), np.array([size]), np.array([0]))
    assert found.chance.sum() == pytest.approx(1)
    assert found.chance[0, found.place[0]] > 0
    assert abs(found.value[0] - 1000 * count / size) <= 0.5
    assert found.value[0] == values(np.array([count]), np.array([size]))[0]


def test_a_pile_of_equal_shares_does_not_make_its_territory_tighter_than_counting() -> None:
    size = np.full(40, 1000)
    _, variance = logit_density(np.full(40, 622), size, np.zeros(40, dtype=np.int64))
    assert variance == pytest.approx(1 / 622.5 + 1 / 378.5)


# Pairs


def slow_pairs(figure: Windows, territory: Ints) -> tuple[int, float, float]:
    """Observed, mean and variance of the number of pairs, by loops over pairs of pairs."""
    p = {
        (i, j): float(figure.chance[i] @ figure.chance[j])
        for i, j in combinations(range(territory.size), 2)
        if territory[i] == territory[j] and figure.window[i] == figure.window[j]
    }
    observed = sum(figure.value[i] == figure.value[j] for i, j in p)
    variance = sum(x * (1 - x) for x in p.values())
    for (one, x), (other, y) in combinations(p.items(), 2):
        if set(one) & set(other):
            together = np.prod([figure.chance[i] for i in {*one, *other}], axis=0).sum()
            variance += 2 * (float(together) - x * y)
    return int(observed), sum(p.values()), variance


def test_mean_and_variance_of_the_pairs_are_those_of_adding_up_all_pairs() -> None:
    count, size, territory = stations(150, 2, 2)
    figure = windows(count, size, territory)
    found = pairs(figure, cells(territory, [figure]))
    observed, expected, variance = slow_pairs(figure, territory)
    assert found.observed == observed > 0
    assert found.expected == pytest.approx(expected)
    assert found.variance == pytest.approx(variance)


def test_large_cells_are_multiplied_out_as_small_ones_are() -> None:
    rng = np.random.default_rng(3)
    size = rng.integers(200, 1500, 40)
    count = (size * rng.uniform(0.601, 0.608, 40)).astype(np.int64)
    territory = np.zeros(40, dtype=np.int64)
    figure = windows(count, size, territory)
    assert cells(territory, [figure]).size.max() > 32
    found = pairs(figure, cells(territory, [figure]))
    assert (found.observed, found.expected, found.variance) == pytest.approx(slow_pairs(figure, territory))


def test_the_tail_of_the_pairs_is_that_of_drawing_values_from_their_chances() -> None:
    count, size, territory = stations(400, 4, 4)
    figure = windows(count, size, territory)
    among = cells(territory, [figure])
    null = pairs(figure, among)
    rng = np.random.default_rng(5)
    cumulative = figure.chance.cumsum(axis=1)
    drawn = np.empty(4000)
    for i in range(4000):
        place = np.minimum((rng.random((400, 1)) > cumulative).sum(axis=1), WIDTH - 1)
        drawn[i] = pairs_of(place[among.order], among.of)
    assert drawn.mean() == pytest.approx(null.expected, rel=0.02)
    assert drawn.var() == pytest.approx(null.variance, rel=0.1)
    for quantile in (0.5, 0.9, 0.99):
        at = int(np.quantile(drawn, quantile))
        slow = float((drawn > at).mean() + (drawn == at).mean() / 2)
        fast = upper_tail(Pairs(at, null.expected, null.variance, null.third))
        assert fast == pytest.approx(slow, rel=0.25, abs=0.002)


def pairs_of(place: Ints, cell: Ints) -> int:
    number = np.bincount(cell * WIDTH + place)
    return int((number * (number - 1) // 2).sum())


def test_pairs_with_both_values_equal_are_those_of_adding_up_all_pairs() -> None:
    count, size, territory = stations(300, 1, 6)
    share = windows(count, size, territory)
    turnout = windows(count[::-1].copy(), size[::-1].copy(), territory)
    observed, expected = both_pairs(share, turnout, cells(territory, [share, turnout]))
    slow_observed, slow = 0, 0.0
    for i, j in combinations(range(300), 2):
        if share.window[i] == share.window[j] and turnout.window[i] == turnout.window[j]:
            slow += float(share.chance[i] @ share.chance[j]) * float(turnout.chance[i] @ turnout.chance[j])
            slow_observed += int(share.value[i] == share.value[j] and turnout.value[i] == turnout.value[j])
    assert observed == slow_observed
    assert expected == pytest.approx(slow)


def test_where_no_station_shares_its_place_nothing_is_said() -> None:
    count, size, _ = stations(30, 1, 7)
    figure = windows(count, size, np.arange(30))
    alone = pairs(figure, cells(np.arange(30), [figure]))
    assert (alone.observed, alone.expected, upper_tail(alone)) == (0, 0.0, 1.0)
    assert summed([alone, alone]) == alone


# Values


def test_tails_of_values_are_exact_and_corrected_for_the_values_of_the_unit() -> None:
    count, size, territory = stations(200, 3, 8)
    figure = windows(count, size, territory)
    found = repeats(territory, 3, [figure])
    assert found.exact.any()
    for i in range(found.count.size):
        mates = (territory == found.unit[i]) & (figure.window == figure.window[found.station[i]])
        chance = figure.chance[mates, figure.place[found.station[i]]]
        assert found.count[i] == (figure.value[mates] == figure.value[found.station[i]]).sum() >= 2
        assert found.expected[i] == pytest.approx(chance.sum())
        if found.exact[i]:
            assert found.tail[i] == pytest.approx(binomial_tail(chance, int(found.count[i])))
    for unit in range(3):
        occupied = np.unique(figure.window[territory == unit], return_counts=True)[1]
        assert set(found.looked_at[found.unit == unit]) == {WIDTH * int((occupied > 1).sum())}
        best = float((found.tail * found.looked_at)[found.unit == unit].min())
        assert unit_tails([found], 3)[unit] == pytest.approx(min(best, 1))


def test_a_value_of_share_and_turnout_at_once_has_the_product_of_both_chances() -> None:
    size = np.full(12, 1000)
    count = np.array([622] * 5 + [621, 623, 624, 625, 626, 627, 628])
    share = windows(count, size, np.zeros(12, dtype=np.int64))
    found = repeats(np.zeros(12, dtype=np.int64), 1, [share, share])
    chance = share.chance[:, 2] ** 2
    assert found.count.tolist() == [5]
    assert found.tail[0] == pytest.approx(binomial_tail(chance, 5))
    assert found.looked_at[0] == WIDTH**2
    tails = station_tails(found, [share, share])
    assert np.all(tails[:5] < 1e-4)
    assert np.all(tails[5:] == 1)


def test_units_of_clean_stations_are_rarely_below_five_per_cent() -> None:
    territory = np.repeat(np.arange(300), 40)
    rng = np.random.default_rng(9)
    size = rng.integers(100, 2500, territory.size)
    count = rng.binomial(size, 1 / (1 + np.exp(-0.3 * rng.standard_normal(territory.size))))
    figure = windows(count, size, territory)
    p = unit_tails([repeats(territory, 300, [figure])], 300)
    assert (p < 0.05).sum() <= 25  # 15 expected at most; beyond 25 with probability 0.006.


# Low counts


def slow_zeros(zero: int, one: int, two: int) -> float:
    """The conditional distribution by adding up all tables of the same margins."""
    weights = {}
    for n2 in range((one + 2 * two) // 2 + 1):
        n1 = one + 2 * two - 2 * n2
        n0 = zero + one + two - n1 - n2
        if n0 >= 0:
            weights[n0] = 1 / (2**n2 * factorial(n0) * factorial(n1) * factorial(n2))
    return sum(w for n0, w in weights.items() if n0 <= zero) / sum(weights.values())


def test_the_chance_of_so_few_zeros_is_that_of_all_tables_with_these_margins() -> None:
    tables = np.array([(9, 20, 20), (2, 38, 3), (0, 5, 1), (3, 21, 4), (0, 30, 25)])
    found = too_few_zeros(*tables.T)
    assert found == pytest.approx([slow_zeros(*map(int, t)) for t in tables])
    # The pattern of the observers: twenty stations with one vote, twenty with two, hardly a zero.
    assert slow_zeros(2, 40, 30) < 0.001


def test_mixtures_of_poisson_counts_have_zeros_enough() -> None:
    rng = np.random.default_rng(10)
    unit = np.repeat(np.arange(400), 60)
    votes = rng.poisson(rng.gamma(2.0, 0.8, unit.size))
    p = low_counts(votes, unit, 400).p_value
    assert (p < 0.05).mean() <= 0.05
    assert low_counts(np.array([1, 2, 5, 0]), np.array([0, 0, 0, 1]), 3).one.tolist() == [1, 0, 0]


# Identical protocols


def test_copied_protocols_are_found_and_chance_has_next_to_none() -> None:
    rng = np.random.default_rng(11)
    n = 1200
    registered = rng.integers(300, 2000, n)
    issued = rng.binomial(registered, 0.6)
    leader = rng.binomial(issued, 0.5)
    others = rng.multinomial(1, [0.5, 0.3, 0.2], n) + np.column_stack(
        [rng.binomial(issued - leader, p) for p in (0.5, 0.3, 0.15)]
    )
    for line in (registered, issued, leader):
        line[100:103] = line[100]
    others[100:103] = others[100]
    found = identical_protocols(Protocols(registered, issued, issued, leader, others), np.arange(n) % 4 // 4)
    assert [g.tolist() for g in found.groups] == [[100, 101, 102]]
    assert found.pairs == 3
    assert found.expected < 0.1
    assert found.p_value < 1e-3


def test_the_expected_number_of_identical_protocols_is_not_below_what_is_drawn() -> None:
    rng = np.random.default_rng(12)
    registered = rng.integers(30, 60, 3000)
    issued = rng.binomial(registered, 0.6)
    leader = rng.binomial(issued, 0.5)
    rest = issued - leader
    other = rng.binomial(rest, 0.6)
    of = Protocols(registered, issued, issued, leader, np.column_stack([other, rest - other]))
    found = identical_protocols(of, np.zeros(3000, dtype=np.int64))
    assert found.pairs > 200
    assert 0.9 * found.pairs < found.expected < 4 * found.pairs


# The method


@cache
def clean() -> Returns:
    return clean_election(clean_design("territories-correlated", stations=6000, regions=8), 3)


def planted(returns: Returns, percent: int = 622) -> tuple[Returns, tuple[str, str]]:
    """Makes the leader's votes in the largest territory `percent` thousandths of the ballots cast."""
    table, leader = returns.table, f"votes_{returns.leader.id}" if returns.leader else ""
    unit = table.group_by("region", "territory").len().sort("len", "region").row(-1)[:2]
    here = (pl.col("region") == unit[0]) & (pl.col("territory") == unit[1])
    written = (pl.col("cast") * percent + 500) // 1000
    return replace(
        returns, table=table.with_columns(pl.when(here).then(written).otherwise(leader).alias(leader))
    ), unit


def test_one_percentage_for_a_territory_is_found_with_its_value() -> None:
    returns, unit = planted(clean())
    found = repeated_shares(returns)
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert "anomalous" in found.summary
    (place,) = [p for p in found.where if p.level == "territory"]
    assert place.unit == unit
    assert place.q_value is not None
    assert place.q_value < 1e-6
    assert place.details["share_percent"] == pytest.approx(62.2)
    assert place.details["sharing"] >= 0.5 * place.details["stations"]
    frame = found.stations
    assert frame is not None
    inside = (returns.table["region"] == unit[0]) & (returns.table["territory"] == unit[1])
    assert (frame.filter(inside)["strength"] > 3).mean() > 0.5  # type: ignore[operator]
    assert (frame.filter(~inside)["strength"] > 3).mean() < 0.005  # type: ignore[operator]


def test_a_clean_country_is_consistent_with_chance() -> None:
    found = repeated_shares(clean())
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert "consistent with chance" in found.summary
    assert not [p for p in found.where if p.q_value is not None and p.q_value < 0.05]


def test_p_values_on_clean_countries_are_uniform() -> None:
    spec = clean_design("territories", stations=1500, regions=4)
    p = [repeated_shares(clean_election(spec, seed)).p_value for seed in range(20)]
    assert None not in p
    # Kolmogorov-Smirnov distance of 20 uniform values: beyond 0.45 with probability 0.0003 (Massey 1951).
    ordered = np.sort(np.array(p, dtype=float))
    assert np.max(np.abs(ordered - (np.arange(20) + 0.5) / 20)) < 0.45


def test_the_finding_is_whole_json_ready_and_the_same_every_time() -> None:
    found, again = repeated_shares(clean()), repeated_shares(clean())
    assert json.dumps(again.details) == json.dumps(found.details)
    assert again.where == found.where
    total = found.details["pairs"]["total"]
    assert total["observed"] == sum(found.details["pairs"][k]["observed"] for k in ("share", "turnout"))
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(total["excess"])
    assert found.estimate.low < found.estimate.value < found.estimate.high
    assert [p.level for p in found.where].count("region") == 8
    assert found.stations is not None
    assert found.stations.height == len(clean())
    same = found.stations["same_share"]
    assert same.sum() == 2 * found.details["pairs"]["share"]["observed"]


def test_rows_that_are_not_used_have_no_figures() -> None:
    table = clean().table.with_columns(
        kind=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("pseudo")).otherwise("kind"),
        registered=pl.when(pl.int_range(pl.len()) == 1).then(None).otherwise("registered"),
    )
    frame = repeated_shares(Returns(table, clean().election)).stations
    assert frame is not None
    assert frame.head(2).select(pl.all().is_null().all()).row(0) == (True,) * frame.width


def not_applicable(returns: Returns) -> Finding:
    found = repeated_shares(returns)
    assert not found.applicable
    assert found.estimate is None
    assert found.p_value is None
    assert any(c.met is False for c in found.conditions)
    assert found.summary.startswith("Does not apply")
    return found


def test_few_stations_no_leader_no_list_no_rows_and_lonely_stations_give_no_number() -> None:
    table, election = clean().table, clean().election
    votes = {c: pl.lit(0, dtype=pl.Int64) for c in clean().votes_columns}
    lonely = {"territory": pl.int_range(pl.len()).cast(pl.String)}
    not_applicable(clean().filter(pl.int_range(pl.len()) < 99))
    not_applicable(clean().filter(pl.int_range(pl.len()) < 1))
    not_applicable(Returns(table.with_columns(**votes), election))
    not_applicable(Returns(table.with_columns(registered=pl.lit(None, dtype=pl.Int64)), election))
    not_applicable(clean().filter(pl.lit(False)))
    assert "pairs" in not_applicable(Returns(table.with_columns(**lonely), election)).summary


def test_everybody_for_the_leader_and_ballotless_stations_are_left_out() -> None:
    leader = clean().votes_columns[2]
    others = {c: pl.lit(0, dtype=pl.Int64) for c in clean().votes_columns if c != leader}
    table = clean().table.with_columns(**others, **{leader: pl.col("cast")})
    found = not_applicable(Returns(table, clean().election))
    assert found.details["stations_used"] == 0


def test_without_levels_all_stations_are_one_place() -> None:
    returns = clean().filter(pl.int_range(pl.len()) < 600)
    found = repeated_shares(Returns(returns.table.drop("region", "territory"), returns.election))
    assert found.applicable
    assert found.details["level"] == "election"
    assert found.where == ()


def test_votes_of_a_choice_that_some_stations_lack_do_not_matter() -> None:
    other = clean().votes_columns[0]
    table = clean().table.with_columns(pl.when(pl.int_range(pl.len()) % 2 == 0).then(other).alias(other))
    assert repeated_shares(Returns(table, clean().election)).applicable


@pytest.fixture(scope="module")
def russia_2012(shared_data: Path) -> Finding:
    return repeated_shares(tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip"))


def test_derbent_2012_shares_one_percentage(russia_2012: Finding) -> None:
    assert russia_2012.p_value is not None
    assert russia_2012.p_value < 1e-30
    best = next(p for p in russia_2012.where if p.level == "territory")
    assert best.unit == ("Республика Дагестан", "16 Дербентская городская")
    # Counted in the file itself: 26 of the 33 stations used have 96.9 %.
    assert (best.details["share_percent"], best.details["sharing"], best.details["stations"]) == (96.9, 26, 33)


def test_an_undisputed_election_shows_no_excess(shared_data: Path) -> None:
    found = repeated_shares(tallyscope.read(shared_data / "georgia-2013-president" / "precincts.csv.gz"))
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert not [p for p in found.where if p.q_value is not None and p.q_value < 0.05]


def test_chances_of_a_table_of_ones_are_counted_by_combinations() -> None:
    # Ten equally likely values and n stations: E pairs = C(n, 2) / 10.
    chance = np.full((7, WIDTH), 0.1)
    figure = Windows(np.array([620, 620, 621, 622, 622, 622, 629]), np.full(7, 62), chance)
    found = pairs(figure, cells(np.zeros(7, dtype=np.int64), [figure]))
    assert found.observed == 1 + 3
    assert found.expected == pytest.approx(comb(7, 2) / 10)
    assert found.variance == pytest.approx(comb(7, 2) * 0.09)
    # Pairwise independent; three equal ones are the only dependence: k3 = E(1-p)(1-2p) + 6 C(7,3)/100 (1-p).
    assert found.third == pytest.approx(comb(7, 2) * 0.1 * 0.9 * 0.8 + 6 * comb(7, 3) / 100 * 0.9)


def test_stations_where_the_leader_has_nearly_all_count_among_the_zeros_of_the_others() -> None:
    """Turkey 2017: with them left out, provinces with many nearly unanimous boxes would seem to lack zeros."""
    leader, other, *rest = (clean().votes_columns[i] for i in (2, 0, 1, 3, 4))
    rng = np.random.default_rng(13)
    few = pl.Series(rng.poisson(2.0, len(clean())))
    table = clean().table.with_columns(*(pl.lit(0, dtype=pl.Int64).alias(c) for c in rest), cast=pl.lit(120))
    table = table.with_columns(few.alias(other), (120 - few).alias(leader), invalid=pl.lit(0), valid=pl.lit(120))
    found = repeated_shares(Returns(table, clean().election))
    assert found.applicable
    assert found.details["low_counts"] == []
