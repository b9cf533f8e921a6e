"""Persons, bodies, outlets and countries as entities with aliases in every script, read from the TOML files here.

Candidates and parties of the registry's elections are entities too ("ru-zyuganov", "ge-labour"), so that they speak
under one id whichever election they ran in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from tallyscope.election.contests import contests

__all__ = ["Entity", "Kind", "Term", "commissions", "entities"]

#: "социалисты", "единороссы": members of a party, written small.
_MEMBERS = re.compile(r"[а-яё]{8,}ы")

Kind = Literal["person", "commission", "government", "party", "observers", "pollster", "outlet", "country"]


@dataclass(frozen=True)
class Term:
    """An office held: `body` is an entity's id or a country's code. `until`: None for an office still held."""

    office: str
    body: str
    start: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """True if the office was held on that day."""
        return self.start <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Entity:
    """`aliases`: ways to write it, upper case only where texts write it so; `adjectives`: of a country.

    `nouns`: what texts call it ("the official"); `speaks_for`: ids of bodies, codes of countries.
    """

    id: str
    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    country: str | None = None
    sex: str = ""
    nouns: tuple[str, ...] = ()
    speaks_for: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    adjectives: tuple[str, ...] = ()
    #: Of a commission of one region: the election of the registry that it counted.
    region: str = ""
    #: Places that stand for a country's government: "Moscow".
    metonyms: tuple[str, ...] = ()

    @property
    def is_person(self) -> bool:
        """True for a human being."""
        return self.kind == "person"


def _data(name: str) -> Mapping[str, Any]:
    text = files("tallyscope.claims.registry").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _person(id: str, entry: Mapping[str, Any]) -> Entity:
    surname, *given = entry["native"].split()
    full = [entry["name"], entry["native"], *entry.get("names", ())]
    if given:
        full += [f"{given[0]} {surname}", f"{surname} {given[0]}", " ".join([*given, surname])]
    if not entry.get("full_only"):
        full += [entry["name"].split()[-1], surname]
    terms = tuple(Term(t["office"], t["body"], t["from"], t.get("until")) for t in entry.get("terms", ()))
    return Entity(
        id,
        entry["name"],
        "person",
        tuple(dict.fromkeys(name for name in full if len(name.split()) > 1 or name[:1].isupper())),
        entry.get("country"),
        entry.get("sex", ""),
        tuple(entry.get("nouns", ())),
        tuple(entry.get("for", ())),
        terms,
    )


def _body(id: str, entry: Mapping[str, Any]) -> Entity:
    names = (entry["name"], *((entry["native"],) if "native" in entry else ()), *entry.get("names", ()))
    kind, country, region = entry.get("kind", "outlet"), entry.get("country"), entry.get("region", "")
    return Entity(id, entry["name"], kind, names, country, region=region)


def _country(code: str, entry: Mapping[str, Any]) -> Entity:
    places = tuple(entry.get("metonyms", ())) + tuple(entry.get("places", ()))
    return Entity(
        code,
        entry["names"][0],
        "country",
        (*entry["names"], *places),
        code,
        adjectives=tuple(entry["adjectives"]),
        metonyms=tuple(entry.get("metonyms", ())),
    )


def _candidates() -> Iterator[Entity]:
    places = {name for entry in _data("countries").values() for name in entry["names"]}
    for contest in contests():
        for choice in contest.choices:
            if contest.office == "referendum" or choice.id == "against_all":
                continue
            kind: Kind = "person" if not contest.lists else "party"
            # A party may be called like its country; a text that names the country does not name the party.
            written = (n for n in (choice.name, *choice.names) if "_" not in n)
            told = (n for n in written if n[:1].isupper() or _MEMBERS.fullmatch(n))
            names = tuple(n for n in told if n not in places)
            if kind == "person":
                names = tuple(dict.fromkeys((*names, *_short(names))))
            id, sex = f"{contest.country.lower()}-{choice.id}", _sex(names) if kind == "person" else ""
            yield Entity(id, choice.name, kind, names, contest.country, sex)


def _sex(names: tuple[str, ...]) -> str:
    """What a Russian patronymic tells."""
    patronymics = [words[2] for words in map(str.split, names) if len(words) == 3]
    if any(p.endswith(("вна", "чна")) for p in patronymics):
        return "f"
    return "m" if any(p.endswith("ич") for p in patronymics) else ""


def _short(names: tuple[str, ...]) -> Iterator[str]:
    """The surname of a Latin name; of a Russian one (surname first) the usual order."""
    for name in names:
        words = name.split()
        if len(words) >= 2 and name.isascii() and not name[0].isdigit():
            yield words[-1]
        elif len(words) == 3:
            yield from (f"{words[1]} {words[0]}", f"{words[0]} {words[1]}", words[0])


@cache
def entities() -> Mapping[str, Entity]:
    """Every entity by its id; countries by their ISO code."""
    found: dict[str, Entity] = {code: _country(code, entry) for code, entry in _data("countries").items()}
    found |= {id: _person(id, entry) for id, entry in _data("persons").items()}
    found |= {id: _body(id, entry) for id, entry in _data("bodies").items() if "name" in entry}
    found |= {id: _body(id, entry) for id, entry in _data("outlets").items()}
    for candidate in _candidates():
        known = found.get(candidate.id)
        if known is None:
            found[candidate.id] = candidate
        else:
            aliases = tuple(dict.fromkeys((*known.aliases, *candidate.aliases)))
            found[candidate.id] = replace(known, aliases=aliases)
    return found


@cache
def commissions() -> tuple[str, ...]:
    """Names that any country's commission goes by."""
    return tuple(_data("bodies")["commission"]["names"])
