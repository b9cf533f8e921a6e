"""Whatever is done to a record, in whatever order, by two hands at once: it says what a list of versions says.

The model is a list and one rule: the last version of a station and source stands. Everything faster is held against
it after every step, on both databases.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection

from databases import KINDS, Databases
from made_record import ELECTION, FIGURES, KEYS, STATIONS, version
from tallyscope.ledger.database import reading
from tallyscope.ledger.reading import returns_of, size_at
from tallyscope.ledger.store import Ledger, Refused
from tallyscope.ledger.version import Version
from tallyscope.tally import tally

#: Runs a database; a night's run asks for more.
EXAMPLES = int(os.environ.get("TALLYSCOPE_EXAMPLES", "8"))
SOURCES = ("official", "observer")
#: Few enough that most of what comes in corrects something.
keys = st.sampled_from(KEYS[:4])
sources = st.sampled_from(SOURCES)
counts = st.integers(0, 3_000)
lines = st.one_of(counts, st.just(0), st.sampled_from(["missing", "illegible"]))
protocols = st.fixed_dictionaries(dict.fromkeys(FIGURES, lines))


def said(key: str, source: str, protocol: dict[str, Any], **changed: Any) -> Version:
    figures = {name: line for name, line in protocol.items() if isinstance(line, int)}
    gaps = {name: line for name, line in protocol.items() if isinstance(line, str)}
    return version(key, source=source, figures=figures, gaps=gaps, **changed)


def wrong_ones(right: Version, stands: int | None, size: int) -> Iterator[Version]:
    """A version that may be accepted, wrong in one way each: by the docstring of `Version` and docs/entry.md."""
    for number in {None, 0, size - 1, size, 10**6} - {stands}:
        yield replace(right, supersedes=number, reason="why not")
    if stands is not None:
        yield replace(right, reason=" ")
    yield replace(right, stage="annulled", reason="")
    figures, gaps = dict(right.figures), dict(right.gaps)
    name = FIGURES[size % len(FIGURES)]
    bare = {k: v for k, v in figures.items() if k != name}
    ungapped = {k: v for k, v in gaps.items() if k != name}
    yield replace(right, figures=bare, gaps=ungapped)
    yield replace(right, figures={**bare, name: 1}, gaps={**ungapped, name: "missing"})
    yield replace(right, figures={**figures, "votes_nobody": 1})
    yield replace(right, gaps={**gaps, "votes_nobody": "missing"})
    yield replace(right, figures=bare, gaps={**ungapped, name: "annulled"})  # type: ignore[dict-item]
    for odd in (-1, 2**53, True, 1.5, "7", None):
        yield replace(right, figures={**bare, name: odd}, gaps=ungapped)  # type: ignore[dict-item]
    for changed in WRONG:
        yield replace(right, **changed)


#: Fields that no version of any record has.
WRONG: tuple[dict[str, Any], ...] = (
    {"station": "nowhere"},
    {"station": KEYS[0].upper()},
    {"form": "another"},
    {"source": "rumour"},
    {"stage": "final"},
    {"evidence": "0" * 63},
    {"evidence": "G" * 64},
    {"entered_by": " "},
    {"entered_by": "x" * 201},
    {"reason": "a\x00b"},
    {"reason": "\ud800"},
    {"reason": "x" * 4_001},
)


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


class RecordStates(RuleBasedStateMachine):
    """Two ledgers open on one database, and a reader that may be in the middle of a bulletin."""

    kind: str
    databases: Databases
    #: How often what is wrong was tried, in all runs of a test.
    parts: Iterator[int]

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        url = self.databases.new(self.kind, Path(self.folder.name))
        first = Ledger.create(url, ELECTION, STATIONS)
        self.url, self.hands = url, [first, Ledger.open(url)]
        self.record: list[Version] = []
        self.now = datetime(2020, 3, 1, 21, tzinfo=UTC)
        self.reader: tuple[contextlib.ExitStack, Connection, int, str] | None = None

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.publish()
            for hand in self.hands:
                hand.close()
            self.folder.cleanup()

    def standing(self, size: int, source: str) -> dict[str, Version]:
        return {v.station: v for v in self.record[:size] if v.source == source}

    def stands(self, key: str, source: str) -> int | None:
        found = self.standing(len(self.record), source).get(key)
        return None if found is None else found.number

    def give(self, hand: int, given: list[Version]) -> None:
        self.now += timedelta(minutes=1)
        accepted = self.hands[hand].accept(given, at=self.now)
        assert [v.number for v in accepted] == list(range(len(self.record), len(self.record) + len(given)))
        self.record += accepted

    def refused(self, hand: int, given: list[Version]) -> None:
        with pytest.raises(Refused):
            self.hands[hand].accept(given, at=self.now)

    @rule(
        hand=st.integers(0, 1), batch=st.dictionaries(st.tuples(keys, sources), protocols, min_size=1, max_size=9)
    )
    def protocols_come_in(self, hand: int, batch: dict[tuple[str, str], dict[str, Any]]) -> None:
        given = []
        for (key, source), protocol in batch.items():
            stands = self.stands(key, source)
            why = {} if stands is None else {"supersedes": stands, "stage": "repeat", "reason": "counted again"}
            given.append(said(key, source, protocol, **why))
        self.give(hand, given)

    @rule(hand=st.integers(0, 1), key=keys, protocol=protocols)
    def a_station_is_annulled(self, hand: int, key: str, protocol: dict[str, Any]) -> None:
        why = {"supersedes": self.stands(key, "official"), "stage": "annulled", "reason": "decision"}
        self.give(hand, [said(key, "official", protocol, **why)])

    @rule(key=keys, source=sources, one=protocols, other=protocols)
    def two_clerks_enter_one_station(
        self, key: str, source: str, one: dict[str, Any], other: dict[str, Any]
    ) -> None:
        why = {"supersedes": self.stands(key, source), "reason": "x"}
        self.give(0, [said(key, source, one, **why)])
        self.refused(1, [said(key, source, other, **why)])

    @rule(hand=st.integers(0, 1), key=keys, other=keys, protocol=protocols, stale=st.integers(0, 200))
    def a_batch_with_one_wrong_version_changes_nothing(
        self, hand: int, key: str, other: str, protocol: dict[str, Any], stale: int
    ) -> None:
        right = said(other, "observer", protocol, supersedes=self.stands(other, "observer"), reason="x")
        wrong = said(key, "official", protocol, supersedes=stale, reason="x")
        if stale == self.stands(key, "official"):
            wrong = said("nowhere", "official", protocol)
        self.refused(hand, [right, wrong])
        self.refused(hand, [right, right])

    @rule(hand=st.integers(0, 1), key=keys, source=sources, protocol=protocols)
    def whatever_is_wrong_is_refused_and_what_is_right_beside_it_is_not(
        self, hand: int, key: str, source: str, protocol: dict[str, Any]
    ) -> None:
        """A part of what can be wrong at a time, the next one each time: each is a transaction."""
        part = next(self.parts) % 4
        stands, beside = self.stands(key, source), said(KEYS[5], "observer", protocol)
        right = said(key, source, protocol, supersedes=stands, reason="" if stands is None else "counted again")
        for wrong in [*wrong_ones(right, stands, len(self.record))][part::4]:
            self.refused(hand, [wrong])
        for batch in ([right, right], [beside, right, beside]):
            self.refused(hand, batch)
        self.times_never_go_back(hand, right)
        self.give(1 - hand, [right])

    def times_never_go_back(self, hand: int, right: Version) -> None:
        with pytest.raises(Refused):
            self.hands[hand].accept([right], at=datetime(2020, 3, 1, 22))
        if self.record:
            with pytest.raises(Refused):
                self.hands[hand].accept([right], at=self.now - timedelta(microseconds=1))

    @rule(source=sources)
    def a_bulletin_is_begun(self, source: str) -> None:
        if self.reader is None:
            stack = contextlib.ExitStack()
            connection = stack.enter_context(reading(self.hands[1].engine))
            self.reader = (stack, connection, size_at(connection, None), source)

    @rule()
    def publish(self) -> None:
        """What a bulletin counts is one state, whatever came in while it was made."""
        if self.reader is not None:
            stack, connection, size, source = self.reader
            assert size_at(connection, None) == size
            self.same(returns_of(connection, self.hands[1].record, size, source).table, size, source)  # type: ignore[arg-type]
            stack.close()
            self.reader = None

    @rule()
    def one_hand_closes_and_opens(self) -> None:
        self.hands[0].close()
        self.hands[0] = Ledger.open(self.url)

    @rule(source=sources, data=st.data())
    def any_past_state_is_read_as_it_was(self, source: str, data: st.DataObject) -> None:
        size = data.draw(st.integers(0, len(self.record)))
        then = self.hands[0].returns(as_of=size, source=source)  # type: ignore[arg-type]
        self.same(then.table, size, source)
        gaps = {(KEYS[i], column, why) for i, column, why in then.gaps.rows()}
        assert gaps == self.gaps(size, source)
        if size:
            at = self.record[size - 1].accepted_at
            until = sum(v.accepted_at <= at for v in self.record)
            self.same(self.hands[1].returns(as_of=at, source=source).table, until, source)  # type: ignore[arg-type]

    def gaps(self, size: int, source: str) -> set[tuple[str, str, str]]:
        found = set()
        for key, v in self.standing(size, source).items():
            annulled = dict.fromkeys(FIGURES, "annulled") if v.stage == "annulled" else v.gaps
            found |= {(key, column, why) for column, why in annulled.items()}
        return found

    def same(self, table: pl.DataFrame, size: int, source: str) -> None:
        stands = self.standing(size, source)
        assert table["row"].to_list() == [stands[k].number if k in stands else None for k in KEYS]
        for name in FIGURES:
            counted = [stands[k] if k in stands and stands[k].stage != "annulled" else None for k in KEYS]
            assert table[name].to_list() == [None if v is None else v.figures.get(name) for v in counted]

    @invariant()
    def nothing_is_lost_and_nothing_is_counted_twice(self) -> None:
        if not hasattr(self, "record"):
            return
        ledger = self.hands[len(self.record) % 2]
        assert list(ledger.versions()) == self.record
        assert ledger.root() == mth([v.leaf() for v in self.record])

    @invariant()
    def live_sums_are_those_of_the_slow_way(self) -> None:
        if not hasattr(self, "record"):
            return
        for source in SOURCES:
            returns = self.hands[0].returns(source=source)  # type: ignore[arg-type]
            for by in ("nation", "territory"):
                assert self.hands[1].tally(by, source=source).equals(tally(returns, by))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_the_record_says_what_a_list_of_versions_says(kind: str, databases: Databases) -> None:
    machine = type("RecordStates", (RecordStates,), {"kind": kind, "databases": databases, "parts": count()})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            # Twelve steps are read as they are; to make them fewer takes minutes.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
