from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

import tallyscope
from tallyscope.forensics.coarse_fractions import coarse_fractions
from tallyscope.forensics.core.fractions_coarse import COARSE, CONTROL, coarse
from tallyscope.forensics.core.fractions_density import BANDWIDTH, POINTS, resampled_density
from tallyscope.forensics.finding import Finding
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import clean_design

Ints = npt.NDArray[np.int64]


# Fractions


def slow_coarse(count: int, size: int, fractions: tuple[tuple[int, int], ...]) -> tuple[int, bool, float]:
    """Fraction, hit and chance by listing every count of the size, in exact fractions."""
    for number, (a, b) in enumerate(fractions):
        away = [abs(Fraction(k, size) - Fraction(a, b)) for k in range(size + 1)]
        if away[count] <= Fraction(19, 2000):
            window = [x for x in away if x <= Fraction(19, 2000)]
            hits = [x for x in window if x <= Fraction(1, 2000)]
            return number, away[count] <= Fraction(1, 2000), len(hits) / len(window)
    return -1, False, 0.0


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 600), st.data())
def test_hits_and_chances_are_those_of_listing_all_counts(size: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, size))
    for fractions in (COARSE, CONTROL):
        found = coarse(np.array([count]), np.array([size]), fractions)
        number, hit, chance = slow_coarse(count, size, fractions)
        assert (found.at[0], found.hit[0]) == (number, hit)
        assert found.chance[0] == pytest.approx(chance)


def test_a_station_at_a_fraction_has_a_chance_of_being_there() -> None:
    size = np.arange(20, 3000, 20)
    found = coarse(3 * size // 4, size)
    assert found.hit.all()
    assert np.all(found.chance > 0)
    assert found.chance[-1] == pytest.approx(3 / 57)  # 2,980: 1.5 counts either way of 2,235; of 28.3 either way.


def test_windows_of_the_fractions_do_not_overlap() -> None:
    for fractions in (COARSE, CONTROL):
        values = sorted(Fraction(a, b) for a, b in fractions)
        assert min(y - x for x, y in pairwise(values)) > Fraction(38, 2000)
        assert len(set(values)) == len(fractions)
    assert not {Fraction(a, b) for a, b in COARSE} & {Fraction(a, b) for a, b in CONTROL}


def test_halves_of_small_stations_are_expected() -> None:
    rng = np.random.default_rng(1)
    size = rng.integers(10, 60, 40_000)
    found = coarse(rng.binomial(size, rng.uniform(0.3, 0.7, size.size)), size)
    # Rozenas's point: halves are frequent by arithmetic. One share in thirty is a half here, and none too many.
    assert found.hit.mean() > 0.05
    assert found.hit.sum() == pytest.approx(
        found.chance.sum(), abs=4 * np.sqrt((found.chance * (1 - found.chance)).sum())
    )


# The resampled density


def made(n: int, seed: int) -> tuple[Ints, Ints]:
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 900, n)
    return rng.binomial(size, rng.uniform(0, 1, n)), size


