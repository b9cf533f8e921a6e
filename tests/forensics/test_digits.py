"""Last digits, pairs of last digits, second digits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.forensics.core.digits import (
    exchanged_digits,
    pairs,
    second_digit,
    second_digit_distance,
    uniformity,
    weights,
)
from tallyscope.forensics.last_digits import last_digits
from tallyscope.forensics.second_digit import BENFORD
from tallyscope.forensics.second_digit import second_digit as second_digit_method
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.spec import CleanSpec

_COUNTS = st.lists(st.integers(0, 5000), min_size=1, max_size=60)


@given(_COUNTS)
def test_second_digits_are_those_of_the_written_number(counts: list[int]) -> None:
    wanted = [int(str(c)[1]) for c in counts if c >= 10]
    assert second_digit(np.array([c for c in counts if c >= 10], dtype=np.int64)).tolist() == wanted


@given(_COUNTS, st.integers(1, 4))
def test_weighted_evenness_with_weights_of_one_is_pearsons_chi_square(counts: list[int], groups: int) -> None:
    count = np.array(counts)
    group = np.arange(count.size) % groups
    found = uniformity(count % 10, np.ones(count.size), group, groups)
    for g in range(groups):
        seen = Counter(int(c) % 10 for c in count[group == g])
        expected = sum(seen.values()) / 10
        slow = sum((seen[d] - expected) ** 2 / expected for d in range(10)) if expected else 0.0
        assert found[g] == pytest.approx(slow)


@given(_COUNTS)
def test_pairs_are_those_of_the_written_number(counts: list[int]) -> None:
    texts = [f"{c:02d}"[-2:] for c in counts]
    repeated = sum(t[0] == t[1] for t in texts) / len(texts)
    adjacent = sum(abs(int(t[0]) - int(t[1])) in (1, 9) for t in texts) / len(texts)
    found = pairs(np.array(counts), np.ones(len(counts)))
    assert (found.repeated, found.adjacent) == (pytest.approx(repeated), pytest.approx(adjacent))
    n = len(counts)
    assert found.repeated_score == pytest.approx((repeated - 0.1) * n / (n * 0.09) ** 0.5)
    assert found.adjacent_score == pytest.approx((adjacent - 0.2) * n / (n * 0.16) ** 0.5)


def test_weights_leave_no_edge() -> None:
    count = np.arange(2000)
    weight = weights(count, np.full(2000, 4000))
    assert weight[:51].max() == 0.0
    assert weight[400:1800].min() == 1.0
    assert np.abs(np.diff(weight)).max() < 0.03
    assert weights(np.array([300, 5]), np.array([300, 4])).tolist() == [0.0, 0.0]


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 25), st.integers(1, 4), st.integers(0, 10_000))
def test_digits_are_exchanged_with_neighbours_in_size_as_a_loop_would(n: int, reach: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, group = rng.integers(5, 3000, n), rng.integers(0, 3, n)
    own = rng.binomial(size, 0.4)
    rate = own / size
    rows, digit, chance, neighbours = exchanged_digits(rate, size, own, group, reach)
    order = sorted(range(n), key=lambda i: (group[i], size[i], i))
    kept = {}
    for place, i in enumerate(order):
        made = []
        for other in range(max(0, place - reach), min(n, place + reach + 1)):
            j = order[other]
            if j != i and group[j] == group[i] and (votes := int(rate[j] * size[i] + 0.5)) >= 10:
                made.append(int(str(votes)[1]))
        if made and own[i] >= 10:
            kept[i] = made
    assert sorted(rows.tolist()) == sorted(kept)
    for k, i in enumerate(rows.tolist()):
        assert digit[k] == int(str(own[i])[1])
        assert neighbours[k] == len(kept[i])
        assert (chance[k] * len(kept[i])).tolist() == pytest.approx([kept[i].count(d) for d in range(10)])


def test_the_distance_of_second_digits_has_the_mean_of_its_distribution() -> None:
    rng = np.random.default_rng(1)
    n, reach = 3000, 8
    weight = rng.dirichlet(np.full(10, 2.0), n)
    found = []
    for _ in range(120):
        drawn = np.stack([rng.multinomial(reach, w) for w in weight]) / reach
        digit = (weight.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
        found.append(second_digit_distance(digit, drawn, np.full(n, float(reach)))[0])
    # Chi-square of nine degrees of freedom: mean 9, variance 18.
    assert np.mean(found) == pytest.approx(9, abs=4 * (18 / 120) ** 0.5)


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=8000, regions=12), 11)


def test_a_clean_country_is_within_chance(clean: Returns) -> None:
    for finding in (last_digits(clean), second_digit_method(clean)):
        assert finding.applicable
        assert finding.p_value is not None
        assert finding.p_value > 0.001
        assert {p.level for p in finding.where} == {"region"}


def _with_votes(returns: Returns, change: pl.Expr) -> Returns:
    return replace(returns, table=returns.table.with_columns(change))


def test_digits_as_people_write_them_are_found_with_the_region(clean: Returns) -> None:
    leader = clean.leader
    assert leader is not None
    column = f"votes_{leader.id}"
    region = clean.table["region"][0]
    rounded = pl.when((pl.col("region") == region) & (pl.col("station").str.ends_with("1") == False)).then(  # noqa: E712
        pl.col(column) // 5 * 5
    )
    finding = last_digits(_with_votes(clean, rounded.otherwise(pl.col(column)).alias(column)))
    assert finding.cries(1e-6)
    first = next(p for p in finding.where if p.level == "region")
    assert first.unit == (region,)
    assert first.q_value is not None
    assert first.q_value < 1e-6


def test_second_digits_that_no_neighbour_has_are_found(clean: Returns) -> None:
    leader = clean.leader
    assert leader is not None
    column = f"votes_{leader.id}"
    three = (pl.col(column) >= 100) & (pl.col(column) < 1000) & (pl.col(column) // 10 % 10 == 7)
    changed = pl.when(three & (pl.int_range(pl.len()) % 3 == 0)).then(pl.col(column) - 10).otherwise(pl.col(column))
    finding = second_digit_method(_with_votes(clean, changed.alias(column)))
    assert finding.cries(1e-3)
    details = finding.details
    assert details["observed"][7] < details["expected"][7]
    assert sum(details["expected"]) == pytest.approx(sum(details["observed"]))


def test_benfords_second_digits_add_up_and_begin_with_twelve_per_cent() -> None:
    assert BENFORD.sum() == pytest.approx(1)
    assert BENFORD[0] == pytest.approx(0.11968, abs=1e-5)
    assert BENFORD[9] == pytest.approx(0.08500, abs=1e-5)


def test_small_or_bare_returns_are_not_tested(clean: Returns) -> None:
    one = clean.filter(pl.int_range(pl.len()) == 0)
    none = clean.filter(pl.lit(False))
    bare = replace(clean, table=clean.table.with_columns(pl.lit(None, dtype=pl.Int64).alias("registered")))
    alike = replace(clean, table=clean.table.with_columns(pl.lit(3).alias(c) for c in clean.votes_columns))
    for returns in (one, none, bare):
        for method in (last_digits, second_digit_method):
            finding = method(returns)
            assert not finding.applicable
            assert finding.p_value is None
            assert any(c.met is False for c in finding.conditions)
    assert not last_digits(alike).applicable
    assert not second_digit_method(alike).applicable


def test_returns_without_levels_are_one_group(clean: Returns) -> None:
    flat = replace(clean, table=clean.table.drop("region", "territory"))
    for method in (last_digits, second_digit_method):
        finding = method(flat)
        assert finding.applicable
        assert finding.where == ()
        assert finding.stations is not None
        assert finding.stations.height == len(flat)
