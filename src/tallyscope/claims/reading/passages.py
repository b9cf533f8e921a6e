"""A quotation or a clause cut by subject: sentences of one type, about one election, are one claim.

A quotation that says several things (a forecast, then a result; one country, then another) is several claims, as
careful readers cut it; a sentence that says nothing of its own belongs to the one before it, unless it begins a
paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tallyscope.claims.claim import ElectionLink, Figure, Span, Type
from tallyscope.claims.reading.about import About, election_of
from tallyscope.claims.reading.earlier import of_their_elections
from tallyscope.claims.reading.figures import Measures, expected, measures_in
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import pieces
from tallyscope.claims.reading.topics import topic_of
from tallyscope.claims.registry.entities import entities

__all__ = ["Part", "parts_of"]

#: Figures that make a passage one of results.
_RESULTS = frozenset(["vote_share", "turnout", "votes", "margin"])
_STRENGTH: tuple[Type, ...] = (
    "fraud_mechanism",
    "legitimacy_assessment",
    "forecast",
    "result",
    "country_comparison",
    "other",
)
#: A first sentence of few words leads on to what it introduces.
_LEAD = 7


@dataclass(frozen=True)
class Part:
    """One claim's words with what they are. `paragraph`: it begins a paragraph inside a quotation."""

    spans: tuple[Span, ...]
    type: Type
    election: ElectionLink
    measures: Measures
    sentences: int = 1
    paragraph: bool = False
    own_country: bool = False


def parts_of(spans: Sequence[Span], about: About, quoted: bool) -> list[Part]:
    """The claims of one content. `quoted`: it is a quotation, cut at its sentences; a clause at "and that"."""
    cuts = _sentences(spans[0], about) if quoted and len(spans) == 1 else _clauses(spans, about)
    parts: list[Part] = []
    link = about.inherited
    for n, cut in enumerate(cuts):
        apart = n > 0 and "\n" in about.text[cuts[n - 1][-1].end : cut[0].start]
        part = _part(cut, replace(about, inherited=link), apart)
        if parts and _contrast(parts[-1], part, about):
            parts[-1] = replace(parts[-1], type="country_comparison")
            part = replace(part, type="country_comparison")
        link = part.election
        parts.append(part)
    merged = _whole(parts) if about.whole else _merged(parts, quoted)
    if len(merged) == 1:
        return [replace(merged[0], spans=tuple(spans))]
    return merged


def _sentences(span: Span, about: About) -> list[tuple[Span, ...]]:
    return [(Span(a, b),) for a, b in pieces(about.text, span.start, span.end)] or [(span,)]


def _clauses(spans: Sequence[Span], about: About) -> list[tuple[Span, ...]]:
    if len(spans) != 1:
        return [tuple(spans)]
    that = "and that" if about.lex.language == "en" else "и что"
    low, start = spans[0].of(about.text).lower(), spans[0].start
    at = [m.start() for m in re.finditer(rf"(?<=[\w\"»”])\s{that} ", low)]
    cuts = [start, *(start + a + 1 for a in at), spans[0].end]
    return [(Span(a, b - 1 if b != spans[0].end else b),) for a, b in pairwise(cuts)]


def _part(spans: tuple[Span, ...], about: About, paragraph: bool) -> Part:
    words = " ".join(s.of(about.text) for s in spans)
    said = f"{about.verb} {words}" if _foretells(about.verb, about.lex) else words
    topic = topic_of(said, about.lex, headline=about.headline)
    link, own = election_of(spans, words, about, topic.election, topic.off)
    measures = Measures()
    unlinked = about.contest is None and (topic.election or topic.type == "forecast")
    if link.id is not None or unlinked or (about.electoral and topic.election and not topic.off):
        measures = measures_in(about.text, spans, about.lex, about.choices)
        shares = sum(
            f.metric in ("vote_share", "turnout", "votes", "margin") and _telling(f, about)
            for f in measures.figures
        )
        topic = topic_of(said, about.lex, shares, about.headline)
    type_: Type = "result" if measures.progress and topic.type == "other" else topic.type
    figures = expected(measures.figures, type_)
    if type_ == "fraud_mechanism":
        # Votes that are alleged to be false are nobody's.
        figures = tuple(
            replace(f, metric="other") if f.metric == "votes" and _alone(f, figures) else f for f in figures
        )
    if about.contest is not None and link.id == about.contest.id:
        figures = of_their_elections(about.text, spans, figures, about.lex, about.contest)
    return Part(spans, type_, link, Measures(figures, measures.progress), 1, paragraph, own)


