"""What shares could have been before the last stations came in: against every subset, and a published count."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tallyscope
from tallyscope.claims.core.joint import best_case, conditions, feasibility, margins
from tallyscope.claims.core.single import share_bounds
from tallyscope.claims.core.size import missing_range


@pytest.mark.parametrize(
    ("total", "processed", "half", "range_"),
    [
        (95_415, "99.3", "0.05", (621, 715)),
        (94_243, "99.72", "0.005", (260, 268)),
        (10, "100", "0.5", (0, 0)),
        (200, "50", "0.5", (99, 101)),
    ],
)
def test_so_many_protocols_were_out(total: int, processed: str, half: str, range_: tuple[int, int]) -> None:
    assert missing_range(total, Fraction(processed), Fraction(half)) == range_


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(0, 10_000))
def test_every_number_in_the_range_and_no_other_is_printed_so(total: int, hundredths: int) -> None:
    processed, half = Fraction(hundredths, 100), Fraction(1, 200)
    fits = [k for k in range(total + 1) if abs(100 * Fraction(total - k, total) - processed) <= half]
    if fits:
        assert missing_range(total, processed, half) == (fits[0], fits[-1])
    else:
        with pytest.raises(ValueError, match="is printed as"):
            missing_range(total, processed, half)


_STATIONS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=9)


@settings(deadline=None)
@given(_STATIONS, st.integers(0, 3))
def test_bounds_are_those_of_every_subset(stations: list[tuple[int, int]], missing: int) -> None:
    votes = np.array([v for v, _ in stations])
    ballots = votes + np.array([o for _, o in stations]) + 1
    missing = min(missing, votes.size - 1)
    shares = []
    for out in combinations(range(votes.size), missing):
        kept = np.setdiff1d(np.arange(votes.size), out)
        shares.append(votes[kept].sum() / ballots[kept].sum())
    low, high = share_bounds(votes, ballots, missing)
    assert (low.share, high.share) == (pytest.approx(min(shares)), pytest.approx(max(shares)))
    for bound in (low, high):
        kept = np.setdiff1d(np.arange(votes.size), bound.missing)
        assert bound.missing.size == missing
        assert votes[kept].sum() / ballots[kept].sum() == pytest.approx(bound.share)


def test_all_stations_out_is_refused() -> None:
    with pytest.raises(ValueError, match="no ballot"):
        share_bounds(np.array([1, 2]), np.array([3, 4]), 2)
    with pytest.raises(ValueError, match="cannot have been out"):
        share_bounds(np.array([1, 2]), np.array([3, 4]), 3)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 100_000), st.integers(1, 3), st.booleans())
def test_a_witness_makes_the_shares_and_a_certificate_means_that_no_subset_does(
    seed: int, most: int, possible: bool
) -> None:
    rng = np.random.default_rng(seed)
    votes = rng.integers(0, 200, (9, 3))
    ballots = votes.sum(axis=1) + rng.integers(0, 20, 9)
    out = rng.choice(9, most, replace=False) if possible else rng.choice(9, 6, replace=False)
    kept = np.setdiff1d(np.arange(9), out)
    shares = np.round(votes[kept].sum(axis=0) / ballots[kept].sum(), 3)
    of = conditions(votes, ballots, shares, np.full(3, 0.0005), 1, most)
    found = feasibility(of)
    fits = [
        rows
        for k in range(1, most + 1)
        for rows in combinations(range(9), k)
        if (margins(of, np.array(rows)) >= 0).all()
    ]
    if found.possible:
        assert found.missing is not None
        assert tuple(found.missing) in fits
    if found.possible is False:
        assert not fits
        bound, _ = best_case(of, found.weights)
        assert bound < 0
        assert all(found.weights @ margins(of, np.array(r)) < 0 for r in combinations(range(9), most))
    if possible:
        assert found.possible is not False


@pytest.fixture(scope="module")
def russia_2012(shared_data: Path) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray]:
    returns = tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip")
    votes = np.column_stack([returns.counts(c) for c in returns.votes_columns])
    return tuple(c.id for c in returns.choices), votes, returns.counts("cast"), returns.counts("valid")


#: The preliminary count of 5 March 2012 at 99.3 % of protocols, and what was possible with 715 out (CLAIMS.md).
PRINTED = {"putin": 63.75, "zyuganov": 17.19, "prokhorov": 7.82, "zhirinovsky": 6.23, "mironov": 3.85}
POSSIBLE = {
    "putin": (62.87, 63.97),
    "zyuganov": (16.96, 17.53),
    "prokhorov": (7.65, 8.16),
    "zhirinovsky": (6.12, 6.35),
    "mironov": (3.78, 3.94),
}


def test_the_possible_shares_of_2012_are_the_published_ones(russia_2012) -> None:
    choices, votes, cast, _ = russia_2012
    for i, choice in enumerate(choices):
        low, high = share_bounds(votes[:, i], cast, 715)
        assert (round(100 * low.share, 2), round(100 * high.share, 2)) == POSSIBLE[choice]


def test_the_count_at_99_3_per_cent_is_possible_of_ballots_and_impossible_of_valid_votes(russia_2012) -> None:
    choices, votes, cast, valid = russia_2012
    shares = np.array([PRINTED[c] for c in choices]) / 100
    half = np.full(shares.size, 0.00005)
    of_ballots = feasibility(conditions(votes, cast, shares, half, 621, 715))
    assert of_ballots.missing is not None
    assert 621 <= of_ballots.missing.size <= 715
    counted = np.ones(cast.size, dtype=bool)
    counted[of_ballots.missing] = False
    tally = 100 * votes[counted].sum(axis=0) / cast[counted].sum()
    assert [round(float(t), 2) for t in tally] == [PRINTED[c] for c in choices]
    impossible = conditions(votes, valid, shares, half, 621, 715)
    of_valid = feasibility(impossible)
    assert of_valid.possible is False
    # The certificate without any solver: even the 715 stations best for it leave the weighted conditions unmet.
    value = np.sort(impossible.rate @ of_valid.weights)[::-1]
    best = max(value[:k].sum() for k in range(621, 716))
    assert of_valid.weights.min() >= 0
    assert of_valid.weights @ impossible.constant + best < 0


@pytest.mark.parametrize("choices", [1, 2, 5])
def test_shares_that_stood_have_a_witness_in_a_small_count_too(choices: int) -> None:
    rng = np.random.default_rng(choices)
    votes = rng.integers(0, 300, (400, 5))
    ballots = votes.sum(axis=1) + rng.integers(0, 9, 400)
    half = np.full(choices, 0.00005)
    for _ in range(8):
        kept = rng.permutation(400)[20:]
        shares = np.round(votes[kept, :choices].sum(axis=0) / ballots[kept].sum(), 4)
        of = conditions(votes[:, :choices], ballots, shares, half, 20, 20)
        found = feasibility(of)
        assert found.missing is not None
        assert np.unique(found.missing).size == 20
        counted = np.setdiff1d(np.arange(400), found.missing)
        tally = votes[counted, :choices].sum(axis=0) / ballots[counted].sum()
        assert np.abs(tally - shares).max() <= 0.00005 + 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_two_answers_of_a_referendum_have_a_witness_though_their_conditions_weigh_each_other_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    yes = rng.binomial(300, rng.beta(5, 5, 6000))
    votes = np.stack([yes, 300 - yes], axis=1)
    ballots = votes.sum(axis=1)
    kept = np.argsort(yes + rng.normal(0, 60, 6000))[60:]
    share = round(float(yes[kept].sum() / ballots[kept].sum()), 4)
    shares, half = np.array([share, 1 - share]), np.full(2, 0.00005)
    of = conditions(votes, ballots, shares, half, 57, 63)
    found = feasibility(of)
    assert found.missing is not None
    assert 57 <= np.unique(found.missing).size == found.missing.size <= 63
    assert margins(of, found.missing).min() >= 0
