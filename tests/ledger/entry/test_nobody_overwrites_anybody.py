"""Two clerks on one station, coordinators against them, imports and bulletins meanwhile, crashes between any steps.

Whatever hypothesis lets happen: nothing acknowledged is lost and nothing unacknowledged is there; nobody is second
clerk to herself nor decides what she typed; nothing stands with a broken rule or an unexplained warning; what a
bulletin has counted is counted so ever after. The same on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

import polars as pl
import pytest
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
from tallyscope.ledger.entry.examine import Examination, examine
from tallyscope.ledger.entry.keeping import Kept, happened, load
from tallyscope.ledger.entry.machine import TRANSITIONS, step
from tallyscope.ledger.entry.sheet import Sheet
from tallyscope.ledger.entry.typed import Typed, read_typed, written
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
# Mostly one of two papers, so that two people agree often, on one with a warning too.
papers = st.one_of(st.just(CLEAN), st.just(with_warning()), st.sampled_from(PAPERS))
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
#: Tried by everybody in every state; `forbidden` says which of these must be refused.
TRIED: tuple[e.Event, ...] = (
    *(e.Begin(), e.Finish(CLEAN), e.Leave(), e.Release("act 3"), e.Release(" "), e.Confirm()),
    *(e.Decide("first", "act 3"), e.Decide("second", " "), e.Decide("second", "act 3", {"valid": "1"})),
    *(e.SendBack("act 3"), e.SendBack(" "), e.Accept({}), e.Accept({"W109": " "})),
    *(e.Accept({"W109": "act 3", "W999": "no rule"}),),
    *(e.Correct("repeat", "act 3"), e.Correct("repeat-count", " "), e.Correct("annulled", "act 3")),
    *(e.Withdraw("act 3"), e.Withdraw(" "), e.Annul("act 3"), e.Annul(" "), e.Keep("act 3"), e.Keep(" ")),
)


def forbidden(sheet: Sheet, who: str, event: e.Event) -> bool:
    """The rules of docs/entry.md said again, in other words than the program's."""
    typed = {reading.by for reading in (sheet.first, sheet.second) if reading is not None}
    kind, wordless = type(event), not getattr(event, "reason", getattr(event, "act", "said")).strip()
    if (kind, sheet.phase) not in TRANSITIONS or wordless:
        return True
    if kind is e.Begin:
        return {"waiting": who in typed, "errors": who not in typed}.get(sheet.phase, False)
    if kind in (e.Leave, e.Finish):
        return who != sheet.at_work
    if kind in (e.Decide, e.SendBack, e.Accept) and who in typed:
        return True
    if kind in (e.Correct, e.Withdraw, e.Annul) and sheet.standing is None:
        return True
    return (
        (kind is e.Confirm and who == sheet.at_work)
        or getattr(event, "corrected", {}) == {"valid": "1"}
        or getattr(event, "stage", None) == "annulled"
        or "W999" in getattr(event, "reasons", ())
        or (kind is e.Accept and not any(reason.strip() for reason in event.reasons.values()))  # type: ignore[union-attr]
    )


