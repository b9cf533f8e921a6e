"""Claims about a part of the country: the region that a claim names, and its own count.

"In Rostov region: 58.99 %" says nothing of the country. Where the returns have the unit, its protocols are asked;
where a place is named that they do not have (under that name), a share that the country's count refutes is not
refuted: it may be that place's.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import takewhile

import polars as pl

from tallyscope.claims.checks.count import Count, count_of
from tallyscope.claims.registry.entities import entities
from tallyscope.claims.registry.names import name_key
from tallyscope.election.election import Election
from tallyscope.returns.table import Returns

__all__ = ["count_of_unit", "place_named", "unit_named"]

_WORD = re.compile(r"[^\W\d_]+")
#: Words of a unit's name that every other unit has too, as keys.
_GENERIC = frozenset(
    name_key(w)
    for w in (
        *("область", "край", "республика", "город", "автономный", "автономная", "округ", "район", "федеральный"),
        *("региональный", "territory", "region", "district", "province", "city", "county", "oblast", "republic"),
        *("departamento", "provincia", "comunidad", "of", "the", "de", "la", "и", "за", "пределами", "территория"),
    )
)
_SHORTEST = 4
_PLACE = re.compile(
    r"\b(?:[Ii]n|[Aa]cross|[Ii]nside|[Ww]ithin|[Вв]о?|[Пп]о)\s+(?:the\s+)?"
    r"((?:[A-ZА-ЯЁ][\w’'-]+)(?:\s+[A-ZА-ЯЁ][\w’'-]+)*)"
)
#: One station or a part of a country, which is not named.
_STATION = re.compile(
    r"(?i)\b(?:in|at|of|на|в)\s+((?:our|my|this|one|a|the|нашем|моём|моем|этом|одном)\s+"
    r"(?:polling\s+)?(?:station|precinct|district|town|village|city|участке|УИК|районе|городе|селе|округе)"
    r"|(?:УИК|участке|polling\s+station)\s*(?:№|No\.?)?\s*\d+|cities|towns|villages|городах|сёлах|районах)"
)
_MONTHS = frozenset(
    name_key(w)
    for w in (
        *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
        *("November", "December", "Parliament", "Duma", "Congress", "Парламент", "Дума", "Госдума", "Конгресс"),
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    )
)


def unit_named(words: str, returns: Returns) -> str | None:
    """The one unit of the top level that the words name, in any script and case; None for none or several.

    Under its own name anywhere, under another ("in Moscow", "в Чечне") behind a preposition. Of several the one
    whose name has most words: "Moscow region" is not Moscow.
    """
    if not returns.levels:
        return None
    said = {name_key(word) for word in _WORD.findall(words)}
    placed = {tuple(name_key(w) for w in _WORD.findall(m[1])) for m in _PLACE.finditer(words)}
    names = returns.table[returns.levels[0]].unique(maintain_order=True).drop_nulls()
    found: dict[str, int] = {}
    for name in names:
        if (keys := _keys(name)) and keys <= said:
            found[name] = len(keys)
        for other in _others(name, returns.election.country):
            if set(other) <= said and any(_begins(place, other) for place in placed):
                found[name] = max(found.get(name, 0), len(other))
    most = max(found.values(), default=0)
    best = [name for name, words_ in found.items() if words_ == most]
    return best[0] if len(best) == 1 else None


def _begins(place: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether a place of the text is a name, or the beginning of one that goes on in small letters ("region")."""
    return bool(place) and (place == name[: len(place)] or name == place[: len(name)])


@cache
def _keys(name: str) -> frozenset[str]:
    """What tells a unit's name from others; nothing for names of short or numbered words."""
    keys = {name_key(word) for word in _WORD.findall(name)} - _GENERIC
    return frozenset(keys) if keys and all(len(k) >= _SHORTEST for k in keys) else frozenset()


@cache
def _places() -> dict[str, dict[str, list[str]]]:
    text = files("tallyscope.claims.registry").joinpath("places.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _others(name: str, country: str) -> tuple[tuple[str, ...], ...]:
    """A unit's other names, as keys of their words; the entry whose words are all in its name, longest first."""
    own = {name_key(word) for word in _WORD.findall(name)}
    entries = [
        others
        for of, others in _places().get(country, {}).items()
        if {name_key(word) for word in _WORD.findall(of)} <= own
    ]
    return tuple(tuple(name_key(w) for w in _WORD.findall(other)) for others in entries for other in others)


def count_of_unit(returns: Returns, unit: str) -> Count:
    """The count of one unit of the top level, which the registry has no totals of. Raises NoCount."""
    part = returns.filter(pl.col(returns.levels[0]) == unit)
    return replace(count_of(part), official=None, confirmed=False, protocols=len(part))


def place_named(words: str, election: Election) -> str | None:
    """A place within the country that a claim seems to be of: "in Izmir", "на нашем участке"; None for none."""
    for match in _PLACE.finditer(words):
        keys = [name_key(word) for word in _WORD.findall(match[1])]
        if keys and not set(keys) & (_known(election.country) | _MONTHS):
            return match[1]
    station = _STATION.search(words)
    return station[1] if station else None


@cache
def _known(country: str) -> frozenset[str]:
    """Keys of the country's own names; its capital and other places, which follow them, may be a part of it."""
    entity = entities().get(country)
    if entity is None:
        return frozenset()
    own = takewhile(lambda alias: alias not in entity.metonyms, entity.aliases)
    names = (*own, *entity.adjectives)
    return frozenset(name_key(word) for name in names for word in _WORD.findall(name))
