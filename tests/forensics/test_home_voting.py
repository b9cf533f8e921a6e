"""Home voting: slopes within territories, their errors, territories against each other, and boxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tallyscope
from tallyscope.election.roles import votes_column
from tallyscope.forensics.core.movements_local import local_slopes, region_slopes, upper_heavier
from tallyscope.forensics.core.movements_slope import association, cut
from tallyscope.forensics.home_voting import boxes, home_voting
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.spec import CleanSpec

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SPEC = CleanSpec(stations=15_000, regions=20)


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(_SPEC, 2)


def _drawn(seed: int, slope: float) -> tuple[Floats, Ints, Ints, Ints, Floats, Ints]:
    """y, ballots, movers, voters, a control and territories; y rises by `slope` with z, and with the control."""
    rng = np.random.default_rng(seed)
    stations, territories = 1200, 40
    unit = rng.integers(0, territories, stations)
    voters = rng.integers(200, 1500, stations)
    control = rng.standard_normal(stations)
    z = 1 / (1 + np.exp(2.5 - 0.3 * control - 0.7 * rng.standard_normal(stations)))
    moved = rng.binomial(voters, z)
    y = 0.4 + 0.02 * unit / territories + slope * moved / voters + 0.03 * control
    return y + 0.05 * rng.standard_normal(stations), voters, moved, voters, control, unit


def test_slopes_are_those_of_least_squares_with_a_dummy_for_every_territory() -> None:
    y, ballots, moved, voters, control, unit = _drawn(1, 0.3)
    pieces = cut(moved, voters, *(np.full(y.size, q) for q in (0.08, 0.2, 0.4)))
    found = association(y, ballots, pieces, control[:, None], unit, 0.25)
    dummies = (unit[:, None] == np.arange(40)).astype(float)
    root = np.sqrt(found.weight)[:, None]
    z = moved / voters

    def slow(*columns: Floats) -> Floats:
        design = np.column_stack([*columns, control, dummies])
        return np.asarray(np.linalg.lstsq(design * root, y * root[:, 0], rcond=None)[0])

    assert found.overall.value == pytest.approx(slow(z)[0])
    low, mid, high = slow(pieces.low, pieces.mid, pieces.high)[:3]
    assert [found.mid.value, found.high.value] == pytest.approx([mid, high])
    assert low + mid != pytest.approx(0)
    assert found.overall.value == pytest.approx(0.3, abs=3 * found.overall.error)


def test_the_error_is_that_of_leaving_each_territory_out() -> None:
    y, ballots, moved, voters, _, unit = _drawn(2, 0.3)
    pieces = cut(moved, voters, *(np.full(y.size, q) for q in (0.08, 0.2, 0.4)))
    found = association(y, ballots, pieces, np.empty((y.size, 0)), unit, 0.25)
    z, w = moved / voters, found.weight

    def slope(kept: npt.NDArray[np.bool_]) -> float:
        above = below = 0.0
        for g in np.unique(unit[kept]):
            own = kept & (unit == g)
            d = z[own] - np.average(z[own], weights=w[own])
            above, below = above + float(w[own] @ (d * y[own])), below + float(w[own] @ (d * d))
        return above / below

    every = slope(np.ones(y.size, dtype=bool))
    without = np.array([slope(unit != g) for g in range(40)])
    assert found.overall.value == pytest.approx(every)
    assert found.overall.error == pytest.approx(np.sqrt(39 / 40 * ((without - every) ** 2).sum()))
    low, high = found.overall.interval(0.95)
    assert low < every < high


def test_the_interval_of_a_slope_covers_the_truth_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(150):
        y, ballots, moved, voters, control, unit = _drawn(seed, 0.2)
        pieces = cut(moved, voters, *(np.full(y.size, q) for q in (0.08, 0.2, 0.4)))
        low, high = association(y, ballots, pieces, control[:, None], unit, 0.25).overall.interval(0.95)
        covered += low <= 0.2 <= high
    # Binomial(150, .95) is outside 133..149 with a chance of 1 in 500.
    assert 133 <= covered <= 149


@given(st.integers(1, 500), st.integers(0, 500), st.floats(0.01, 0.5), st.floats(0.0, 0.4))
@settings(deadline=None)
def test_the_three_pieces_of_a_rate_add_up_to_it(total: int, part: int, median: float, beyond: float) -> None:
    count = min(part, total)
    knots = (np.array([median]), np.array([median + beyond]), np.array([median + beyond + 0.05]))
    pieces = cut(np.array([count]), np.array([total]), *knots)
    assert pieces.low + pieces.mid + pieces.high == pytest.approx(count / total)
    assert pieces.curve.sum() == pytest.approx(np.log((count + 0.5) / (total - count + 0.5)))
    assert (pieces.high >= 0).all()
    assert (pieces.low <= median).all()


def test_scores_of_territories_are_standard_normal_where_nothing_is() -> None:
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(800), 25)
    dose, weight = rng.lognormal(-3, 0.8, unit.size), rng.uniform(100, 400, unit.size)
    # Skewed residuals: ranks take the skewness out.
    residual = (rng.gamma(4, size=unit.size) - 4) / np.sqrt(4 * weight)
    score = local_slopes(residual, dose, weight, unit).score
    assert score.mean() == pytest.approx(0, abs=0.11)
    assert score.std() == pytest.approx(1, abs=0.08)
    z, p = upper_heavier(score)
    assert abs(z) < 3
    assert 0 < p < 1


@given(st.lists(st.floats(-6, 6), min_size=2, max_size=60))
@settings(deadline=None)
def test_mirrored_scores_have_the_opposite_tail(scores: list[float]) -> None:
    values = np.array(scores)
    there, back = upper_heavier(values), upper_heavier(-values)
    assert there[0] == pytest.approx(-back[0], abs=1e-6)
    assert there[1] + back[1] == pytest.approx(1, abs=1e-6)


def test_a_tail_of_territories_is_seen_and_a_few_broken_ones_are_not_enough() -> None:
    rng = np.random.default_rng(4)
    score = rng.standard_normal(600)
    few, many = score.copy(), score.copy()
    few[:2] += 30
    many[:90] += 2.5
    assert upper_heavier(few)[1] > 0.01
    assert upper_heavier(many)[1] < 1e-5


def test_the_slope_of_a_region_is_that_of_its_stations_and_a_steep_one_stands_out() -> None:
    rng = np.random.default_rng(5)
    lower = np.repeat(np.arange(300), 20)
    upper = lower // 15
    dose, weight = rng.standard_normal(lower.size), np.ones(lower.size)
    residual = (0.1 + 0.3 * (upper == 7)) * dose + 0.5 * rng.standard_normal(lower.size)
    found = region_slopes(residual, dose, weight, lower, upper)
    inside = upper == 7
    assert found.slope[7] == pytest.approx((dose[inside] @ residual[inside]) / (dose[inside] @ dose[inside]))
    assert found.middle == pytest.approx(0.1, abs=0.03)
    assert int(np.nanargmin(found.p_value)) == 7
    assert found.p_value[7] < 1e-4


def test_home_voters_of_2012_honestly_or_not_lean_to_the_leader_everywhere_alike(shared_data: Path) -> None:
    found = home_voting(tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip"))
    assert found.applicable
    assert found.details["count"] == 5_901_833
    # Within territories, size held fixed, far from what votes that all go to him would give (.365).
    assert found.details["slopes"]["overall"]["value"] == pytest.approx(0.139, abs=0.003)
    assert found.p_value is not None
    assert found.p_value > 0.05
    # Soft relation W3 of the form (line 7 <= 3 + 5) fails in 24 protocols.
    assert found.details["boxes"]["stations_with_more"] == 24


def test_home_voting_of_chechnya_2004_comes_in_round_numbers_at_stations_that_stand_out(shared_data: Path) -> None:
    found = home_voting(tallyscope.read(shared_data / "russia-2004-president" / "2004.csv.zip"))
    first = found.details["standing_out"]["listed"]
    chechnya = [one for one in first if "Чеченская" in one["station"]]
    assert len(chechnya) >= 10
    assert sum(one["count"] == 350 for one in chechnya) == 2
    # Over the whole country, against the counts around each multiple of ten: 3,894 of 33,063, a ninth by chance.
    rounded = found.details["round_counts"]
    assert (rounded["multiples_of_ten"], rounded["counts"]) == (3894, 33_063)
    assert rounded["p_value"] == pytest.approx(6.77e-5, rel=0.01)


def test_home_votes_that_all_go_to_the_leader_in_a_fifth_of_the_territories_are_seen(clean: Returns) -> None:
    rng = np.random.default_rng(6)
    codes, _ = clean.codes(clean.levels)
    issued = clean.counts("issued")
    chosen = (rng.random(codes.max() + 1) < 0.2)[codes]
    more = np.rint(chosen * issued * 0.15 * rng.lognormal(0, 0.8, issued.size)).astype(np.int64)
    leader = clean.leader
    assert leader is not None
    gained = ("registered", "issued", "issued_outside", "portable", "cast", "valid", votes_column(leader.id))
    changed = clean.table.with_columns(pl.col(c) + pl.Series(more) for c in gained)
    found, quiet = home_voting(Returns(changed, clean.election)), home_voting(clean)
    assert quiet.p_value is not None
    assert found.p_value is not None
    assert quiet.p_value > 0.05
    assert found.p_value < 0.001


def test_boxes_are_counted_against_what_was_issued_for_them(clean: Returns) -> None:
    found = boxes(clean)
    assert found is not None
    assert found["stations_with_more"] == found["stations_with_fewer"] == 0
    row = pl.int_range(pl.len())
    table = clean.table.with_columns(pl.col("portable") + pl.when(row == 3).then(7).otherwise(0))
    changed = boxes(Returns(table, clean.election))
    assert changed is not None
    assert (changed["stations_with_more"], changed["ballots_more"]) == (1, 7)


def test_a_form_without_home_voting_gives_no_number(clean: Returns) -> None:
    found = home_voting(Returns(clean.table.drop("issued_outside"), clean.election))
    assert not found.applicable
    assert found.p_value is None
    assert "ballots issued outside the station" in found.conditions[1].measured
