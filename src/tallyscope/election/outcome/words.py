"""The outcome in English sentences, each with the figures that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tallyscope.election.form import DENOMINATORS
from tallyscope.election.outcome.rule import Majority, OutcomeRule, PartyList, Plurality
from tallyscope.election.outcome.status import Outcome

__all__ = ["sentences"]


def sentences(found: Outcome, rule: OutcomeRule, names: Mapping[str, str]) -> tuple[str, ...]:
    """What stands, what is out, and what is not known. `names`: choice id -> name."""
    if found.status != "final" and not found.counted.base:
        return ("Undecided: no ballot has been counted yet.", *_out(found))
    if isinstance(rule, PartyList):
        return (*_lists(found, rule, names), *_out(found))
    said = {
        "undecided": _undecided,
        "cannot-be-overtaken": _certain,
        "run-off-certain": _run_off,
        "final": _final,
    }[found.status]
    return (*said(found, rule, names), *_out(found))


def _listed(choices: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(c, c) for c in choices)


def _of(found: Outcome, rule: Majority | Plurality, names: Mapping[str, str]) -> str:
    if found.leader is None:
        return "Nobody has a vote"
    votes, base = found.counted.votes[found.leader], found.counted.base
    return f"{names.get(found.leader, found.leader)} has {votes:,} of {base:,} {DENOMINATORS[rule.of]}"


def _lead(found: Outcome, names: Mapping[str, str]) -> str:
    if found.second is None or found.margin is None:
        return ""
    return f", {found.margin:,} more than {names.get(found.second, found.second)}"


def _undecided(found: Outcome, rule: Majority | Plurality, names: Mapping[str, str]) -> tuple[str, ...]:
    return (f"Undecided: {_of(found, rule, names)}{_lead(found, names)}.",)


def _certain(found: Outcome, rule: Majority | Plurality, names: Mapping[str, str]) -> tuple[str, ...]:
    most = f"all {found.out.most:,} ballots that can still come"
    if found.elected is None:
        return (f"Nobody can have more than half any more: {_of(found, rule, names)}, and {most} are not enough.",)
    what = "more than half" if isinstance(rule, Majority) and rule.share is None else "enough"
    if isinstance(rule, Plurality):
        what = "the most votes"
    return (f"Cannot be overtaken: {_of(found, rule, names)}{_lead(found, names)}; {what} even if {most} are not.",)


def _run_off(found: Outcome, rule: Majority | Plurality, names: Mapping[str, str]) -> tuple[str, ...]:
    whole = f"with all {found.out.most:,} ballots that can still come it would not be elected"
    first = f"A run-off is certain: {_of(found, rule, names)}; {whole}, and nobody else would."
    sure = f"Certain to be in it: {_listed(found.run_off, names)}." if found.run_off else "Who is in it is open."
    return (first, sure)


def _final(found: Outcome, rule: Majority | Plurality, names: Mapping[str, str]) -> tuple[str, ...]:
    if found.elected is not None:
        return (f"Elected, all protocols being in: {_of(found, rule, names)}{_lead(found, names)}.",)
    if found.leader is None:
        return ("All protocols are in, and nobody has a vote.",)
    said = [f"Nobody is elected, all protocols being in: {_of(found, rule, names)}{_lead(found, names)}."]
    if found.run_off and not found.tied:
        said.append(f"A run-off: {_listed(found.run_off, names)}.")
    if found.tied:
        said.append(f"A tie, which no count settles: {_listed(found.tied, names)}.")
    return tuple(said)


def _lists(found: Outcome, rule: PartyList, names: Mapping[str, str]) -> tuple[str, ...]:
    passed, final = found.passing, found.status == "final"
    assert passed is not None
    said = []
    bar = f"{float(rule.threshold):g} % of {DENOMINATORS[rule.of]}"
    for what, choices in (("over", passed.over), ("under", passed.under)):
        if choices and rule.threshold:
            sure = what.capitalize() if final else f"Certainly {what}"
            said.append(f"{sure} {bar}: {_listed(choices, names)}.")
    if passed.open and not final:
        said.append(f"Open: {_listed(passed.open, names)}.")
    given = ", ".join(f"{names.get(c, c)} {n:,}" for c, n in found.seats.items())
    if given:
        said.append(f"Seats{'' if final else ' by the protocols that are in, which is no forecast'}: {given}.")
    if found.tied:
        said.append(f"A tie for the last seat, which no count settles: {_listed(found.tied, names)}.")
    return tuple(said)


def _out(found: Outcome) -> tuple[str, ...]:
    out = found.out
    if not out.stations:
        return ()
    what = "1 protocol" if out.stations == 1 else f"{out.stations:,} protocols"
    if out.unlisted:
        lists = f"For {out.unlisted:,} of these stations no number of voters is known, and so none of ballots."
    else:
        lists = f"{out.voters:,} voters are on the lists there; those added on the day are not in this number."
    return (f"Still out: {what}. {lists}",)
