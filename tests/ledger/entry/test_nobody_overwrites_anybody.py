"""Two clerks on one station, coordinators against them, imports and bulletins meanwhile, crashes between any steps.

Whatever hypothesis lets happen: nothing acknowledged is lost and nothing unacknowledged is there; nobody is second
clerk to herself nor decides what she typed; nothing stands with a broken rule or an unexplained warning; what a
bulletin has counted is counted so ever after. The same on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

import polars as pl
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event as sql

from ledger.entry.papers import CLEAN, ELECTION, with_error, with_warning
from tallyscope.ledger.bulletins import Bulletin, bulletin, publish
from tallyscope.ledger.database import reading
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.drafts import open_draft, save_draft
from tallyscope.ledger.entry.examine import examine
from tallyscope.ledger.entry.keeping import happened
from tallyscope.ledger.entry.machine import TRANSITIONS
from tallyscope.ledger.entry.typed import read_typed, written
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.note import new_signer
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.version import Version

STATIONS = 99
ORIGIN = "night.example/count"
SIGNER = new_signer(ORIGIN)
PEOPLE = ("anna", "boris", "carla")
PAPERS = (with_warning(), with_warning(), with_error(), CLEAN | {"registered": "901"}, CLEAN | {"invalid": "?"})
people = st.sampled_from(PEOPLE)
# Half of what is typed is the clean paper, so that two agree often.
papers = st.one_of(st.just(CLEAN), st.sampled_from(PAPERS))
reasons = st.sampled_from(["act 3", "act 3", " "])
CORRECTED = ({}, {"cancelled": "283"}, {"votes_putin": "412", "invalid": "5"}, {"valid": "1"})
#: Event -> what it may carry.
EVENTS: dict[type, st.SearchStrategy[e.Event]] = {
    e.Begin: st.just(e.Begin()),
    e.Finish: st.builds(e.Finish, papers),
    e.Leave: st.just(e.Leave()),
    e.Decide: st.builds(e.Decide, st.sampled_from(["first", "second"]), reasons, st.sampled_from(CORRECTED)),
    e.SendBack: st.builds(e.SendBack, reasons, st.sampled_from([None, "repeat", "repeat-count"])),
    e.Accept: st.builds(e.Accept, st.sampled_from([{"W109": "act 3"}, {}, {"W109": "a", "W101": "b"}])),
    e.Correct: st.builds(e.Correct, st.sampled_from(["repeat", "repeat-count", "annulled"]), reasons),
    e.Withdraw: st.builds(e.Withdraw, reasons),
    e.Annul: st.builds(e.Annul, reasons),
    e.Confirm: st.just(e.Confirm()),
    e.Keep: st.builds(e.Keep, reasons),
    e.Release: st.builds(e.Release, reasons),
    e.Propose: st.builds(e.Propose, papers),
}
#: What leads to a version: done more often than what leads back.
FORWARD = (e.Begin, e.Finish, e.Decide, e.Accept, e.Correct, e.Confirm)
crashes = st.one_of(*[st.none()] * 4, st.integers(0, 25))


class Crash(BaseException):
    """The process is gone."""


@contextmanager
def crashing(desk: Desk, after: int) -> Iterator[None]:
    """The process dies at the statement of this number; a crash that the block does not reach does not happen."""
    left = after

    def crash(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash

    sql.listen(desk.ledger.engine, "before_cursor_execute", crash)
    try:
        yield
    finally:
        sql.remove(desk.ledger.engine, "before_cursor_execute", crash)


@dataclass
class Model:
    """What has been acknowledged: (who, event); drafts; imports; and what bulletins have counted."""

    events: list[tuple[str, e.Event]] = field(default_factory=list)
    drafts: dict[str, dict[str, str]] = field(default_factory=dict)
    imports: int = 0
    #: Version -> who typed its two entries, and whether the second of them was the last word.
    typists: dict[int, tuple[list[str], bool]] = field(default_factory=dict)
    bulletins: list[tuple[Bulletin, list[object]]] = field(default_factory=list)


class Night(RuleBasedStateMachine):
    """One station's night; `desk` and `stations` are given by the test, which has a database."""

    desk: Desk
    stations: Iterator[int]

    @initialize()
    def takes_a_station(self) -> None:
        self.station = next(type(self).stations)
        self.key = f"North / T0 / {self.station}"
        self.model = Model()
        #: What each person saw last: whoever acts, acts on that.
        self.seen = dict.fromkeys(PEOPLE, 0)
        self.begun = self.desk.ledger.size

    def looks(self, who: str) -> None:
        self.seen[who] = self.desk.look(self.station).number

    def mine(self, event: e.Event) -> e.Event:
        """With a list of voters that no other station has: two papers alike would be a warning of their own."""
        texts = getattr(event, "texts", None)
        if texts is None or not texts.get("registered", "").startswith("9"):
            return event
        return replace(event, texts={**texts, "registered": f"{self.station}0{texts['registered']}"})  # type: ignore[call-arg]

    def does(self, who: str, event: e.Event, crash: int | None) -> None:
        event = self.mine(event)

        def act() -> None:
            kept = self.desk.happen(self.station, event, who=who, seen=self.seen[who])
            self.model.events.append((who, event))
            self.seen[who] = kept.number
            if kept.stands is not None and kept.stands not in self.model.typists:
                finishers = [w for w, happened in self.model.events if isinstance(happened, e.Finish)]
                self.model.typists[kept.stands] = finishers[-2:], isinstance(event, e.Finish)
            if isinstance(event, e.Finish):
                self.model.drafts.pop(who, None)

        self.tries(act, crash)

    def tries(self, act: Callable[[], None], crash: int | None) -> None:
        try:
            if crash is None:
                act()
            else:
                with crashing(self.desk, crash):
                    act()
        except (Refused, Crash):
            pass

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        """One rule, so that hypothesis leaves none of these out for a whole night."""
        rarely = [
            self.acts_on_what_was_seen,
            self.two_act_on_what_both_saw,
            self.imports,
            self.bulletin,
            self.reads,
        ]
        what = data.draw(st.sampled_from([self.acts] * 14 + [self.types, self.types, *rarely]))
        what(data)

    def acts(self, data: st.DataObject) -> None:
        """Something that is possible now, after a look; what is typed is mostly handed in by who typed it."""
        sheet = self.desk.look(self.station).sheet
        possible = sorted((k for k, phase in TRANSITIONS if phase == sheet.phase), key=lambda k: k not in FORWARD)
        kind = data.draw(st.sampled_from([k for k in possible for _ in range(5 if k in FORWARD else 1)]))
        who = data.draw(people)
        if kind is e.Finish and sheet.at_work and data.draw(st.integers(0, 4)):
            who = sheet.at_work
        self.looks(who)
        event = data.draw(EVENTS[kind])
        if kind is e.Finish and sheet.phase == "second" and sheet.first and data.draw(st.integers(0, 2)):
            event = e.Finish(sheet.first.texts)
        self.does(who, event, data.draw(crashes))

    def acts_on_what_was_seen(self, data: st.DataObject) -> None:
        """Anything, on what was seen some time ago."""
        self.does(data.draw(people), data.draw(st.one_of(*EVENTS.values())), data.draw(crashes))

    def two_act_on_what_both_saw(self, data: st.DataObject) -> None:
        """The second of them has not seen what the first did."""
        before = len(self.model.events)
        for who in PEOPLE:
            self.looks(who)
        for who in PEOPLE:
            self.does(who, data.draw(st.one_of(*EVENTS.values())), None)
        acted = [who for who, _ in self.model.events[before:]]
        assert len(acted) < 2, "whoever was slower was told to look again"

    def types(self, data: st.DataObject) -> None:
        who, texts = data.draw(people), data.draw(papers)

        def act() -> None:
            serial = open_draft(self.desk, self.station, who).serial
            save_draft(self.desk, self.station, who, texts, serial)
            self.model.drafts[who] = texts

        self.tries(act, data.draw(crashes))

    def imports(self, _data: st.DataObject) -> None:
        stands = self.desk.look(self.station).stands
        figures = read_typed(
            ELECTION, CLEAN | {"registered": str(9_000_000 + 1_000 * self.station + self.model.imports)}
        ).figures
        version = Version(
            *(self.key, ELECTION.form.id, "official", "first" if stands is None else "repeat", figures, "import"),
            accepted_at=datetime.now(UTC),
            supersedes=stands,
            reason="" if stands is None else "by file",
        )
        self.desk.ledger.accept([version])
        self.model.imports += 1

    def bulletin(self, _data: st.DataObject) -> None:
        """A real one: both paths agree and every invariant holds, or it would be refused."""
        made = publish(self.desk.ledger, SIGNER, by="paula")
        self.model.bulletins.append((made, self.counted(made.size)))

    def reads(self, _data: st.DataObject) -> None:
        versions = self.history()
        gone = not versions or versions[-1].stage == "annulled"
        row = self.counted(self.desk.ledger.size)
        assert row == [None if gone else versions[-1].figures[c] for c in ("registered", "votes_putin")]
        for made, counted in self.model.bulletins:
            assert bulletin(self.desk.ledger, made.number) == made
            assert self.counted(made.size) == counted

    def counted(self, size: int) -> list[object]:
        table = self.desk.ledger.returns(as_of=size).table.filter(pl.col("station") == str(self.station))
        return [table["registered"][0], table["votes_putin"][0]]

    def history(self) -> list[Version]:
        return self.desk.ledger.history(self.key)

    @invariant()
    def nothing_acknowledged_is_lost_and_nothing_else_is_there(self) -> None:
        with reading(self.desk.ledger.engine) as connection:
            kept = happened(connection, self.station)
        told = [(h.who, h.event) for h in kept if h.event != "Overtaken"]
        assert told == [(who, type(event).__name__) for who, event in self.model.events]
        assert [h.number for h in kept] == list(range(len(kept)))
        texts = [h.body["texts"] for h in kept if h.event == "Finish"]
        assert texts == [event.texts for _, event in self.model.events if isinstance(event, e.Finish)]

    @invariant()
    def a_draft_is_what_was_saved_last(self) -> None:
        sheet = self.desk.look(self.station).sheet
        who = sheet.at_work
        if sheet.phase in ("first", "second") and who in self.model.drafts:
            found = open_draft(self.desk, self.station, who)
            assert found.texts == self.model.drafts[who] or found.saved_at is None

    @invariant()
    def what_stands_holds_and_is_of_two_people(self) -> None:
        versions = self.history()
        assert [v.supersedes for v in versions] == [None, *(v.number for v in versions)][: len(versions)]
        typed = [v for v in versions if v.entered_by != "import"]
        assert len(versions) - len(typed) == self.model.imports
        for version in typed:
            if version.stage == "annulled":
                assert version.accepted_by != version.entered_by
                continue
            assert version.number is not None
            typists, agreed = self.model.typists[version.number]
            assert len(set(typists)) == 2
            assert version.accepted_by == typists[1] if agreed else version.accepted_by not in typists
            found = examine(ELECTION, written(version.figures, version.gaps))
            assert not found.codes("E")
            assert all(f"{code}: " in version.reason for code in found.codes("W"))


def test_whatever_happens_in_a_night_nobody_overwrites_anybody(database_url: str) -> None:
    names = [str(i) for i in range(1, STATIONS + 1)]
    stations = pl.DataFrame({"region": "North", "territory": "T0", "station": names})
    with Ledger.create(database_url, ELECTION, stations, origin=ORIGIN) as ledger:

        class Here(Night):
            desk = Desk(ledger)
            stations = count(1)

        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=6,
                stateful_step_count=45,
                deadline=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
