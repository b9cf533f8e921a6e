"""The order and pace of a replayed night: permutations, blocks, moments of bulletins, corrections."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.ledger.replay import by_key, by_unit, due, pause, spread, with_corrections

sizes = st.integers(0, 60)
seeds = st.integers(0, 10)


@given(st.lists(st.integers(0, 5), max_size=60), seeds)
def test_whole_units_come_in_one_after_another(units: list[int], seed: int) -> None:
    code = np.array(units, dtype=np.int64)
    order = by_unit(code, seed)
    assert sorted(order) == list(range(len(units)))
    changes = np.count_nonzero(np.diff(code[order]))
    assert changes == max(len(set(units)) - 1, 0)
    assert (order == by_unit(code, seed)).all()


def test_another_seed_is_another_night() -> None:
    assert (by_key(None, 50, 1) != by_key(None, 50, 2)).any()
    assert (by_key(None, 50, 1) == by_key(None, 50, 1)).all()


@given(st.lists(st.integers(0, 3), max_size=40), seeds)
def test_a_rising_key_is_followed_and_ties_are_drawn(values: list[int], seed: int) -> None:
    key = np.array(values, dtype=np.int64)
    order = by_key(key, len(values), seed)
    assert sorted(order) == list(range(len(values)))
    assert (np.diff(key[order]) >= 0).all()


def test_a_protocol_of_unknown_size_comes_last() -> None:
    assert by_key(np.array([5.0, np.nan, 1.0]), 3, 4).tolist() == [2, 0, 1]


@given(sizes, st.floats(0, 1), seeds)
def test_every_protocol_comes_once_and_is_corrected_after_it_came(count: int, share: float, seed: int) -> None:
    able = np.arange(count) % 3 != 0
    night = with_corrections(by_key(None, count, seed), able, share, seed)
    first = night.protocol[~night.corrects]
    assert sorted(first) == list(range(count))
    assert sorted(night.protocol[night.corrects]) == np.flatnonzero(night.slipped).tolist()
    assert not (night.slipped & ~able).any()
    assert night.slipped.sum() == min(round(share * count), able.sum())
    came: set[int] = set()
    for protocol, corrects in zip(night.protocol, night.corrects, strict=True):
        assert (int(protocol) in came) == bool(corrects)
        came.add(int(protocol))
    if count:
        assert night.processed[-1] == count


def test_a_share_of_errors_beyond_all_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        with_corrections(np.arange(3), np.ones(3, dtype=bool), 1.5, 0)


def test_the_moment_nearest_a_percentage_is_exact() -> None:
    # 0.993 x 95,415 = 94,747.095 (2012); Primorye's 1,484 of 1,550 is 95.74 %.
    assert due(95_415, at=["99.3"]).tolist() == [94_747, 95_415]
    assert due(1_550, at=["95.74"]).tolist() == [1_484, 1_550]
    assert due(200, at=["0.25"]).tolist() == [1, 200]  # half a protocol rounds up
    assert due(10, at=["0", "100"]).tolist() == [0, 10]


def test_a_percentage_is_of_all_protocols_and_those_that_never_come_are_not_waited_for() -> None:
    assert due(80, of=100, at=["50", "90"]).tolist() == [50, 80]


@given(st.integers(0, 300), st.integers(1, 20), st.integers(1, 50))
def test_bulletins_rise_and_end_with_the_whole(protocols: int, bulletins: int, every: int) -> None:
    moments = due(protocols, bulletins=bulletins, every=every)
    assert (np.diff(moments) > 0).all()
    assert moments[-1] == protocols
    assert set(range(every, protocols, every)) <= set(moments.tolist())
    assert due(protocols, bulletins=bulletins).size <= bulletins


def test_equal_parts_round_half_up_like_percentages() -> None:
    assert due(15, bulletins=10).tolist() == due(15, at=[str(p) for p in range(10, 101, 10)]).tolist()


def test_bulletins_of_every_hour_follow_the_simulated_clock() -> None:
    seconds = spread(120, timedelta(hours=12))
    assert seconds[[0, -1]].tolist() == [360, 12 * 3600]
    assert due(120, seconds=seconds, each=timedelta(hours=3)).tolist() == [30, 60, 90, 120]
    with pytest.raises(ValueError, match="a second at least"):
        due(120, seconds=seconds, each=timedelta(0))


@pytest.mark.parametrize("asked", [{"every": 0}, {"bulletins": -1}, {"at": ["101"]}, {"at": ["many"]}])
def test_what_is_no_number_of_protocols_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"at least 1|percentage"):
        due(10, **asked)  # type: ignore[arg-type]


def test_speed_is_protocols_a_second_and_none_never_waits() -> None:
    assert pause(500, 2.0, 100) == pytest.approx(3.0)
    assert pause(500, 9.0, 100) == 0
    assert pause(500, 0.0, None) == 0
