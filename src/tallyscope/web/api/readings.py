"""Readings: what a scanner, a photo or an observer's copy says. None of them ever stands for the official result.

Indonesia 2024: the scanner read 58 as 948 and officers could not edit. Here a machine proposes: its reading is kept
as a version of its own source beside the official one, which people enter and accept.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from tallyscope.ledger.accounts.roles import Action, Place
from tallyscope.ledger.accounts.tokens import Token
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.events import Propose
from tallyscope.ledger.entry.typed import written
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.schema import stations
from tallyscope.ledger.version import Gap, Version
from tallyscope.returns.problems import Problem
from tallyscope.web.api.idempotency import Key, digest_of, once
from tallyscope.web.api.machines import Machine
from tallyscope.web.serving import Serving, ServingNow

__all__ = ["SCOPE", "outside", "router"]

router = APIRouter(tags=["what comes in"])
Copy = Literal["scanner", "observer", "photo"]
#: What a token must be for, by the source of what it brings.
SCOPE: dict[str, Action] = {"scanner": "propose", "observer": "copy", "photo": "copy", "official": "import"}
_LARGEST = 2 << 20
_Count = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
_Line = Annotated[str, Field(max_length=80)]


class Reading(BaseModel):
    """What was read of one protocol: each line of the form is a figure or a gap."""

    model_config = ConfigDict(extra="forbid")

    station: str = Field(max_length=2_000, description="Key of the station, as /stations has it.")
    figures: dict[_Line, _Count] = Field(max_length=200)
    gaps: dict[_Line, Gap] = Field(default_factory=dict, max_length=200)
    evidence: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the picture, hex."
    )


class Readings(BaseModel):
    """Readings of one source, taken together: all of them or none."""

    model_config = ConfigDict(extra="forbid")

    source: Copy = "scanner"
    #: Why, if something of the same source is there already.
    reason: str = Field(default="read again", min_length=1, max_length=1_000)
    readings: list[Reading] = Field(min_length=1, max_length=500)


class Taken(BaseModel):
    """Numbers of the versions that were added, in the order of the readings; None for one that said nothing new."""

    added: int
    versions: list[int | None]


@router.post("/readings", max_body_size=_LARGEST)
def post_readings(serving: ServingNow, token: Machine, body: Readings, key: Key = None) -> Taken:
    """Takes readings. They never stand for the official result: people do that."""
    action = SCOPE[body.source]
    if action not in token.scopes:
        raise HTTPException(403, f"This token is not for {action!r}.")
    request = digest_of("readings", body.model_dump_json())
    return Taken.model_validate(once(serving, token.id, key, request, lambda: _take(serving, token, body)))


def _take(serving: Serving, token: Token, body: Readings) -> dict[str, Any]:
    strangers = outside(serving, token, SCOPE[body.source], [r.station for r in body.readings])
    if strangers:
        raise Refused(strangers)
    before = {r.station: _standing(serving, r.station, body.source) for r in body.readings}
    made = [_version(serving, token, body, reading, before[reading.station]) for reading in body.readings]
    accepted = iter(serving.ledger.accept([version for version in made if version is not None]))
    numbers = [None if version is None else next(accepted).number for version in made]
    for reading, number in zip(body.readings, numbers, strict=True):
        if number is not None and body.source == "scanner":
            _propose(serving, token, reading)
    added = sum(number is not None for number in numbers)
    with serving.office.writing() as connection:
        serving.office.trail.record(
            connection,
            token.signature,
            "readings",
            commission=token.place[-1],
            subject=body.source,
            details={"added": added, "readings": len(made)},
        )
    return {"added": added, "versions": numbers}


def _propose(serving: Serving, token: Token, reading: Reading) -> None:
    """Lays the reading before whoever types first; whoever has begun already types what the paper says."""
    with serving.office.reading() as connection:
        station = connection.scalar(select(stations.c.id).where(stations.c.key == reading.station))
    desk = Desk(serving.ledger, serving.office.now)
    kept = desk.look(station or 0)
    if kept.sheet.phase == "empty" and kept.sheet.standing is None:
        texts = written(reading.figures, reading.gaps)
        # Somebody who was faster has taken the paper: the reading is in the record, and nothing else is to be done.
        with suppress(Refused):
            desk.happen(kept.station, Propose(texts), who=token.signature, seen=kept.number)


def _standing(serving: Serving, station: str, source: Copy) -> Version | None:
    """What this source said last of a station."""
    said = serving.ledger.history(station, source=source)
    return said[-1] if said else None


def _version(
    serving: Serving, token: Token, body: Readings, reading: Reading, before: Version | None
) -> Version | None:
    """The version of a reading; None if it says what the source has said already."""
    if before is not None and (before.figures, before.gaps) == (reading.figures, reading.gaps):
        return None
    return Version(
        station=reading.station,
        form=serving.ledger.election.form.id,
        source=body.source,
        stage="first" if before is None else "repeat",
        figures=reading.figures,
        gaps=reading.gaps,
        entered_by=token.signature,
        accepted_by=token.signature,
        accepted_at=serving.office.now(),
        reason="" if before is None else body.reason,
        evidence=reading.evidence,
        supersedes=None if before is None else before.number,
    )


def outside(serving: Serving, token: Token, action: Action, keys: list[str]) -> list[Problem]:
    """A problem for every station that is not there or not below the token's commission."""
    place: dict[str, Place] = {}
    found: list[Problem] = []
    with serving.office.reading() as connection:
        for first in range(0, len(keys), 500):
            wanted = select(stations.c.key, stations.c.commission).where(
                stations.c.key.in_(keys[first : first + 500])
            )
            place |= {row.key: serving.office.tree.place(row.commission) for row in connection.execute(wanted)}
    for key in keys:
        if key not in place or not token.may(action, place[key]):
            hint = "Is it written as in the list of stations?"
            found.append(Problem(f"station {key!r}", "is not a station below the token's commission.", hint))
    return found
