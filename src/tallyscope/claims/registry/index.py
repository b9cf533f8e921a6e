"""Where a text names entities of the registry: the longest alias at every word, whatever its script and case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from tallyscope.claims.registry.entities import commissions, entities
from tallyscope.claims.registry.names import name_key

__all__ = ["Alias", "Named", "aliases", "name_words", "named_in", "nearest_surname"]

#: Less alike than this (per cent of rapidfuzz) is another name.
_ALIKE = 88
_SHORTEST_FUZZY = 7
#: An alias of so few letters has to begin with its own letter.
_SHORT = 4
#: "социалисты": of common nouns the genitive in -ов is no name's ending.
_PLURAL = re.compile(r"[а-яё-]{4,}[ы]")
_PART = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")


class _Wordlike(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True)
class Alias:
    """Keys of its words, which of them texts write with a capital, and the entities it may stand for.

    `adjective`: "Russian"; the word says of which country something is, and names nobody.
    """

    keys: tuple[str, ...]
    capitals: tuple[bool, ...]
    ids: tuple[str, ...]
    adjective: bool = False
    #: The letters of a short alias: "ЕС" is not "Yes", though their keys are the same.
    letters: str = ""


@dataclass(frozen=True)
class Named:
    """An alias at words `first` to `last` (exclusive) of a sequence."""

    first: int
    last: int
    alias: Alias


def name_words(text: str) -> list[str]:
    """The words of an alias."""
    return _PART.findall(text)


@cache
def aliases() -> Mapping[str, tuple[Alias, ...]]:
    """First key -> aliases that begin with it, longest first."""
    found: dict[tuple[tuple[str, ...], tuple[bool, ...], bool, str], list[str]] = {}

    def add(text: str, id: str, adjective: bool) -> None:
        parts = name_words(text)
        keys = tuple(name_key(part) for part in parts)
        if keys and all(keys):
            capitals = tuple(part[0].isupper() for part in parts)
            letters = text[0].lower() if len(parts) == 1 and len(text) <= _SHORT else ""
            found.setdefault((keys, capitals, adjective, letters), []).append(id)

    for entity in entities().values():
        for text in entity.aliases:
            add(text, entity.id, False)
            if _PLURAL.fullmatch(text):
                add(f"{text[:-1]}ов", entity.id, False)
        for text in entity.adjectives:
            add(text, entity.id, True)
        if entity.kind == "commission" and not entity.region:
            for text in commissions():
                add(text, entity.id, False)
    by_first: dict[str, list[Alias]] = {}
    for (keys, capitals, adjective, letters), ids in found.items():
        alias = Alias(keys, capitals, tuple(dict.fromkeys(ids)), adjective, letters)
        by_first.setdefault(keys[0], []).append(alias)
    return {first: tuple(sorted(all_, key=lambda a: -len(a.keys))) for first, all_ in by_first.items()}


@cache
def _surnames() -> Mapping[str, str]:
    """Key of a surname -> id, where it is one person's."""
    found: dict[str, set[str]] = {}
    for entity in entities().values():
        if entity.is_person:
            for text in entity.aliases:
                parts = name_words(text)
                if len(parts) == 1 and len(parts[0]) >= _SHORTEST_FUZZY:
                    found.setdefault(name_key(parts[0]), set()).add(entity.id)
    return {key: ids.pop() for key, ids in found.items() if len(ids) == 1}


@cache
def nearest_surname(key: str) -> str | None:
    """The person whose surname is nearly this key ("Zhirinovskij" mistyped); None for short words and strangers."""
    if len(key) < _SHORTEST_FUZZY:
        return None
    from rapidfuzz import fuzz, process

    best = process.extractOne(key, _surnames().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return _surnames()[best[0]] if best else None


def named_in(words: Sequence[_Wordlike]) -> list[Named]:
    """All names, longest first from the left, none within another."""
    known, found, i = aliases(), [], 0
    keys = [word.key for word in words]
    while i < len(words):
        named = _at(words, keys, i, known) if keys[i] else None
        if named is None:
            i += 1
        else:
            found.append(named)
            i = named.last
    return found


def _at(
    words: Sequence[_Wordlike], keys: list[str], i: int, known: Mapping[str, tuple[Alias, ...]]
) -> Named | None:
    for alias in known.get(keys[i], ()):
        end = _match(words, keys, i, alias)
        if end is not None:
            return Named(i, end, alias)
    text = words[i].text
    if text[0].isupper() and not text.isupper() and (id := nearest_surname(keys[i])):
        return Named(i, i + 1, Alias((keys[i],), (True,), (id,)))
    return None


def _match(words: Sequence[_Wordlike], keys: list[str], i: int, alias: Alias) -> int | None:
    """Where the alias ends if it begins at word `i`; hyphens, stops and quotation marks inside do not count."""
    if alias.letters and words[i].text[0].lower() != alias.letters:
        return None
    at = i
    for n, (key, capital) in enumerate(zip(alias.keys, alias.capitals, strict=True)):
        if n:
            while at < len(words) and not keys[at] and words[at].text in "-–.«»\"“”'/":
                at += 1
        if at >= len(words) or keys[at] != key or (capital and not words[at].text[0].isupper()):
            return None
        at += 1
    return at