def test_the_density_is_that_of_summing_all_counts_of_all_stations() -> None:
    count, size = made(60, 2)
    count[:3], size[:3] = (0, 5, 700), (40, 5, 700)
    found = resampled_density(count, size)
    x = np.arange(POINTS) / (POINTS - 1)
    scale = 60 * BANDWIDTH * np.sqrt(2 * np.pi)
    mean, variance, share = np.zeros(POINTS), np.zeros(POINTS), np.zeros(POINTS)
    for k, n in zip(count, size, strict=True):
        j = np.arange(n + 1)
        p = betabinom.pmf(j, n, k + 1, n - k + 1)
        kernel = np.exp(-0.5 * ((x[:, None] - j / n) / BANDWIDTH) ** 2)
        mean += kernel @ p
        variance += kernel**2 @ p - (kernel @ p) ** 2
        share += np.bincount((2000 * j + n) // (2 * n), p, POINTS)
    assert found.mean == pytest.approx(mean / scale, rel=1e-4, abs=1e-3)
    assert found.sd == pytest.approx(np.sqrt(variance) / scale, rel=1e-4, abs=0.03)
    assert found.mean_share == pytest.approx(share / 60, abs=1e-8)
    assert found.mean_share.sum() == pytest.approx(1, abs=1e-6)


def test_the_density_is_that_of_drawing_stations_anew_many_times() -> None:
    """Differential: the published way, draw by draw, on stations of which some are written as multiples of 5 %."""
    rng = np.random.default_rng(3)
    size = rng.integers(200, 1500, 4000)
    count = rng.binomial(size, np.clip(rng.normal(0.6, 0.1, 4000), 0.05, 0.95))
    count[:200] = (150 * size[:200] + 100) // 200
    found = resampled_density(count, size, draws=400)
    x = np.arange(POINTS) / (POINTS - 1)
    scale = 4000 * BANDWIDTH * np.sqrt(2 * np.pi)
    drawn, shares = np.empty((400, POINTS)), np.zeros(POINTS)
    for i in range(400):
        share = rng.binomial(size, rng.beta(count + 1, size - count + 1)) / size
        point = np.floor(1000 * share + 0.5).astype(np.int64)
        drawn[i] = np.bincount(point, np.exp(-0.5 * ((share - x[point]) / BANDWIDTH) ** 2), POINTS) / scale
        shares += np.bincount(point, minlength=POINTS) / 4000 / 400
    busy = found.mean * scale > 1
    assert np.abs(drawn.mean(axis=0) - found.mean)[busy] == pytest.approx(0, abs=5 * found.sd[busy].max() / 20)
    assert drawn.std(axis=0)[busy] == pytest.approx(found.sd[busy], rel=0.2)
    assert np.median(drawn.max(axis=0)[busy] / found.highest[busy]) == pytest.approx(1, abs=0.05)
    assert shares == pytest.approx(found.mean_share, abs=5e-4)
    published = 100 * np.maximum(found.share - shares, 0)[found.density > drawn.max(axis=0)].sum()
    assert found.above[750]
    # One point in 400 stands out of 400 draws by chance, here with about a quarter of a per cent of stations each.
    assert found.coarse_percent == pytest.approx(published, abs=0.75)
    assert 100 * (found.share - found.mean_share)[750] == pytest.approx(100 * (found.share - shares)[750], abs=0.02)


def test_one_station_has_a_density_too() -> None:
    found = resampled_density(np.array([3]), np.array([4]))
    assert found.share[750] == 1
    assert found.mean_share[[0, 250, 500, 750, 1000]] == pytest.approx(betabinom.pmf(np.arange(5), 4, 4, 2))


# The method


@cache
def clean() -> Returns:
    return clean_election(clean_design("territories-correlated", stations=6000, regions=8), 3)


@cache
def written() -> Returns:
    """A fifth of the stations of one region have their leader's share at the next multiple of 5 %."""
    table, leader = clean().table, clean().votes_columns[2]
    region = table["region"].mode()[0]
    share = 5 * ((20 * pl.col(leader) + pl.col("cast") - 1) // pl.col("cast"))
    votes = (2 * share * pl.col("cast") + 100) // 200
    here = (pl.col("region") == region) & (pl.int_range(pl.len()) % 5 == 0)
    return Returns(table.with_columns(pl.when(here).then(votes).otherwise(leader).alias(leader)), clean().election)


def test_written_shares_are_found_in_number_and_place() -> None:
    found = coarse_fractions(written())
    assert found.p_value is not None
    assert found.p_value < 1e-6
    region = written().table["region"].mode()[0]
    assert [p.unit for p in found.where if p.level == "region" and p.q_value is not None and p.q_value < 0.01] == [
        (region,)
    ]
    estimate, n = found.estimate, len(written())
    truth = 100 * (written().table["region"] == region).sum() / 5 / n
    assert estimate is not None
    assert estimate.unit == "per cent of stations"
    # Shares of small stations cannot be brought to within 0.05 of a multiple: those are not found.
    assert 0.3 * truth < estimate.value < 1.1 * truth


def test_a_clean_country_is_consistent_with_chance() -> None:
    found = coarse_fractions(clean())
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert "consistent with chance" in found.summary
    assert found.details["control"]["p_value"] > 0.01


def test_p_values_on_clean_countries_are_uniform() -> None:
    spec = clean_design("territories", stations=3000, regions=4)
    p = [coarse_fractions(clean_election(spec, seed)).p_value for seed in range(20)]
    assert None not in p
    # Kolmogorov-Smirnov distance of 20 uniform values: beyond 0.45 with probability 0.0003 (Massey 1951).
    ordered = np.sort(np.array(p, dtype=float))
    assert np.max(np.abs(ordered - (np.arange(20) + 0.5) / 20)) < 0.45


def test_the_finding_is_whole_json_ready_and_every_row_has_its_figures() -> None:
    found, again = coarse_fractions(written()), coarse_fractions(written())
    assert json.dumps(again.details) == json.dumps(found.details)
    assert again.where == found.where
    rows = found.details["by_fraction"]
    assert [r["percent"] for r in rows] == [5.0 * k for k in range(1, 20)]
    assert sum(r["observed"] for r in rows) == found.details["share"]["observed"]
    assert sum(r["expected"] for r in rows) == pytest.approx(found.details["share"]["expected"])
    assert sum(r["in_window"] for r in rows) == found.details["in_windows"]
    frame = found.stations
    assert frame is not None
    assert frame.height == len(written())
    assert frame["is_coarse"].sum() == found.details["share"]["observed"]
    assert frame["strength"].is_not_null().sum() == found.details["in_windows"]
    hits = frame.filter("is_coarse").select(gap=(pl.col("share_percent") - pl.col("coarse_percent")).abs())
    assert hits["gap"].max() <= 0.05 + 1e-9  # type: ignore[operator]


def test_turnout_is_told_where_the_file_has_it_and_only_there() -> None:
    assert coarse_fractions(clean()).details["turnout_of"] == "issued"
    none = Returns(clean().table.with_columns(registered=pl.lit(None, dtype=pl.Int64)), clean().election)
    found = coarse_fractions(none)
    assert found.applicable
    assert "turnout" not in found.details


def not_applicable(returns: Returns) -> Finding:
    found = coarse_fractions(returns)
    assert not found.applicable
    assert found.estimate is None
    assert found.p_value is None
    assert any(c.met is False for c in found.conditions)
    assert found.summary.startswith("Does not apply")
    return found


def test_few_stations_no_leader_no_ballots_and_no_rows_give_no_number() -> None:
    table, election = clean().table, clean().election
    votes = {c: pl.lit(0, dtype=pl.Int64) for c in clean().votes_columns}
    nothing = dict.fromkeys(("cast", "valid"), pl.lit(None, dtype=pl.Int64))
    not_applicable(clean().filter(pl.int_range(pl.len()) < 299))
    not_applicable(clean().filter(pl.int_range(pl.len()) < 1))
    not_applicable(Returns(table.with_columns(**votes), election))
    not_applicable(Returns(table.with_columns(**nothing), election))
    not_applicable(clean().filter(pl.lit(False)))


def test_shares_far_from_any_fraction_and_shares_of_all_give_no_number() -> None:
    leader = clean().votes_columns[2]
    far = clean().table.with_columns(((pl.col("cast") * 625 + 500) // 1000).alias(leader), cast=pl.col("cast") + 1)
    assert "coarse" in not_applicable(Returns(far.filter(pl.col("cast") > 300), clean().election)).summary
    everybody = clean().table.with_columns(pl.col("cast").alias(leader))
    assert not_applicable(Returns(everybody, clean().election)).details["stations_used"] == 0


def test_stations_that_are_all_alike_are_judged_all_the_same() -> None:
    leader = clean().votes_columns[2]
    table = (
        clean().table.with_columns(cast=pl.lit(1000), valid=pl.lit(1000)).with_columns(pl.lit(750).alias(leader))
    )
    found = coarse_fractions(Returns(table, clean().election))
    assert found.details["share"]["observed"] == len(clean())
    assert found.p_value == 0
    assert "p = 1e-" in found.summary


def test_russia_2012_has_multiples_of_five_and_no_thirds(shared_data: Path) -> None:
    found = coarse_fractions(tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip"))
    assert found.p_value is not None
    assert found.p_value < 1e-15
    assert found.details["control"]["p_value"] > 0.05
    assert found.where[0].unit == ("Республика Татарстан (Татарстан)",)


@pytest.mark.parametrize("name", ["georgia-2013-president/precincts.csv.gz", "spain-2019apr-congress/mesas.csv.gz"])
def test_undisputed_elections_show_no_excess(shared_data: Path, name: str) -> None:
    found = coarse_fractions(tallyscope.read(shared_data / name))
    assert found.p_value is not None
    assert found.p_value > 0.05
