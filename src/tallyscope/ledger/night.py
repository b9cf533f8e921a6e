"""Plays a past election as a night, through the record itself: accepts in batches, and stops where asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tallyscope.ledger.protocols import versions_of
from tallyscope.ledger.rehearsal import Rehearsal
from tallyscope.ledger.replay import Night, pause
from tallyscope.ledger.version import Version

__all__ = ["BATCH", "Accepts", "play", "slip"]

#: Protocols accepted in one transaction: as many as are durable with one write of the disk.
BATCH = 2_000


class Accepts(Protocol):
    """What a night is played into: a Ledger."""

    def accept(self, versions: Sequence[Version], *, at: datetime | None = None) -> list[Version]:
        """Accepts one batch, durably, and returns it numbered."""


def slip(figures: Mapping[str, int], votes: Sequence[str]) -> dict[str, int]:
    """The figures with the votes of the first two neighbouring choices that differ in each other's lines.

    Every relation of the form still holds, which is why a clerk does not see it. Raises ValueError if none differ.
    """
    for a, b in pairwise(votes):
        if a in figures and b in figures and figures[a] != figures[b]:
            return {**figures, a: figures[b], b: figures[a]}
    raise ValueError("no two neighbouring choices have different votes")


def play(
    ledger: Accepts,
    rehearsal: Rehearsal,
    moments: npt.NDArray[np.int64],
    *,
    batch: int = BATCH,
    speed: float | None = None,
    progress: Callable[[int], object] = bool,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[int, datetime]]:
    """Accepts the protocols of a night and stops at every moment: (protocols processed, simulated time).

    What was handed out is in the record: the caller may publish it. `moments`: as `replay.due` gives them; `speed`:
    events a second, None for as fast as possible; `progress` is told how many versions each batch added. Raises
    what `ledger.accept` raises.
    """
    night, begun, done = rehearsal.night, clock(), 0
    processed = night.processed
    wrong: dict[int, int | None] = {}
    for moment in moments:
        until = int(np.searchsorted(processed, moment, side="right"))
        while done < until:
            end = min(done + (batch if speed is None else max(1, min(batch, int(speed)))), until)
            # A batch cannot correct what it only brings: its number is not known yet.
            end = _before_its_own(night, done, end)
            sleep(pause(end, clock() - begun, speed))
            at = rehearsal.at(end - 1)
            _accept(ledger, rehearsal, range(done, end), wrong, at)
            progress(end - done)
            done = end
        yield int(moment), rehearsal.at(done - 1) if done else rehearsal.start


def _before_its_own(night: Night, first: int, end: int) -> int:
    came: set[int] = set()
    for event in range(first, end):
        row = int(night.protocol[event])
        if night.corrects[event] and row in came:
            return event
        if night.slipped[row]:
            came.add(row)
    return end


def _accept(
    ledger: Accepts, rehearsal: Rehearsal, events: range, wrong: dict[int, int | None], at: datetime
) -> None:
    night, returns = rehearsal.night, rehearsal.returns
    rows = night.protocol[events.start : events.stop]
    versions = versions_of(returns, rows, entered_by="replay", accepted_by="replay", at=at)
    for place, event in enumerate(events):
        row = int(rows[place])
        if night.corrects[event]:
            versions[place] = replace(
                versions[place],
                stage="repeat",
                reason="votes of two choices had been written into each other's lines",
                supersedes=wrong.pop(row),
            )
        elif night.slipped[row]:
            versions[place] = replace(versions[place], figures=slip(versions[place].figures, returns.votes_columns))
    accepted = ledger.accept(versions, at=at)
    for row, event, version in zip(rows, events, accepted, strict=True):
        if night.slipped[row] and not night.corrects[event]:
            wrong[int(row)] = version.number