def _alone(figure: Figure, figures: Sequence[Figure]) -> bool:
    """No other choice has a number of votes in the passage."""
    return not any(f.metric == "votes" and f.choice != figure.choice for f in figures)


def _telling(figure: Figure, about: About) -> bool:
    """A figure in digits or with its unit; in bare words only if whose it is stands right beside it."""
    words = figure.span.of(about.text).lower()
    if any(c.isdigit() for c in words) or any(unit in words for unit in about.lex.percent["units"]):
        return True
    near = about.text[max(0, figure.span.start - 40) : figure.span.end + 40]
    return bool(figure.choice and figure.candidate and figure.candidate in near and "?" not in near)


def _foretells(verb: str, lex: Lexicon) -> bool:
    return bool(verb) and verb in lex.verbs["figure"] and bool(lex.patterns["forecast"].search(verb))


def _contrast(a: Part, b: Part, about: About) -> bool:
    """ "In Russia ... . In Belarus ...": two sentences that begin with two countries."""
    starts = about.lex.grammar.get("place_starts") or (
        frozenset(("in",)) if about.lex.language == "en" else frozenset(("в", "у", "во"))
    )
    heads = [about.text[p.spans[0].start : p.spans[0].start + 40].strip(' "“«').lower().split()[:1] for p in (a, b)]
    if not all(h and h[0] in starts for h in heads) or "other" not in (a.type, b.type):
        return False
    countries = [_first_country(p, about) for p in (a, b)]
    return None not in countries and countries[0] != countries[1]


def _first_country(part: Part, about: About) -> str | None:
    for name in about.named.within(part.spans[0]):
        if entities()[name.ids[0]].kind == "country":
            return name.ids[0] if name.span.start - part.spans[0].start <= 10 else None
    return None


def _merged(parts: list[Part], quoted: bool) -> list[Part]:
    merged: list[Part] = []
    for part in parts:
        if merged and _joins(merged[-1], part, quoted):
            merged[-1] = _joined(merged[-1], part)
        else:
            merged.append(part)
    return merged


def _whole(parts: list[Part]) -> list[Part]:
    """A post is one claim as long as it is of one election: of the strongest of its types."""
    merged: list[Part] = []
    for part in parts:
        if merged and merged[-1].election.id == part.election.id:
            strongest = min(merged[-1].type, part.type, key=_STRENGTH.index)
            merged[-1] = replace(_joined(merged[-1], part), type=strongest)
        else:
            merged.append(part)
    return merged


def _joins(before: Part, part: Part, quoted: bool) -> bool:
    same = before.election.id == part.election.id
    if before.type == part.type and same:
        return True
    if not quoted:
        return part.type == "other"
    if part.type == "other" and not part.paragraph and (same or not part.own_country):
        return True
    words = len(range(before.spans[0].start, before.spans[-1].end))
    lead = before.type == "other" and before.sentences == 1 and not part.paragraph and not before.measures.figures
    return lead and (same or words < _LEAD * 6)


def _joined(a: Part, b: Part) -> Part:
    type_ = b.type if a.type == "other" else a.type
    span = Span(a.spans[0].start, b.spans[-1].end)
    figures = (*a.measures.figures, *b.measures.figures)
    measures = Measures(figures, a.measures.progress or b.measures.progress)
    election = a.election if a.type != "other" or a.election.id == b.election.id else b.election
    return Part(
        (span,), type_, election, measures, a.sentences + b.sentences, a.paragraph, a.own_country or b.own_country
    )
