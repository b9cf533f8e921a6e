"""Names in a text: those of the registry, and those that the text itself introduces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tallyscope.claims.claim import Span
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.linking import Named
from tallyscope.claims.reading.placed import Placed
from tallyscope.claims.reading.russian_names import case_before, nominative
from tallyscope.claims.reading.words import Word, words_of
from tallyscope.claims.registry.entities import Entity, entities
from tallyscope.claims.registry.names import name_key, romanised

__all__ = ["Known", "Naming"]

_MARKS = re.compile(r"[\"«»“”„‘’']")
_DOUBLE = re.compile(r"[\"«»“”„]")
#: A word in capitals of so many letters names an office.
_ACRONYM = 4
#: "Yes" camp, "No" side: the answer alone is nobody.
_SIDES = frozenset(["camp", "side", "campaign", "movement", "coalition", "bloc", "alliance", "list", "party"])


@dataclass(frozen=True)
class Known:
    """Somebody that the text has introduced. `nouns`: what it has been called ("official", "league")."""

    id: str | None
    name: str
    person: bool
    sex: str = ""
    nouns: frozenset[str] = frozenset()
    country: str | None = None
    at: int = 0

    @property
    def key(self) -> str:
        """Id, or the name."""
        return self.id or self.name


@dataclass
class Naming:
    """What the names of a text stand for; `country`: of the election that it is about.

    `day`: of the text; `present`: ids of persons whom it names.
    """

    text: str
    lex: Lexicon
    named: Placed[Named]
    country: str | None = None
    day: date | None = None
    #: The election, if it is of one region.
    region: str | None = None
    present: frozenset[str] = frozenset()
    _names: dict[str, Known] = field(default_factory=dict)

    def _role_at(self, word: Word) -> bool:
        nouns = self.lex.nouns
        return word.low in nouns["person"] or word.low in nouns["body"]

    def _name_after(self, words: list[Word], at: int) -> Span | None:
        """A title in marks or a run of capitals within a few words after a role."""
        for i in range(at, min(at + 6, len(words))):
            if words[i].text in '"«“„':
                close = next((j for j in range(i + 1, min(i + 7, len(words))) if words[j].text in '"»”“'), None)
                if close is not None and words[i + 1].capital:
                    inner = Span(words[i + 1].start, words[close - 1].end)
                    after = close + 1
                    if after < len(words) and words[after].capital:
                        return self._run(words, after)
                    return inner
            if words[i].text in ".;:!?" or words[i].low in self.lex.grammar["adjuncts"]:
                return None
            if words[i].capital and words[i].low not in self.lex.grammar["articles"]:
                run = self._run(words, i)
                countries = [n for n in self.named.within(run) if self._kind(n) == "country"]
                return None if countries else run
        return None

    def _run(self, words: list[Word], at: int) -> Span:
        end = at
        while end < len(words) and words[end].capital:
            end += 1
        return Span(words[at].start, words[end - 1].end)

    def _entity(self, name: Named) -> Entity | None:
        """One of those that an alias may stand for: a person first, a commission by the text's country."""
        known = [entities()[id] for id in name.ids]
        people = [e for e in known if e.is_person]
        if people:
            return people[0]
        own = [e for e in known if e.country == self.country]
        if len(known) > 1:
            return own[0] if own else (None if self.country else known[0])
        return known[0]

    def _kind(self, name: Named) -> str:
        entity = self._entity(name)
        return entity.kind if entity else ""

    def _is_person(self, name: Named) -> bool:
        return any(entities()[id].is_person for id in name.ids)

    def _owns(self, name: Named, subject: Span) -> bool:
        """ "Putin's spokesman" is not Putin."""
        return name.span.of(self.text).lower().replace("’", "'").endswith("'s") and name.span.end < subject.end

    def _of(self, entity: Entity) -> Known:
        return Known(entity.id, entity.name, entity.is_person, entity.sex, frozenset(entity.nouns), entity.country)

    def _nouns(self, words: Sequence[Word]) -> frozenset[str]:
        lows = {w.low.removesuffix("'s") for w in words}
        lows |= {low.rpartition("-")[2] for low in lows}
        own = lows & (self.lex.nouns["person"] | self.lex.nouns["body"])
        return frozenset(own | {self.lex.roles[low] for low in own if low in self.lex.roles})

    def _with_nouns(self, known: Known, words: Sequence[Word]) -> Known:
        nouns = known.nouns | (self._nouns(words) & self.lex.nouns["person"])
        sex = known.sex or ("f" if any(w.low in ("mrs", "ms", "spokeswoman", "chairwoman") for w in words) else "")
        return replace(known, nouns=nouns, sex=sex)

    def _new_name(self, words: Sequence[Word]) -> Span | None:
        """The last run of capitals that is no name of the registry, no title and no adjective of a country."""
        skip = self.lex.nouns["titles"] | self.lex.grammar["articles"] | self.lex.grammar["intros"]
        skip = skip | frozenset(self.lex.dates["weekdays"]) | frozenset(self.lex.dates["months"])
        runs = list(self._runs(words, skip))
        # "Jane Roe, an Austrian member of ...": a name of two words is rather somebody's than the last capital.
        whole = [run for run, length in runs if length > 1]
        return whole[0] if whole and len(whole) < len(runs) else (runs[0][0] if runs else None)

    def _runs(self, words: Sequence[Word], skip: frozenset[str]) -> Iterator[tuple[Span, int]]:
        """Runs of capitals with their number of words, the last first."""
        end = len(words)
        while end:
            last = words[end - 1]
            if self._free(last, skip):
                start = end - 1
                while (
                    start and self._free(words[start - 1], skip) and self._adjacent(words[start - 1], words[start])
                ):
                    start -= 1
                number = re.match(r"-\d+(?!\w)", self.text[last.end : last.end + 6])
                span = Span(words[start].start, last.end + (len(number[0]) if number else 0))
                head = {w.low for w in words[start:end]}
                if start == 0 and end == 1 < len(words) and not words[1].capital:
                    return  # the capital of a sentence: "Initial results"
                if not head <= (self.lex.nouns["body"] | self.lex.nouns["person"]):
                    yield span, end - start
                end = start
                continue
            end -= 1

    def _free(self, word: Word, skip: frozenset[str]) -> bool:
        if not word.capital or word.low in skip or word.low in self.lex.nouns["person"]:
            return False
        if word.text.isupper() and 1 < len(word.text) <= _ACRONYM and word.text.isalpha():
            return False  # "Глава МИД Макей"
        return not self.named.covers(word.start)

    def _adjacent(self, a: Word, b: Word) -> bool:
        return self.text[a.end : b.start].strip(" .") == ""

    def _introduce(self, subject: Span, name: Span) -> Known:
        """A stranger by name; a surname alone is that of whom the text has named in full."""
        words = [w for w in words_of(self.text, subject.start, subject.end) if w.text[0].isalnum()]
        called = _MARKS.sub("", name.of(self.text)).strip()
        if called.endswith("'s"):
            called = called[:-2]
        nouns = self._nouns(words)
        key = name_key(called.split()[-1])
        if key in self._names and len(called.split()) == 1:
            return replace(self._names[key], nouns=self._names[key].nouns | nouns)
        marked = name.start and self.text[name.start - 1] in '"«“„'
        following = next((w.low for w in words if w.start > name.end), "")
        if marked and following in _SIDES:
            called = f"{called} {following}"
        # "Ivan Petrov, who reads the commission's site": what stands behind the name does not make it a body.
        bodies = self._nouns([w for w in words if w.start < name.end]) & self.lex.nouns["body"]
        person = not marked and not (bodies and not nouns & self.lex.nouns["person"])
        before = {w.low for w in words if w.end <= name.start}
        sex = "f" if before & {"mrs", "ms", "spokeswoman", "chairwoman", "госпожа"} else ""
        if person and self.lex.language == "ru":
            sex = "f" if called.endswith(("а", "я")) else "m"
            told = nominative(called, case_before(self.text, name.start))
            called, sex = told if told is not None else (called, sex)
        known = Known(None, romanised(called), person, sex, nouns, self.country)
        if person:
            self._names[key] = known  # under the name as written: its case in the text may be another
        return known

    def _anonymous(self, words: Sequence[Word], subject: Span, person: bool) -> Known:
        """Somebody of whom only a description is told, without its article and marks."""
        first = words[1] if len(words) > 1 and words[0].low in self.lex.grammar["articles"] else None
        name = self.text[first.start if first else subject.start : subject.end]
        name = _DOUBLE.sub(" ", name.partition(" who ")[0]).replace("’", "'")
        return Known(None, " ".join(name.split()).strip(" ,"), person, "", self._nouns(words), self.country)
