"""How often a random order prints the same: against every subset, plain draws, and what was published of 2024."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

import tallyscope
from tallyscope.claims.checks.count import Count, count_of
from tallyscope.claims.checks.order import order_of
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.core.order import block_order, random_order
from tallyscope.claims.core.same_print import deciding, same_print

Interval = tuple[np.ndarray, np.ndarray]


def _within(share: float, half: float = 0.0005) -> Interval:
    return np.array([share - half]), np.array([share + half])


def _every_subset(votes: np.ndarray, ballots: np.ndarray, printed: Interval, missing: int) -> float:
    """The slow, obvious version: every set of protocols that may be out."""
    kept = [np.setdiff1d(np.arange(ballots.size), out) for out in combinations(range(ballots.size), missing)]
    shares = np.array([votes[k].sum(axis=0) / ballots[k].sum() for k in kept])
    return float(np.mean(np.all((shares >= printed[0]) & (shares <= printed[1]), axis=1)))


def _plain_draws(
    votes: np.ndarray, ballots: np.ndarray, printed: Interval, whole: tuple, out: int, n: int
) -> float:
    """Unstratified: protocols out at random, counted."""
    rng, same = np.random.default_rng(20), 0
    for _ in range(n):
        gone = rng.choice(ballots.size, out, replace=False, shuffle=False)
        share = (whole[0] - votes[gone].sum(axis=0)) / (whole[1] - ballots[gone].sum())
        same += bool(np.all((share >= printed[0]) & (share <= printed[1])))
    return same / n


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from([0.01, 0.03, 0.1]))
def test_stratified_draws_agree_with_every_subset(seed: int, missing: int, half: float) -> None:
    rng = np.random.default_rng(seed)
    ballots = rng.integers(50, 200, 12)
    ballots[0] *= 30
    votes = rng.binomial(ballots[:, None], [0.5, 0.3])
    whole = votes.sum(axis=0), int(ballots.sum())
    final = whole[0] / whole[1]
    printed = final - half, final + half
    found = same_print(votes, ballots, printed, whole, missing, draws=1500, seed=seed)
    assert found.chance == pytest.approx(_every_subset(votes, ballots, printed, missing), abs=5 * found.error)


def test_a_protocol_that_decides_alone_is_told_apart_and_its_chance_is_exact() -> None:
    ballots = np.array([100_000, *[100] * 199])
    votes = np.array([[90_000], *[[50]] * 199])
    whole = votes.sum(axis=0), int(ballots.sum())
    printed = _within(float(whole[0][0] / whole[1]), 0.002)
    assert np.flatnonzero(deciding(votes, ballots, printed, whole)).tolist() == [0]
    found = same_print(votes, ballots, printed, whole, 5, draws=300, seed=1)
    assert (found.chance, found.deciding) == (pytest.approx(hypergeom.pmf(0, 200, 1, 5)), 1)


def test_no_protocol_out_prints_the_final_shares_and_all_out_prints_none() -> None:
    votes, ballots = np.array([[10], [30]]), np.array([20, 50])
    whole = votes.sum(axis=0), int(ballots.sum())
    assert same_print(votes, ballots, _within(40 / 70), whole, 0, draws=10, seed=1).chance == 1.0
    assert same_print(votes, ballots, _within(40 / 70), whole, 2, draws=10, seed=1).chance == 0.0


@pytest.fixture(scope="module")
def count(shared_data: Path) -> Count:
    folder = shared_data / "russia-2024-president"
    files = (folder / "2024.csv.zip", folder / "2024-electronic-voting.csv")
    return count_of(tallyscope.read(*files, election="RU-PRES-2024"))


def _putin(count: Count) -> np.ndarray:
    return count.votes[:, [count.choices.index("putin")]]


def _official(count: Count) -> tuple[np.ndarray, int]:
    return np.array([count.declared.votes["putin"]]), count.declared.base("cast")


def test_a_random_order_of_2024_prints_87_3_unless_moscows_electronic_voting_is_out(count: Count) -> None:
    alone = np.flatnonzero(deciding(_putin(count), count.cast, _within(0.873), _official(count)))
    assert count.cast[alone].tolist() == [3_642_924]
    assert count.returns.table["region"][int(count.rows[alone[0]])] == "город Москва"
    found = order_of(count, {"putin": Printed.of("87.3")}, (260, 268), "cast").prints_same
    assert found.chance == pytest.approx(1 - 268 / 91_975, abs=1e-9)
    plain = _plain_draws(_putin(count), count.cast, _within(0.873), _official(count), 268, 20_000)
    assert plain == pytest.approx(found.chance, abs=3 * np.sqrt(found.chance * (1 - found.chance) / 20_000))


def _stations(count: Count, out: int) -> float:
    return same_print(_putin(count), count.cast, _within(0.873), _official(count), out, draws=900, seed=1).chance


def _of_all_protocols(count: Count) -> float:
    """Also the 2,268 without figures may be the ones that were out; they move nothing that is known."""
    gaps = np.zeros(count.protocols - count.cast.size, dtype=np.int64)
    votes, ballots = np.concatenate([_putin(count), gaps[:, None]]), np.concatenate([count.cast, gaps])
    return same_print(votes, ballots, _within(0.873), _official(count), 264, draws=900, seed=1).chance


def _without_electronic_voting(count: Count) -> float:
    """Only stations come in late: every protocol below the least of the large regions' electronic ones."""
    small = count.cast < 10_000
    return same_print(
        _putin(count)[small], count.cast[small], _within(0.873), _official(count), 264, draws=900, seed=1
    ).chance


