"""Russian names in the nominative: «с Львом Самариным» is Лев Самарин. Needs the extra `claims`; none without it.

A name that the registry has is recognised in any case by its stem. A stranger is called as the text calls him,
and Russian texts decline: without a dictionary "Lvom Samarinym" stays what he is called. pymorphy3 (the extra)
or natasha (which brings the same dictionary) tell each word's cases; what stands before the name tells
which is meant.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

__all__ = ["Case", "case_before", "dictionary", "nominative"]

#: A grammatical case as the dictionaries call it: "nomn", "gent", "ablt" ...
Case = str

_CYRILLIC = re.compile(r"[а-яё]", re.I)
_BEFORE: tuple[tuple[Case, re.Pattern[str]], ...] = (
    ("ablt", re.compile(r"(?:(?<!\w)со?|назов[её]м\s+(?:его|е[её]))\s+(?:[а-яё-]+\s+){0,5}$", re.I)),
    ("gent", re.compile(r"(?:(?<!\w)(?:от|у)|(?<!\w)(?:по|со)\s+[а-яё]+|согласно)\s+(?:[а-яё-]+\s+){0,5}$", re.I)),
)
#: Endings by which a surname that the dictionary lacks is declined: a man's, in these cases.
_ENDINGS = {"gent": ("а",), "ablt": ("ом", "ем")}


@cache
def dictionary() -> Any:
    """pymorphy3's analyser, else the one that natasha brings; None without either (0.3 s to load)."""
    try:
        from pymorphy3 import MorphAnalyzer

        return MorphAnalyzer()
    except ImportError:
        pass
    try:
        import natasha  # noqa: F401  (makes its pymorphy2 work on newer Pythons)
        from pymorphy2 import MorphAnalyzer as Older

        return Older()
    except ImportError:
        return None


def case_before(text: str, at: int) -> Case | None:
    """The case that the words before a name ask for: "по словам", "с политологом", "назовём её"; None: any."""
    before = text[max(0, at - 70) : at]
    return next((case for case, pattern in _BEFORE if pattern.search(before)), None)


@lru_cache(maxsize=4096)
def nominative(name: str, case: Case | None = None) -> tuple[str, str] | None:
    """The name in the nominative, and "m" or "f" ("" where it does not tell); None without a dictionary.

    `case`: what stands before asks for it. A name that may be in the nominative is, unless another case is asked.
    """
    words = name.split()
    if not words or len(words) > 4 or not all(_CYRILLIC.search(w) for w in words) or dictionary() is None:
        return None
    found = [_parses(word) for word in words]
    known = [parses for parses in found if parses]
    if not known:
        return None
    fitting = set.intersection(*({_key(p) for p in parses} for parses in known))
    wanted = [k for k in fitting if k[0] == (case or "nomn")] or [k for k in fitting if k[0] == "nomn"]
    chosen = max(wanted or sorted(fitting), key=lambda k: _score(known, k), default=None)
    if chosen is None:
        return None
    told = [_inflected(word, parses, chosen) for word, parses in zip(words, found, strict=True)]
    return " ".join(told), chosen[1]


def _parses(word: str) -> list[Any]:
    """A word's readings as a first name, patronymic or surname in the singular."""
    return [
        p
        for p in dictionary().parse(word)
        if any(kind in p.tag for kind in ("Name", "Surn", "Patr")) and "sing" in p.tag and p.tag.case
    ]


def _key(parse: Any) -> tuple[str, str]:
    return str(parse.tag.case), "f" if parse.tag.gender == "femn" else "m"


def _score(known: list[list[Any]], key: tuple[str, str]) -> float:
    return float(sum(max((p.score for p in parses if _key(p) == key), default=0.0) for parses in known))


def _inflected(word: str, parses: list[Any], key: tuple[str, str]) -> str:
    fitting = [p for p in parses if _key(p) == key]
    if not fitting:
        return _undeclined(word, key)
    form = max(fitting, key=lambda p: p.score).inflect({"nomn"})
    told = form.word if form is not None else word
    return "-".join(part[:1].upper() + part[1:] for part in told.split("-"))


def _undeclined(word: str, key: tuple[str, str]) -> str:
    """A surname that no dictionary has: a man's loses the ending of its case."""
    case, sex = key
    if sex == "m" and len(word) > 4:
        for ending in _ENDINGS.get(case, ()):
            if word.endswith(ending):
                return word[: -len(ending)]
    return word
