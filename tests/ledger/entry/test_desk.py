"""Sheets in a database: an event and what it puts into the record are there together, or neither is."""

from __future__ import annotations

from threading import Barrier, Thread

import polars as pl
import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import DBAPIError

from ledger.entry.papers import CLEAN, with_error, with_warning
from ledger.entry.sheets import do, enter, version_of
from tallyscope.ledger.database import reading, writing
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.keeping import happened, listed
from tallyscope.ledger.entry.refusals import REFUSALS
from tallyscope.ledger.entry.tables import drafts, sheet_events, sheets
from tallyscope.ledger.errors import Refused


def refused(desk: Desk, station: int, who: str, event: e.Event, seen: int | None = None) -> set[str]:
    """Names of the reasons; nothing has changed."""
    before = desk.look(station)
    with pytest.raises(Refused) as told:
        desk.happen(station, event, who=who, seen=before.number if seen is None else seen)
    assert desk.look(station) == before
    names = {text: name for name, (text, _) in REFUSALS.items()}
    return {names[p.text] for p in told.value.problems if not isinstance(p, str)}


def test_two_entries_become_a_version_of_the_record_and_everything_typed_is_kept(desk: Desk) -> None:
    enter(desk, 1, "anna", CLEAN)
    kept = enter(desk, 1, "boris", CLEAN)
    assert (kept.sheet.phase, kept.sheet.standing, kept.stands) == ("standing", 0, 0)
    (version,) = desk.ledger.history("North / T0 / 1")
    assert (version.entered_by, version.accepted_by, version.figures["votes_putin"]) == ("anna", "boris", 412)
    row = desk.ledger.returns().table.filter(pl.col("station") == "1")
    assert (row["status"][0], row["votes_putin"][0]) == ("reported", 412)
    with reading(desk.ledger.engine) as connection:
        history = happened(connection, 1)
    assert [(h.number, h.who, h.event) for h in history] == [
        (0, "anna", "Begin"),
        (1, "anna", "Finish"),
        (2, "boris", "Begin"),
        (3, "boris", "Finish"),
    ]
    assert history[1].body["texts"] == CLEAN


def test_two_clerks_who_take_one_paper_at_the_same_moment_do_not_both_get_it(desk: Desk) -> None:
    start, outcome = Barrier(2), dict[str, str]()

    def take(who: str) -> None:
        start.wait()
        try:
            desk.happen(2, e.Begin(), who=who, seen=0)
            outcome[who] = "got it"
        except Refused as error:
            outcome[who] = str(error)

    threads = [Thread(target=take, args=(who,)) for who in ("anna", "boris")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = desk.look(2).sheet.at_work
    assert winner is not None
    assert outcome.pop(winner) == "got it"
    assert REFUSALS["changed"][0] in next(iter(outcome.values()))
    assert desk.look(2).number == 1


def test_a_coordinator_who_looked_before_a_clerk_changed_it_is_told_to_look_again(desk: Desk) -> None:
    enter(desk, 1, "anna", with_error())
    seen = desk.look(1).number
    do(desk, 1, "anna", e.Begin())
    assert refused(desk, 1, "carla", e.SendBack("does not hold"), seen) == {"changed"}


def test_a_version_by_import_overtakes_what_is_under_way_and_the_typed_is_still_there(desk: Desk) -> None:
    before = enter(desk, 3, "anna", CLEAN)
    desk.ledger.accept([version_of("3", CLEAN)])
    with pytest.raises(Refused, match="meanwhile"):
        desk.happen(3, e.Begin(), who="boris", seen=before.number)
    kept = desk.look(3)
    assert (kept.sheet.phase, kept.sheet.standing, kept.sheet.first) == ("standing", 0, None)
    with reading(desk.ledger.engine) as connection:
        history = happened(connection, 3)
    assert [h.event for h in history] == ["Begin", "Finish", "Overtaken"]
    assert history[1].body["texts"] == CLEAN
    assert len(desk.ledger.history("North / T0 / 3")) == 1


def test_a_correction_of_what_was_imported_supersedes_it_and_of_what_was_corrected_meanwhile_does_not(
    desk: Desk,
) -> None:
    desk.ledger.accept([version_of("1", CLEAN)])
    do(desk, 1, "carla", e.Correct("repeat", "act 5"))
    enter(desk, 1, "anna", CLEAN | {"votes_putin": "411", "invalid": "6", "valid": "511"})
    desk.ledger.accept([version_of("1", CLEAN, supersedes=0, reason="by file")])
    assert desk.look(1).sheet.standing == 1
    assert refused(desk, 1, "boris", e.Finish(CLEAN)) == {"not now"}
    assert [v.reason for v in desk.ledger.history("North / T0 / 1")] == ["", "by file"]


def test_an_annulled_result_is_in_the_record_and_out_of_the_sum(desk: Desk) -> None:
    enter(desk, 1, "anna", CLEAN)
    enter(desk, 1, "boris", CLEAN)
    assert desk.ledger.tally()["cast"][0] == 517
    do(desk, 1, "carla", e.Annul("decision 12/7", "a" * 64))
    do(desk, 1, "erik", e.Confirm())
    first, annulled = desk.ledger.history("North / T0 / 1")
    assert (annulled.stage, annulled.supersedes, annulled.figures) == ("annulled", 0, first.figures)
    assert (annulled.reason, annulled.evidence) == ("decision 12/7", "a" * 64)
    assert not desk.ledger.tally()["cast"][0]


def test_a_twin_and_a_share_far_from_the_neighbours_are_warnings(desk: Desk) -> None:
    for station in range(1, 7):
        other = CLEAN | {
            "votes_putin": str(400 - station),
            "valid": str(500 - station),
            "stationary": str(488 - station),
        }
        other |= {"issued_in_station": str(488 - station), "ballots_received": str(788 - station)}
        desk.ledger.accept([version_of(str(station), other)])
    twin = desk.judge(7, {c: str(n) for c, n in version_of("1", other).figures.items()})
    assert "W113" in twin.codes("W")
    many = CLEAN | {"invalid": "15", "valid": "502", "votes_putin": "402"}
    assert desk.judge(7, many).codes("W") == ("W105",)
    assert desk.judge(9, many).codes("W") == (), "its commission has no neighbours to compare with"
    assert desk.glance(7, many).codes("W") == ("W105",)


def test_queues_show_a_commission_its_own(desk: Desk) -> None:
    enter(desk, 1, "anna", with_warning())
    enter(desk, 1, "boris", with_warning())
    enter(desk, 9, "anna", with_error())
    with reading(desk.ledger.engine) as connection:
        commission = {s: desk.look(s).commission for s in (1, 9)}
        phases = ("warnings", "errors")
        assert [r.station for r in listed(connection, phases, [commission[1]])] == [1]
        assert [r.station for r in listed(connection, phases, list(commission.values()))] == [1, 9]
        assert listed(connection, ("differences",), list(commission.values())) == []


def test_a_station_that_the_count_does_not_have_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="no such station"):
        desk.look(99)


