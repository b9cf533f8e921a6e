"""Bulletins: numbered, signed, read back as they were published; and every reason not to publish one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import polars as pl
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from made_count import KEY, ORIGIN, corrected, good_returns, odd_night, opened, protocols
from tallyscope.ledger.bulletins import Bulletin, bulletin, bulletins, difference, newest, publish
from tallyscope.ledger.bulletins.preview import preview
from tallyscope.ledger.checkpoint import open_checkpoint
from tallyscope.ledger.note import new_signer
from tallyscope.ledger.store import Ledger, Refused, Unavailable
from tallyscope.ledger.words import canonical, percent_text
from tallyscope.tally import progress, tally
from tallyscope.tally.outcome import standing_outcome


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with opened(f"sqlite:///{tmp_path}/count.db", good_returns()) as made:
        yield made


@pytest.fixture
def either(database_url: str) -> Iterator[Ledger]:
    """The same on SQLite and on PostgreSQL, for what the two could do differently."""
    with opened(database_url, good_returns()) as made:
        yield made


def released(ledger: Ledger) -> Bulletin:
    return publish(ledger, KEY, by="the commission")


def broken_open(ledger: Ledger, *statements: str) -> None:
    """Changes the database as somebody with all rights to it could: its own refusals are taken off first."""
    with ledger.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            names = (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            )
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("SET session_replication_role = origin")


def test_a_bulletin_says_what_the_returns_say_at_every_level(either: Ledger) -> None:
    odd_night(either, good_returns(), seed=1)
    found, returns = released(either), either.returns()
    assert (found.processed, found.of) == (progress(returns).processed, progress(returns).of)
    by_path = {tuple(u["path"]): u for u in found.units}
    for level in ("nation", "region", "territory"):
        for row in tally(returns, level).iter_rows(named=True):
            keys = () if level == "nation" else returns.levels[: returns.levels.index(level) + 1]
            unit = by_path.pop(tuple(row[k] for k in keys))
            assert unit["processed"] == row["reported"] + row["zero"]
            assert {f: unit[f] for f in returns.figures} == {f: row[f] for f in returns.figures}
            for ratio in ("turnout", "share_a", "share_b"):
                assert (unit[ratio] is None) == (row[ratio] is None)
                assert row[ratio] is None or float(unit[ratio]) == pytest.approx(row[ratio], abs=0.005_000_1)
    assert by_path == {}
    outcome = standing_outcome(returns)
    assert outcome is not None
    assert found.body["outcome"]["status"] == outcome.status
    annulled = sum(u["annulled"] for u in found.units if not u["path"])
    assert found.missing == returns.table.filter(status="empty").height - annulled


def test_a_bulletin_is_read_back_as_it_was_published_and_its_signature_holds(ledger: Ledger) -> None:
    ledger.accept(protocols(good_returns())[:20])
    first = released(ledger)
    ledger.accept(protocols(good_returns())[20:])
    second = released(ledger)
    assert (first.number, second.number, newest(ledger)) == (1, 2, 2)
    assert bulletins(ledger) == [first, second]
    assert bulletin(ledger, 1) == first
    signed = open_checkpoint(second.checkpoint, [KEY.verifier])
    assert (signed.origin, signed.size, signed.root) == (ORIGIN, ledger.size, ledger.root())
    assert second.text == rfc8785.dumps(second.body).decode()
    assert second.body["seconds_since_previous"] == int((second.published_at - first.published_at).total_seconds())
    with pytest.raises(Refused, match="there is no bulletin 3"):
        bulletin(ledger, 3)


@pytest.mark.parametrize("value", ["'no number'", "1.5", "x'00ff'"])
def test_sums_that_somebody_filled_with_what_is_no_number_are_told_and_nothing_is_published(
    value: str, ledger: Ledger
) -> None:
    ledger.accept(protocols(good_returns())[:20])
    broken_open(ledger, f"UPDATE sums SET known_votes_a = {value} WHERE commission = 1 AND source = 'official'")
    with pytest.raises(Refused, match=r"^bulletin: the whole count: known_votes_a .* no whole number") as refused:
        released(ledger)
    assert len(refused.value.problems) == 1
    assert "no whole number" in preview(ledger, by="x").problems[0]
    with pytest.raises(Unavailable, match="no whole number"):
        ledger.tally()
    assert bulletins(ledger) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stations SET registered_before = 'many' WHERE id = 25",
        "UPDATE stations SET commission = 'none' WHERE id = 25",
        "UPDATE commissions SET parent = 999 WHERE id = 5",
    ],
)
def test_a_record_that_cannot_be_added_up_any_more_is_told_so_and_nothing_is_published(
    change: str, ledger: Ledger
) -> None:
    ledger.accept(protocols(good_returns())[:20])
    broken_open(ledger)
    # Foreign keys are minded only by those who ask for it.
    with sqlite3.connect(str(ledger.engine.url.database)) as database:
        database.execute(change)
    with pytest.raises(Unavailable, match="the record cannot be added up"):
        released(ledger)
    assert bulletins(ledger) == []


def test_corrections_since_the_last_bulletin_are_told_before_and_after(ledger: Ledger) -> None:
    accepted = ledger.accept(protocols(good_returns())[:20])
    released(ledger)
    ledger.accept([corrected(accepted[3]), protocols(good_returns())[25]])
    (told,) = released(ledger).corrections
    a, b = accepted[3].figures["votes_a"], accepted[3].figures["votes_b"]
    assert told.changes == {"votes_a": (a, b), "votes_b": (b, a)}
    assert (told.station, told.reason, told.supersedes) == (accepted[3].station, "lines mixed up", 3)
    assert released(ledger).corrections == []


@pytest.mark.parametrize("seed", range(2))
def test_the_list_of_protocols_between_two_bulletins_adds_up_to_the_difference_of_their_totals(
    seed: int, either: Ledger
) -> None:
    odd_night(either, good_returns(20), seed)
    released(either)
    standing = {v.station: v for v in either.versions()}
    some = [v for v in standing.values() if v.stage != "annulled" and not v.gaps][:4]
    either.accept([corrected(v) for v in some])
    later = [v for v in protocols(good_returns()) if v.station not in standing]
    either.accept(later[:15])
    released(either)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        between = difference(either, a, b)
        before = {tuple(u["path"]): u for u in bulletin(either, a).units} if a else {}
        for unit in bulletin(either, b).units:
            path = tuple(unit["path"])
            sums = between.within(path).sums().row(0, named=True)
            was = before.get(path, {})
            assert sums == {f: (unit[f] or 0) - (was.get(f) or 0) for f in between.figures}
        for level in either.record.levels:
            by_level = between.sums(level).select(pl.col(between.figures).sum()).row(0)
            assert by_level == between.sums().row(0)
    kinds = difference(either, 1, 2).protocols["what"].value_counts().rows()
    assert dict(kinds) == {"new": 15, "corrected": len(some)}


def test_an_annulled_station_is_told_and_counts_no_more(ledger: Ledger) -> None:
    accepted = ledger.accept(protocols(good_returns())[:10])
    before = released(ledger)
    decision = replace(accepted[2], stage="annulled", reason="court", supersedes=2, number=None)
    (annulled,) = ledger.accept([decision])
    after = released(ledger)
    assert after.nation["annulled"] == 1
    assert after.nation["votes_a"] == before.nation["votes_a"] - accepted[2].figures["votes_a"]
    assert after.corrections[0].changes["votes_a"] == (accepted[2].figures["votes_a"], None)
    ledger.accept(
        [replace(accepted[2], stage="repeat", reason="higher court", supersedes=annulled.number, number=None)]
    )
    again = released(ledger)
    assert again.nation["votes_a"] == before.nation["votes_a"]
    assert difference(ledger, 2, 3).protocols["what"].to_list() == ["restored"]
    assert difference(ledger, 1, 3).protocols["what"].to_list() == ["corrected"]
    assert difference(ledger, 1, 3).sums().row(0) == (0,) * len(ledger.record.columns)


def test_bulletins_of_a_wrong_order_or_number_are_not_compared(ledger: Ledger) -> None:
    released(ledger)
    with pytest.raises(Refused, match="before bulletin 2"):
        difference(ledger, 2, 1)
    with pytest.raises(Refused, match="there is no bulletin 2"):
        difference(ledger, 1, 2)


def test_a_key_of_another_record_signs_nothing(ledger: Ledger) -> None:
    with pytest.raises(Refused, match=r"the key is of example.org/other, the record is of example.org/count"):
        publish(ledger, new_signer("example.org/other"), by="x")
    with pytest.raises(Refused, match="says who published it"):
        publish(ledger, KEY, by=" ")
    assert bulletins(ledger) == []


def test_the_time_of_bulletins_never_goes_back(ledger: Ledger) -> None:
    noon = datetime(2030, 5, 5, 12, tzinfo=UTC)
    publish(ledger, KEY, by="x", at=noon)
    with pytest.raises(Refused, match="before that of bulletin 1"):
        publish(ledger, KEY, by="x", at=noon - timedelta(seconds=1))


def test_two_who_publish_at_once_have_two_numbers_or_one_is_told(either: Ledger) -> None:
    either.accept(protocols(good_returns()))
    told: list[str] = []

    def one() -> None:
        try:
            told.append(str(released(either).number))
        except Refused as error:
            told.append(str(error))

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [int(t) for t in told if t.isdigit()]
    assert sorted(numbers) == [b.number for b in bulletins(either)] == list(range(1, len(numbers) + 1))
    assert all("somebody else has published" in t for t in told if not t.isdigit())


def test_a_bulletin_during_an_import_is_of_one_state_of_the_record(either: Ledger) -> None:
    every, done = protocols(good_returns()), []

    def imports() -> None:
        for start in range(0, len(every), 4):
            either.accept(every[start : start + 4])
        done.append(True)

    thread = Thread(target=imports)
    thread.start()
    found = [released(either)]
    while not done:
        found.append(released(either))
    thread.join()
    for one in found:
        assert one.nation["processed"] + one.nation["pseudo_processed"] == one.size
        expected = tally(either.returns(as_of=one.size)).row(0, named=True)
        assert one.nation["votes_a"] == (expected["votes_a"] if one.size else None)


def test_a_bulletin_that_was_changed_in_the_database_is_not_shown(ledger: Ledger) -> None:
    released(ledger)
    broken_open(ledger, "UPDATE bulletins SET body = replace(body, 'the commission', 'somebody else')")
    with pytest.raises(Unavailable, match="bulletin 1 is not as it was published"):
        bulletin(ledger, 1)


def test_the_database_refuses_to_change_a_bulletin(either: Ledger) -> None:
    released(either)
    for statement in ("UPDATE bulletins SET size = 0", "DELETE FROM bulletins"):
        with pytest.raises(Exception, match="only added to"), either.engine.begin() as connection:
            connection.exec_driver_sql(statement)


_VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
_NAMES = st.text(st.characters(max_codepoint=127), max_size=6)


@given(st.recursive(_VALUES, lambda v: st.lists(v, max_size=4) | st.dictionaries(_NAMES, v, max_size=4)))
def test_bodies_are_written_as_the_library_of_canonical_json_writes_them(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 8, "12.50"),
        (1, 800, "0.13"),
        (0, 5, "0.00"),
        (5, 5, "100.00"),
        (0, 0, None),
    ],
)
def test_shares_are_rounded_half_up_from_whole_numbers(part: int, whole: int, told: str | None) -> None:
    assert percent_text(part, whole) == told
