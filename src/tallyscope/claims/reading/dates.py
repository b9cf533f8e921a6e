"""Dates as texts write them: 2024-03-18, 16-10-2020, March 19, 2018, 5 декабря, "the ninth of October 2016"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from tallyscope.claims.claim import Span
from tallyscope.claims.reading.lexicon import LANGUAGES, Lexicon, lexicon

__all__ = ["Written", "last_weekday", "relative_day", "weekdays_in", "written_dates"]


@dataclass(frozen=True)
class Written:
    """`year`: None where none is written."""

    span: Span
    year: int | None
    month: int
    day: int

    def on(self, year: int) -> date | None:
        """The day in its own year, or in `year`; None if there is no such day."""
        try:
            return date(self.year or year, self.month, self.day)
        except ValueError:
            return None


@cache
def _words() -> tuple[dict[str, int], dict[str, int]]:
    months: dict[str, int] = {}
    ordinals: dict[str, int] = {}
    for language in LANGUAGES:
        months |= lexicon(language).dates["months"]
        ordinals |= lexicon(language).dates["ordinals"]
    return months, ordinals


@cache
def _pattern() -> re.Pattern[str]:
    months, ordinals = (sorted(words, key=len, reverse=True) for words in _words())
    month, ordinal = "|".join(months), "|".join(ordinals)
    return re.compile(
        rf"(?<!\d)(?P<y1>\d{{4}})-(?P<m1>\d{{2}})-(?P<d1>\d{{2}})(?!\d)"
        rf"|(?<![\d.])(?P<d2>\d{{1,2}})[./-](?P<m2>\d{{1,2}})[./-](?P<y2>(?:19|20)\d{{2}})(?!\d)"
        rf"|(?<![\w])(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<m3>{month})(?!\w)\.?(?:,?\s+(?P<y3>(?:19|20)\d{{2}})(?!\d))?"
        rf"|(?<!\w)(?P<m4>{month})\.?\s+(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.%])(?:,?\s+(?P<y4>(?:19|20)\d{{2}})(?!\d))?"
        rf"|(?<!\w)(?P<d5>{ordinal})(?:\s+of)?\s+(?P<m5>{month})(?!\w)(?:,?\s+(?P<y5>(?:19|20)\d{{2}})(?!\d))?"
    )


@cache
def _ordinal() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_words()[1], key=len, reverse=True)))


def written_dates(text: str, start: int = 0, end: int | None = None) -> Iterator[Written]:
    """Every date of a passage, by place. 03/04/2012 is read as the third of April."""
    months, ordinals = _words()
    low = text[start:end].lower()
    if not any(c.isdigit() for c in low) and not _ordinal().search(low):
        return
    for match in _pattern().finditer(low):
        for n in range(1, 6):
            day, month, year = (match[f"{part}{n}"] for part in "dmy")
            if day is not None:
                d = ordinals.get(day) or int(day)
                m = months.get(month) or int(month)
                if m > 12 >= d:
                    d, m = m, d
                if 1 <= m <= 12 and 1 <= d <= 31:
                    yield Written(
                        Span(start + match.start(), start + match.end()), int(year) if year else None, m, d
                    )
                break


def weekdays_in(text: str, span: Span, lex: Lexicon) -> list[tuple[int, Span]]:
    """Days of the week named in a passage, Monday being 0."""
    known = lex.dates["weekdays"]
    words = "|".join(sorted(known, key=len, reverse=True))
    matches = re.finditer(rf"(?<!\w)(?:{words})(?!\w)", span.of(text).lower())
    return [(known[m[0]], Span(span.start + m.start(), span.start + m.end())) for m in matches]


def last_weekday(base: date, weekday: int) -> date:
    """The latest such day up to and with `base`."""
    return base - timedelta(days=(base.weekday() - weekday) % 7)


def relative_day(text: str, span: Span, base: date, lex: Lexicon) -> tuple[date, Span] | None:
    """ "late yesterday evening", "earlier in the day", "вчера"; what the lexicon lacks ("three weeks ago") by
    dateparser, on the isolated phrase."""
    low = span.of(text).lower()
    best: tuple[int, int, Span] | None = None
    for phrase, days in lex.dates["relative"].items():
        match = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", low)
        if match and (best is None or len(phrase) > best[0]):
            best = (len(phrase), days, Span(span.start + match.start(), span.start + match.end()))
    if best is not None:
        return base + timedelta(days=best[1]), best[2]
    ago = re.search(
        r"(?<!\w)[\w-]{1,12} (?:days?|weeks?|months?) ago|(?<!\w)[\w-]{1,12} (?:дн\w+|недел\w+|месяц\w*) назад", low
    )
    if ago is None:
        return None
    import dateparser

    parsed = dateparser.parse(ago[0], languages=[lex.language], settings={"RELATIVE_BASE": _at_noon(base)})
    return (parsed.date(), Span(span.start + ago.start(), span.start + ago.end())) if parsed else None


def _at_noon(day: date) -> datetime:

    return datetime.combine(day, time(12))
