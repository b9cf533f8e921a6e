"""Order of arrival, remainder and the tilt of a printed count, against slow versions and the published figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import tallyscope
from tallyscope.claims.core.joint import Conditions, conditions
from tallyscope.claims.core.order import block_order, random_order
from tallyscope.claims.core.remainder import remainder
from tallyscope.claims.core.tilt import tilted_chances


def _country(seed: int, stations: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    votes = rng.integers(5, 200, (stations, 3))
    return votes, votes.sum(axis=1) + rng.integers(0, 20, stations)


def _slow_extreme(of: Conditions, part: np.ndarray, whole: np.ndarray, sign: int) -> float:
    """Charnes & Cooper (1962): x = z / t turns the ratio into a linear programme."""
    n = part.size
    answer = linprog(
        -sign * np.append(part, 0.0),
        A_ub=np.vstack(
            [
                np.column_stack([-of.rate.T, -of.constant]),
                np.append(np.ones(n), -of.most),
                np.append(-np.ones(n), of.fewest),
                np.column_stack([np.eye(n), -np.ones(n)]),
            ]
        ),
        b_ub=np.zeros(of.constant.size + 2 + n),
        A_eq=np.append(whole, 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * (n + 1),
    )
    assert answer.status == 0
    return float(-sign * answer.fun)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000))
def test_what_is_out_has_the_extremes_of_a_linear_fractional_programme(seed: int) -> None:
    votes, ballots = _country(seed)
    out = np.random.default_rng(seed).choice(40, 6, replace=False)
    kept = np.setdiff1d(np.arange(40), out)
    shares = votes[kept].sum(axis=0) / ballots[kept].sum()
    of = conditions(votes, ballots, shares, np.full(3, 0.002), 4, 8)
    found = remainder(of, votes, ballots)
    for column, (low, high) in zip(votes.T, found.shares, strict=True):
        assert high == pytest.approx(_slow_extreme(of, column, ballots, 1), abs=1e-4)
        assert low == pytest.approx(_slow_extreme(of, column, ballots, -1), abs=1e-4)
        assert low - 1e-9 <= column[out].sum() / ballots[out].sum() <= high + 1e-9
    assert found.ballots[0] - 1e-6 <= ballots[out].sum() <= found.ballots[1] + 1e-6


def test_shares_that_no_set_makes_have_no_remainder() -> None:
    votes, ballots = _country(1)
    of = conditions(votes, ballots, np.array([0.9, 0.05, 0.05]), np.full(3, 0.0005), 1, 4)
    with pytest.raises(ValueError, match="no set of missing stations"):
        remainder(of, votes, ballots)


def test_random_order_is_standardised_by_the_spread_of_drawn_counts() -> None:
    votes, ballots = _country(3, 400)
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(4000):
        kept = rng.permutation(400)[25:]
        drawn.append(votes[kept].sum(axis=0) / ballots[kept].sum())
    spread = np.std(drawn, axis=0)
    final = votes.sum(axis=0) / ballots.sum()
    z = random_order(votes, ballots, final + 2 * spread, 25)
    assert z == pytest.approx([2.0] * 3, rel=0.06)


def test_whole_blocks_are_out_until_enough_stations_are() -> None:
    votes, ballots = _country(4, 60)
    block = np.repeat(np.arange(12), 5)
    drawn = block_order(votes, ballots, block, 11, draws=50, seed=2)
    assert set(drawn.missing.tolist()) == {15}
    one = block_order(votes, ballots, np.zeros(60, dtype=np.int64), 0, draws=3, seed=2)
    assert one.shares[0] == pytest.approx(votes.sum(axis=0) / ballots.sum())
    singles = block_order(votes, ballots, np.arange(60), 7, draws=2000, seed=2)
    assert set(singles.missing.tolist()) == {7}
    final = votes.sum(axis=0) / ballots.sum()
    z = random_order(votes, ballots, final + singles.shares.std(axis=0), 7)
    assert z == pytest.approx([1.0] * 3, rel=0.1)


def test_the_tilt_expects_exactly_the_printed_shares_and_so_many_stations() -> None:
    votes, ballots = _country(5, 300)
    out = np.argsort(-votes[:, 0] / ballots)[:20]
    kept = np.setdiff1d(np.arange(300), out)
    shares = votes[kept].sum(axis=0) / ballots[kept].sum()
    chance = tilted_chances(votes, ballots, shares, 20)
    assert chance.sum() == pytest.approx(20, rel=1e-5)
    expected = (votes.sum(axis=0) - chance @ votes) / (ballots.sum() - chance @ ballots)
    assert expected == pytest.approx(shares, abs=1e-6)
    assert chance[out].mean() > 5 * chance[kept].mean()
    with pytest.raises(ValueError, match="no chances"):
        tilted_chances(votes, ballots, np.array([0.99, 0.0, 0.0]), 20)


def test_the_order_of_2012_is_the_published_one(shared_data: Path) -> None:
    returns = tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip")
    printed = {"putin": 63.75, "zyuganov": 17.19, "prokhorov": 7.82, "zhirinovsky": 6.23, "mironov": 3.85}
    votes = np.column_stack([returns.counts(c) for c in returns.votes_columns])
    shares = np.array([printed[c.id] for c in returns.choices]) / 100
    z = dict(zip(printed, random_order(votes[:, ::-1], returns.counts("cast"), shares[::-1], 650), strict=False))
    found = dict(zip([c.id for c in returns.choices][::-1], z.values(), strict=True))
    published = {"putin": 32, "zyuganov": 4, "prokhorov": -75, "zhirinovsky": 13, "mironov": -7}
    assert {k: round(v) for k, v in found.items()} == published
    chance = tilted_chances(votes, returns.counts("cast"), shares, 668)
    regions, names = returns.codes(["region"])
    stations = np.bincount(regions, weights=chance)
    moscow = names["region"].to_list().index("Город Москва")
    # "Puts about a third of it in Moscow" (CLAIMS.md), of the stations; more of the ballots.
    assert 0.28 <= stations[moscow] / stations.sum() <= 0.42
    assert int(np.argmax(stations)) == moscow


def test_one_block_is_always_in_and_blocks_without_a_ballot_move_nothing() -> None:
    votes = np.array([[30], [10], [0]])
    ballots, block = np.array([60, 40, 0]), np.array([0, 1, 2])
    drawn = block_order(votes, ballots, block, 3, draws=60, seed=1)
    assert np.isfinite(drawn.shares).all()
    assert set(np.round(drawn.shares[:, 0], 6)) == {0.5, 0.25, 0.4}
    assert int(drawn.missing.max()) == 2
