"""What a header says: its likeness to the words of the lexicon (`lexicon.toml`), in any of its languages.

A header and a phrase are compared as bags of words. A word counts with its weight w (words of many targets weigh
little), times its likeness s to the other side's best word (1 exact, less for a typing slip, 0 for a negation):

    precision = sum(w s) / sum(w) over the header's words,   recall = the same over the phrase's,
    score = 2 precision recall / (precision + recall).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["NameScores", "fixed_choice", "is_percentage", "lexicon", "normalised", "score_names", "tokens"]

#: Words less alike than this are different words.
_ALIKE = 0.85
_STOP_WEIGHT = 0.1
#: Likenesses below this are no evidence.
_FLOOR = 0.6
_NEGATIONS = ("in", "un", "non", "не", "pa", "im", "nie", "ge", "не")
_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBERED = re.compile(r"^\s*(?:№\s*)?\d{1,3}\s*[.)\-–:]\s*\S")
_HOUR = re.compile(r"(?<!\d)([01]?\d|2[0-4])\s*(?:[:.]?00|h|hs|час\w*|uhr|saat|ore|год\w*)?(?!\d)", re.I)


@cache
def lexicon() -> Mapping[str, Any]:
    """The lexicon as data."""
    return tomllib.loads(files("tallyscope.returns.inference").joinpath("lexicon.toml").read_text(encoding="utf-8"))


def normalised(text: str) -> str:
    """Lower case, without accents, camelCase, punctuation and repeated blanks."""
    spaced = _CAMEL.sub(" ", text)
    bare = unicodedata.normalize("NFKD", spaced.casefold().replace("ı", "i").replace("ł", "l").replace("đ", "d"))
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+|%", bare))


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, normalised, without pure numbers."""
    return tuple(t for t in normalised(text).split() if not t.isdigit())


@dataclass(frozen=True)
class NameScores:
    """What one header says: likeness (0..1) to each target of the lexicon, and other hints."""

    #: Role -> likeness; "voted_by_12" too.
    roles: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)
    station: float = 0.0
    ignore: float = 0.0
    #: How much it looks like the name of a choice ("votes_psoe", "12 - Giorgi Margvelashvili", "Labour Party").
    choice: float = 0.0
    percentage: bool = False
    #: "men", "women" or None.
    sex: str | None = None

    @property
    def best_role(self) -> tuple[str, float]:
        """The likeliest role and its likeness; ("", 0) when there is none."""
        return max(self.roles.items(), key=lambda item: item[1], default=("", 0.0))

    @property
    def best_level(self) -> tuple[str, float]:
        """The likeliest level and its likeness; ("", 0) when there is none."""
        return max(self.levels.items(), key=lambda item: item[1], default=("", 0.0))


@dataclass(frozen=True)
class _Phrases:
    """All phrases of the lexicon: (section, target, words), and the weight of every word."""

    entries: tuple[tuple[str, str, tuple[str, ...]], ...]
    weights: Mapping[str, float]
    vocabulary: tuple[str, ...]
    #: Word -> entries that have it.
    index: Mapping[str, tuple[int, ...]]


@cache
def _phrases() -> _Phrases:
    data = lexicon()
    entries = [("roles", role, tokens(p)) for role, names in data["roles"].items() for p in names]
    entries += [("levels", level, tokens(p)) for level, names in data["levels"].items() for p in names]
    entries += [(s, s, tokens(p)) for s in ("station", "ignore") for p in data[s]["names"]]
    entries = [e for e in dict.fromkeys(entries) if e[2]]
    stop = {t for word in data["stop"] for t in tokens(word)}
    targets: dict[str, set[str]] = {}
    for _, target, words in entries:
        for word in words:
            targets.setdefault(word, set()).add(target)
    weights = {w: _STOP_WEIGHT if w in stop else len(t) ** -0.5 for w, t in targets.items()}
    index: dict[str, list[int]] = {}
    for number, (_, _, words) in enumerate(entries):
        for word in set(words):
            index.setdefault(word, []).append(number)
    return _Phrases(tuple(entries), weights, tuple(weights), {w: tuple(n) for w, n in index.items()})


def score_names(headers: Sequence[str]) -> tuple[NameScores, ...]:
    """Scores every header; what all of a file's headers share ("results_...") is judged together."""
    likeness = _likeness({t for h in headers for t in tokens(h)})
    affixes = _shared_affixes(headers)
    return tuple(_score(h, likeness, affixes) for h in headers)


def _likeness(words: set[str]) -> dict[str, dict[str, float]]:
    """Word of a header -> words of the lexicon that are alike, with their likeness."""
    phrases = _phrases()
    alike = {w: {w: 1.0} for w in words if w in phrases.weights}
    unknown = sorted(w for w in words if w not in phrases.weights and len(w) >= 4)
    if unknown:
        from rapidfuzz import fuzz, process

        table = process.cdist(unknown, phrases.vocabulary, scorer=fuzz.ratio, score_cutoff=100 * _ALIKE)
        for row, column in zip(*table.nonzero(), strict=True):
            word, known = unknown[int(row)], phrases.vocabulary[int(column)]
            if len(known) >= 4 and not _negates(word, known):
                # A slip of the pen is a little less than the word itself.
                alike.setdefault(word, {})[known] = float(table[row, column]) / 100 * 0.97
    return alike


