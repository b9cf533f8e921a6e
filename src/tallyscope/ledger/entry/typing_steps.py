"""What follows when somebody types: a machine proposes, a clerk begins, leaves, finishes."""

from __future__ import annotations

from dataclasses import replace

from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.case import Case, Step, accepted, reasoned
from tallyscope.ledger.entry.sheet import Phase, Reading
from tallyscope.ledger.entry.typed import differing

__all__ = ["begin", "finish", "leave", "propose"]


def propose(case: Case, event: e.Propose) -> Step:
    """Keeps the reading of a machine."""
    return Step(replace(case.sheet, proposal=Reading(case.who, case.at, dict(event.texts))))


def begin(case: Case, _event: e.Begin) -> Step:
    """Hands the paper to the clerk."""
    sheet = case.sheet
    if sheet.phase == "waiting":
        if case.who in sheet.typists:
            raise case.refuse(("own entry", None))
        return Step(replace(sheet, phase="second", at_work=case.who))
    if sheet.phase == "errors" and case.who not in sheet.typists:
        raise case.refuse(("not yours", None))
    return Step(replace(sheet, phase="first", at_work=case.who))


def leave(case: Case, event: e.Leave | e.Release) -> Step:
    """Puts the paper back."""
    sheet = case.sheet
    if isinstance(event, e.Release):
        reasoned(case, event.reason)
    elif case.who != sheet.at_work:
        raise case.refuse(("not yours", None))
    before: Phase = "waiting" if sheet.phase == "second" else "errors" if sheet.first else "empty"
    return Step(replace(sheet, phase=before, at_work=None))


def finish(case: Case, event: e.Finish) -> Step:
    """Takes in an entry, and compares it if it is the second."""
    sheet = case.sheet
    if case.who != sheet.at_work:
        raise case.refuse(("not yours", None))
    reading = Reading(case.who, case.at, dict(event.texts))
    if sheet.phase == "first":
        phase: Phase = "errors" if case.judge(reading.texts).of("E") else "waiting"
        return Step(replace(sheet, phase=phase, at_work=None, first=reading, second=None))
    assert sheet.first is not None
    both = replace(sheet, at_work=None, second=reading)
    found = case.judge(reading.texts)
    if differing(case.judge(sheet.first.texts).typed, found.typed):
        return Step(replace(both, phase="differences"))
    if found.of("E"):
        return Step(replace(both, phase="errors"))
    agreed = replace(both, final=sheet.first, entered_by=sheet.first.by)
    if found.of("W"):
        return Step(replace(agreed, phase="warnings", entered_by=f"{sheet.first.by}, {case.who}"))
    return accepted(case, agreed, found, {})
