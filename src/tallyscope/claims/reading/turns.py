"""Who speaks which turn of a conversation: labels before a colon, or dashes with questions and answers by turns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tallyscope.claims.claim import Span

__all__ = ["Turns", "hosts_of", "turns_of"]

_LABEL = re.compile(r"([^\W\d_][\w.'’\-]*(?: [^\W\d_][\w.'’\-]*){0,3}(?: ?\([^()\n]{2,40}\))?):\s+(?=\S)")
_DASH = re.compile(r"[–—-]\s+(?=\S)")
#: A conversation has at least so many turns.
_LEAST = 4
#: Whom an interview is with: "Разговор с политологом Львом Самариным", "Назовём её Алесей", "talks to Elena Roca".
_WITH = re.compile(
    r"(?:(?i:разговор|беседа|интервью|беседовал\w*|поговорил\w*|побеседовал\w*|рассказал\w*)\s+(?:о\s+\w+\s+)?со?\s+"
    r"(?:[а-яё-]+\s+){0,5}|(?i:назов[её]м)\s+(?:его|е[её])\s+|(?i:interview|talk|conversation)s?\s+(?:with|to)\s+"
    r"(?:[a-z-]+\s+){0,5})(?P<name>[A-ZА-ЯЁ][\w’'-]+(?:\s[A-ZА-ЯЁ][\w’'-]+){0,2})"
)


@dataclass(frozen=True)
class Turns:
    """By line: where its words begin and who is named before them; None for who asks or whom nothing names.

    `asked`: lines that are the interviewer's. `by_dashes`: questions and answers alternate behind dashes.
    """

    starts: dict[int, int]
    labels: dict[int, Span | None]
    asked: frozenset[int] = frozenset()
    by_dashes: bool = False


def turns_of(text: str, lines: Sequence[tuple[int, int]]) -> Turns | None:
    """The turns of a text that is a conversation; None for any other. `lines`: start and end of each."""
    labelled = _labelled(text, lines)
    return labelled if labelled is not None else _dashed(text, lines)


def _labelled(text: str, lines: Sequence[tuple[int, int]]) -> Turns | None:
    """Labels in capitals twice, or names of which one at least returns."""
    found = {n: m for n, (a, b) in enumerate(lines) if (m := _LABEL.match(text, a, b)) and m[1][0].isupper()}
    capitals = {n: m for n, m in found.items() if m[1].upper() == m[1] and len(m[1]) > 1}
    if len(capitals) < 2:
        named = {n: m for n, m in found.items() if all(w[0].isupper() for w in m[1].split() if w[0].isalpha())}
        often = Counter(_surname(m[1]) for m in named.values())
        if len(named) < _LEAST or len(often) < 2 or max(often.values()) < 2:
            return None
        capitals = {n: m for n, m in named.items() if often[_surname(m[1])] > 1}
    return Turns({n: m.end() for n, m in capitals.items()}, {n: Span(*m.span(1)) for n, m in capitals.items()})


def _dashed(text: str, lines: Sequence[tuple[int, int]]) -> Turns | None:
    """Every other line behind a dash is a question, or is asked by whoever asks most."""
    found = {n: m for n, (a, b) in enumerate(lines) if (m := _DASH.match(text, a, b))}
    if len(found) < _LEAST:
        return None
    order = sorted(found)
    asks = [text[slice(*lines[n])].rstrip().endswith("?") for n in order]
    first = sum(asks[::2]) >= sum(asks[1::2])
    if sum(asks) < len(asks) / 4:
        return None
    asked = frozenset(order[::2] if first else order[1::2])
    who = _WITH.search(text, 0, lines[order[0]][0]) or _WITH.search(text)
    name = Span(*who.span("name")) if who else None
    labels = {n: None if n in asked else name for n in order}
    return Turns({n: m.end() for n, m in found.items()}, labels, asked, by_dashes=True)


def hosts_of(text: str, turns: Sequence[tuple[Span, Span]]) -> frozenset[str]:
    """Surnames of those who ask in half of their turns. `turns`: label and words of each."""
    said: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for label, words in turns:
        name = _surname(label.of(text))
        said[name] += 1
        asked[name] += "?" in words.of(text)
    return frozenset(name for name, n in said.items() if 2 * asked[name] >= n)


def _surname(label: str) -> str:
    return label.split("(")[0].split()[-1].lower()
