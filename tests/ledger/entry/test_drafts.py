"""Drafts: there again after any crash, for whom they are and nobody else; and what a clerk finds on a paper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.entry.papers import CLEAN, with_error
from ledger.entry.sheets import do, enter, version_of
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.drafts import open_draft, save_draft
from tallyscope.ledger.entry.refusals import REFUSALS
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.store import Ledger


def test_a_draft_is_there_again_and_only_for_whom_it_is(desk: Desk) -> None:
    do(desk, 1, "anna", e.Begin())
    saved = save_draft(desk, 1, "anna", {"registered": "90"}, 0)
    saved = save_draft(desk, 1, "anna", {"registered": "900"}, saved.serial)
    assert open_draft(desk, 1, "anna").texts == {"registered": "900"}
    with Ledger.open(str(desk.ledger.engine.url.render_as_string(hide_password=False))) as after_a_crash:
        assert open_draft(Desk(after_a_crash), 1, "anna").texts == {"registered": "900"}
    assert open_draft(desk, 1, "boris").texts == {}
    for who, serial, why in (("boris", 0, "not yours"), ("anna", 1, "stale draft")):
        with pytest.raises(Refused, match=REFUSALS[why][0]):
            save_draft(desk, 1, who, {}, serial)
    do(desk, 1, "anna", e.Leave())
    do(desk, 1, "anna", e.Begin())
    assert open_draft(desk, 1, "anna").texts == {"registered": "900"}


def test_the_second_entry_is_blind_and_the_first_finds_what_a_machine_or_she_herself_read(desk: Desk) -> None:
    scanned = CLEAN | {"votes_grudinin": "948"}
    do(desk, 1, "scanner 3", e.Propose(scanned))
    do(desk, 1, "anna", e.Begin())
    assert open_draft(desk, 1, "anna").texts == scanned
    do(desk, 1, "anna", e.Finish(with_error()))
    do(desk, 1, "anna", e.Begin())
    assert open_draft(desk, 1, "anna").texts == with_error()
    do(desk, 1, "anna", e.Finish(CLEAN))
    do(desk, 1, "boris", e.Begin())
    assert open_draft(desk, 1, "boris").texts == {}


def test_indonesia_2024_what_the_scanner_sent_is_proposed_to_the_first_clerk_and_two_people_enter_it(
    desk: Desk,
) -> None:
    """The scanner read 58 as 948, and officers could not edit it."""
    scanned = CLEAN | {"votes_grudinin": "948"}
    reading_of = version_of("1", scanned)
    desk.ledger.accept([replace(reading_of, source="scanner", entered_by="clerk (scanner 7)")])
    assert desk.ledger.returns().table["status"][0] == "empty", "a machine's reading stands for nothing"
    kept = do(desk, 1, "anna", e.Begin())
    assert kept.sheet.proposal is not None
    assert kept.sheet.proposal.by == "clerk (scanner 7)"
    assert open_draft(desk, 1, "anna").texts == scanned
    do(desk, 1, "anna", e.Finish(CLEAN))
    do(desk, 1, "boris", e.Begin())
    assert open_draft(desk, 1, "boris").texts == {}
    do(desk, 1, "boris", e.Finish(CLEAN))
    told = [(v.source, v.figures["votes_grudinin"]) for v in desk.ledger.history("North / T0 / 1")]
    assert told == [("scanner", 948), ("official", 100)], "both are kept"
    do(desk, 1, "carla", e.Correct("repeat", "act 5"))
    do(desk, 1, "anna", e.Begin())
    assert open_draft(desk, 1, "anna").texts == {}, "the reading is of the paper before"


def test_a_draft_of_an_earlier_paper_is_not_offered_for_the_next(desk: Desk) -> None:
    enter(desk, 1, "anna", CLEAN)
    do(desk, 1, "boris", e.Begin())
    save_draft(desk, 1, "boris", {"registered": "1"}, 0)
    do(desk, 1, "boris", e.Leave())
    do(desk, 1, "carla", e.SendBack("the paper of another station"))
    do(desk, 1, "boris", e.Begin())
    found = open_draft(desk, 1, "boris")
    assert found.texts == {}
    assert save_draft(desk, 1, "boris", {"registered": "2"}, found.serial).texts == {"registered": "2"}


def test_a_line_that_the_paper_does_not_have_never_becomes_zero(desk: Desk) -> None:
    assert enter(desk, 1, "anna", CLEAN | {"ballots_lost": "-"}).sheet.phase == "errors"
    do(desk, 1, "anna", e.Begin())
    assert open_draft(desk, 1, "anna").texts["ballots_lost"] == "-"
