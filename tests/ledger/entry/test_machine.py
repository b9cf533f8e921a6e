"""The state machine of entry, on plain values: what leads where, what is refused and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from ledger.entry.papers import CLEAN, ELECTION, with_error, with_warning
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.examine import Examination, examine
from tallyscope.ledger.entry.machine import TRANSITIONS, step
from tallyscope.ledger.entry.refusals import REFUSALS
from tallyscope.ledger.entry.sheet import PHASES, Sheet, sheet_from
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.version import Version

NIGHT = datetime(2018, 3, 18, 21, tzinfo=UTC)
EMPTY = Sheet("North / T0 / 1")


def judge(texts: Mapping[str, str]) -> Examination:
    return examine(ELECTION, texts)


def run(sheet: Sheet, *happened: tuple[str, e.Event], stands: Version | None = None) -> tuple[Sheet, list[Version]]:
    """The sheet after events by whom, and the versions that went to the record, numbered as they came."""
    accepted: list[Version] = []
    for i, (who, event) in enumerate(happened):
        at = NIGHT + timedelta(minutes=i)
        done = step(sheet, event, who=who, at=at, judge=judge, form=ELECTION.form.id, stands=stands)
        sheet = done.sheet
        if done.version is not None:
            stands = replace(done.version, number=len(accepted) + 7)
            accepted.append(stands)
            sheet = replace(sheet, standing=stands.number)
    return sheet, accepted


def typed(who: str, texts: Mapping[str, str]) -> tuple[tuple[str, e.Event], tuple[str, e.Event]]:
    return (who, e.Begin()), (who, e.Finish(texts))


def reasons_of(
    sheet: Sheet, who: str, event: e.Event, stands: Version | None = None
) -> set[tuple[str, str | None]]:
    """The texts and subjects of a refusal."""
    with pytest.raises(Refused) as refused:
        run(sheet, (who, event), stands=stands)
    names = {text: name for name, (text, _) in REFUSALS.items()}
    return {(names[p.text], p.column) for p in refused.value.problems if not isinstance(p, str)}


def test_two_equal_entries_by_two_people_stand() -> None:
    sheet, (version,) = run(EMPTY, *typed("anna", CLEAN), *typed("boris", CLEAN | {"valid": "0512"}))
    assert (sheet.phase, sheet.standing) == ("standing", 7)
    assert (version.entered_by, version.accepted_by, version.reason) == ("anna", "boris", "")
    assert (version.stage, version.supersedes, version.accepted_at) == ("first", None, NIGHT + timedelta(minutes=3))
    assert version.figures == {c: int(t) for c, t in CLEAN.items()}
    assert not version.gaps


def test_nobody_types_the_second_entry_of_her_own_first() -> None:
    sheet, _ = run(EMPTY, *typed("anna", CLEAN))
    assert reasons_of(sheet, "anna", e.Begin()) == {("own entry", None)}


def test_a_paper_that_somebody_types_is_not_handed_out_again() -> None:
    sheet, _ = run(EMPTY, ("anna", e.Begin()))
    assert reasons_of(sheet, "boris", e.Begin()) == {("not now", "first")}
    assert reasons_of(sheet, "boris", e.Finish(CLEAN)) == {("not yours", None)}
    assert reasons_of(sheet, "boris", e.Leave()) == {("not yours", None)}


def test_errors_go_back_to_whoever_typed_them_and_never_stand() -> None:
    sheet, _ = run(EMPTY, *typed("anna", with_error()))
    assert sheet.phase == "errors"
    assert reasons_of(sheet, "boris", e.Begin()) == {("not yours", None)}
    sheet, versions = run(sheet, *typed("anna", CLEAN), *typed("boris", CLEAN))
    assert sheet.phase == "standing"
    assert len(versions) == 1


def test_a_paper_with_an_error_goes_back_to_the_station_which_makes_it_again() -> None:
    sheet, _ = run(EMPTY, *typed("anna", with_error()))
    sheet, _ = run(sheet, ("carla", e.SendBack("10 is not 13 + ... on the paper either", "repeat")))
    assert (sheet.phase, sheet.stage, sheet.first) == ("empty", "repeat", None)
    assert "10 is not" in sheet.note
    _, (version,) = run(sheet, *typed("anna", CLEAN), *typed("boris", CLEAN))
    assert version.stage == "repeat"


def test_differences_wait_for_a_coordinator_who_typed_neither() -> None:
    other = CLEAN | {"votes_putin": "421", "valid": "521", "stationary": "509", "issued_in_station": "509"}
    other |= {"ballots_received": "809"}
    sheet, _ = run(EMPTY, *typed("anna", CLEAN), *typed("boris", other))
    assert sheet.phase == "differences"
    for typist in ("anna", "boris"):
        assert reasons_of(sheet, typist, e.Decide("first", "I am right")) == {("own decision", None)}
    assert reasons_of(sheet, "carla", e.Decide("first", " ")) == {("no reason", None)}
    for whose, texts, by in (("first", CLEAN, "anna"), ("second", other, "boris")):
        done, (version,) = run(sheet, ("carla", e.Decide(whose, "seen on the paper")))  # type: ignore[arg-type]
        assert done.phase == "standing"
        assert version.figures["votes_putin"] == int(texts["votes_putin"])
        assert (version.entered_by, version.accepted_by, version.reason) == (by, "carla", "seen on the paper")


def test_a_value_both_have_wrong_is_corrected_from_the_paper_and_both_readings_are_kept() -> None:
    """Indonesia 2024: 58 was read as 948 and could not be edited."""
    one = with_error(votes_putin="421", votes_grudinin="91", valid="512")
    two = with_error(votes_putin="412", votes_grudinin="10", valid="422")
    sheet, _ = run(EMPTY, *typed("anna", one), *typed("boris", two))
    assert sheet.phase == "differences"
    wrong = e.Decide("second", "the paper says 100", {"votes_grudinin": "99", "valid": "512"})
    assert reasons_of(sheet, "carla", wrong) == {("breaks a rule", "E4")}
    right = e.Decide("second", "the paper says 100", {"votes_grudinin": "100", "valid": "512"})
    _, (version,) = run(sheet, ("carla", right))
    assert version.figures == {c: int(t) for c, t in CLEAN.items()}
    assert sheet.first is not None
    assert sheet.second is not None
    assert (sheet.first.texts["votes_grudinin"], sheet.second.texts["votes_grudinin"]) == ("91", "10")


def test_indonesia_2024_a_machine_proposes_and_people_confirm() -> None:
    scanned = CLEAN | {"votes_grudinin": "948"}
    sheet, versions = run(EMPTY, ("scanner 3", e.Propose(scanned)))
    assert (sheet.phase, versions) == ("empty", [])
    sheet, versions = run(sheet, *typed("anna", CLEAN))
    assert (sheet.phase, versions) == ("waiting", []), "what one person confirms does not stand either"
    assert sheet.proposal is not None
    assert sheet.proposal.texts["votes_grudinin"] == "948", "both are kept"
    _, (version,) = run(sheet, *typed("boris", CLEAN))
    assert version.figures["votes_grudinin"] == 100


def test_neither_sends_both_back_to_entry() -> None:
    sheet, _ = run(
        EMPTY, *typed("anna", CLEAN), *typed("boris", CLEAN | {"cancelled": "284", "ballots_received": "801"})
    )
    sheet, versions = run(sheet, ("carla", e.SendBack("neither is what the paper says")))
    assert (sheet.phase, sheet.stage, sheet.first, sheet.second, versions) == ("empty", "first", None, None, [])
    assert sheet.round == 1


def test_a_warning_stands_only_with_a_reason_by_somebody_who_did_not_type() -> None:
    sheet, versions = run(EMPTY, *typed("anna", with_warning()), *typed("boris", with_warning()))
    assert (sheet.phase, versions) == ("warnings", [])
    assert reasons_of(sheet, "anna", e.Accept({"W109": "act 3"})) == {("own decision", None)}
    assert reasons_of(sheet, "carla", e.Accept({})) == {("unexplained", "W109")}
    both = e.Accept({"W109": " ", "W101": "x"})
    assert reasons_of(sheet, "carla", both) == {("unexplained", "W109"), ("no warning", "W101")}
    assert reasons_of(sheet, "carla", e.Accept({"W109": "x" * 501})) == {("long", "W109")}
    _, (version,) = run(sheet, ("carla", e.Accept({"W109": "act 3 of 21:10"})))
    assert (version.entered_by, version.accepted_by) == ("anna, boris", "carla")
    assert version.reason == "W109: act 3 of 21:10"


def test_a_decision_may_still_leave_a_warning_to_accept() -> None:
    sheet, _ = run(EMPTY, *typed("anna", CLEAN), *typed("boris", with_warning()))
    sheet, versions = run(sheet, ("carla", e.Decide("second", "line 11 is 1 on the paper")))
    assert (sheet.phase, versions) == ("warnings", [])
    _, (version,) = run(sheet, ("carla", e.Accept({"W109": "act 3"})))
    assert version.reason == "line 11 is 1 on the paper; W109: act 3"
    assert version.entered_by == "boris"


STANDING, (FIRST,) = run(EMPTY, *typed("anna", CLEAN), *typed("boris", CLEAN))


@pytest.mark.parametrize("stage", ["repeat", "repeat-count"])
def test_a_correction_goes_the_same_way_and_names_what_it_replaces(stage: str) -> None:
    opened, versions = run(STANDING, ("carla", e.Correct(stage, "recounted by act 5", "0" * 64)), stands=FIRST)  # type: ignore[arg-type]
    assert (opened.phase, opened.standing, versions) == ("empty", 7, []), "what stands stands meanwhile"
    again = CLEAN | {"votes_putin": "411", "invalid": "6", "valid": "511"}
    _, (version,) = run(opened, *typed("dora", again), *typed("boris", again))
    assert (version.stage, version.supersedes, version.evidence) == (stage, 7, "0" * 64)
    assert version.reason == "recounted by act 5"


def test_a_correction_says_everything_that_is_wrong_with_it_at_once() -> None:
    wrong = e.Correct("annulled", " ", "xyz")
    assert reasons_of(STANDING, "carla", wrong, FIRST) == {
        ("no reason", None),
        ("not a hash", None),
        ("not a paper", "annulled"),
    }
    assert reasons_of(EMPTY, "carla", e.Withdraw("typed by mistake")) == {("nothing stands", None)}


def test_a_correction_opened_by_mistake_is_withdrawn_and_what_stood_stands() -> None:
    opened, _ = run(STANDING, ("carla", e.Correct("repeat", "new paper")), stands=FIRST)
    sheet, versions = run(opened, ("carla", e.Withdraw("it was the paper of station 11")))
    assert (sheet.phase, sheet.standing, versions) == ("standing", 7, [])


def test_an_annulment_names_its_act_and_takes_two_people() -> None:
    assert reasons_of(STANDING, "carla", e.Annul(""), FIRST) == {("no act", None)}
    asked, versions = run(STANDING, ("carla", e.Annul("decision 12/7 of 20 March", "a" * 64)), stands=FIRST)
    assert (asked.phase, versions) == ("annulling", [])
    assert reasons_of(asked, "carla", e.Confirm(), FIRST) == {("own act", None)}
    kept, versions = run(asked, ("erik", e.Keep("the act is of another station")), stands=FIRST)
    assert (kept.phase, kept.standing, versions) == ("standing", 7, [])
    _, (version,) = run(asked, ("erik", e.Confirm()), stands=FIRST)
    assert (version.stage, version.supersedes, version.figures) == ("annulled", 7, FIRST.figures)
    assert (version.entered_by, version.accepted_by) == ("carla", "erik")
    assert (version.reason, version.evidence) == ("decision 12/7 of 20 March", "a" * 64)


def test_a_paper_that_is_held_and_not_finished_is_freed() -> None:
    sheet, _ = run(EMPTY, ("anna", e.Begin()), ("carla", e.Release("shift is over")))
    assert (sheet.phase, sheet.at_work) == ("empty", None)
    sheet, _ = run(EMPTY, *typed("anna", CLEAN), ("boris", e.Begin()), ("boris", e.Leave()))
    assert sheet.phase == "waiting"
    sheet, _ = run(EMPTY, *typed("anna", with_error()), ("anna", e.Begin()), ("anna", e.Leave()))
    assert sheet.phase == "errors"


@pytest.mark.parametrize("phase", PHASES)
def test_an_import_overtakes_whatever_is_under_way(phase: str) -> None:
    sheet, versions = run(replace(EMPTY, phase=phase, standing=3), ("import", e.Overtaken(9)))  # type: ignore[arg-type]
    assert (sheet.phase, sheet.standing, sheet.round, versions) == ("standing", 9, 1, [])


EVENTS: dict[type, e.Event] = {
    e.Propose: e.Propose({}),
    e.Begin: e.Begin(),
    e.Leave: e.Leave(),
    e.Release: e.Release("r"),
    e.Finish: e.Finish(CLEAN),
    e.Decide: e.Decide("first", "r"),
    e.SendBack: e.SendBack("r"),
    e.Accept: e.Accept({}),
    e.Correct: e.Correct("repeat", "r"),
    e.Withdraw: e.Withdraw("r"),
    e.Annul: e.Annul("r"),
    e.Confirm: e.Confirm(),
    e.Keep: e.Keep("r"),
}


def test_every_event_in_every_phase_is_in_the_table_or_refused() -> None:
    assert {*EVENTS, e.Overtaken} == set(get_args(e.Event))
    for kind, event in EVENTS.items():
        for phase in PHASES:
            if (kind, phase) not in TRANSITIONS:
                assert reasons_of(replace(EMPTY, phase=phase), "x", event) == {("not now", phase)}


@pytest.mark.parametrize("texts", [CLEAN, with_error(), with_warning()])
def test_a_sheet_is_written_and_read_back(texts: dict[str, str]) -> None:
    sheet, _ = run(EMPTY, ("s", e.Propose(texts)), *typed("anna", texts))
    assert sheet_from(json.loads(json.dumps(sheet.content()))) == sheet