class Crash(BaseException):
    """The process is gone."""


def test_a_crash_at_any_statement_leaves_all_of_an_acceptance_or_nothing(desk: Desk) -> None:
    enter(desk, 1, "anna", CLEAN)
    before = do(desk, 1, "boris", e.Begin())
    left, crashes = 0, 0

    def crash(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash

    while not desk.ledger.size:
        left = crashes
        event.listen(desk.ledger.engine, "before_cursor_execute", crash)
        try:
            desk.happen(1, e.Finish(CLEAN), who="boris", seen=before.number)
        except Crash:
            crashes += 1
        finally:
            event.remove(desk.ledger.engine, "before_cursor_execute", crash)
        assert desk.ledger.size or desk.look(1) == before
    assert crashes > 12, "the acceptance has that many statements"
    assert desk.look(1).sheet.standing == 0
    assert desk.ledger.size == 1


def test_what_is_written_beside_an_event_is_kept_with_it_or_not_at_all(desk: Desk) -> None:
    before = enter(desk, 1, "anna", CLEAN)

    def fails(*_: object) -> None:
        raise RuntimeError("the audit trail cannot be written")

    with pytest.raises(RuntimeError):
        desk.happen(1, e.Begin(), who="boris", seen=before.number, also=fails)
    assert desk.look(1) == before


def test_the_history_of_a_sheet_cannot_be_rewritten(desk: Desk) -> None:
    enter(desk, 1, "anna", CLEAN)
    for change in (update(sheet_events).values(who="boris"), delete(sheet_events)):
        with pytest.raises((DBAPIError, Refused)), writing(desk.ledger.engine) as connection:
            connection.execute(change)
    with reading(desk.ledger.engine) as connection:
        assert set(connection.scalars(select(sheet_events.c.who))) == {"anna"}


def test_the_tables_are_those_of_the_migration(desk: Desk) -> None:
    from sqlalchemy import inspect

    there = inspect(desk.ledger.engine)
    for table in (sheets, sheet_events, drafts):
        found = {c["name"]: bool(c["nullable"]) for c in there.get_columns(table.name)}
        assert found == {c.name: bool(c.nullable) for c in table.columns}
        assert there.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
