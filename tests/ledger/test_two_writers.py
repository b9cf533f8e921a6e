"""Two writers of one record: what one of them is told is true, and the record never forks."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import polars as pl

from made_record import ELECTION, KEYS, STATIONS, version
from tallyscope.ledger.core import merkle
from tallyscope.ledger.store import Ledger, Refused
from tallyscope.ledger.version import Version
from tallyscope.tally import tally


def together(url: str, *jobs: Callable[[Ledger], object]) -> list[object]:
    """Runs each job with a ledger of its own, all beginning at once."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[Ledger], object]) -> object:
        with Ledger.open(url) as ledger:
            barrier.wait()
            try:
                return job(ledger)
            except Refused as error:
                return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def whole(ledger: Ledger) -> list[Version]:
    """Every version, after all that must hold of the record has been checked."""
    found = list(ledger.versions())
    assert [v.number for v in found] == list(range(ledger.size))
    leaves = [v.leaf_hash() for v in found]
    hashes = {0: leaves}

    def tile(height: int, index: int) -> list[bytes]:
        return hashes.get(height, [])[merkle.WIDTH * index :][: merkle.WIDTH]

    hashes[1] = [hash for height, _, hash in merkle.filled(tile, 0, leaves) if height == 1]
    assert ledger.root() == merkle.root(tile, len(found))
    assert ledger.tally().equals(tally(ledger.returns()))
    return found


def test_two_clerks_on_one_station_one_is_accepted_and_the_other_is_told(database_url: str) -> None:
    with Ledger.create(database_url, ELECTION, STATIONS) as ledger:
        for round in range(5):
            given = [version(KEYS[round], n, entered_by=f"clerk {n}") for n in (1, 2)]
            told = together(database_url, *[lambda mine, v=v: mine.accept([v]) for v in given])
            assert sorted(type(t).__name__ for t in told) == ["Refused", "list"]
            stands = ledger.returns().table["row"][round]
            assert (
                ledger.version(stands).entered_by
                == given[[isinstance(t, list) for t in told].index(True)].entered_by
            )
        assert len(whole(ledger)) == 5


def test_coordinator_against_clerk_one_correction_of_a_version_is_accepted(database_url: str) -> None:
    with Ledger.create(database_url, ELECTION, STATIONS) as ledger:
        ledger.accept([version(KEYS[0])])
        change = version(KEYS[0], 4, supersedes=0, stage="repeat", reason="typing error")
        decision = version(KEYS[0], 1, supersedes=0, stage="annulled", reason="decision")
        told = together(database_url, lambda a: a.accept([change]), lambda b: b.accept([decision]))
        assert sum(isinstance(t, Refused) for t in told) == 1
        assert len(whole(ledger)) == 2


def test_many_writers_lose_nothing_and_number_everything_once(database_url: str) -> None:
    stations = pl.concat(
        [STATIONS.with_columns(pl.lit(f"{i} ").add(pl.col("region")).alias("region")) for i in range(40)]
    )
    with Ledger.create(database_url, ELECTION, stations) as ledger:
        keys = ledger.returns().station_names().to_list()
        random.Random(1).shuffle(keys)

        def job(part: int) -> Callable[[Ledger], object]:
            mine = keys[part::4]
            return lambda ledger: [
                ledger.accept([version(k, n) for n, k in enumerate(mine[i : i + 9])]) for i in range(0, 90, 9)
            ]

        told = together(database_url, *map(job, range(4)))
        accepted = [v for batches in told for batch in batches for v in batch]  # type: ignore[attr-defined]
        assert sorted(v.number for v in accepted) == list(range(360))
        assert {v.number: v for v in accepted} == {v.number: v for v in whole(ledger)}
        assert sorted(v.station for v in accepted) == sorted(keys)
