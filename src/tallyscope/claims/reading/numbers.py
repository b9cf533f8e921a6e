"""Per cents in a text: single or as a range, with comparator and decimals as printed, in figures or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tallyscope.claims.claim import Comparator, Span
from tallyscope.claims.reading.lexicon import Lexicon, lexicon

__all__ = ["Amount", "percents_in", "votes_in"]

_VALUE = r"\d{1,3}(?:[.,]\d{1,6})?(?![\d])"
_BARE = re.compile(
    r"(?<![\d.,:/\-–+])\d{1,2}[.,]\d{1,3}(?![\d:/\-–%]|[.,]\d|\s*(?:%|per\s?cent|проц|million|billion|млн|млрд|тыс))"
)


@dataclass(frozen=True)
class Amount:
    """`value`, or `minimum` and `maximum`. `number`: the span of the digits and unit without the comparator."""

    span: Span
    value: float | None
    minimum: float | None
    maximum: float | None
    comparator: Comparator
    decimals: int
    bare: bool = False


def _any(words: list[str]) -> str:
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True))


@cache
def _percent(language: str) -> re.Pattern[str]:
    """[comparator] [from] VALUE [unit] [joined to VALUE] unit; every part bounded, so that matching is linear."""
    percent = lexicon(language).percent
    comparators = _any([w for ws in percent["comparators"].values() for w in ws])
    units = _any(percent["units"])
    joins = _any(percent["range_joins"])
    opens = _any(percent["range_opens"])
    numerals = _any(list(percent["numerals"]))
    value = rf"{_VALUE}|(?:{numerals})(?:[\s-](?:{numerals}))?"
    unit = rf"\s?(?:{units})(?!\w)"
    return re.compile(
        rf"(?:(?<!\w)(?P<comparator>{comparators})\s+(?:the\s+)?)?(?:(?<!\w)(?:{opens})\s+)?"
        rf"(?:(?<![\w.,])(?P<low>{value})(?:{unit})?,?\s?(?:{joins})\s?)?"
        rf"(?:(?<![\w.,])|(?<=[-–—]))(?P<high>{value}){unit}"
    )


def _number(text: str, lex: Lexicon) -> tuple[float, int] | None:
    """The value and its decimals."""
    if text[0].isdigit():
        whole = text.replace(",", ".")
        return float(whole), len(whole.partition(".")[2])
    known = lex.percent["numerals"]
    parts = [known[w] for w in re.split(r"[\s-]+", text) if w in known]
    return (float(sum(parts)), 0) if parts else None


def percents_in(text: str, start: int, end: int, lex: Lexicon) -> list[Amount]:
    """Every per cent of a passage, by place; those that are no figures of anything (a margin of error) left out."""
    low = text[start:end].lower()
    found = list(_written(low, start, lex))
    for match in _worded(lex.language).finditer(low):
        span = Span(start + match.start(), start + match.end())
        words = " ".join(match[0].split())
        if words in lex.percent["over_half"]:
            found = [a for a in found if not span.covers(a.span)]
            found.append(Amount(span, 50.0, None, None, ">", 0))
        elif not any(a.span.start < span.end and span.start < a.span.end for a in found):
            value = float(lex.percent["words"][words])
            found.append(Amount(span, value, None, None, "=", 0 if value.is_integer() else 1))
    return sorted(found, key=lambda a: a.span)


@cache
def _worded(language: str) -> re.Pattern[str]:
    """Shares in words: "two thirds", "more than half", "три четверти"."""
    percent = lexicon(language).percent
    words = _any([*percent["over_half"], *percent["words"]])
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)(?!\s(?:of\sa\s)?(?:century|hour|mile|века|часа|столетия))")


def _written(low: str, start: int, lex: Lexicon) -> Iterator[Amount]:
    for match in _percent(lex.language).finditer(low):
        if _is_no_figure(low, match, lex):
            continue
        high = _number(match["high"], lex)
        lower = _number(match["low"], lex) if match["low"] else None
        if high is None:
            continue
        span = Span(start + match.start(), start + match.end())
        decimals = max(high[1], lower[1] if lower else 0)
        if lower and lower[0] <= high[0]:
            yield Amount(span, None, lower[0], high[0], "range", decimals)
        else:
            yield Amount(span, high[0], None, None, _comparator(match["comparator"], lex), decimals)


def _comparator(words: str | None, lex: Lexicon) -> Comparator:
    if words:
        said = " ".join(words.split())
        signs: tuple[Comparator, ...] = (">", ">=", "<", "<=", "~")
        for sign in signs:
            if said in lex.percent["comparators"][sign]:
                return sign
    return "="


def _is_no_figure(low: str, match: re.Match[str], lex: Lexicon) -> bool:
    """A threshold, a margin of error, percentage points."""
    before, after = low[max(0, match.start() - 16) : match.start()], low[match.end() : match.end() + 22]
    if any(after.lstrip(" -").startswith(word) for word in [*lex.percent["points"], *lex.percent["not_figures"]]):
        return True
    return any(before.rstrip().endswith(word) for word in lex.percent["not_figures"])


def bare_in(text: str, start: int, end: int) -> list[Amount]:
    """Decimals without a sign ("has 27.1"), which are shares where the neighbours are."""
    return [
        Amount(
            Span(m.start(), m.end()),
            float(m[0].replace(",", ".")),
            None,
            None,
            "=",
            len(re.split("[.,]", m[0])[1]),
            True,
        )
        for m in _BARE.finditer(text, start, end)
    ]


@cache
def _votes(language: str) -> re.Pattern[str]:
    percent = lexicon(language).percent
    counts, votes = _any(list(percent["counts"])), _any(percent["vote_words"].split())
    return re.compile(
        rf"(?<![\w.,])(?P<number>\d{{1,3}}(?:[ ,.\u00a0]\d{{3}}){{1,3}}|\d{{1,12}}(?:[.,]\d{{1,3}})?)"
        rf"\s?(?P<unit>{counts})?\s(?:{votes})(?!\w)"
    )


def votes_in(text: str, start: int, end: int, lex: Lexicon) -> list[Amount]:
    """Numbers of votes: "45.6 million votes", "45 602 075 голосов"."""
    found = []
    for match in _votes(lex.language).finditer(text[start:end].lower()):
        number, unit = match["number"], match["unit"]
        scale = float(lex.percent["counts"][unit]) if unit else 1.0
        value = float(number.replace(",", ".")) if unit else float(re.sub(r"\D", "", number))
        if value * scale >= 1000:
            found.append(
                Amount(Span(start + match.start(), start + match.end()), value * scale, None, None, "=", 0)
            )
    return found