#: What leads to a version: done more often than what leads back.
FORWARD = (e.Begin, e.Finish, e.Decide, e.Accept, e.Correct, e.Confirm)
#: What may hand a version to the record that somebody typed.
HANDS_IN = (e.Finish, e.Decide, e.Accept)
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
    #: Who -> round of the paper, and what was saved last.
    drafts: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    imports: int = 0
    #: Version -> who typed its two entries, whether the second of them was the last word, and what it has to say.
    typists: dict[int, tuple[list[str], bool, Typed]] = field(default_factory=dict)
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

        before, seen = self.kept(), self.seen[who]

        def act() -> None:
            kept = self.desk.happen(self.station, event, who=who, seen=seen)
            assert (seen, before.overtaken) == (before.number, None), "acted on what is no longer so"
            assert not forbidden(before.sheet, who, event)
            self.model.events.append((who, event))
            self.seen[who] = kept.number
            if isinstance(event, HANDS_IN) and kept.sheet.phase == "standing":
                assert kept.stands is not None
                finishers = [w for w, happened in self.model.events if isinstance(happened, e.Finish)]
                self.model.typists[kept.stands] = finishers[-2:], isinstance(event, e.Finish), self.agreed()
            if isinstance(event, e.Finish):
                self.model.drafts.pop(who, None)

        self.tries(act, crash)

    def kept(self) -> Kept:
        """The sheet as it is kept; unlike a look this changes nothing."""
        with reading(self.desk.ledger.engine) as connection:
            return load(connection, self.station)

    def agreed(self) -> Typed:
        """What the paper that was just handed to the record says by what was acknowledged of it."""
        entries = [event.texts for _, event in self.model.events if isinstance(event, e.Finish)][-2:]
        last = [event for _, event in self.model.events if isinstance(event, (e.Finish, e.Decide))][-1:]
        if isinstance(last[0], e.Finish):
            first, second = entries
            assert read_typed(ELECTION, first) == read_typed(ELECTION, second)
            return read_typed(ELECTION, second)
        texts = {**entries[0 if last[0].whose == "first" else -1], **last[0].corrected}
        return read_typed(ELECTION, texts)

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
            self.a_paper_that_is_typed_is_overtaken_and_begun_again,
            self.bulletin,
            self.reads,
        ]
        often = [self.types] * 2 + [self.two_clerks_type_it] * 4
        what = data.draw(st.sampled_from([self.acts] * 14 + often + rarely))
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
        self.slower()

    def slower(self) -> None:
        """Whoever has not seen what happened is told so, even where she may do what she would."""
        now = self.kept()
        late = [who for who in PEOPLE if self.seen[who] != now.number]
        could = [(w, event) for w in late for event in TRIED if not forbidden(now.sheet, w, event)]
        for who, event in could[:1]:
            with pytest.raises(Refused):
                self.desk.happen(self.station, self.mine(event), who=who, seen=self.seen[who])

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
        sheet = self.desk.look(self.station).sheet
        if sheet.at_work and data.draw(st.booleans()):
            who = sheet.at_work

        self.tries(lambda: self.saves(who, texts, sheet), data.draw(crashes))

    def saves(self, who: str, texts: dict[str, str], sheet: Sheet) -> None:
        serial = open_draft(self.desk, self.station, who).serial
        save_draft(self.desk, self.station, who, texts, serial)
        assert sheet.phase in ("first", "second")
        assert who == sheet.at_work
        self.model.drafts[who] = (sheet.round, texts)
        # Another window of hers, which has not seen that.
        with pytest.raises(Refused):
            save_draft(self.desk, self.station, who, CLEAN, serial)

    def a_paper_that_is_typed_is_overtaken_and_begun_again(self, data: st.DataObject) -> None:
        """What she had typed was of another paper."""
        sheet = self.desk.look(self.station).sheet
        if sheet.phase in ("first", "second") and (who := sheet.at_work):
            self.saves(who, data.draw(papers), sheet)
            self.imports(data)
            for event in (e.Correct("repeat", "act 3"), e.Begin()):
                self.looks(who)
                self.does(who, event, None)

    def two_clerks_type_it(self, data: st.DataObject) -> None:
        """The whole way of a paper; who made errors looks at it again, with what she handed in before her."""
        one, other = data.draw(st.permutations(PEOPLE))[:2]
        texts, draft, again = data.draw(papers), data.draw(papers), data.draw(papers)
        if self.desk.look(self.station).sheet.phase == "standing":
            self.now(one, e.Correct("repeat", "act 3"))
        if not self.now(one, e.Begin()):
            return
        if data.draw(st.booleans()):
            self.saves(one, draft, self.desk.look(self.station).sheet)
        self.now(one, e.Finish(texts))
        if self.now(one, e.Begin()):
            self.now(one, e.Finish(again))
        if self.now(other, e.Begin()):
            self.now(other, data.draw(st.sampled_from([e.Finish(texts), e.Finish(again), e.Finish(CLEAN)])))

    def now(self, who: str, event: e.Event) -> bool:
        """Happens after a look, if it may; everything that always holds does after it too."""
        self.looks(who)
        if forbidden(self.kept().sheet, who, event):
            return False
        self.does(who, event, None)
        self.what_must_not_be_done_is_refused()
        self.a_draft_is_what_was_saved_last()
        return True

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
        before = self.kept()
        self.desk.ledger.accept([version])
        self.model.imports += 1
        # Whoever has seen all of the sheet has not seen that the record went past it.
        could = [(w, event) for w in PEOPLE for event in TRIED if not forbidden(before.sheet, w, event)]
        for who, event in could[:1] if before.number else ():
            with pytest.raises(Refused):
                self.desk.happen(self.station, self.mine(event), who=who, seen=before.number)

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
    def what_must_not_be_done_is_refused(self) -> None:
        """By the steps themselves, for everybody and everything at once: nothing is written by asking."""
        sheet = self.kept().sheet
        stands = None if sheet.standing is None else self.desk.ledger.version(sheet.standing)
        for who in PEOPLE:
            for event in TRIED:
                if not forbidden(sheet, who, event):
                    continue
                with pytest.raises(Refused):
                    step(
                        sheet,
                        event,
                        who=who,
                        at=datetime.now(UTC),
                        judge=judge,
                        form=ELECTION.form.id,
                        stands=stands,
                    )

    @invariant()
    def a_draft_is_what_was_saved_last(self) -> None:
        """Of this paper; else the clerk's own entry with errors or a machine's, and for a second entry nothing."""
        sheet = self.desk.look(self.station).sheet
        who = sheet.at_work
        if sheet.phase not in ("first", "second") or who is None:
            return
        round, texts = self.model.drafts.get(who, (None, {}))
        if round != sheet.round:
            own = sheet.first is not None and sheet.first.by == who
            before = sheet.first if own else sheet.proposal
            texts = dict(before.texts) if before is not None and sheet.phase == "first" else {}
        assert open_draft(self.desk, self.station, who).texts == texts

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
            typists, agreed, said = self.model.typists[version.number]
            assert (version.figures, version.gaps) == (said.figures, said.gaps)
            assert len(set(typists)) == 2
            assert version.accepted_by == typists[1] if agreed else version.accepted_by not in typists
            found = examine(ELECTION, written(version.figures, version.gaps))
            assert not found.codes("E")
            assert all(f"{code}: " in version.reason for code in found.codes("W"))


def judge(texts: Mapping[str, str]) -> Examination:
    return examine(ELECTION, texts)


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
                stateful_step_count=30,
                deadline=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
