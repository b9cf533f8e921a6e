from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.simulation.apportion import split_rows, spread, until

weights = st.lists(st.integers(0, 3000), min_size=1, max_size=6)


def largest_remainders(total: int, parts: list[int]) -> list[int]:
    """Hare's method with fractions, one row at a time: the slow and obvious version."""
    parts = parts if sum(parts) else [1] * len(parts)
    quota = [Fraction(total * p, sum(parts)) for p in parts]
    seats = [floor(x) for x in quota]
    for i in sorted(range(len(parts)), key=lambda i: (seats[i] - quota[i], i))[: total - sum(seats)]:
        seats[i] += 1
    return seats


@given(st.integers(0, 5000), weights)
def test_rows_are_split_by_largest_remainders(total: int, parts: list[int]) -> None:
    fast = split_rows(np.array([total]), np.array([parts]))[0]
    slow = largest_remainders(total, parts)
    assert fast.sum() == total
    # Quotas that differ only beyond double precision may be ranked differently: by one vote, and rarely.
    assert np.abs(fast - slow).max() <= 1
    quota = total * np.array(parts) / max(sum(parts), 1)
    near_tie = len({round(x % 1, 9) for x in quota.tolist()}) < len(parts)
    assert near_tie or fast.tolist() == slow


@given(weights, st.data())
def test_taking_from_whole_votes_never_takes_more_than_there_are(parts: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(parts)))
    if total:
        assert (split_rows(np.array([total]), np.array([parts]))[0] <= parts).all()


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 9)), min_size=1, max_size=12), st.data())
def test_a_spread_total_is_exact_and_respects_every_ceiling(
    places: list[tuple[int, float]], data: st.DataObject
) -> None:
    ceilings = np.array([c for c, _ in places])
    weight = np.array([w for _, w in places])
    total = data.draw(st.integers(0, int(ceilings[weight > 0].sum())))
    result = spread(total, weight, ceilings)
    assert result.sum() == total
    assert (result >= 0).all()
    assert (result <= ceilings).all()
    assert not result[weight == 0].any()


def test_what_a_ceiling_cuts_off_goes_to_the_others_in_proportion() -> None:
    # 100 by 1:1:2 is 25, 25, 50; a ceiling of 10 on the third leaves 90 for two equal ones.
    assert spread(100, np.array([1.0, 1.0, 2.0]), np.array([60, 60, 10])).tolist() == [45, 45, 10]


def test_more_than_there_is_room_for_is_refused() -> None:
    with pytest.raises(ValueError, match="room for 10"):
        spread(11, np.array([1.0, 0.0]), np.array([10, 10]))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12), st.data())
def test_rows_are_kept_whole_until_the_total_is_reached(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    taken = np.array(rows)
    total = data.draw(st.integers(0, int(taken.sum())))
    kept = until(total, taken, np.random.default_rng(1))
    assert kept.sum() == total
    assert (kept <= taken).all()
    cut = (kept != taken).any(axis=1) & kept.any(axis=1)
    assert cut.sum() <= 1


def test_more_than_all_rows_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="room for 3"):
        until(4, np.array([[1, 2]]), np.random.default_rng(1))
