"""What a claim without figures is about: who is said to have won, and whether it is a superlative."""

from __future__ import annotations

import re
from functools import cache

from tallyscope.claims.registry.names import name_key
from tallyscope.election.election import Choice, Election

__all__ = ["choice_named", "is_superlative", "says_elected"]

_ELECTED = re.compile(
    r"\b(?:elected|won|wins|winner|winning|victory|re-elected|побед\w+|избран\w*|переизбран\w*|выигр\w+)\b", re.I
)
_NOT = re.compile(r"\b(?:not|n't|never|denied|lost|if|would|will|may|might|could|не|если|бы|может)\b|n't\b", re.I)
_SUPERLATIVE = re.compile(
    r"\b(?:unique|unprecedented|absolute|record|historic|landslide"
    r"|(?:largest|highest|lowest|best|worst|greatest) (?:result|share|percentage|turnout|victory|score)s?"
    r"|уникальн\w*|беспрецедентн\w*|абсолютн\w*|рекорд\w*|историческ\w*"
    r"|(?:лучш|худш|наивысш|самый высок|самый низк)\w* (?:результат|показател|явк|дол)\w*)\b",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+")
#: Shorter keys ("yes", "no", "ad") are words of a language as often as they are names.
_SHORTEST = 4


def says_elected(words: str) -> bool:
    """Whether somebody is said to have been elected, without a condition or a denial."""
    return bool(_ELECTED.search(words)) and not _NOT.search(words)


def is_superlative(words: str) -> bool:
    """Whether the claim ranks without a measure: "unique", "absolute", "a record"."""
    return bool(_SUPERLATIVE.search(words))


def choice_named(words: str, election: Election) -> Choice | None:
    """The one choice that the words name, in any script and case; None where they name none or several."""
    keys = {name_key(word) for word in _WORD.findall(words)}
    found = [c for c in election.choices if any(name <= keys for name in _names(election.id, c.id, c))]
    return found[0] if len(found) == 1 else None


@cache
def _names(_election: str, _id: str, choice: Choice) -> tuple[frozenset[str], ...]:
    """Sets of keys, each of which names the choice: the whole of a name, and a person's surname."""
    found = set()
    for text in (choice.name, *choice.names):
        keys = [name_key(word) for word in _WORD.findall(text)]
        long = [k for k in keys if len(k) >= _SHORTEST]
        if long and "_" not in text:
            found.add(frozenset(keys))
    if choice.id.isalpha() and len(choice.id) >= _SHORTEST:
        found.add(frozenset([name_key(choice.id)]))
    return tuple(found)
