"""Figures of another election in a claim: "76.69 %, against 63.6 % in 2012", "down from 53.5 four years ago"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tallyscope.claims.claim import Figure, Span
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.linking import held_in
from tallyscope.election.contests import Contest

__all__ = ["of_their_elections"]

_AFTER = re.compile(r"[^.;,\d]{0,14}?\b(?:in|of|в|во)\s+((?:19|20)\d\d)(?!\d)")
_BEFORE = re.compile(r"\b(?:in|in the year|в)\s+((?:19|20)\d\d)(?:-м|\s+году)?[^.;\d]{0,30}$")
_AGO = re.compile(r"[^.;,\d]{0,14}?\b(\w+)\s+(?:years ago|(?:года|лет) назад)")


def of_their_elections(
    text: str, spans: Sequence[Span], figures: Sequence[Figure], lex: Lexicon, contest: Contest
) -> tuple[Figure, ...]:
    """Each figure with its year, where one is told that is not the contest's, and the registry's election of it."""
    year = contest.voting_days[-1].year
    found = []
    for n, figure in enumerate(figures):
        span = next((s for s in spans if s.covers(figure.span)), figure.span)
        floor = figures[n - 1].span.end if n and figures[n - 1].span.start >= span.start else span.start
        ceiling = figures[n + 1].span.start if n + 1 < len(figures) else span.end
        told = _year(text[floor : figure.span.start], text[figure.span.end : min(ceiling, span.end)], lex, year)
        # A figure before it is of this election: only comparisons tell years of their own.
        if told is not None and told != year and len(figures) > 1:
            other = held_in(told, contest)
            figure = replace(figure, of_year=told, election=other.id if other else None)
        found.append(figure)
    return tuple(found)


def _year(before: str, after: str, lex: Lexicon, year: int) -> int | None:
    match = _AFTER.match(after.lower()) or _BEFORE.search(before.lower())
    if match:
        return int(match[1])
    ago = _AGO.match(after.lower())
    if ago is None:
        return None
    number = lex.percent["numerals"].get(ago[1], ago[1])
    return year - int(number) if str(number).isdigit() else None
