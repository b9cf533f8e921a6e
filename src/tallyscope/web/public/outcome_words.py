"""The outcome in whole sentences of the reader's language, each with the figures that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tallyscope.election.form import DENOMINATORS
from tallyscope.election.outcome import Outcome, OutcomeRule, PartyList, Plurality
from tallyscope.web.language import Language

__all__ = ["outcome_headlines", "outcome_sentences"]


def outcome_sentences(lang: Language, found: Outcome, rule: OutcomeRule, names: Mapping[str, str]) -> list[str]:
    """What stands and what is still open. `names`: choice id -> name in the reader's language."""
    first, *rest = outcome_headlines(lang, found, rule, names) or [""]
    standing = [] if isinstance(rule, PartyList) else _Words(lang, found, rule, names).standing()
    return [text for text in (first, *standing, *rest) if text]


def outcome_headlines(lang: Language, found: Outcome, rule: OutcomeRule, names: Mapping[str, str]) -> list[str]:
    """The same without the votes of the leader, where these stand beside it."""
    words = _Words(lang, found, rule, names)
    if found.status != "final" and not found.counted.base:
        return [lang.gettext("Undecided: no ballot has been counted yet.")]
    if isinstance(rule, PartyList):
        return words.lists(rule)
    tell: dict[str, Callable[[], list[str]]] = {
        "undecided": words.undecided,
        "cannot-be-overtaken": words.certain,
        "run-off-certain": words.run_off,
        "final": words.final,
    }
    return tell[found.status]()


class _Words:
    """The sentences of one outcome."""

    def __init__(self, lang: Language, found: Outcome, rule: OutcomeRule, names: Mapping[str, str]) -> None:
        self.lang, self.found, self.rule, self.names = lang, found, rule, names

    def undecided(self) -> list[str]:
        gettext = self.lang.gettext
        if self.found.out.most is None:
            more = gettext("How many ballots are still out is not known, so nothing is certain.")
        else:
            more = gettext("Up to %(most)s ballots can still come and could change it.") % self._figures()
        return [gettext("Undecided."), more]

    def certain(self) -> list[str]:
        gettext = self.lang.gettext
        if self.found.elected is None:
            text = gettext("Nobody can have more than half any more, even with all %(most)s ballots still out.")
        elif isinstance(self.rule, Plurality):
            text = gettext("Cannot be overtaken: %(name)s has the most votes even if all %(most)s ballots still "
                           "out go to another.")  # fmt: skip
        else:
            text = gettext("Cannot be overtaken: %(name)s has enough even if none of the %(most)s ballots still "
                           "out are for this choice.")  # fmt: skip
        return [text % self._figures()]

    def run_off(self) -> list[str]:
        gettext = self.lang.gettext
        sure = self._listed(self.found.run_off)
        whole = gettext("A run-off is certain: nobody can be elected even with all %(most)s ballots still out.")
        who = gettext("Certain to be in it: %(names)s.") if sure else gettext("Who will be in it is open.")
        return [whole % self._figures(), who % {"names": sure}]

    def final(self) -> list[str]:
        gettext, found = self.lang.gettext, self.found
        if found.elected is not None:
            return [gettext("All protocols are in. Elected: %(name)s.") % self._figures()]
        said = [gettext("All protocols are in. Nobody is elected.")]
        if found.run_off and not found.tied:
            said.append(gettext("A run-off: %(names)s.") % {"names": self._listed(found.run_off)})
        return said + self._tie()

    def lists(self, rule: PartyList) -> list[str]:
        gettext, found, passed = self.lang.gettext, self.found, self.found.passing
        assert passed is not None
        final = found.status == "final"
        bar = {"bar": self.lang.percent(float(rule.threshold)), "of": gettext(DENOMINATORS[rule.of])}
        texts = [
            (passed.over, gettext("Over %(bar)s of %(of)s, whatever is still out: %(names)s.")),
            (passed.under, gettext("Under %(bar)s of %(of)s, whatever is still out: %(names)s.")),
            (() if final else passed.open, gettext("Over or under %(bar)s of %(of)s is open: %(names)s.")),
        ]
        said = [text % {**bar, "names": self._listed(who)} for who, text in texts if who and rule.threshold]
        seats = ", ".join(f"{self.names.get(c, c)} {self.lang.number(n)}" for c, n in found.seats.items())
        if seats and final:
            said.append(gettext("Seats: %(seats)s.") % {"seats": seats})
        elif seats:
            said.append(gettext("Seats by the protocols that are in, which is no forecast: %(seats)s.")
                        % {"seats": seats})  # fmt: skip
        return said + self._tie()

    def _tie(self) -> list[str]:
        text = self.lang.gettext("A tie, which no count settles: %(names)s.")
        return [text % {"names": self._listed(self.found.tied)}] if self.found.tied else []

    def standing(self) -> list[str]:
        """Who leads, with votes and ballots, and by how much."""
        found, gettext = self.found, self.lang.gettext
        if found.leader is None:
            return []
        said = gettext("%(leader)s has %(votes)s of %(base)s (%(of)s), %(margin)s more than %(second)s.")
        if found.second is None or found.margin is None:
            said = gettext("%(leader)s has %(votes)s of %(base)s (%(of)s).")
        return [said % self._figures()]

    def _figures(self) -> dict[str, str]:
        found, number = self.found, self.lang.number
        name = {key: self.names.get(c, c) for key, c in (("name", found.elected), ("leader", found.leader)) if c}
        return {
            "name": "",
            **name,
            "most": number(found.out.most),
            "votes": number(found.counted.votes[found.leader] if found.leader else None),
            "base": number(found.counted.base),
            "of": self.lang.gettext(DENOMINATORS[self.rule.of]),
            "margin": number(found.margin),
            "second": self.names.get(found.second, found.second) if found.second else "",
        }

    def _listed(self, choices: Iterable[str]) -> str:
        return ", ".join(self.names.get(c, c) for c in choices)
