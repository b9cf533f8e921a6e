"""What follows from an event: the new state, and the version that is to be accepted; or every reason why not.

Pure: it reads no clock and no database. The table `TRANSITIONS` says which event is possible in which phase and
where it may lead; docs/entry.md is made from it. Four things hold whatever happens:

- nobody types the second entry of a protocol whose first entry she typed, nor decides about one that she typed;
- nothing is handed to the record while a rule of level E is broken or a warning has no reason;
- whatever was handed in stays in the history of the sheet, decided against or not;
- what stands is only replaced by a version that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tallyscope.ledger.entry import deciding_steps as deciding
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry import typing_steps as typing
from tallyscope.ledger.entry.case import Case, Judge, Step, rested
from tallyscope.ledger.entry.sheet import Phase, Sheet
from tallyscope.ledger.version import Version

__all__ = ["TRANSITIONS", "step"]

#: (event, phase it happens in) -> phases it may lead to.
TRANSITIONS: Mapping[tuple[type[e.Event], Phase], tuple[Phase, ...]] = {
    (e.Propose, "empty"): ("empty",),
    (e.Begin, "empty"): ("first",),
    (e.Begin, "errors"): ("first",),
    (e.Begin, "waiting"): ("second",),
    (e.Leave, "first"): ("empty", "errors"),
    (e.Leave, "second"): ("waiting",),
    (e.Release, "first"): ("empty", "errors"),
    (e.Release, "second"): ("waiting",),
    (e.Finish, "first"): ("errors", "waiting"),
    (e.Finish, "second"): ("differences", "errors", "warnings", "standing"),
    (e.Decide, "differences"): ("warnings", "standing"),
    (e.SendBack, "errors"): ("empty",),
    (e.SendBack, "waiting"): ("empty",),
    (e.SendBack, "differences"): ("empty",),
    (e.SendBack, "warnings"): ("empty",),
    (e.Accept, "warnings"): ("standing",),
    (e.Correct, "standing"): ("empty",),
    (e.Withdraw, "empty"): ("standing",),
    (e.Annul, "standing"): ("annulling",),
    (e.Confirm, "annulling"): ("standing",),
    (e.Keep, "annulling"): ("standing",),
}
_HANDLERS: Mapping[type[e.Event], Callable[[Case, Any], Step]] = {
    e.Propose: typing.propose,
    e.Begin: typing.begin,
    e.Leave: typing.leave,
    e.Release: typing.leave,
    e.Finish: typing.finish,
    e.Decide: deciding.decide,
    e.SendBack: deciding.send_back,
    e.Accept: deciding.accept,
    e.Correct: deciding.correct,
    e.Withdraw: deciding.withdraw,
    e.Annul: deciding.annul,
    e.Confirm: deciding.confirm,
    e.Keep: deciding.keep,
}


def step(
    sheet: Sheet,
    event: e.Event,
    *,
    who: str,
    at: datetime,
    judge: Judge,
    form: str,
    stands: Version | None = None,
) -> Step:
    """What follows from an event. `stands`: the version that stands. Raises Refused with every reason why not."""
    case = Case(sheet, who, at, judge, stands, form)
    if isinstance(event, e.Overtaken):
        return Step(rested(sheet, event.number))
    if (type(event), sheet.phase) not in TRANSITIONS:
        raise case.refuse(("not now", sheet.phase))
    return _HANDLERS[type(event)](case, event)