def _negates(a: str, b: str) -> bool:
    """True if one word is the other with a negation in front ("valid", "invalid")."""
    long, short = (a, b) if len(a) >= len(b) else (b, a)
    return any(
        long.startswith(n) and long[len(n) :][:3] == short[:3] for n in _NEGATIONS if not short.startswith(n)
    )


def _score(header: str, likeness: Mapping[str, Mapping[str, float]], affixes: frozenset[str]) -> NameScores:
    words = tokens(header)
    best = _best_targets(words, likeness)
    bare = [w for w in words if w not in affixes]
    if 0 < len(bare) < len(words):
        # "results_turnout" beside "results_dem": the shared word says nothing.
        for role, score in _best_targets(bare, likeness)["roles"].items():
            best["roles"][role] = max(score, best["roles"].get(role, 0.0))
    if _sex(words) is None:
        best["roles"] = {r: s for r, s in best["roles"].items() if not r.endswith("men")}
    hour = _hour(header, words)
    if hour is not None:
        best["roles"] = {f"voted_by_{hour:02d}": 0.95}
    return NameScores(
        roles=best["roles"],
        levels=best["levels"],
        station=best["station"].get("station", 0.0),
        ignore=best["ignore"].get("ignore", 0.0),
        choice=_choice(header, words, affixes),
        percentage=is_percentage(header),
        sex=_sex(words),
    )


def _best_targets(words: Sequence[str], likeness: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Section of the lexicon -> target -> likeness of its likest phrase."""
    phrases = _phrases()
    best: dict[str, dict[str, float]] = {"roles": {}, "levels": {}, "station": {}, "ignore": {}}
    for number in {n for w in set(words) for known in likeness.get(w, ()) for n in phrases.index[known]}:
        section, target, phrase = phrases.entries[number]
        score = _likeness_of(words, phrase, likeness)
        if score >= _FLOOR and score > best[section].get(target, 0.0):
            best[section][target] = score
    return best


def _likeness_of(words: Sequence[str], phrase: Sequence[str], likeness: Mapping[str, Mapping[str, float]]) -> float:
    weights = _phrases().weights
    known = set(phrase)
    given = matched = 0.0
    best: dict[str, float] = {}
    for word in words:
        alike = {p: s for p, s in likeness.get(word, {}).items() if p in known}
        top = max(alike, key=lambda p: alike[p], default="")
        weight = weights[top] if top else max((weights[p] for p in likeness.get(word, {})), default=1.0)
        given += weight
        if top:
            matched += weight * alike[top]
            best[top] = max(best.get(top, 0.0), alike[top])
    precision = matched / given if given else 0.0
    total = sum(weights[p] for p in known)
    recall = sum(weights[p] * s for p, s in best.items()) / total if total else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _hour(header: str, words: Sequence[str]) -> int | None:
    """The hour that a header of turnout during the day names."""
    hours = _words("hours", "words")
    known = [w for w in words if w in hours]
    text = header.replace("_", " ")
    found = [int(m[1]) for m in _HOUR.finditer(text) if 6 <= int(m[1]) <= 24]
    others = [w for w in words if w not in hours and not re.fullmatch(r"\d+(h|hs|00)?", w)]
    return found[0] if len(found) == 1 and known and len(others) <= 1 and not _NUMBERED.match(header) else None


def _sex(words: Sequence[str]) -> str | None:
    return next((sex for sex in ("men", "women") if _words("sexes", sex) & set(words)), None)


def is_percentage(header: str) -> bool:
    """True if the header says that its column is a share."""
    words = set(normalised(header).split())
    return any(t in words for word in lexicon()["percent"] for t in normalised(word).split())


def fixed_choice(header: str) -> str | None:
    """The id that "yes", "против всех" and their like get everywhere, else None."""
    return _fixed().get(normalised(header))


@cache
def _fixed() -> Mapping[str, str]:
    fixed = lexicon()["choices"]["fixed"]
    return {normalised(name): str(id) for id, names in fixed.items() for name in names}


@cache
def _words(section: str, key: str) -> frozenset[str]:
    """The words of one list of the lexicon, normalised."""
    return frozenset(t for word in lexicon()[section][key] for t in tokens(word))


def _shared_affixes(headers: Sequence[str]) -> frozenset[str]:
    """First or last words that several headers share and that the lexicon knows to stand beside a choice's name."""
    known = _words("choices", "affixes")
    ends = Counter(w for h in headers if len(ws := normalised(h).split()) > 1 for w in {ws[0], ws[-1]})
    return frozenset(w for w, n in ends.items() if n >= 2 and w in known)


def _choice(header: str, words: Sequence[str], affixes: frozenset[str]) -> float:
    if fixed_choice(header) not in (None, "other"):
        return 0.8
    if _NUMBERED.match(header) and words:
        return 0.8
    ends = normalised(header).split()
    if len(ends) > 1 and (ends[0] in affixes or ends[-1] in affixes):
        return 0.75
    party = _words("choices", "party")
    if any(w in party for w in words):
        return 0.5
    # Two to four capitalised words are a person, more often than not.
    person = re.fullmatch(r"(?:[A-ZА-ЯЁІЇЄҐ][\w'’.-]*\s+){1,3}[A-ZА-ЯЁІЇЄҐ][\w'’.-]*", header.strip())
    return 0.4 if person else 0.0
