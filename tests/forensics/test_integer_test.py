from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.forensics.core.integer import integer_probability, is_integer_percentage
from tallyscope.forensics.core.integer_test import (
    excess,
    group_excess,
    percentages,
    profile,
    usable_stations,
    weighted_excess,
)
from tallyscope.forensics.core.poisson_binomial import upper_tail

#: Exact column of the reference table: excess, sd, share only, turnout only, stations used. The published Monte
#: Carlo (Kobak, Shpilkin & Pshenichnikov 2016-2024): 933.7, 1003.5, 1159.6, 1708.8, 2931.0.
TABLE = {
    2004: (934.4, 113.7, 586.6, 566.8, 85_457),
    2011: (1002.6, 114.7, 766.5, 448.8, 86_718),
    2012: (1161.0, 115.2, 737.5, 633.9, 87_623),
    2018: (1708.6, 117.4, 857.1, 1297.5, 91_152),
    2024: (2933.7, 113.4, 1389.3, 2170.8, 85_345),
}


@pytest.mark.parametrize("year", TABLE)
def test_every_year_of_the_published_table_is_reproduced(russia, year: int) -> None:
    union, sd, share, turnout, stations = TABLE[year]
    figures = russia(year)
    used = usable_stations(*figures.counts)
    of = percentages(*(c[used] for c in figures.counts))
    result = {name: excess(of.integer[name], of.chance[name]) for name in of.integer}
    assert used.sum() == stations
    measured = (result["union"].excess, result["union"].sd, result["share"].excess, result["turnout"].excess)
    # The table gives one decimal.
    assert measured == pytest.approx((union, sd, share, turnout), abs=0.051)


def test_the_filter_is_the_published_one() -> None:
    # r > 0, N >= 100, g/N <= .99, l/r <= .99, each at its boundary; then figures that are not counts.
    registered = np.array([100, 99, 100, 100, 100, 100, 100, -5])
    issued = np.array([99, 50, 100, 50, 50, 50, -1, 50])
    cast = np.array([100, 100, 100, 0, 100, 100, 50, 50])
    leader = np.array([99, 50, 50, 0, 100, 99, 20, 20])
    assert usable_stations(registered, issued, cast, leader).tolist() == [
        True, False, False, False, False, True, False, False,
    ]  # fmt: skip


def simulated(figures, rows: np.ndarray, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """The published null, simulated: (draws,) integer stations of the union, and their registered voters."""
    n, g, r, leader = (c[rows] for c in figures.counts)
    rng = np.random.default_rng(11)
    count, weighted = np.zeros(draws), np.zeros(draws)
    for at in range(0, draws, 500):
        of_turnout = is_integer_percentage(rng.binomial(n, g / n, (500, n.size)), n)
        of_share = is_integer_percentage(rng.binomial(r, leader / r, (500, n.size)), r)
        count[at : at + 500] = (of_turnout | of_share).sum(axis=1)
        weighted[at : at + 500] = (of_turnout | of_share) @ n
    return count, weighted


def test_mean_sd_and_tail_are_those_of_twenty_thousand_simulated_elections(russia) -> None:
    figures, draws = russia(2018), 20_000
    used = np.flatnonzero(usable_stations(*figures.counts))
    rows = np.random.default_rng(2).choice(used, 2000, replace=False)
    count, weighted = simulated(figures, rows, draws)
    of = percentages(*(c[rows] for c in figures.counts))
    integer, chance = of.integer["union"], of.chance["union"]
    exact, by_voters = excess(integer, chance), weighted_excess(integer, chance, figures.registered[rows])
    for draw, one in ((count, exact), (weighted, by_voters)):
        assert abs(draw.mean() - one.expected) < 4 * one.sd / np.sqrt(draws)
        # Standard error of a sd of a nearly normal count: sd / sqrt(2 draws).
        assert abs(draw.std() - one.sd) < 4 * one.sd / np.sqrt(2 * draws)
    for sds in (-1, 0, 1, 2):
        at = round(exact.expected + sds * exact.sd)
        p = upper_tail(chance, at)
        assert abs((count >= at).mean() - p) < 4 * np.sqrt(p * (1 - p) / draws)


def test_weighted_with_equal_weights_is_the_count_times_the_weight() -> None:
    rng = np.random.default_rng(4)
    chance, integer = rng.random(50), rng.random(50) < 0.4
    plain, tenfold = excess(integer, chance), weighted_excess(integer, chance, np.full(50, 10))
    assert (tenfold.excess, tenfold.sd) == pytest.approx((10 * plain.excess, 10 * plain.sd))
    assert tenfold.p_value is None


def test_the_detail_by_percentage_adds_up_to_the_statistic(russia) -> None:
    figures = russia(2024)
    used = usable_stations(*figures.counts)
    registered, issued, _, _ = (c[used] for c in figures.counts)
    turnout = profile(issued, registered)
    assert turnout.observed.sum() == is_integer_percentage(issued, registered).sum()
    assert turnout.expected.sum() == pytest.approx(integer_probability(issued, registered).sum(), rel=1e-12)
    # The peaks the histograms of 2024 are known for stand at multiples of five.
    surplus = turnout.observed - turnout.expected
    assert {80, 85, 90, 95} <= set(np.argsort(-surplus)[:5])


@given(st.integers(0, 2**32 - 1))
def test_groups_add_up_to_the_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chance, integer, group = rng.random(60), rng.random(60) < 0.5, rng.integers(0, 7, 60)
    parts, whole = group_excess(integer, chance, group, 8), excess(integer, chance)
    assert parts.observed.sum() == whole.observed
    assert parts.expected.sum() == pytest.approx(whole.expected)
    assert np.sqrt((parts.sd**2).sum()) == pytest.approx(whole.sd)
    assert parts.p_value[7] == 1.0
