"""What follows when a coordinator decides: whose entry, back to entry, warnings, corrections, annulments."""

from __future__ import annotations

from dataclasses import replace

from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.accepting import annulled_version
from tallyscope.ledger.entry.case import LONGEST, Case, Step, about, accepted, hashed, reasoned, rested, unbiased
from tallyscope.ledger.entry.sheet import Reading, Sheet

__all__ = ["accept", "annul", "confirm", "correct", "decide", "keep", "send_back", "withdraw"]


def decide(case: Case, event: e.Decide) -> Step:
    """Takes the entry that the paper has, with what both have wrong."""
    sheet = case.sheet
    assert sheet.first is not None
    assert sheet.second is not None
    unbiased(case)
    reasoned(case, event.reason)
    chosen = sheet.first if event.whose == "first" else sheet.second
    found = case.judge({**chosen.texts, **event.corrected})
    if broken := [("breaks a rule", code) for code in found.codes("E")]:
        raise case.refuse(*broken)
    final = Reading(case.who, case.at, {**chosen.texts, **event.corrected})
    decided = replace(sheet, final=final, entered_by=chosen.by, decision=event.reason.strip())
    if found.of("W"):
        return Step(replace(decided, phase="warnings"))
    return accepted(case, decided, found, {})


def send_back(case: Case, event: e.SendBack) -> Step:
    """Back to entry, with the same paper or a new one."""
    unbiased(case)
    reasoned(case, event.reason)
    sheet, stage = case.sheet, event.stage or case.sheet.stage
    if event.stage not in (None, "repeat", "repeat-count"):
        raise case.refuse(("not a paper", event.stage))
    again = Sheet(sheet.station, round=sheet.round + 1, stage=stage, standing=sheet.standing)
    note = event.reason.strip()
    return Step(replace(again, reason=sheet.reason, evidence=sheet.evidence, note=note))


def accept(case: Case, event: e.Accept) -> Step:
    """Accepts every warning for its reason."""
    unbiased(case)
    assert case.sheet.final is not None
    found = case.judge(case.sheet.final.texts)
    warned = found.codes("W")
    reasons = {code: text.strip() for code, text in event.reasons.items()}
    wrong = [("breaks a rule", code) for code in found.codes("E")]
    wrong += [("unexplained", code) for code in warned if not reasons.get(code)]
    wrong += [("no warning", code) for code in reasons if code not in warned]
    wrong += [("long", code) for code, text in reasons.items() if len(text) > LONGEST]
    if wrong:
        raise case.refuse(*wrong)
    return accepted(case, case.sheet, found, reasons)


def correct(case: Case, event: e.Correct) -> Step:
    """Opens a correction of what stands."""
    reasons = [*about(event.reason), *hashed(event.evidence)]
    if event.stage not in ("repeat", "repeat-count"):
        reasons.append(("not a paper", event.stage))
    if case.sheet.standing is None:
        reasons.append(("nothing stands", None))
    if reasons:
        raise case.refuse(*reasons)
    sheet = case.sheet
    opened = Sheet(sheet.station, round=sheet.round + 1, stage=event.stage, standing=sheet.standing)
    return Step(replace(opened, reason=event.reason.strip(), evidence=event.evidence))


def withdraw(case: Case, event: e.Withdraw) -> Step:
    """Closes a correction that was none."""
    reasoned(case, event.reason)
    if case.sheet.standing is None:
        raise case.refuse(("nothing stands", None))
    return Step(rested(case.sheet, case.sheet.standing, event.reason.strip()))


def annul(case: Case, event: e.Annul) -> Step:
    """Keeps the decision until another person has seen it."""
    reasons = [*about(event.act, "no act"), *hashed(event.evidence)]
    if case.sheet.standing is None:
        reasons.append(("nothing stands", None))
    if reasons:
        raise case.refuse(*reasons)
    asked = replace(case.sheet, phase="annulling", at_work=case.who, reason=event.act.strip())
    return Step(replace(asked, stage="annulled", evidence=event.evidence))


def confirm(case: Case, _event: e.Confirm) -> Step:
    """Hands the annulment to the record."""
    if case.who == case.sheet.at_work:
        raise case.refuse(("own act", None))
    if case.stands is None:
        raise case.refuse(("nothing stands", None))
    return Step(rested(case.sheet, None), annulled_version(case.sheet, case.stands, case.who, case.at))


def keep(case: Case, event: e.Keep) -> Step:
    """Lets what stands stand."""
    reasoned(case, event.reason)
    return Step(rested(case.sheet, case.sheet.standing, event.reason.strip()))
