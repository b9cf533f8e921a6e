"""Certificates: balances, exact tails of concentrations, and the leader's share along with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tallyscope
from tallyscope.election.roles import votes_column
from tallyscope.forensics.absentee_balance import absentee_balance
from tallyscope.forensics.core.balance import bounds, roundness, sums_by_unit
from tallyscope.forensics.core.concentration import log_upper_tails, upper_tails
from tallyscope.forensics.core.movements import group_medians, standardised_log, usual
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.spec import CleanSpec

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SPEC = CleanSpec(stations=15_000, regions=20)
_WITH_BALLOTS = ("registered", "issued", "issued_in_station", "cast", "valid", "stationary")


def with_movers(returns: Returns, line: str, share_of_territories: float, dose: float) -> Returns:
    """In some territories, every station has `dose` of its ballots more: by the line, all of them the leader's.

    How many more differs from station to station, as who sends them can.
    """
    rng = np.random.default_rng(5)
    codes, _ = returns.codes(returns.levels)
    chosen = rng.random(codes.max() + 1) < share_of_territories
    issued = returns.counts("issued")
    more = np.rint(chosen[codes] * issued * dose * rng.lognormal(0, 0.8, issued.size)).astype(np.int64)
    leader = returns.leader
    assert leader is not None
    columns = [pl.col(c) + pl.Series(more) for c in (*_WITH_BALLOTS, line, votes_column(leader.id))]
    return Returns(returns.table.with_columns(columns), returns.election)


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(_SPEC, 3)


@cache
def national(folder: Path, year: int) -> Finding:
    return absentee_balance(tallyscope.read(folder / f"russia-{year}-president" / f"{year}.csv.zip"))


def slow_tail(count: int, total: int, mean: float, spread: float) -> float:
    """ln P(X >= count), by plain integration over the normal deviate."""
    from scipy.special import logsumexp
    from scipy.stats import binom, norm

    t = np.linspace(-15, 40, 60_001)
    rate = 1 / (1 + np.exp(-mean - spread * t))
    return float(logsumexp(norm.logpdf(t) + binom.logsf(count - 1, total, rate)) + np.log(t[1] - t[0]))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.floats(0.001, 1), st.floats(-7, 2), st.floats(0.05, 2.5))
def test_the_exact_tail_is_that_of_plain_integration(total: int, part: float, mean: float, spread: float) -> None:
    count = max(1, int(part * total))
    fast = log_upper_tails(np.array([count]), np.array([total]), np.array([mean]), np.array([spread]))[0]
    slow = slow_tail(count, total, mean, spread)
    above = np.log(count / (total - count + 1)) > mean
    # Below the usual count no more than that is promised; far out the slow sum itself underflows.
    tolerance = 1e-4 if above else 0.06
    if slow > -600:
        assert fast == pytest.approx(slow, rel=1e-4, abs=tolerance)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 2000), st.floats(-6, 1), st.floats(0.1, 2))
def test_more_voters_by_the_line_are_never_less_unusual(total: int, mean: float, spread: float) -> None:
    counts = np.arange(0, total + 1, max(1, total // 40))
    same = np.ones(counts.size)
    exact = log_upper_tails(counts, np.full(counts.size, total), mean * same, spread * same)
    assert exact[0] == 0
    assert (np.diff(exact) <= 1e-2).all()


def test_where_the_quick_tail_is_not_exact_it_is_near_and_nothing_stands_out() -> None:
    counts, totals = np.arange(1, 200), np.full(199, 800)
    mean, spread = np.full(199, -3.0), np.full(199, 0.7)
    quick = upper_tails(counts, totals, mean, spread)
    exact = log_upper_tails(counts, totals, mean, spread) / np.log(10)
    rough = quick != exact
    assert rough.any()
    assert np.abs(quick - exact)[rough].max() < 0.05
    assert quick[rough].min() > -1


def test_the_usual_rate_and_spread_are_found_among_a_tenth_of_manipulated_stations() -> None:
    rng = np.random.default_rng(1)
    stations, territories = 20_000, 400
    territory = rng.integers(0, territories, stations)
    region = territory // 40
    sizes = rng.integers(100, 2500, stations)
    size = standardised_log(sizes)
    level = -3 + 0.5 * rng.standard_normal(territories)
    rate = 1 / (1 + np.exp(-level[territory] + 0.4 * size - 0.6 * rng.standard_normal(stations)))
    rate = np.where(rng.random(stations) < 0.1, 0.5, rate)
    fitted = usual(rng.binomial(sizes, rate), sizes, size, territory, region)
    assert np.median(fitted.mean - level[territory] + 0.4 * size) == pytest.approx(0, abs=0.25)
    assert np.median(fitted.region_spread) == pytest.approx(0.6, abs=0.2)
    assert fitted.slope[0] == pytest.approx(-0.4, abs=0.08)


def test_a_station_takes_no_part_in_the_rate_it_is_compared_with() -> None:
    rng = np.random.default_rng(2)
    total = np.full(500, 900)
    count = rng.binomial(total, 0.03)
    units = np.arange(500) // 50
    one = usual(count, total, np.zeros(500), units, units // 5)
    count[7] = 880
    other = usual(count, total, np.zeros(500), units, units // 5)
    moved = np.abs(one.mean - other.mean)
    assert moved[7] < 0.02
    assert moved[:50].max() < 0.2


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-10, 10)), min_size=1, max_size=60))
def test_group_medians_are_lower_medians(pairs: list[tuple[int, float]]) -> None:
    group, values = np.array([g for g, _ in pairs]), np.array([v for _, v in pairs])
    found = group_medians(values, group)
    for g in range(int(group.max()) + 1):
        inside = np.sort(values[group == g])
        assert found[g] == (inside[(inside.size - 1) // 2] if inside.size else 0.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30))
def test_bounds_enclose_every_way_in_which_the_votes_can_have_been_cast(of: list[tuple[int, int, int]]) -> None:
    leader, others, part = (np.array(column) for column in zip(*of, strict=True))
    ballots = leader + others
    moved = np.minimum(part, ballots)
    low, high = bounds(leader, ballots, moved)
    possible = [
        (max(0, x - (r - v)), min(x, v)) for v, r, x in zip(leader, ballots, moved, strict=True) if r or not x
    ]
    total = int(moved.sum())
    if total:
        assert low == pytest.approx(sum(p[0] for p in possible) / total)
        assert high == pytest.approx(sum(p[1] for p in possible) / total)
    assert 0 <= low <= high <= 1


def test_sums_by_unit_are_exact_and_round_counts_are_counted() -> None:
    lines = {"a": np.array([1, 2, 3]), "b": np.array([0, 5, 2**60])}
    sums = sums_by_unit(lines, np.array([0, 2, 2]), 3)
    assert sums["a"].tolist() == [1, 0, 5]
    assert sums["b"].tolist() == [0, 0, 2**60 + 5]
    found = roundness(np.array([50, 60, 61, 10, 46, 45, 65]))
    assert (found.counts, found.round_) == (4, 2)
    # Of two counts both end in nought: (1/9)^2.
    assert roundness(np.array([350, 260])).p_value == pytest.approx(1 / 81)
    assert roundness(np.array([3])).p_value == 1.0


def test_counts_that_become_rarer_are_not_round_by_that_alone() -> None:
    counts = np.random.default_rng(4).exponential(40.0, 200_000).astype(np.int64)
    assert roundness(counts).p_value > 0.01
    # One in ten of all counts of 50 or more would be exceeded.
    large = counts[counts >= 50]
    assert np.mean(large % 10 == 0) > 0.11
    rounded = np.where(np.arange(counts.size) % 50 == 0, (counts + 5) // 10 * 10, counts)
    assert roundness(rounded).p_value < 1e-6


@pytest.mark.parametrize(
    ("year", "issued", "above", "used", "importing"),
    [(2012, 1_979_696, 187_217, 1_600_046, 4), (2004, 1_012_574, 40_227, 818_681, None)],
)
def test_the_balance_of_the_nation_is_that_of_the_protocols_to_the_certificate(
    shared_data: Path, year: int, issued: int, above: int, used: int, importing: int | None
) -> None:
    found = national(shared_data, year)
    nation = found.details["balance"]["nation"]
    assert nation["certificates_issued"] == issued
    assert nation["certificates_issued_above"] == above
    assert nation["certificates_used"] == used
    assert nation["net"] == used - issued - above
    regions = found.details["balance"]["regions"]
    assert sum(r["net"] for r in regions) == nation["net"]
    assert importing is None or found.details["regions_importing"] == importing
    # Line 11 = 12 + 14 + 16 holds in every protocol of 2012.
    assert year != 2012 or found.details["unbalanced"] == 0


def test_moscow_region_imports_most_certificates_in_2012_and_a_station_of_nalchik_stands_out(
    shared_data: Path,
) -> None:
    found = national(shared_data, 2012)
    abroad, region = found.details["balance"]["regions"][1], found.details["balance"]["regions"][0]
    assert region["unit"] == ["Московская область"]
    assert region["net"] == 113_692 - 91_049 - 12_257
    assert abroad["unit"] == ["99 Территория за пределами РФ"]
    nalchik = next(s for s in found.details["standing_out"]["listed"] if (s["count"], s["of"]) == (152, 959))
    assert nalchik["log10_p"] < -30
    assert found.p_value is not None
    assert found.p_value > 0.05
    json.dumps(found.details)


def test_movers_who_all_vote_for_the_leader_in_a_fifth_of_the_territories_are_seen(clean: Returns) -> None:
    quiet, found = absentee_balance(clean), absentee_balance(with_movers(clean, "certificates_used", 0.2, 0.15))
    assert quiet.p_value is not None
    assert found.p_value is not None
    assert quiet.p_value > 0.05
    assert found.p_value < 0.001
    assert "anomalous" in found.summary


def test_movers_everywhere_are_seen_as_too_steep(clean: Returns) -> None:
    found = absentee_balance(with_movers(clean, "certificates_used", 1.0, 0.15))
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert found.details["too_steep"]["p_value"] < 0.0001
    assert found.details["implied_share"] > 0.8


def test_p_values_of_small_clean_countries_are_spread() -> None:
    p = [absentee_balance(clean_election(CleanSpec(stations=5000, regions=12), seed)).p_value for seed in range(12)]
    assert None not in p
    assert sum(one < 0.05 for one in p if one is not None) <= 3


def test_every_row_has_its_strength_and_unused_rows_have_none(clean: Returns) -> None:
    table = clean.table.with_columns(
        kind=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("pseudo")).otherwise("kind"),
        certificates_used=pl.when(pl.int_range(pl.len()) == 1).then(None).otherwise("certificates_used"),
    )
    found = absentee_balance(Returns(table, clean.election))
    frame = found.stations
    assert frame is not None
    assert frame.height == len(clean)
    assert frame["strength"].dtype == pl.Float64
    assert frame["concentration"].null_count() == 2
    assert frame["strength"].head(2).to_list() == [None, None]
    assert frame["strength"].is_not_null().sum() == found.details["stations_compared"]
    # A station is as strong as the lesser of its two oddities, so that honest hubs are not.
    told = frame.drop_nulls("strength")
    assert (told["strength"] >= 0).all()
    assert (told["strength"] <= told["concentration"]).all()
    assert (told["strength"] > 3).mean() < 0.001 < (told["concentration"] > 3).mean()
    again = absentee_balance(Returns(table, clean.election))
    assert again.where == found.where
    assert json.dumps(again.details) == json.dumps(found.details)


def test_places_are_all_regions_and_the_territories_that_stand_out(clean: Returns) -> None:
    found = absentee_balance(with_movers(clean, "certificates_used", 0.1, 0.15))
    regions = [p for p in found.where if p.level == "region"]
    territories = [p for p in found.where if p.level == "territory"]
    assert len(regions) == 20
    assert territories
    assert all(p.q_value is not None and p.q_value <= 0.05 for p in territories)


def test_where_the_test_has_nothing_to_stand_on_there_is_no_number(clean: Returns) -> None:
    votes = {c: pl.lit(0, dtype=pl.Int64) for c in clean.votes_columns}
    table = clean.table
    nothing = pl.lit(None, dtype=pl.Int64)
    cases = {
        "no line": Returns(table.with_columns(certificates_used=nothing), clean.election),
        "one station": clean.filter(pl.int_range(pl.len()) == 17),
        "few": clean.filter(pl.int_range(pl.len()) < 200),
        "no rows": clean.filter(pl.lit(False)),
        "nobody": Returns(table.with_columns(certificates_used=pl.lit(0, dtype=pl.Int64)), clean.election),
        "no votes": Returns(table.with_columns(**votes), clean.election),
        "small": clean.filter(pl.col("registered") < 100),
        "no levels": Returns(table.drop("region", "territory"), clean.election),
        "one territory": Returns(
            table.with_columns(region=pl.lit("A"), territory=pl.lit("B"), station=pl.int_range(pl.len()).cast(str)),
            clean.election,
        ),
    }
    for name, returns in cases.items():
        found = absentee_balance(returns)
        assert not found.applicable, name
        assert found.p_value is None, name
        assert found.estimate is None, name
        assert any(c.met is False for c in found.conditions), name
        assert found.summary.startswith("Does not apply"), name


def test_stations_that_are_all_alike_carry_no_sign() -> None:
    one = clean_election(_SPEC, 4)
    figures = [c for c in one.figures if one.has(c)]
    alike = one.table.with_columns(pl.lit(one.table[c].median(), dtype=pl.Int64).alias(c) for c in figures)
    table = alike.with_columns(certificates_used=pl.lit(20, dtype=pl.Int64), issued=pl.lit(600, dtype=pl.Int64))
    found = absentee_balance(Returns(table, one.election))
    assert not found.applicable
    assert found.p_value is None
