"""Who is meant by "the chairman of the council, Sadi Guven", "the official", "he", "Moscow": resolved by salience.

A name of the registry, a new name, or a role. Pronouns and roles stand for the last that fit: speakers and those
whom a sentence is about, never those who are only spoken of inside what somebody else claims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from tallyscope.claims.claim import Evidence, Span, Speaker
from tallyscope.claims.reading.linking import Named
from tallyscope.claims.reading.naming import Known, Naming
from tallyscope.claims.reading.words import Word, words_of
from tallyscope.claims.registry.entities import Entity, entities
from tallyscope.claims.registry.names import name_key

__all__ = ["Cast", "Known"]

#: Results that are so called are the commission's.
_OFFICIAL = frozenset(
    [
        "official",
        "preliminary",
        "partial",
        "initial",
        "early",
        "provisional",
        "final",
        "incomplete",
        "latest",
        "официальные",
        "предварительные",
        "неполные",
        "окончательные",
        "последние",
    ]
)
_ITS = frozenset(["its", "their", "его", "её", "ее", "их"])
#: Nobody is pointed to over more than so many others.
_LOOK_BACK = 200
_PRONOUNS = ("pronouns_m", "pronouns_f", "pronouns_it", "pronouns_they")


@dataclass
class Cast(Naming):
    """Everybody who has appeared so far, in order."""

    seen: list[Known] = field(default_factory=list)

    def resolve(self, subject: Span, not_: str | None = None) -> Speaker:
        """The speaker that `subject` names or points to. `not_`: somebody else."""
        known, why = self._find(subject, not_)
        speaker = Speaker(known.id, known.name, self._trimmed(subject), (Evidence(why, subject),))
        self.add(known, subject.start)
        return speaker

    def add(self, known: Known, at: int) -> None:
        """Notes that somebody appears at `at`."""
        self.seen.append(replace(known, at=at))
        if known.id is None and known.person:
            self._names[name_key(known.name.split()[-1])] = known

    def _recent(self) -> list[Known]:
        """Who has appeared of late, the last first."""
        return self.seen[: -_LOOK_BACK - 1 : -1]

    def last(self) -> Known | None:
        """Who appeared last."""
        return self.seen[-1] if self.seen else None

    def as_speaker(self, known: Known, why: str) -> Speaker:
        """Somebody known, whom no words mention here."""
        return Speaker(known.id, known.name, None, (Evidence(why),))

    def notice(self, start: int, end: int) -> None:
        """Looks for who a sentence without a claim is about: the first that is named in it."""
        words = words_of(self.text, start, end)
        for i, word in enumerate(words):
            if self._role_at(word):
                run = self._name_after(words, i + 1)
                if run is not None:
                    self.add(self._introduce(Span(word.start, run.end), run), word.start)
                    return
        people = [n for n in self.named.within(Span(start, end)) if not n.adjective]
        for name in people:
            entity = self._entity(name)
            if entity is not None and entity.kind not in ("country", "outlet"):
                self.add(self._of(entity), name.span.start)
                return

    def _trimmed(self, subject: Span) -> Span:
        """Without an introduction before the name: "In a statement on Sunday night it" is "it"."""
        words = words_of(self.text, subject.start, subject.end)
        if words and words[0].low in self.lex.grammar["intros"] and self._pronoun(words[-1].low):
            return Span(words[-1].start, words[-1].end)
        return subject

    def _pronoun(self, low: str) -> str | None:
        return next((p for p in _PRONOUNS if low in self.lex.grammar[p]), None)

    def _find(self, subject: Span, not_: str | None) -> tuple[Known, str]:
        words = [w for w in words_of(self.text, subject.start, subject.end) if w.text[0].isalnum()]
        pronoun = self._pronoun(words[-1].low) if words else None
        if pronoun is not None:
            return self._of_pronoun(pronoun, subject, not_)
        here = [n for n in self.named.within(subject) if not n.adjective]
        people = [n for n in here if self._is_person(n) and not self._owns(n, subject)]
        if people and words[0].low in self.lex.grammar["teams"] and people[0].span.start > words[0].end:
            return self._anonymous(words, subject, False), "whose people they are"
        if words and words[0].low in _ITS and (owner := self._owner_of(words)) is not None:
            return owner, f'"{words[0].text}": of the last that fits'
        if people:
            entity = self._entity(people[-1])
            if entity is not None:
                return self._with_nouns(self._of(entity), words), "named"
        new = self._new_name(words)
        if new is not None:
            return self._introduce(subject, new), "named in the text"
        bodies = [n for n in here if self._kind(n) != "country" and not self._is_person(n)]
        nouns = self._nouns(words)
        if bodies and self._stands_for_body(words, bodies[-1]):
            entity = self._entity(bodies[-1])
            if entity is not None:
                return self._spoken_for(entity, subject)
        roles = nouns & (self.lex.nouns["person"] | {self.lex.roles.get(n, "") for n in self.lex.nouns["person"]})
        if roles:
            return self._of_role(roles, words, bodies, here, subject)
        if bodies:
            entity = self._entity(bodies[-1])
            if entity is not None:
                return self._spoken_for(entity, subject)
        if here and self._kind(here[-1]) == "country" and not nouns:
            return self._of_place(here[-1])
        return self._of_body(nouns, words, subject)

    def _alone_before(self, at: int, sex: str | None) -> Entity | None:
        """ "Antonio Costas has resigned; he called ...": the one person before a clause that a pronoun begins."""
        before = self.text[max(0, at - 160) : at]
        start = (
            at - len(before) + max(before.rfind(mark) + len(mark) for mark in (". ", "\n", "! ", "? ", '" ', "» "))
        )
        if not self.text[start:at].rstrip().endswith(";"):
            return None
        people = [n for n in self.named.within(Span(start, at)) if self._is_person(n)]
        entity = self._entity(people[0]) if len({n.ids for n in people}) == 1 else None
        return entity if entity is not None and entity.sex in ("", sex) else None

    def _owner_of(self, words: Sequence[Word]) -> Known | None:
        """ "Its long-term observers": the body that was named last, if they can speak for it."""
        if words[-1].low not in self.lex.grammar["representatives"]:
            return None
        return next((known for known in self._recent() if not known.person), None)

    # -- what points ------------------------------------------------------------------------------------------

    def _of_pronoun(self, pronoun: str, subject: Span, not_: str | None) -> tuple[Known, str]:
        sex = {"pronouns_m": "m", "pronouns_f": "f"}.get(pronoun)
        alone = self._alone_before(subject.start, sex) if sex else None
        if alone is not None and alone.id != not_:
            return replace(self._of(alone), sex=sex or ""), "the only one named before in the sentence"
        near = next(self.named.before(subject.start), None)
        if near is not None and sex and self.text[near.span.end : subject.start].strip() == ":":
            entity = self._entity(near)
            if entity is not None and entity.is_person and entity.sex in ("", sex) and entity.id != not_:
                return replace(self._of(entity), sex=sex), "named just before"
        for known in self._recent():
            if known.key == not_ or known.at >= subject.start:
                continue
            if pronoun in ("pronouns_m", "pronouns_f"):
                if known.person and known.sex in ("", sex):
                    return replace(known, sex=sex or ""), f'"{subject.of(self.text)}": the last who fits'
            elif not known.person:
                return known, f'"{subject.of(self.text)}": the last that fits'
        earlier = (n for n in self.named.before(subject.start) if self._is_person(n))
        for name in islice(earlier, _LOOK_BACK):
            entity = self._entity(name)
            if entity and entity.id != not_ and sex and entity.sex in ("", sex):
                return self._of(entity), "the last who was named"
        return Known(None, subject.of(self.text).lower(), bool(sex), sex or ""), "nobody fits"

    def _of_role(
        self,
        nouns: frozenset[str],
        words: Sequence[Word],
        bodies: Sequence[Named],
        here: Sequence[Named],
        subject: Span,
    ) -> tuple[Known, str]:
        """ "The official", "the leader of «A Just World»", "head of the CEC"."""
        if words and words[0].low in ("a", "an"):
            return self._anonymous(words, subject, True), "by role only"
        of = [e.id for n in (bodies or here) if (e := self._entity(n)) is not None]
        for known in self._recent():
            entity = entities().get(known.id or "")
            if (
                known.person
                and known.nouns & nouns
                and (not of or (entity and set(of) & {*entity.speaks_for, entity.country}))
            ):
                return known, "the last who is called so"
        if of:
            holder = self._holder(of, nouns)
            if holder is not None:
                return self._of(holder), "who held the office"
        first = words[0].low if words else ""
        if first in self.lex.grammar["definite"] and not of:
            unknown = [k for k in self._recent() if k.person and (k.id is None or not k.nouns)]
            if unknown:
                return unknown[0], "the last person of whom no role is known"
        return self._anonymous(words, subject, True), "by role only"

    def _holder(self, of: Sequence[str], nouns: frozenset[str]) -> Entity | None:
        for entity in entities().values():
            if entity.is_person and entity.terms and nouns & set(entity.nouns):
                terms = [t for t in entity.terms if t.body in of]
                if terms and (entity.id in self.present or (self.day and any(t.holds(self.day) for t in terms))):
                    return entity
        return None

    def _stands_for_body(self, words: Sequence[Word], body: Named) -> bool:
        """ "Data from the CEC", "an exit poll by state pollster VTsIOM": the body itself is the source."""
        ahead = [w.low for w in words if w.end <= body.span.start]
        if any(low in self.lex.nouns["products"] for low in ahead):
            return True
        return bool(ahead) and ahead[-1] in ("pollster", "watchdog", "agency")

    def _spoken_for(self, entity: Entity, subject: Span) -> tuple[Known, str]:
        """A government by the spokesman who is quoted in the same text; a body as itself."""
        if entity.kind == "government":
            for known in self._recent():
                speaker = entities().get(known.id or "")
                if speaker is not None and entity.id in speaker.speaks_for:
                    return known, f"{entity.name} stands for its spokesman"
            for id in sorted(self.present):
                if entities()[id].is_person and entity.id in entities()[id].speaks_for:
                    return self._of(entities()[id]), f"{entity.name} stands for its spokesman"
        nouns = self._nouns([w for w in words_of(self.text, subject.start, subject.end) if w.text[0].isalnum()])
        return replace(self._of(entity), nouns=nouns | frozenset(entity.nouns)), "named"

    def _of_place(self, name: Named) -> tuple[Known, str]:
        """A capital or a country as the subject: whoever speaks for its government in this text, else itself."""
        place = entities()[name.ids[0]]
        spokesmen = [id for id in self.present if place.id in entities()[id].speaks_for]
        for known in self._recent():
            if known.id in spokesmen:
                return known, f"{name.span.of(self.text)} stands for its spokesman"
        if spokesmen:
            return self._of(entities()[sorted(spokesmen)[0]]), f"{name.span.of(self.text)} stands for its spokesman"
        return Known(
            None, name.span.of(self.text), False, country=place.id
        ), "a place that stands for its government"

    def _of_body(self, nouns: frozenset[str], words: Sequence[Word], subject: Span) -> tuple[Known, str]:
        """ "The commission", "the league": the last that was called so, or the commission of the text's country."""
        plain = (
            len(words) <= 2
            or (len(words) == 3 and bool(nouns & self.lex.nouns["products"]))
            or bool({w.low for w in words} & _OFFICIAL and nouns & self.lex.nouns["products"])
        )
        if self.region and any(noun.startswith(self.lex.nouns_of_region) for noun in nouns):
            regional = next((e for e in entities().values() if e.region == self.region), None)
            if regional is not None:
                return self._of(regional), "the commission of the region that the text is about"
        if nouns and plain:
            for known in self._recent():
                entity = entities().get(known.id or "")
                called = known.nouns | (
                    {"commission", "комиссия", "council"} if entity and entity.kind == "commission" else set()
                )
                if not known.person and called & nouns:
                    return known, "the last that is called so"
            own = nouns & {"commission", "комиссия", "council", "tribunal"} or nouns & self.lex.nouns["products"]
            if own and self.country:
                for entity in entities().values():
                    if entity.kind == "commission" and entity.country == self.country and not entity.region:
                        return self._of(entity), "the commission of the country that the text is about"
        return self._anonymous(words, subject, False), "by description only"
