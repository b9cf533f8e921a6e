"""The desk on which sheets lie: events happen to them one at a time, in the transaction of the record.

An event and what it puts into the record are on the disk together or not at all. Whoever acts says which number of
events she has seen: if there are more by now, somebody was faster, nothing is done, and she is told to look again.
Who may act at which commission is the caller's to ask; here persons are logins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, delete
from sqlalchemy.exc import IntegrityError

from tallyscope.ledger.appending import append
from tallyscope.ledger.database import reading, writing
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry import keeping
from tallyscope.ledger.entry.examine import Examination, examine
from tallyscope.ledger.entry.keeping import Kept
from tallyscope.ledger.entry.machine import step
from tallyscope.ledger.entry.proposals import proposed, texts_of
from tallyscope.ledger.entry.refusals import refusal
from tallyscope.ledger.entry.sheet import Sheet
from tallyscope.ledger.entry.surroundings import near, twins
from tallyscope.ledger.entry.tables import drafts
from tallyscope.ledger.entry.typed import read_typed
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.version import Version

__all__ = ["Desk"]


def _now() -> datetime:
    return datetime.now(UTC)


def _nothing_else(_connection: Connection, _kept: Kept) -> None:
    return None


@dataclass(frozen=True)
class Desk:
    """The sheets of a count."""

    ledger: Ledger
    now: Callable[[], datetime] = _now

    def look(self, station: int) -> Kept:
        """A station's sheet, as it is. Raises Refused for a station that the count does not have."""
        with reading(self.ledger.engine) as connection:
            kept = keeping.load(connection, station)
        if kept.overtaken is None:
            return kept
        with writing(self.ledger.engine) as connection:
            return self._caught_up(connection, keeping.load(connection, station, lock=True))

    def happen(
        self,
        station: int,
        event: e.Event,
        *,
        who: str,
        seen: int,
        also: Callable[[Connection, Kept], None] = _nothing_else,
    ) -> Kept:
        """Lets an event happen; durable when this returns. `seen`: the number of events of the sheet looked at.

        Whoever begins a paper that a scanner has read is given its reading as a proposal. `also`: what is written
        in the same transaction, an entry of the audit trail. Raises Refused with every reason, and Unavailable:
        then nothing was done.
        """
        try:
            with writing(self.ledger.engine) as connection:
                kept = keeping.load(connection, station, lock=True)
                if kept.number != seen or kept.overtaken is not None:
                    raise Refused([refusal("changed", kept.sheet.station)])
                if isinstance(event, e.Begin) and (machine := proposed(connection, kept)) is not None:
                    kept = self._write(connection, kept, e.Propose(texts_of(machine)), machine.entered_by)
                kept = self._write(connection, kept, event, who)
                also(connection, kept)
                return kept
        except IntegrityError:
            # Two began the same sheet at once, and the other one's is there.
            raise Refused([refusal("changed", str(station))]) from None

    def _caught_up(self, connection: Connection, kept: Kept) -> Kept:
        """The sheet after a version that came into the record another way, an import."""
        if kept.overtaken is None:
            return kept
        return self._write(connection, kept, e.Overtaken(kept.overtaken), "record")

    def _write(self, connection: Connection, kept: Kept, event: e.Event, who: str) -> Kept:
        at = self.now()
        done = step(
            kept.sheet,
            event,
            who=who,
            at=at,
            judge=lambda texts: self._judge(connection, kept.station, texts),
            form=self.ledger.election.form.id,
            stands=self._stands(kept.sheet, event),
        )
        sheet = done.sheet
        if done.version is not None:
            (accepted,) = append(connection, self.ledger.record, [done.version], None)
            sheet = replace(sheet, standing=accepted.number)
        if isinstance(event, e.Finish):
            connection.execute(delete(drafts).where(drafts.c.station == kept.station, drafts.c.person == who))
        return keeping.write(connection, kept, sheet, event, who, at)

    def _stands(self, sheet: Sheet, event: e.Event) -> Version | None:
        if not isinstance(event, e.Confirm) or sheet.standing is None:
            return None
        return self.ledger.version(sheet.standing)

    def _judge(self, connection: Connection, station: int, texts: Mapping[str, str]) -> Examination:
        around = near(connection, self.ledger.record, station)
        figures = read_typed(self.ledger.election, texts).figures
        same = twins(connection, self.ledger.record, station, figures)
        return examine(self.ledger.election, texts, replace(around, twins=same))

    def judge(self, station: int, texts: Mapping[str, str]) -> Examination:
        """What the rules say of what is typed, as when it is handed in."""
        with reading(self.ledger.engine) as connection:
            return self._judge(connection, station, texts)

    def glance(self, station: int, texts: Mapping[str, str]) -> Examination:
        """What the rules say of what is typed so far; it does not look through the whole record for twins."""
        with reading(self.ledger.engine) as connection:
            return examine(self.ledger.election, texts, near(connection, self.ledger.record, station))
