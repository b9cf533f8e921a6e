"""The record: what is accepted is numbered and stands, what is wrong is refused whole, with every reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import select

from made_record import ELECTION, FIGURES, KEYS, STATIONS, protocol, version
from made_returns import made_returns
from tallyscope.election.load import election_ids, load_election
from tallyscope.ledger import schema
from tallyscope.ledger.definition import from_json, to_json
from tallyscope.ledger.protocols import stations_of, versions_of
from tallyscope.ledger.store import Ledger, Refused, Unavailable
from tallyscope.tally import progress

ORIGIN = "example.org/made"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    with Ledger.create(database_url, ELECTION, STATIONS, origin=ORIGIN) as made:
        yield made


def test_a_count_is_read_back_as_it_was_opened(ledger: Ledger, database_url: str) -> None:
    with Ledger.open(database_url) as again:
        assert again.election == ELECTION
        assert (again.origin, again.size) == (ORIGIN, 0)
        table = again.returns().table
    assert table.select(STATIONS.columns).equals(STATIONS)
    assert set(table["status"]) == {"empty"}


@pytest.mark.parametrize("id", election_ids())
def test_every_registered_election_is_read_back_from_its_definition(id: str) -> None:
    election = load_election(id)
    found = from_json(to_json(election, ("region",)))
    assert found.election == election
    assert found.levels == ("region",)


def test_what_is_accepted_is_numbered_stands_and_is_read_back(ledger: Ledger) -> None:
    at = datetime(2020, 3, 1, 22, tzinfo=UTC)
    given = [version(key, n) for n, key in enumerate(KEYS[:3])]
    accepted = ledger.accept(given, at=at)
    assert [v.number for v in accepted] == [0, 1, 2]
    assert accepted == [replace(v, number=i, accepted_at=at) for i, v in enumerate(given)]
    assert list(ledger.versions()) == accepted
    returns = ledger.returns()
    assert returns.table["row"].to_list() == [0, 1, 2, *[None] * 6]
    assert returns.table.select(FIGURES).head(3).to_dicts() == [protocol(n) for n in range(3)]
    assert returns.table["arrived"][0] == at.replace(tzinfo=None)
    assert progress(returns).processed == 3


def test_a_correction_supersedes_and_both_are_kept(ledger: Ledger) -> None:
    ledger.accept([version(KEYS[0], 1), version(KEYS[1], 2)])
    ledger.accept([version(KEYS[0], 5, supersedes=0, stage="repeat", reason="lines mixed up")])
    assert ledger.returns().table["votes_a"].to_list()[:2] == [protocol(5)["votes_a"], protocol(2)["votes_a"]]
    assert ledger.returns(as_of=2).table["votes_a"][0] == protocol(1)["votes_a"]
    assert [v.figures["votes_a"] for v in ledger.history(KEYS[0])] == [protocol(n)["votes_a"] for n in (1, 5)]


def test_an_annulled_station_is_shown_and_excluded(ledger: Ledger) -> None:
    ledger.accept([version(KEYS[0], 1), version(KEYS[1], 2)])
    ledger.accept([version(KEYS[0], 1, supersedes=0, stage="annulled", reason="decision 7 of the commission")])
    returns = ledger.returns()
    assert returns.table["votes_a"].to_list()[:2] == [None, protocol(2)["votes_a"]]
    assert returns.table["row"][0] == 2
    reasons = returns.gaps.rows()
    assert {(i, c) for i, c, reason in reasons if reason == "annulled"} == {(0, f) for f in FIGURES}
    assert ledger.tally().row(0, named=True)["votes_a"] == protocol(2)["votes_a"]
    # It stands: only a version that supersedes the decision can come after it.
    with pytest.raises(Refused, match="stands already, by version 2"):
        ledger.accept([version(KEYS[0], 1)])
    ledger.accept([version(KEYS[0], 3, supersedes=2, stage="repeat-count", reason="court: counted again")])
    assert ledger.tally().row(0, named=True)["votes_a"] == protocol(2)["votes_a"] + protocol(3)["votes_a"]


def test_missing_illegible_zero_and_not_on_the_form_stay_four_different_things(ledger: Ledger) -> None:
    figures = {**protocol(1), "invalid": 0}
    del figures["votes_b"], figures["registered"]
    ledger.accept([version(KEYS[1], figures=figures, gaps={"votes_b": "illegible", "registered": "missing"})])
    returns = ledger.returns()
    row = returns.table.row(1, named=True)
    assert (row["invalid"], row["votes_b"], row["registered"]) == (0, None, None)
    assert sorted(returns.gaps.rows()) == [(1, "registered", "missing"), (1, "votes_b", "illegible")]
    assert "cancelled" not in returns.table.columns
    again = versions_of(returns, entered_by="x")
    assert [dict(v.gaps) for v in again] == [{"votes_b": "illegible", "registered": "missing"}]


def test_copies_stand_beside_the_official_protocol_and_are_in_no_sum_of_it(ledger: Ledger) -> None:
    ledger.accept(
        [version(KEYS[0], 1), version(KEYS[0], 4, source="observer"), version(KEYS[0], 5, source="photo")]
    )
    assert ledger.tally().row(0, named=True)["votes_b"] == protocol(1)["votes_b"]
    assert ledger.tally(source="observer").row(0, named=True)["votes_b"] == protocol(4)["votes_b"]
    assert ledger.returns(source="photo").table["votes_b"][0] == protocol(5)["votes_b"]
    assert [v.source for v in ledger.versions(source="photo")] == ["photo"]


def test_kenya_2017_more_forms_than_stations_a_second_form_of_a_station_is_refused(ledger: Ledger) -> None:
    for n, key in enumerate(KEYS):
        ledger.accept([version(key, n)])
    with pytest.raises(Refused, match="stands already, by version 4"):
        ledger.accept([version(KEYS[4], 30)])
    with pytest.raises(Refused, match="is in the batch twice"):
        ledger.accept(
            [version(KEYS[1], 1, supersedes=1, reason="x"), version(KEYS[1], 2, supersedes=1, reason="x")]
        )
    table = ledger.returns().table
    assert (ledger.size, table.height, table["station"].len()) == (9, 9, 9)


def test_indonesia_2024_a_correction_keeps_what_the_scanner_read(ledger: Ledger) -> None:
    scanned = {**protocol(1), "votes_a": 948}
    ledger.accept([version(KEYS[0], figures=scanned, source="scanner", entered_by="scanner 4", accepted_by="")])
    ledger.accept([version(KEYS[0], figures={**protocol(1), "votes_a": 58})])
    assert ledger.returns().table["votes_a"][0] == 58
    assert [(v.source, v.figures["votes_a"]) for v in ledger.history(KEYS[0])] == [
        ("scanner", 948),
        ("official", 58),
    ]


def test_times_never_go_back(ledger: Ledger) -> None:
    now = datetime(2020, 3, 2, tzinfo=UTC)
    ledger.accept([version(KEYS[0])], at=now)
    with pytest.raises(Refused, match="is before that of the last version"):
        ledger.accept([version(KEYS[1])], at=now - timedelta(seconds=1))
    with pytest.raises(Refused, match="no time zone"):
        ledger.accept([version(KEYS[1])], at=now.replace(tzinfo=None))
    ahead = datetime.now(UTC) + timedelta(hours=1)
    ledger.accept([version(KEYS[1])], at=ahead)
    (late,) = ledger.accept([version(KEYS[2])])  # this machine's clock is an hour behind
    assert late.accepted_at == ahead


def test_what_stood_at_a_time_is_read_by_it(ledger: Ledger) -> None:
    start = datetime(2020, 3, 1, 21, tzinfo=UTC)
    for n in range(5):
        ledger.accept([version(KEYS[n], n)], at=start + timedelta(minutes=n // 2))

    def processed(seconds: float) -> int:
        return progress(ledger.returns(as_of=start + timedelta(seconds=seconds))).processed

    assert [processed(s) for s in (-1, 0, 59.999999, 60, 119, 120)] == [0, 2, 2, 4, 4, 5]
    with pytest.raises(ValueError, match="no time zone"):
        ledger.returns(as_of=datetime(2020, 3, 1))
    for size in (-1, 6):
        with pytest.raises(ValueError, match="the record has 5 versions"):
            ledger.returns(as_of=size)


def test_a_file_goes_through_the_record_and_comes_out_as_it_was(database_url: str) -> None:
    file = made_returns()
    with Ledger.create(database_url, file.election, stations_of(file)) as ledger:
        ledger.accept(versions_of(file, entered_by="x"))
        out = ledger.returns()
    same = [c for c in file.table.columns if c not in ("file", "row")]
    assert out.table.select(same).equals(file.table.select(same))


def test_a_count_is_opened_once(ledger: Ledger, database_url: str) -> None:
    ledger.accept([version()])
    with pytest.raises(Refused, match="there is a count in it already: Made country"):
        Ledger.create(database_url, ELECTION, STATIONS)
    assert ledger.size == 1


def test_a_list_of_stations_that_is_wrong_opens_nothing(database_url: str) -> None:
    twice = pl.concat([STATIONS, STATIONS.head(2)])
    odd = twice.with_columns(
        pl.when(pl.col("station") == "e-voting").then(pl.lit("tent")).otherwise("kind").alias("kind")
    )
    with pytest.raises(Refused) as refused:
        Ledger.create(database_url, ELECTION, odd)
    assert len(refused.value.problems) == 3
    with pytest.raises(Unavailable):
        Ledger.open(database_url)
    with Ledger.create(database_url, ELECTION, STATIONS) as made:
        assert made.size == 0


def test_nothing_is_accepted_of_nothing(ledger: Ledger) -> None:
    assert ledger.accept([]) == []
    with pytest.raises(LookupError, match="no version 0"):
        ledger.version(0)


def test_the_columns_of_a_version_say_what_its_leaf_says(ledger: Ledger) -> None:
    ledger.accept([version(KEYS[0], evidence="ab" * 32), version(KEYS[4], 3)])
    (again,) = ledger.accept([version(KEYS[0], 5, supersedes=0, stage="repeat", reason="mixed «up»\n")])
    v = schema.versions
    with ledger.engine.connect() as connection:
        row = connection.execute(select(v).where(v.c.number == 2)).one()
        first = connection.execute(select(v.c.evidence).where(v.c.number == 0)).scalar_one()
    said = (row.source, row.stage, row.accepted_at, row.entered_by, row.accepted_by, row.reason, row.supersedes)
    assert said == (again.source, again.stage, again.accepted_at, "clerk", "second clerk", again.reason, 0)
    assert first == "ab" * 32
    assert (bytes(row.leaf), bytes(row.leaf_hash)) == (again.leaf(), again.leaf_hash())
