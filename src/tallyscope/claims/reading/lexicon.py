"""The words that reading rests on, from `lexicon_en.toml` and `lexicon_ru.toml`: a language is a file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["LANGUAGES", "Lexicon", "language_of", "lexicon", "pattern"]

LANGUAGES = ("en", "ru")
_FORM = re.compile(r'"([^"]+)"|(\S+)')
#: Latin in any language.
_FOREIGN = re.compile(r"@\w+|https?://\S+|\bRT\b")
_NEVER = r"(?!)"


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the phrases as whole words of a lower-case text; "*" stands for any ending of a word."""
    parts = []
    for phrase in sorted({p.strip() for p in phrases if p.strip()}, key=lambda p: (-len(p), p)):
        escaped = re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
        before = r"(?<!\w)" if phrase[0].isalnum() else ""
        after = r"(?!\w)" if phrase[-1].isalnum() else ""
        parts.append(f"{before}{escaped}{after}")
    return re.compile("|".join(parts) or _NEVER)


def _forms(text: str) -> frozenset[str]:
    return frozenset(a or b for a, b in _FORM.findall(text))


def _verb_forms(text: str, language: str) -> frozenset[str]:
    """Of a Russian verb in the past the feminine, neuter and plural too: "сообщил" is "сообщили" as well."""
    forms = _forms(text)
    if language != "ru":
        return forms
    return forms | {f"{form}{end}" for form in forms if form.endswith("л") for end in "аои"}


@dataclass(frozen=True)
class Lexicon:
    """One language. Sets hold lower-case forms (phrases with their blanks); patterns match lower-case text."""

    language: str
    verbs: Mapping[str, frozenset[str]]
    before: frozenset[str]
    citing: frozenset[str]
    grammar: Mapping[str, frozenset[str]]
    nouns: Mapping[str, frozenset[str]]
    percent: Mapping[str, Any]
    patterns: Mapping[str, re.Pattern[str]]
    mechanisms: Mapping[str, re.Pattern[str]]
    dates: Mapping[str, Any]
    offices: Mapping[str, tuple[str, ...]]
    #: "president", "party", "winner" -> how texts point to a choice that is one.
    holders: Mapping[str, re.Pattern[str]]
    #: A role -> what the registry of persons calls it.
    roles: Mapping[str, str]

    @property
    def nouns_of_region(self) -> tuple[str, ...]:
        """What the commission of a region is called, as beginnings of words."""
        return tuple(self.grammar["regional"])

    @property
    def that(self) -> frozenset[str]:
        """What introduces a clause of content."""
        return frozenset(("that",)) if self.language == "en" else frozenset(("что",))


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of "en" or "ru"."""
    text = files("tallyscope.claims.reading").joinpath(f"lexicon_{language}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    patterns = {name: pattern(text.replace("\n", " ").split("|")) for name, text in _listed(data["types"])}
    patterns |= {f"is_{name}": pattern(text.split("|")) for name, text in data["contradictions"].items()}
    patterns |= {
        name: pattern(f"{w}*" if language == "ru" else w for w in ws) for name, ws in data["metrics"].items()
    }
    patterns["breaks"] = pattern(data["types"]["breaks"])
    return Lexicon(
        language=language,
        verbs={name: _verb_forms(text, language) for name, text in data["verbs"].items()},
        before=frozenset(data["attribution"]["before"]),
        citing=frozenset(data["attribution"]["citing"]),
        grammar={name: _forms(text) for name, text in data["grammar"].items()},
        nouns={name: _forms(text) for name, text in data["nouns"].items()},
        percent=data["percent"],
        patterns=patterns,
        mechanisms={name: pattern(text.split("|")) for name, text in data["mechanisms"].items()},
        dates=data["dates"],
        offices={name: tuple(words) for name, words in data["offices"].items()},
        holders={name: pattern(text.split("|")) for name, text in data["holders"].items()},
        roles=data["roles"],
    )


def _listed(entries: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((name, text) for name, text in entries.items() if isinstance(text, str))


def language_of(text: str) -> str:
    """ "ru" where most letters of the beginning are Cyrillic, else "en"."""
    start = _FOREIGN.sub("", text[:20_000])
    cyrillic = sum("Ѐ" <= c <= "ӿ" for c in start)
    latin = sum(c.isascii() and c.isalpha() for c in start)
    return "ru" if cyrillic > latin else "en"
