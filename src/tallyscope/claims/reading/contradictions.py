"""Where one speaker says opposite things in one text: both claims are flagged, neither is repaired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tallyscope.claims.claim import Claim, Flag
from tallyscope.claims.reading.lexicon import Lexicon

__all__ = ["contradictions"]

_PAIRS = (("is_small", "is_large"), ("is_low", "is_high"))


def contradictions(text: str, claims: Sequence[Claim], lex: Lexicon) -> list[Claim]:
    """The claims, with flags on those that contradict another of the same speaker."""
    flags: dict[str, list[Flag]] = {}
    for one, other in _PAIRS:
        for a in claims:
            for b in claims:
                if a.speaker.key == b.speaker.key and a.id != b.id and a.election.id == b.election.id:
                    _flag(text, a, b, one, other, lex, flags)
    return [replace(c, flags=(*c.flags, *flags[c.id])) if c.id in flags else c for c in claims]


def _flag(text: str, a: Claim, b: Claim, one: str, other: str, lex: Lexicon, flags: dict[str, list[Flag]]) -> None:
    first = lex.patterns[one].search(a.words(text).lower())
    second = lex.patterns[other].search(b.words(text).lower())
    if first and second:
        told = f'"{first[0]}" in {a.id}, "{second[0]}" in {b.id}: both cannot be meant'
        flags.setdefault(a.id, []).append(Flag("contradiction", told, (b.id,)))
        flags.setdefault(b.id, []).append(Flag("contradiction", told, (a.id,)))
