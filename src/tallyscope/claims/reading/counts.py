"""Numbers that are no per cents: votes and ballots, and leads in points or votes ("ahead by 2.8 points")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from tallyscope.claims.claim import Figure, Metric, Span, Unit
from tallyscope.claims.reading.lexicon import Lexicon, lexicon
from tallyscope.claims.reading.mentions import Mention
from tallyscope.claims.reading.numbers import Amount, comparator_of, number_of, phrases, points_in

__all__ = ["counts_in", "figure_of", "leads_in"]

#: A number right after a choice's name: "Тихановская 1561, Лукашенко 552"; a year is none.
_BARE = re.compile(
    r"\s*[:–—-]?\s*(\d{1,3}(?:[ ,.\u00a0]\d{3})+|\d{2,7})"
    r"(?![\d.,]*\d|\s?[–—-]\s?\d|\s*(?:%|per|проц|п\.|points?|seats?|мандат|мест))"
)
_BY = re.compile(r"\bby\s+(?:an?\s+little\s+|a\s+)?(?:[a-z]+\s+){0,2}[\d.]+\s+(?:percentage\s+)?points?\b")
_YEAR = re.compile(r"(?:19|20)\d\d")
#: An owner is named at most so many words before.
_NEAR = 8
#: Fewer ballots are told of a station, not of a country.
_LARGE = 1000


@dataclass(frozen=True)
class _Counted:
    """`noun`: what was counted; "" where that is told before. `more`: than the others have."""

    amount: Amount
    noun: str
    more: bool


def counts_in(text: str, span: Span, named: Sequence[Mention], lex: Lexicon) -> list[Figure]:
    """Votes of a choice where one is named before them, a lead in votes, else ballots ("1.5 million papers")."""
    found: list[Figure] = []
    for counted in _counts(text, span, lex):
        amount, owner = counted.amount, _owner(text, named, counted.amount)
        low = text[max(span.start, amount.span.start - 40) : amount.span.end].lower()
        lead = counted.more or bool(lex.patterns["margin"].search(low))
        people = counted.noun in lex.percent["people"]
        turnout = people and bool(lex.patterns["turnout"].search(low))
        large = (amount.value or 0) >= _LARGE
        if lead and (counted.noun or found):
            found.append(figure_of(text, amount, "margin", "votes", owner))
        elif owner is not None and not turnout:
            found.append(figure_of(text, amount, "votes", "votes", owner))
        elif large and (turnout or not people) and (counted.noun or found):
            found.append(figure_of(text, amount, "other", "people" if people else "votes", None))
    return found + list(_bare(text, span, named, [f.span for f in found]))


def _counts(text: str, span: Span, lex: Lexicon) -> Iterator[_Counted]:
    low = span.of(text).lower()
    for match in _pattern(lex.language).finditer(low):
        number, unit, noun = match["number"], match["unit"], match["of"] or ""
        if not unit and not noun:
            continue
        scale = float(lex.percent["counts"][unit]) if unit else 1.0
        if not number[0].isdigit():
            value = number_of(number, lex)
            if value is None or not unit:
                continue
        elif unit:
            value = float(number.replace(",", "."))
        else:
            value = float(re.sub(r"\D", "", number))
        noun = noun or _told_before(low[: match.start()], lex)
        at = Span(span.start + match.start(), span.start + match.end())
        amount = Amount(at, value * scale, None, None, comparator_of(match["comparator"], lex), 0)
        yield _Counted(amount, noun, bool(match["more"]))


def _told_before(before: str, lex: Lexicon) -> str:
    """ "The number of anomalous votes at 22 million": what was counted stands before its number."""
    words = re.findall(r"[^\W\d_]+", before)[-4:]
    return next((w for w in reversed(words) if w in lex.percent["vote_words"].split()), "")


@cache
def _pattern(language: str) -> re.Pattern[str]:
    percent = lexicon(language).percent
    nouns = phrases([*percent["vote_words"].split(), *percent["papers"], *percent["people"]])
    comparators = phrases([w for ws in percent["comparators"].values() for w in ws])
    return re.compile(
        rf"(?:(?<!\w)(?P<comparator>{comparators})\s+)?(?<![\w.,])"
        r"(?P<number>\d{1,3}(?:[ ,.\u00a0]\d{3}){1,3}|\d{1,12}(?:[.,]\d{1,3})?"
        rf"|(?:{phrases(list(percent['numerals']))})(?:\s(?:{phrases(percent['half'])}))?)"
        rf"(?:\s?(?P<unit>{phrases(list(percent['counts']))})(?!\w))?"
        rf"(?:\s(?:(?P<more>{phrases(percent['more'])})\s)?(?P<of>{nouns})(?!\w))?"
    )


def _bare(text: str, span: Span, named: Sequence[Mention], taken: Sequence[Span]) -> Iterator[Figure]:
    """Numbers behind two choices or more: a station's count without a word for votes."""
    numbers = []
    for mention in named:
        match = _BARE.match(text, mention.span.end, span.end)
        if match and not _YEAR.fullmatch(match[1]):
            at = Span(*match.span(1))
            if not any(at.start < t.end and t.start < at.end for t in taken):
                value = float(re.sub(r"\D", "", match[1]))
                numbers.append((mention, Amount(at, value, None, None, "=", 0)))
    if len({m.choice for m, _ in numbers}) + bool(taken) >= 2:
        for mention, amount in numbers:
            yield figure_of(text, amount, "votes", "votes", mention)


def leads_in(text: str, span: Span, named: Sequence[Mention], lex: Lexicon) -> list[Figure]:
    """ "Ahead by 2.8 points", "разрыв в 70 п.п.", "turnout was four points higher": differences, of two shares."""
    found: list[Figure] = []
    for amount in points_in(text, span.start, span.end, lex):
        low = text[max(span.start, amount.span.start - 60) : min(span.end, amount.span.end + 40)].lower()
        if lex.patterns["turnout"].search(low) and lex.patterns["more"].search(low):
            found.append(figure_of(text, amount, "other", "points", None))
        elif lex.patterns["margin"].search(low) or lex.patterns["more"].search(low) or _BY.search(low):
            found.append(figure_of(text, amount, "margin", "points", _owner(text, named, amount)))
    return found


def _owner(text: str, named: Sequence[Mention], amount: Amount) -> Mention | None:
    before = [m for m in named if m.span.end <= amount.span.start]
    near = bool(before) and len(text[before[-1].span.end : amount.span.start].split()) <= _NEAR
    return before[-1] if near else None


def figure_of(text: str, amount: Amount, metric: Metric, unit: Unit, owner: Mention | None) -> Figure:
    """The figure that this amount is, without a denominator."""
    return Figure(
        amount.span,
        metric,
        amount.value,
        amount.minimum,
        amount.maximum,
        amount.comparator,
        amount.decimals,
        unit,
        owner.span.of(text) if owner else None,
        owner.choice if owner else None,
    )
