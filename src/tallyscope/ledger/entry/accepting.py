"""The version of the record that a finished sheet becomes, with everybody who had a hand in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from tallyscope.ledger.entry.sheet import Sheet
from tallyscope.ledger.entry.typed import Typed
from tallyscope.ledger.version import Version

__all__ = ["annulled_version", "final_version"]


def final_version(
    sheet: Sheet, typed: Typed, form: str, accepted_by: str, reasons: Mapping[str, str], at: datetime
) -> Version:
    """The version of what was agreed or decided. `reasons`: code of a warning -> why it is accepted."""
    parts = [sheet.reason, sheet.decision, *(f"{code}: {text}" for code, text in reasons.items())]
    return Version(
        station=sheet.station,
        form=form,
        source="official",
        stage=sheet.stage,
        figures=dict(typed.figures),
        gaps=dict(typed.gaps),
        entered_by=sheet.entered_by,
        accepted_by=accepted_by,
        accepted_at=at,
        reason="; ".join(part for part in parts if part),
        evidence=sheet.evidence,
        supersedes=sheet.standing,
    )


def annulled_version(sheet: Sheet, stands: Version, accepted_by: str, at: datetime) -> Version:
    """What stands, with its figures as they are, annulled by the decision that the sheet names."""
    return replace(
        stands,
        stage="annulled",
        entered_by=sheet.at_work or "",
        accepted_by=accepted_by,
        accepted_at=at,
        reason=sheet.reason,
        evidence=sheet.evidence,
        supersedes=stands.number,
        number=None,
    )