def _released(count: Count) -> float:
    """Like the final share of the released data, 86.9, which is not what was printed."""
    votes = _putin(count)
    whole = votes.sum(axis=0), int(count.cast.sum())
    return same_print(votes, count.cast, _within(0.869), whole, 264, draws=3000, seed=1).chance


def _ballots(count: Count) -> float:
    """Out are 0.28 % of ballots, not of protocols."""
    votes, (a, b) = _putin(count)[:, 0], _official(count)
    rng, same = np.random.default_rng(1), 0
    for _ in range(2000):
        order = rng.choice(count.cast.size, 3000, replace=False)
        gone = order[: int(np.searchsorted(np.cumsum(count.cast[order]), 0.0028 * b)) + 1]
        same += 0.8725 <= (a[0] - votes[gone].sum()) / (b - count.cast[gone].sum()) <= 0.8735
    return same / 2000


def _normal(count: Count) -> float:
    """The normal approximation, which knows no heavy protocol."""
    from scipy.special import ndtr

    ends = [random_order(_putin(count), count.cast, np.array([0.86945 + d]), 264)[0] for d in (-0.0003, 0.0007)]
    return float(ndtr(ends[1]) - ndtr(ends[0]))


def _blocks(count: Count, level: int) -> float:
    """Whole territories (or regions) are out until 264 protocols are; shares moved as the released ones are."""
    codes, _ = count.returns.codes(count.returns.levels[:level])
    block = np.unique(codes[count.rows], return_inverse=True)[1].astype(np.int64)
    votes = _putin(count)
    drawn = block_order(votes, count.cast, block, 264, draws=4000, seed=1)
    moved = drawn.shares[:, 0] - votes.sum() / count.cast.sum()
    return float(np.mean(np.abs(moved + 0.8728 - 0.873) <= 0.0005))


@pytest.mark.parametrize(
    ("reading", "per_cent", "error"),
    [
        (lambda c: _stations(c, 260), 99.717, 0.001),
        (lambda c: _stations(c, 264), 99.713, 0.001),
        (lambda c: _stations(c, 268), 99.709, 0.001),
        (_of_all_protocols, 99.720, 0.001),
        (_without_electronic_voting, 100.0, 0.001),
        (_released, 98.9, 0.5),
        (_ballots, 99.7, 0.3),
        (_normal, 100.0, 0.001),
        (lambda c: _blocks(c, 2), 99.7, 0.3),
        (lambda c: _blocks(c, 1), 77.1, 2.0),
    ],
)
def test_no_reading_of_2024_gives_the_published_99_6(
    reading: Callable[[Count], float], per_cent: float, error: float, count: Count
) -> None:
    found = 100 * reading(count)
    assert found == pytest.approx(per_cent, abs=error)
    assert f"{found:.1f}" != "99.6"


@pytest.mark.parametrize("draws", [1000, 5000])
def test_the_published_99_6_is_what_some_thousand_plain_draws_print(draws: int) -> None:
    # 99.6 is printed for 0.35 to 0.45 % of draws with Moscow's electronic voting out; 264 of 91,975 are expected.
    out = binom(draws, 264 / 91_975)
    assert out.sf(np.ceil(0.0035 * draws) - 1) > 0.05
    # A million draws would not have printed it.
    assert binom(10**6, 264 / 91_975).sf(3500 - 1) < 1e-12
