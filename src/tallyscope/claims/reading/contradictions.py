"""Where one speaker says opposite things in one text: both claims are flagged, neither is repaired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from tallyscope.claims.claim import Claim, Flag
from tallyscope.claims.reading.lexicon import Lexicon

__all__ = ["contradictions"]

#: Who says both so often is held against their first words only.
_MANY = 8
_PAIRS = (("is_small", "is_large"), ("is_low", "is_high"))


def contradictions(text: str, claims: Sequence[Claim], lex: Lexicon) -> list[Claim]:
    """The claims, with flags on those that contradict another of the same speaker."""
    flags: dict[str, list[Flag]] = {}
    for one, other in _PAIRS:
        first = _saying(text, claims, lex, one)
        second = _saying(text, claims, lex, other)
        for key in first.keys() & second.keys():
            for a, b in product(first[key][:_MANY], second[key][:_MANY]):
                if a[0].id != b[0].id:
                    _flag(a, b, flags)
    return [replace(c, flags=(*c.flags, *flags[c.id])) if c.id in flags else c for c in claims]


_Said = tuple[Claim, str]


def _saying(
    text: str, claims: Sequence[Claim], lex: Lexicon, name: str
) -> dict[tuple[str, str | None], list[_Said]]:
    """Speaker and election -> claims in which such words are, with the words."""
    found: dict[tuple[str, str | None], list[_Said]] = {}
    for claim in claims:
        match = lex.patterns[name].search(claim.words(text).lower())
        if match:
            found.setdefault((claim.speaker.key, claim.election.id), []).append((claim, match[0]))
    return found


def _flag(first: _Said, second: _Said, flags: dict[str, list[Flag]]) -> None:
    (a, small), (b, large) = first, second
    told = f'"{small}" in {a.id}, "{large}" in {b.id}: both cannot be meant'
    flags.setdefault(a.id, []).append(Flag("contradiction", told, (b.id,)))
    flags.setdefault(b.id, []).append(Flag("contradiction", told, (a.id,)))
